/** How old a key is, in the unit in which one thinks of it. */
import type { TFunction } from 'i18next'

const dayMs = 86_400_000

/** `12 min`, `3 h`, `47 d`, `14 mo`, `3 y`. */
export function ageText(ms: number, t: TFunction<'keys'>): string {
  const days = Math.max(0, ms) / dayMs
  if (days < 1 / 24) return t('age.minutes', { count: Math.floor(days * 1440) })
  if (days < 2) return t('age.hours', { count: Math.floor(days * 24) })
  if (days < 90) return t('age.days', { count: Math.floor(days) })
  if (days < 730) return t('age.months', { count: Math.floor(days / 30.44) })
  return t('age.years', { count: Math.floor(days / 365.25) })
}
