/** Runs a query over the log, stretch by stretch and slice by slice; between entries it can be withdrawn. */
import type { StoredEntry } from '../api.ts'
import { TrackerError } from '../errors.ts'
import { scanSliceEvents, sliceEvents } from '../limits.ts'
import { eventOf, searchFields } from './fields.ts'
import { fieldsMatch, isUnrestricted, type Plan, wordsMatch } from './plan.ts'
import type { Bounds, TableSearch } from './table-search.ts'

/** A run of entries that is searched in one way. */
export interface Stretch extends Bounds {
  /** Earliest and latest event time, if known. */
  readonly times?: { readonly min: number | undefined; readonly max: number | undefined }
  /** Opens the search tables; without them every entry is looked at. */
  readonly search?: () => TableSearch
}

/** What a query runs over: one unchanging view of the log. */
export interface Corpus {
  /** Stretches that together are `bounds`, in the plan's order. */
  stretches(bounds: Bounds, order: Plan['order']): Iterable<Stretch>
  entry(index: number): Uint8Array
}

export interface RunOptions {
  readonly signal?: { readonly cancelled: boolean } | undefined
  readonly slices?: number | undefined
}

export interface Found {
  readonly events: StoredEntry[]
  /** What is left of the bounds; undefined when all was looked at. */
  readonly rest: Bounds | undefined
}

/** @throws TrackerError CANCELLED; and what the corpus throws */
export function runQuery(plan: Plan, corpus: Corpus, bounds: Bounds, options: RunOptions = {}): Found {
  const events: StoredEntry[] = []
  let slicesLeft = options.slices ?? Number.MAX_SAFE_INTEGER
  for (const stretch of corpus.stretches(bounds, plan.order)) {
    if (isOutside(plan, stretch)) continue
    const search = isUnrestricted(plan) ? undefined : stretch.search?.()
    const within = search === undefined ? stretch : search.narrow(plan, stretch)
    const width = isUnrestricted(plan) || search !== undefined ? sliceEvents : scanSliceEvents
    for (const slice of slicesOf(within, width, plan.order)) {
      refuseWithdrawn(options)
      if (slicesLeft === 0) return { events, rest: restFrom(bounds, slice, plan.order) }
      slicesLeft -= 1
      for (const entry of answers(plan, corpus, search, slice, plan.limit - events.length, options)) {
        events.push(entry)
        if (events.length === plan.limit) return { events, rest: restAfter(bounds, entry.index, plan.order) }
      }
    }
  }
  return { events, rest: undefined }
}

/** Asked before every slice and every entry: a page may read and unpack much. */
function refuseWithdrawn({ signal }: RunOptions): void {
  if (signal?.cancelled === true) throw new TrackerError('CANCELLED', 'the query was withdrawn')
}

/** Entries of a slice that the plan asks for, in its order. */
function* answers(
  plan: Plan,
  corpus: Corpus,
  search: TableSearch | undefined,
  slice: Bounds,
  wanted: number,
  options: RunOptions,
): Generator<StoredEntry> {
  if (search === undefined) {
    for (const index of indexesOf(slice, plan.order)) {
      refuseWithdrawn(options)
      const bytes = corpus.entry(index)
      if (isUnrestricted(plan) || isAnswer(plan, bytes, true)) yield { index, bytes }
    }
    return
  }
  // Candidates that are no answers (two values with one code) make another round over what is left of the slice.
  for (let left: Bounds | undefined = slice; left !== undefined;) {
    const candidates = search.find(plan, left, wanted)
    for (const index of candidates) {
      refuseWithdrawn(options)
      const bytes = corpus.entry(index)
      if (isAnswer(plan, bytes, false)) yield { index, bytes }
    }
    const last = candidates.at(-1)
    left = last === undefined || candidates.length < wanted ? undefined : restAfter(left, last, plan.order)
  }
}

/** The entry's own bytes decide. Words are looked for only where no search table was asked. */
function isAnswer(plan: Plan, bytes: Uint8Array, withWords: boolean): boolean {
  const event = eventOf(bytes)
  const fields = searchFields(event)
  return fieldsMatch(plan, fields) && (!withWords || wordsMatch(plan, event, fields))
}

function isOutside({ from, to }: Plan, { times }: Stretch): boolean {
  if (times === undefined || (from === undefined && to === undefined)) return false
  if (times.min === undefined || times.max === undefined) return true
  return (from !== undefined && times.max < from) || (to !== undefined && times.min >= to)
}

function* slicesOf({ from, to }: Bounds, width: number, order: Plan['order']): Generator<Bounds> {
  if (order === 'asc') for (let at = from; at < to; at += width) yield { from: at, to: Math.min(to, at + width) }
  else for (let at = to; at > from; at -= width) yield { from: Math.max(from, at - width), to: at }
}

function* indexesOf({ from, to }: Bounds, order: Plan['order']): Generator<number> {
  if (order === 'asc') for (let index = from; index < to; index++) yield index
  else for (let index = to - 1; index >= from; index--) yield index
}

/** What is left of `bounds` when a slice is the next to look at. */
function restFrom(bounds: Bounds, slice: Bounds, order: Plan['order']): Bounds {
  return order === 'asc' ? { from: slice.from, to: bounds.to } : { from: bounds.from, to: slice.to }
}

/** What is left of `bounds` after an entry. */
function restAfter(bounds: Bounds, index: number, order: Plan['order']): Bounds | undefined {
  const rest = order === 'asc' ? { from: index + 1, to: bounds.to } : { from: bounds.from, to: index }
  return rest.from < rest.to ? rest : undefined
}
