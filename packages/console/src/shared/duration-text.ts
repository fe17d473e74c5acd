/** Lengths of time in words: two units at most, the larger first. */
import type { TFunction } from 'i18next'
import { durationParts } from './duration.ts'

/** `2 days 3 hours`, `45 seconds`; whole seconds at least. */
export function durationText(seconds: number, t: TFunction): string {
  return durationParts(seconds * 1_000)
    .map(({ unit, count }) => t(`lengths.${unit}`, { count }))
    .join(' ')
}
