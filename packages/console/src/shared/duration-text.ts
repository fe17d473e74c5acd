/** Lengths of time in words: two units at most, the larger first. */
import type { TFunction } from 'i18next'
import { formatCount } from '../i18n/texts.ts'
import { durationParts } from './duration.ts'

/**
 * `words`: to the second. `minutes`: what is over in less than a minute is just that. `short`: units as one letter or
 * three. `rough`: so, to the day where there is one.
 */
type DurationForm = 'words' | 'minutes' | 'short' | 'rough'

/** `2 days 3 hours`, `45 seconds`, `6 d 23 h`; whole units, rounded down. */
export function durationText(seconds: number, t: TFunction, form: DurationForm = 'words'): string {
  const parts = durationParts(seconds * 1_000)
  const [first] = parts
  if (form === 'minutes' && first?.unit === 'seconds') return t('lengths.moment')
  const shown = parts.filter(({ unit }, at) => {
    if (at === 0 || form === 'words' || form === 'short') return true
    return unit !== 'seconds' && (form === 'minutes' || first?.unit !== 'days')
  })
  const isShort = form === 'short' || form === 'rough'
  return shown
    .map(({ unit, count }) =>
      isShort ? t(`duration.${unit}`, { formatted: formatCount(count) }) : t(`lengths.${unit}`, { count }),
    )
    .join(' ')
}
