/** Lengths of time in words: two units at most, the larger first. */
import type { TFunction } from 'i18next'

const units = [
  ['days', 86_400],
  ['hours', 3_600],
  ['minutes', 60],
  ['seconds', 1],
] as const

/** `2 days 3 hours`, `45 seconds`; whole seconds at least. */
export function durationText(seconds: number, t: TFunction): string {
  let rest = Math.max(0, Math.floor(seconds))
  const first = units.findIndex(([, length]) => rest >= length)
  if (first === -1) return t('duration.seconds', { count: 0 })
  const parts = units.slice(first, first + 2).flatMap(([name, length]) => {
    const count = Math.floor(rest / length)
    rest -= count * length
    return count === 0 ? [] : [t(`duration.${name}`, { count })]
  })
  return parts.join(' ')
}
