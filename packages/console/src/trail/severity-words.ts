/** Counts by severity in words, the gravest first: `2 critical, 5 warning`. */
import type { TFunction } from 'i18next'
import { formatCount } from '../i18n/texts.ts'
import type { SeverityCounts } from './feed.ts'
import { severities } from './search.ts'

export function severityWords(counts: SeverityCounts, t: TFunction): string {
  return severities
    .flatMap((name) => {
      const count = counts[name] ?? 0
      return count === 0 ? [] : [`${formatCount(count)} ${t(`severity.${name}`).toLowerCase()}`]
    })
    .join(', ')
}
