/** Queries as text: a condition for or against one value, put into a query beside what stands there. */
import { QueryError, parseQuery, queryField, tokensOf } from '@keywitness/cadf'
import { type FilterName, type FilterToken, type TrailSearch, outcomes, severities, withFilter } from './search.ts'

/** Longest value that a condition is made of; longer ones are no names that people filter by. */
const valueCharsMax = 512
/** What stands for itself after a field and an operator. */
const plainValue = /^[\p{L}\p{N}_@+][\p{L}\p{N}_@+:.,=/-]*$/u
const timeBack = /^-\d+[smhdw]$/
const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/**
 * The condition that a field has exactly this value, in the query language; undefined where the language knows no such
 * field, or the field has no such value.
 *
 * @param field a short name such as `address`, or a member such as `requestData.keyType`
 */
export function conditionOf(field: string, value: string): string | undefined {
  const known = queryField(field)
  if (known === undefined || value === '' || value.length > valueCharsMax || /[\r\n]/.test(value)) return undefined
  // Begins so is meant without an operator; these are whole as they are.
  const isWhole = uuid.test(value) || (field === 'outcome' && outcomes.some((each) => each === value))
  const isText = (known.kind === 'text' || known.kind === 'action') && !isWhole
  const condition = `${field}:${isText ? '==' : ''}${writtenValue(value)}`
  return faultOf(condition) === undefined ? condition : undefined
}

/** A value as it is written after a field or an operator: in quotes where it would mean something else without. */
export function writtenValue(value: string): string {
  const isPlain = plainValue.test(value) && !value.includes('..')
  return isPlain || timeBack.test(value) ? value : `"${value.replaceAll(/["\\]/g, '\\$&')}"`
}

/** Why a query cannot be read, and where; undefined when it can. */
export function faultOf(query: string): QueryError | undefined {
  try {
    parseQuery(query, { now: 0 })
    return undefined
  } catch (error) {
    if (error instanceof QueryError) return error
    throw error
  }
}

/** A query with one condition more. What says the opposite is taken out, what says the same stays alone. */
export function withCondition(query: string | undefined, condition: string): string {
  const opposite = condition.startsWith('NOT ') ? condition.slice(4) : `NOT ${condition}`
  const parts = query === undefined ? [] : conjunctsOf(query)
  return [...parts.filter((part) => part !== opposite && part !== condition), condition].join(' ')
}

/** The conditions of a query that must all hold, as they are written; one when it is not of that form. */
function conjunctsOf(query: string): readonly string[] {
  if (faultOf(query) !== undefined) return [query]
  const tokens = tokensOf(query)
  if (tokens.some(({ kind }) => kind === 'OR' || kind === '(' || kind === '[' || kind === 'AND')) {
    return tokens.some(({ kind }) => kind === 'OR') ? [`(${query})`] : [query]
  }
  const parts: string[] = []
  let start: number | undefined
  for (const { kind, at, length } of tokens) {
    start ??= at
    if (kind === 'NOT' || kind === 'field' || kind === 'operator') continue
    parts.push(query.slice(start, at + length))
    start = undefined
  }
  return parts
}

/** Fields that have a filter of their own, which holds one value, by id. */
const singleFilters: { readonly [field: string]: FilterName } = {
  initiator: 'initiator',
  'initiator.id': 'initiator',
  target: 'target',
  'target.id': 'target',
  instance: 'instance',
  key: 'key',
  request: 'request',
  code: 'code',
}

/** The filter of its own that a field has, if it can hold this value beside those of the search. */
function tokenOf(search: TrailSearch, field: string, value: string): FilterToken | undefined {
  if (field === 'action' && !value.includes(',')) return { name: 'action', value }
  if (field === 'severity' && severities.some((each) => each === value)) return { name: 'severity', value }
  if (field === 'outcome' && outcomes.some((each) => each === value)) return { name: 'outcome', value }
  const name = singleFilters[field]
  if (name === undefined || name === 'action' || name === 'severity' || name === 'outcome') return undefined
  // Values with commas would be several to the server.
  return (search[name] ?? value) === value && !value.includes(',') ? { name, value } : undefined
}

/** The search narrowed to one value of a field; undefined when there is no way to say that. */
export function filteredFor(search: TrailSearch, field: string, value: string): TrailSearch | undefined {
  const condition = conditionOf(field, value)
  if (condition === undefined) return undefined
  const token = tokenOf(search, field, value)
  return token === undefined ? { ...search, query: withCondition(search.query, condition) } : withFilter(search, token)
}

/** The search without the events that have this value; undefined when there is no way to say that. */
export function filteredOut(search: TrailSearch, field: string, value: string): TrailSearch | undefined {
  const condition = conditionOf(field, value)
  if (condition === undefined) return undefined
  return { ...search, query: withCondition(search.query, `NOT ${condition}`) }
}
