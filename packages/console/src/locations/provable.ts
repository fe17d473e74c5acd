/** How much of what a log has recorded can be proved, in words: what a signed checkpoint covers. */
import type { TFunction } from 'i18next'
import { formatCount } from '../i18n/texts.ts'

export function provableWords(
  t: TFunction<'locations'>,
  { size, covered }: { readonly size: number; readonly covered: number },
): string {
  if (covered === 0) return t('notYet')
  const count = size - covered
  return count <= 0 ? t('provable.all') : t('provable.allBut', { count, formatted: formatCount(count) })
}
