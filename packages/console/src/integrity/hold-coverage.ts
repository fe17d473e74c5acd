/** What a hold covers, in words. */
import type { TFunction } from 'i18next'
import type { Hold } from '../api/integrity-api.ts'
import { formatCount } from '../i18n/texts.ts'

export function coverageText({ query, first, last }: Hold, t: TFunction<'integrity'>): string {
  const range =
    last === null
      ? first === 0
        ? undefined
        : t('hold.from', { first: formatCount(first) })
      : t('hold.between', { first: formatCount(first), last: formatCount(last) })
  if (query === '') return range ?? t('hold.everything')
  return range === undefined ? query : `${query}, ${range}`
}
