/** Lengths of time in words: the two largest units that say something. */
import type { TFunction } from 'i18next'

const units = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
] as const

/** `3 days 4 hours`; `less than a minute` below one. @param ms not negative */
export function spanWords(t: TFunction, ms: number): string {
  const at = units.findIndex(([, size]) => ms >= size)
  if (at === -1) return t('span.moment')
  let left = ms
  const words = units.slice(at, at + 2).flatMap(([name, size]) => {
    const count = Math.floor(left / size)
    left -= count * size
    return count === 0 ? [] : [t(`span.${name}`, { count })]
  })
  return words.join(' ')
}
