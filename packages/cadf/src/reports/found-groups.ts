/** Counts by several fields together: what stands for events where there are too many of them. */
import { dataOf } from './report-event.ts'

/** As the server answers them. */
export interface FoundGroups {
  /** Events that were found. */
  readonly count: number
  /** Each with its values in the order of the fields; the most frequent first. */
  readonly rows: readonly FoundGroup[]
  /** Events of combinations that are not listed. */
  readonly others: number
  /** Events that lack a field. */
  readonly missing: number
  /** Whether all events were counted. */
  readonly isComplete: boolean
}

export interface FoundGroup {
  readonly values: readonly FoundValue[]
  readonly count: number
  readonly first: Seen
  readonly newest: Seen
}

export interface FoundValue {
  readonly value: string
  /** What people call it, where it is an id. */
  readonly name?: string
}

export interface Seen {
  readonly index: number
  /** RFC 3339. */
  readonly time?: string
}

/** Combinations that the server lists at most. */
export const groupsMax = 1_000

/** Reads the answer of `GET …/groups`; what it lacks counts as none. */
export function foundGroups(answer: unknown): FoundGroups {
  const { rows, count, others, missing, isComplete } = dataOf(answer)
  return {
    count: numberIn(count),
    others: numberIn(others),
    missing: numberIn(missing),
    isComplete: isComplete === true,
    rows: Array.isArray(rows) ? rows.map(groupOf) : [],
  }
}

function groupOf(row: unknown): FoundGroup {
  const { values, count, first, newest } = dataOf(row)
  return {
    values: Array.isArray(values) ? values.map(valueOf) : [],
    count: numberIn(count),
    first: seenOf(first),
    newest: seenOf(newest),
  }
}

function valueOf(found: unknown): FoundValue {
  const { value, name } = dataOf(found)
  return { value: typeof value === 'string' ? value : '', ...(typeof name === 'string' && { name }) }
}

function seenOf(place: unknown): Seen {
  const { index, time } = dataOf(place)
  return { index: numberIn(index), ...(typeof time === 'string' && { time }) }
}

const numberIn = (value: unknown): number => (typeof value === 'number' && Number.isFinite(value) ? value : 0)
