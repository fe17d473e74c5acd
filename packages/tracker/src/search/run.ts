/** Runs a query over the log, stretch by stretch and slice by slice; between entries it can be withdrawn. */
import type { StoredEntry } from '../api.ts'
import { TrackerError } from '../errors.ts'
import { candidatesAtOnce, scanSliceEvents, sliceEvents } from '../limits.ts'
import { EntrySubject } from './entry-subject.ts'
import { isUnrestricted, type Plan } from './plan.ts'
import type { Bounds, TableCondition, TableSearch } from './table-search.ts'

/** A run of entries that is searched in one way. */
export interface Stretch extends Bounds {
  /** Earliest and latest event time, if known. */
  readonly times?: { readonly min: number | undefined; readonly max: number | undefined }
  /** Opens the search tables; without them every entry is looked at. */
  readonly search?: () => TableSearch
  /** Whether these are all the entries that the search tables hold: then their roll-ups are this stretch's. */
  readonly isWhole?: boolean
}

/** What a query runs over: one unchanging view of the log. */
export interface Corpus {
  /** Stretches that together are `bounds`, in the plan's order. */
  stretches(bounds: Bounds, order: Order): Iterable<Stretch>
  entry(index: number): Uint8Array
}

export type Order = 'asc' | 'desc'

export interface RunOptions {
  readonly signal?: { readonly cancelled: boolean } | undefined
  /** Slices after which to end. */
  readonly slices?: number | undefined
  /** When to end with what was found, in the time of `performance.now()`. */
  readonly until?: number | undefined
}

/** A plan as a page is taken from it. */
export interface PageOf {
  readonly plan: Plan
  readonly order: Order
  readonly limit: number
}

export interface Found {
  readonly events: StoredEntry[]
  /** What is left of the bounds; undefined when all was looked at. */
  readonly rest: Bounds | undefined
}

/** @throws TrackerError CANCELLED; and what the corpus throws */
export function runQuery(page: PageOf, corpus: Corpus, bounds: Bounds, options: RunOptions = {}): Found {
  const { plan, order, limit } = page
  const events: StoredEntry[] = []
  let slicesLeft = options.slices ?? Number.MAX_SAFE_INTEGER
  // Each call gets on, however little time it is given.
  let hasLooked = false
  for (const stretch of corpus.stretches(bounds, order)) {
    if (isOutside(plan, stretch)) continue
    const search = isUnrestricted(plan) ? undefined : stretch.search?.()
    const within = search === undefined ? stretch : search.narrow(plan.window, stretch)
    if (within.from >= within.to) continue
    refuseWithdrawn(options)
    if (hasLooked && isOver(options)) return { events, rest: restFrom(bounds, edgeOf(within, order), order) }
    const poll = (): void => refuseWithdrawn(options)
    const tables = search === undefined ? undefined : { search, condition: search.condition(plan.query, poll) }
    for (const slice of slicesOf(within, sliceWidth(plan, search), order)) {
      refuseWithdrawn(options)
      if (slicesLeft === 0 || (hasLooked && isOver(options))) return { events, rest: restFrom(bounds, slice, order) }
      slicesLeft -= 1
      hasLooked = true
      for (const looked of answers(page, corpus, tables, slice, limit - events.length, options)) {
        if (looked.isAnswer) events.push({ index: looked.index, bytes: looked.bytes })
        if (events.length === limit || isOver(options)) {
          return { events, rest: restAfter(bounds, looked.index, order) }
        }
      }
    }
  }
  return { events, rest: undefined }
}

/** How many entries a slice is wide: looking into tables is quick, reading each entry is not. */
export function sliceWidth(plan: Plan, search: TableSearch | undefined): number {
  return isUnrestricted(plan) || search !== undefined ? sliceEvents : scanSliceEvents
}

/** Whether its time is over. */
export function isOver({ until }: RunOptions): boolean {
  return until !== undefined && performance.now() >= until
}

/** Asked before every slice and every entry: a page may read and unpack much. */
export function refuseWithdrawn({ signal }: RunOptions): void {
  if (signal?.cancelled === true) throw new TrackerError('CANCELLED', 'the query was withdrawn')
}

interface Looked extends StoredEntry {
  readonly isAnswer: boolean
}

/** The tables of a stretch, and what is asked of them. */
export interface SearchedTables {
  readonly search: TableSearch
  readonly condition: TableCondition
}

/** Entries of a slice that may be answers, in order, and whether they are. */
function* answers(
  { plan, order }: PageOf,
  corpus: Corpus,
  tables: SearchedTables | undefined,
  slice: Bounds,
  wanted: number,
  options: RunOptions,
): Generator<Looked> {
  const look = (index: number): Looked => {
    refuseWithdrawn(options)
    const bytes = corpus.entry(index)
    const poll = (): void => refuseWithdrawn(options)
    return { index, bytes, isAnswer: isUnrestricted(plan) || plan.matches(new EntrySubject(index, bytes, poll)) }
  }
  if (tables === undefined) {
    for (const index of indexesOf(slice, order)) yield look(index)
    return
  }
  // Candidates that are no answers make another round over what is left of the slice.
  for (let left: Bounds | undefined = slice; left !== undefined;) {
    const atOnce = tables.condition.isExact ? wanted : Math.max(wanted, candidatesAtOnce)
    const candidates = tables.search.find(tables.condition, left, order, atOnce)
    for (const index of candidates) yield look(index)
    const last = candidates.at(-1)
    left = last === undefined || candidates.length < atOnce ? undefined : restAfter(left, last, order)
  }
}

/** Whether a stretch ends before the plan's times, or begins after them. */
export function isOutside({ window: { from, to } }: Plan, { times }: Stretch): boolean {
  if (times === undefined || (from === undefined && to === undefined)) return false
  if (times.min === undefined || times.max === undefined) return true
  return (from !== undefined && times.max < from) || (to !== undefined && times.min >= to)
}

export function* slicesOf({ from, to }: Bounds, width: number, order: Order): Generator<Bounds> {
  if (order === 'asc') for (let at = from; at < to; at += width) yield { from: at, to: Math.min(to, at + width) }
  else for (let at = to; at > from; at -= width) yield { from: Math.max(from, at - width), to: at }
}

export function* indexesOf({ from, to }: Bounds, order: Order): Generator<number> {
  if (order === 'asc') for (let index = from; index < to; index++) yield index
  else for (let index = to - 1; index >= from; index--) yield index
}

/** Where a stretch begins in the order: nothing of it was looked at. */
function edgeOf({ from, to }: Bounds, order: Order): Bounds {
  return order === 'asc' ? { from, to: from } : { from: to, to }
}

/** What is left of `bounds` when a slice is the next to look at. */
function restFrom(bounds: Bounds, slice: Bounds, order: Order): Bounds {
  return order === 'asc' ? { from: slice.from, to: bounds.to } : { from: bounds.from, to: slice.to }
}

/** What is left of `bounds` after an entry. */
function restAfter(bounds: Bounds, index: number, order: Order): Bounds | undefined {
  const rest = order === 'asc' ? { from: index + 1, to: bounds.to } : { from: bounds.from, to: index }
  return rest.from < rest.to ? rest : undefined
}
