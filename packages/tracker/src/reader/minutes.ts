/** Events counted by minute, from the roll-ups where they are and from the entries where they are not yet. */
import type { MinuteCount } from '../api.ts'
import { eventOf, searchFields } from '../search/fields.ts'
import { type Corpus, indexesOf, refuseWithdrawn, type RunOptions } from '../search/run.ts'
import { minuteMs } from '../search/table-writer.ts'

/** Counts of the whole minutes that begin in the window, oldest first, at most `limit` rows. */
export function countMinutes(corpus: Corpus, size: number, from: number, to: number, limit: number): MinuteCount[] {
  const counts = new Map<string, MinuteCount>()
  for (const { minute, severity, outcome, count } of eachMinute(corpus, size, from, to)) {
    const key = `${minute} ${severity} ${outcome}`
    counts.set(key, { minute, severity, outcome, count: count + (counts.get(key)?.count ?? 0) })
  }
  const order = (row: MinuteCount): string => `${row.severity} ${row.outcome}`
  return [...counts.values()].sort((a, b) => a.minute - b.minute || (order(a) < order(b) ? -1 : 1)).slice(0, limit)
}

/** Counts of the whole minutes that begin in the window, stretch by stretch. @throws TrackerError CANCELLED */
export function* eachMinute(
  corpus: Corpus,
  size: number,
  from: number,
  to: number,
  options: RunOptions = {},
): Generator<MinuteCount> {
  for (const stretch of corpus.stretches({ from: 0, to: size }, 'asc')) {
    refuseWithdrawn(options)
    const { min, max } = stretch.times ?? { min: from, max: from }
    if (min === undefined || max === undefined || max + minuteMs <= from || min >= to) continue
    if (stretch.search !== undefined && stretch.isWhole === true) {
      yield* stretch.search().minutes(from, to)
      continue
    }
    for (const index of indexesOf(stretch, 'asc')) {
      refuseWithdrawn(options)
      const { time, severity = '', outcome = '' } = searchFields(eventOf(corpus.entry(index)))
      if (time === undefined) continue
      const minute = Math.floor(time / minuteMs) * minuteMs
      if (minute >= from && minute < to) yield { minute, severity, outcome, count: 1 }
    }
  }
}
