/** A question checked and made ready: one query, its time window, and the condition that decides. */
import { type FieldTest, parseQuery, type Query, queryField, QueryError } from '@keywitness/cadf'
import type { EventFilter, EventQuery } from '../search-api.ts'
import { TrackerError } from '../errors.ts'
import { pageEventsMax, queryTextMax, queryValueMax, queryValuesMax, queryWordsMax } from '../limits.ts'
import { type Matcher, isEventTime, matcherOf } from './matcher.ts'
import { wordsOf } from './words.ts'

/** Event times, milliseconds: inclusive, exclusive. */
export interface TimeWindow {
  readonly from: number | undefined
  readonly to: number | undefined
}

export interface Plan {
  /** All that is asked, in one. */
  readonly query: Query
  readonly matches: Matcher
  /** Times outside of which nothing matches. */
  readonly window: TimeWindow
}

export interface PagePlan extends Plan {
  readonly order: 'desc' | 'asc'
  readonly limit: number
  /** The window that was given beside the query; a cursor carries it. */
  readonly given: TimeWindow
  /** What relative times in the query are relative to; a cursor carries it. */
  readonly now: number
}

/** Members of a filter with the field each one tests for whole values. */
const filterFields = {
  action: 'action',
  outcome: 'outcome',
  severity: 'severity',
  initiator: 'initiator.id',
  target: 'target.id',
  instance: 'instance',
  correlationId: 'correlationId',
  keyId: 'key',
  reasonCode: 'code',
} as const

/**
 * Checks a page's question.
 *
 * @throws TrackerError BAD_INPUT, with a QueryError as its cause when the text of the query is at fault
 */
export function pagePlanOf(asked: EventQuery): PagePlan {
  const { order = 'desc', limit, from, to } = asked
  if (order !== 'desc' && order !== 'asc') refuse('order')
  if (!Number.isSafeInteger(limit) || limit < 1 || limit > pageEventsMax) refuse('limit')
  return { ...planOf(asked), order, limit, given: { from, to }, now: asked.now ?? 0 }
}

/**
 * Checks what is asked for.
 *
 * @throws TrackerError BAD_INPUT, with a QueryError as its cause when the text of the query is at fault
 */
export function planOf(filter: EventFilter): Plan {
  const { from, to, text = '', query: written } = filter
  for (const time of [from, to]) if (time !== undefined && !Number.isFinite(time)) refuse('from or to')
  const parts: Query[] = []
  for (const [member, name] of Object.entries(filterFields) as [keyof typeof filterFields, string][]) {
    const values = valuesOf(member, filter[member])
    if (values !== undefined) parts.push(valuesQuery(name, values))
  }
  if (text.length > queryTextMax) refuse('text')
  const words = wordsOf(text)
  // Text without a single word (punctuation only) would find nothing, or everything: it is no question.
  if (words.length > queryWordsMax || (words.length === 0 && text.trim() !== '')) refuse('text')
  for (const word of new Set(words)) parts.push({ kind: 'words', text: wordText(word), isPrefix: false })
  if (from !== undefined || to !== undefined) parts.push(timeQuery(from, to))
  try {
    if (written !== undefined) parts.push(parseQuery(written, { now: filter.now ?? 0, zone: filter.zone }))
    const query: Query =
      parts.length === 1 ? parts[0]! : parts.length === 0 ? { kind: 'every' } : { kind: 'and', parts }
    return { query, matches: matcherOf(query), window: windowOf(query) }
  } catch (error) {
    if (!(error instanceof QueryError)) throw error
    throw new TrackerError('BAD_INPUT', error.message, { cause: error })
  }
}

/** The plan that finds an event by its id. */
export function planForId(id: string): Plan {
  const query = valuesQuery('id', [id])
  return { query, matches: matcherOf(query), window: { from: undefined, to: undefined } }
}

/** The time in a UUID of version 7 (RFC 9562 section 5.7), milliseconds; undefined for any other text. */
export function timeOfUuid(id: string): number | undefined {
  const [, high, low] = /^([0-9a-f]{8})-([0-9a-f]{4})-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/i.exec(id) ?? []
  return high === undefined || low === undefined ? undefined : Number.parseInt(high + low, 16)
}

/** Whether every entry is an answer. */
export function isUnrestricted({ query }: Plan): boolean {
  return query.kind === 'every'
}

/** The times outside of which a query has no answer. */
function windowOf(query: Query): TimeWindow {
  if (query.kind === 'and') {
    const windows = query.parts.map(windowOf)
    const from = windows.flatMap((window) => window.from ?? [])
    const to = windows.flatMap((window) => window.to ?? [])
    return {
      from: from.length === 0 ? undefined : Math.max(...from),
      to: to.length === 0 ? undefined : Math.min(...to),
    }
  }
  if (query.kind === 'field' && query.test.op === 'range' && isEventTime(query.field)) {
    return { from: query.test.min, to: query.test.max }
  }
  return { from: undefined, to: undefined }
}

function timeQuery(from: number | undefined, to: number | undefined): Query {
  const range = { op: 'range', ...(from === undefined ? {} : { min: from }), ...(to === undefined ? {} : { max: to }) }
  return { kind: 'field', field: queryField('eventTime')!, test: range as FieldTest }
}

/** Any of whole values. */
function valuesQuery(name: string, values: readonly (string | number)[]): Query {
  const field = queryField(name)!
  const tests = values.map((value): Query => {
    if (typeof value === 'number') return { kind: 'field', field, test: { op: 'range', min: value, max: value + 1 } }
    // Severities are asked for by name here, not by rank.
    const named = field.kind === 'severity' ? { ...field, kind: 'text' as const } : field
    return { kind: 'field', field: named, test: { op: 'exact', text: value, isCaseSensitive: true } }
  })
  return tests.length === 1 ? tests[0]! : { kind: 'or', parts: tests }
}

/** A UUID is looked for as one where it stands as one word. */
function wordText(word: string): string {
  const [, a, b, c, d, e] = /^([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})$/.exec(word) ?? []
  return a === undefined ? word : [a, b, c, d, e].join('-')
}

function valuesOf(member: keyof typeof filterFields, given: unknown): (string | number)[] | undefined {
  if (given === undefined) return undefined
  const values: readonly unknown[] = Array.isArray(given) ? given : [given]
  if (values.length === 0) return undefined
  if (values.length > queryValuesMax) refuse(member)
  return values.map((value) => {
    if (member === 'reasonCode') return Number.isSafeInteger(value) ? (value as number) : refuse(member)
    return typeof value === 'string' && value.length <= queryValueMax ? value : refuse(member)
  })
}

function refuse(member: string): never {
  throw new TrackerError('BAD_INPUT', `${member} of the query is not allowed`)
}
