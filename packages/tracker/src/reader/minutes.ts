/** Events counted by minute, from the roll-ups where they are and from the entries where they are not yet. */
import type { MinuteCount } from '../api.ts'
import { eventOf, searchFields } from '../search/fields.ts'
import { type Corpus, indexesOf, isOver, refuseWithdrawn, type RunOptions } from '../search/run.ts'
import { minuteMs } from '../search/table-writer.ts'

/** Counts of the whole minutes that begin in the window, oldest first, at most `limit` rows. */
export function countMinutes(corpus: Corpus, size: number, from: number, to: number, limit: number): MinuteCount[] {
  const counts = new Map<string, MinuteCount>()
  for (const { minute, severity, outcome, count } of eachMinute(corpus, size, from, to)) {
    const key = `${minute}\0${severity}\0${outcome}`
    counts.set(key, { minute, severity, outcome, count: count + (counts.get(key)?.count ?? 0) })
  }
  const order = (row: MinuteCount): string => `${row.severity} ${row.outcome}`
  return [...counts.values()].sort((a, b) => a.minute - b.minute || (order(a) < order(b) ? -1 : 1)).slice(0, limit)
}

/**
 * Counts of the whole minutes that begin in the window, stretch by stretch, the newest first, until the time is over.
 * @returns from which index on was looked; 0 when it was everywhere. @throws TrackerError CANCELLED
 */
export function* eachMinute(
  corpus: Corpus,
  size: number,
  from: number,
  to: number,
  options: RunOptions = {},
): Generator<MinuteCount, number> {
  let hasLooked = false
  for (const stretch of corpus.stretches({ from: 0, to: size }, 'desc')) {
    refuseWithdrawn(options)
    if (hasLooked && isOver(options)) return stretch.to
    const { min, max } = stretch.times ?? { min: from, max: from }
    if (min === undefined || max === undefined || max + minuteMs <= from || min >= to) continue
    hasLooked = true
    if (stretch.search !== undefined && stretch.isWhole === true) {
      yield* stretch.search().minutes(from, to)
      continue
    }
    for (const index of indexesOf(stretch, 'desc')) {
      refuseWithdrawn(options)
      if (isOver(options)) return index + 1
      const { time, severity = '', outcome = '' } = searchFields(eventOf(corpus.entry(index)))
      if (time === undefined) continue
      const minute = Math.floor(time / minuteMs) * minuteMs
      if (minute >= from && minute < to) yield { minute, severity, outcome, count: 1 }
    }
  }
  return 0
}
