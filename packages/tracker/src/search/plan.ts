/** A query checked and made ready: what is asked, in the words of the search tables. */
import { namesFor } from '@keywitness/cadf'
import type { EventQuery } from '../api.ts'
import { TrackerError } from '../errors.ts'
import { pageEventsMax, queryTextMax, queryValueMax, queryValuesMax, queryWordsMax } from '../limits.ts'
import type { SearchFields } from './fields.ts'
import { searchColumns, type SearchColumn } from './schema.ts'
import { WordFinder, wordsOf } from './words.ts'

export interface Plan {
  readonly order: 'desc' | 'asc'
  readonly limit: number
  /** Event time, milliseconds: inclusive, exclusive. */
  readonly from: number | undefined
  readonly to: number | undefined
  /** Any of the values, for each column. */
  readonly columns: ReadonlyMap<SearchColumn, readonly (string | number)[]>
  /** All of these. */
  readonly words: readonly string[]
}

/**
 * Checks a query.
 *
 * @throws TrackerError BAD_INPUT
 */
export function planOf(query: EventQuery): Plan {
  const { order = 'desc', limit, from, to, text = '' } = query
  if (order !== 'desc' && order !== 'asc') refuse('order')
  if (!Number.isSafeInteger(limit) || limit < 1 || limit > pageEventsMax) refuse('limit')
  for (const time of [from, to]) if (time !== undefined && !Number.isFinite(time)) refuse('from or to')
  const columns = new Map<SearchColumn, readonly (string | number)[]>()
  for (const column of searchColumns) {
    if (column === 'id') continue
    const values = valuesOf(column, query[column])
    if (values !== undefined) columns.set(column, column === 'action' ? allNames(values) : values)
  }
  if (text.length > queryTextMax) refuse('text')
  const words = [...wordsOf(text)]
  // Text without a single word (punctuation only) finds nothing rather than everything.
  if (words.length > queryWordsMax || (words.length === 0 && text.trim() !== '')) refuse('text')
  return { order, limit, from, to, columns, words }
}

/** The plan that finds an event by its id. */
export function planForId(id: string): Plan {
  return { order: 'desc', limit: 1, from: undefined, to: undefined, columns: new Map([['id', [id]]]), words: [] }
}

/** Whether every entry is an answer. */
export function isUnrestricted({ from, to, columns, words }: Plan): boolean {
  return from === undefined && to === undefined && columns.size === 0 && words.length === 0
}

/** Whether an event's fields are what the plan asks. This decides; search tables only propose. */
export function fieldsMatch({ from, to, columns }: Plan, fields: SearchFields): boolean {
  if (from !== undefined || to !== undefined) {
    const { time } = fields
    if (time === undefined || time < (from ?? time) || (to !== undefined && time >= to)) return false
  }
  for (const [column, values] of columns) {
    const value = fields[column]
    if (value === undefined || !values.includes(value)) return false
  }
  return true
}

/** Whether all words of the plan are an event's: for entries that no search table has yet. */
export function wordsMatch(
  { words }: Plan,
  event: { readonly [member: string]: unknown },
  fields: SearchFields,
): boolean {
  if (words.length === 0) return true
  const found = new WordFinder().words(event)
  for (const id of [fields.id, fields.correlationId])
    if (id !== undefined) for (const word of wordsOf(id)) found.add(word)
  return words.every((word) => found.has(word))
}

function valuesOf(column: SearchColumn, given: unknown): (string | number)[] | undefined {
  if (given === undefined) return undefined
  const values: readonly unknown[] = Array.isArray(given) ? given : [given]
  if (values.length === 0) return undefined
  if (values.length > queryValuesMax) refuse(column)
  return values.map((value) => {
    if (column === 'reasonCode') return Number.isSafeInteger(value) ? (value as number) : refuse(column)
    return typeof value === 'string' && value.length <= queryValueMax ? value : refuse(column)
  })
}

/** An action under all the names it has or had. */
function allNames(actions: readonly (string | number)[]): string[] {
  return [...new Set(actions.flatMap((action) => namesFor(String(action))))]
}

function refuse(member: string): never {
  throw new TrackerError('BAD_INPUT', `${member} of the query is not allowed`)
}
