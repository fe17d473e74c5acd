/** Counts what a query finds, by whatever counts it: from the search tables where they are exact, else entry by entry. */
import type { MinuteCount } from '../api.ts'
import { EntrySubject } from './entry-subject.ts'
import { isUnrestricted, type Plan } from './plan.ts'
import {
  type Corpus,
  indexesOf,
  isOutside,
  isOver,
  refuseWithdrawn,
  type RunOptions,
  type SearchedTables,
  slicesOf,
  sliceWidth,
} from './run.ts'
import type { Bounds, GroupRow, TableSearch } from './table-search.ts'
import type { ValueDictionary } from './value-dictionary.ts'

/** What is counted by, and where its counts go. */
export interface Counter {
  /** SQL expressions over a row `e` whose values say what it counts for; undefined when only the entry can tell. */
  readonly by: readonly string[] | undefined
  rows(rows: readonly GroupRow[], dictionary: ValueDictionary | undefined): void
  entry(subject: EntrySubject): void
}

export interface Tally {
  /** Events found in what was looked at. */
  readonly total: number
  /** Indexes from this one on were looked at; 0 when all were. Counts are of the newest events, and at least these. */
  readonly lookedFrom: number
}

/** Goes over all that a plan asks for, newest first, until it is done or the time is over. @throws TrackerError CANCELLED */
export function tally(
  plan: Plan,
  corpus: Corpus,
  size: number,
  counters: readonly Counter[],
  options: RunOptions,
): Tally {
  let total = 0
  let hasLooked = false
  for (const stretch of corpus.stretches({ from: 0, to: size }, 'desc')) {
    if (isOutside(plan, stretch)) continue
    const search = stretch.search?.()
    const within = search === undefined ? stretch : search.narrow(plan.window, stretch)
    if (within.from >= within.to) continue
    refuseWithdrawn(options)
    if (hasLooked && isOver(options)) return { total, lookedFrom: within.to }
    const poll = (): void => refuseWithdrawn(options)
    const tables = search === undefined ? undefined : { search, condition: search.condition(plan.query, poll) }
    const isCountable = tables?.condition.isExact === true && areTold(counters, tables.search)
    if (tables !== undefined && isCountable && isUnrestricted(plan) && stretch.isWhole === true) {
      // Everything counts: one walk along an index tells what a walk along the rows would.
      hasLooked = true
      total += countRows(tables, undefined, counters)
      continue
    }
    for (const slice of slicesOf(within, sliceWidth(plan, search), 'desc')) {
      refuseWithdrawn(options)
      if (hasLooked && isOver(options)) return { total, lookedFrom: slice.to }
      hasLooked = true
      if (isCountable) {
        total += countRows(tables, slice, counters)
        continue
      }
      for (const index of candidates(tables, slice)) {
        refuseWithdrawn(options)
        const subject = new EntrySubject(index, corpus.entry(index), poll)
        if (plan.matches(subject)) {
          total += 1
          for (const counter of counters) counter.entry(subject)
        }
        if (isOver(options)) return { total, lookedFrom: index }
      }
    }
  }
  return { total, lookedFrom: 0 }
}

/** Whether rows tell what is counted by. Without a whole dictionary nobody knows which texts their codes stand for. */
function areTold(counters: readonly Counter[], { dictionary }: TableSearch): boolean {
  return counters.length === 0 || (dictionary?.isWhole === true && counters.every(({ by }) => by !== undefined))
}

/** Counts in a slice, or in all that the tables hold. */
function countRows(
  { search, condition }: SearchedTables,
  slice: Bounds | undefined,
  counters: readonly Counter[],
): number {
  const group = (by: readonly string[]): GroupRow[] =>
    slice === undefined ? search.groupAll(by) : search.group(condition, slice, by)
  let total: number | undefined
  for (const counter of counters) {
    const rows = group(counter.by ?? [])
    total ??= sumOf(rows)
    counter.rows(rows, search.dictionary)
  }
  return total ?? sumOf(group([]))
}

function sumOf(rows: readonly GroupRow[]): number {
  return rows.reduce((sum, { count }) => sum + count, 0)
}

/** Entries of a slice that may be answers, newest first. */
function* candidates(tables: SearchedTables | undefined, slice: Bounds): Generator<number> {
  if (tables === undefined) yield* indexesOf(slice, 'desc')
  else yield* tables.search.find(tables.condition, slice, 'desc', slice.to - slice.from)
}

/** Whole units of time that a table is asked by: the largest that all edges are multiples of. */
const units = [86_400_000, 3_600_000, 900_000, 60_000, 1_000, 1] as const

/** Counts by time and by one of the few-valued columns. */
export class TimeCounter implements Counter {
  readonly by: readonly string[]
  readonly edges: readonly number[]
  readonly #unit: number
  readonly #column: 'severity' | 'outcome'
  /** By bucket, then by value. */
  readonly counts: Map<string, number>[]

  /** @param edges bounds of the buckets in order, one more than there are buckets, milliseconds */
  constructor(edges: readonly number[], column: 'severity' | 'outcome') {
    this.edges = edges
    this.#unit = units.find((unit) => edges.every((edge) => edge % unit === 0)) ?? 1
    this.#column = column
    this.by = [`e.time / ${this.#unit}`, `e.${column}`]
    this.counts = edges.slice(1).map(() => new Map<string, number>())
  }

  rows(rows: readonly GroupRow[], dictionary: ValueDictionary | undefined): void {
    for (const { values, count } of rows) {
      const [unit, code] = values
      if (unit === null || unit === undefined) continue
      const value = code === null || code === undefined ? undefined : dictionary?.textOf(code)
      this.#add(unit * this.#unit, value, count)
    }
  }

  /** Counts of one minute that no edge goes through. */
  minute({ minute, count, ...values }: MinuteCount): void {
    this.#add(minute, values[this.#column], count)
  }

  entry({ fields }: EntrySubject): void {
    if (fields.time !== undefined) this.#add(fields.time, fields[this.#column], 1)
  }

  #add(time: number, value: string | undefined, count: number): void {
    const { edges } = this
    let low = 0
    let high = edges.length - 1
    while (low < high) {
      const middle = Math.ceil((low + high) / 2)
      if (edges[middle]! <= time) low = middle
      else high = middle - 1
    }
    const counts = time < edges[0]! ? undefined : this.counts[low]
    // Roll-ups have the empty text where an event has none.
    const name = value === undefined || value === '' ? 'unknown' : value
    counts?.set(name, (counts.get(name) ?? 0) + count)
  }
}
