/** Events counted by minute, from the roll-ups where they are and from the entries where they are not yet. */
import type { MinuteCount } from '../api.ts'
import { eventOf, searchFields } from '../search/fields.ts'
import type { Corpus } from '../search/run.ts'
import { minuteMs } from '../search/table-writer.ts'
import type { LogView } from './log-entries.ts'

/** Counts of the whole minutes that begin in the window, oldest first, at most `limit` rows. */
export function countMinutes(corpus: Corpus, view: LogView, from: number, to: number, limit: number): MinuteCount[] {
  const counts = new Map<string, MinuteCount>()
  const add = ({ minute, severity, outcome, count }: MinuteCount): void => {
    const key = `${minute} ${severity} ${outcome}`
    counts.set(key, { minute, severity, outcome, count: count + (counts.get(key)?.count ?? 0) })
  }
  for (const stretch of corpus.stretches({ from: 0, to: view.size }, 'asc')) {
    const { min, max } = stretch.times ?? { min: from, max: from }
    if (min === undefined || max === undefined || max + minuteMs <= from || min >= to) continue
    if (stretch.search !== undefined) {
      for (const row of stretch.search().minutes(from, to)) add(row)
      continue
    }
    for (let index = stretch.from; index < stretch.to; index++) {
      const { time, severity = '', outcome = '' } = searchFields(eventOf(corpus.entry(index)))
      if (time === undefined) continue
      const minute = Math.floor(time / minuteMs) * minuteMs
      if (minute >= from && minute < to) add({ minute, severity, outcome, count: 1 })
    }
  }
  const order = (row: MinuteCount): string => `${row.severity} ${row.outcome}`
  return [...counts.values()].sort((a, b) => a.minute - b.minute || (order(a) < order(b) ? -1 : 1)).slice(0, limit)
}
