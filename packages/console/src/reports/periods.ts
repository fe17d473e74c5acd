/** Periods that reports are asked for, in UTC: so that everybody means the same one. */
import { beginOf } from './search.ts'

export interface Period {
  /** RFC 3339, at the beginning of a day; `to` is exclusive. */
  readonly from: string
  readonly to: string
}

export const periodNames = [
  'this-month',
  'last-month',
  'this-quarter',
  'last-quarter',
  'this-year',
  'last-year',
] as const
export type PeriodName = (typeof periodNames)[number]

/** Months of each, and how many of them before the one that is now. */
const lengths: Record<PeriodName, readonly [months: number, before: number]> = {
  'this-month': [1, 0],
  'last-month': [1, 1],
  'this-quarter': [3, 0],
  'last-quarter': [3, 1],
  'this-year': [12, 0],
  'last-year': [12, 1],
}

/** @param now milliseconds since the epoch */
export function periodOf(name: PeriodName, now: number): Period {
  const [months, before] = lengths[name]
  const date = new Date(now)
  const month = date.getUTCMonth()
  const first = month - (month % months) - before * months
  const begin = (at: number): string =>
    `${new Date(Date.UTC(date.getUTCFullYear(), at, 1)).toISOString().slice(0, 10)}T00:00:00Z`
  return { from: begin(first), to: begin(first + months) }
}

/** From the first to the last day, that one included; undefined unless both exist, in this order. */
export function periodOfDays(first: string, last: string): Period | undefined {
  const [from, end] = [beginOf(first), beginOf(last)]
  if (from === undefined || end === undefined || from > end) return undefined
  return { from, to: `${new Date(Date.parse(end) + dayMs).toISOString().slice(0, 10)}T00:00:00Z` }
}

/** First and last day. */
export function daysOf({ from, to }: Period): { first: string; last: string } {
  return { first: from.slice(0, 10), last: new Date(Date.parse(to) - dayMs).toISOString().slice(0, 10) }
}

const dayMs = 86_400_000
