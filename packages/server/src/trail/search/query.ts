/** The trail's query parameters as a filter, with every bound checked at the door. */
import { isZone, parseQuery, queryBounds, QueryError, type TimeContext } from '@keywitness/cadf'
import { Refusal } from '../../errors.ts'
import { maskSecrets } from './mask.ts'
import type { QueryPlace, TrailFilter } from '../messages.ts'
import { parseTime } from '../times.ts'

export interface SearchRequest {
  readonly filter: TrailFilter
  readonly order: 'asc' | 'desc'
  readonly limit: number
  readonly cursor: string | undefined
  /** What times are relative to, and the zone of those that name none. */
  readonly times: TimeContext
  /** What was asked, for the search's own event: bounded, without anything that looks like a secret. */
  readonly asked: string
}

const lists = ['action', 'outcome', 'severity', 'initiator', 'target', 'instance', 'correlationId', 'keyId'] as const
const others = ['query', 'tz', 'from', 'to', 'limit', 'cursor', 'order', 'reasonCode', 'text', 'after']
/** How the answer is cut, not what is asked. */
const paging = new Set(['limit', 'cursor', 'order', 'after'])
const known = new Set<string>([...lists, ...others])
const valuesMax = 50
const valueCharactersMax = 512
const askedCharactersMax = 1_000
const limitMax = 1_000

/**
 * @param own parameters of the route itself, which are not the search's
 * @throws Refusal INVALID_QUERY_PARAM_ERR naming the parameter at fault, and the place in a query
 */
export function parseSearch(query: URLSearchParams, now: number, own: ReadonlySet<string> = new Set()): SearchRequest {
  for (const name of query.keys()) {
    if (!known.has(name) && !own.has(name)) refuse(name, `There is no parameter of that name.`)
  }
  const zone = single(query, 'tz')
  if (zone !== undefined && !isZone(zone)) {
    refuse('tz', 'The parameter tz must be the name of a time zone, such as Europe/Berlin or UTC.')
  }
  const times: TimeContext = zone === undefined ? { now } : { now, zone }
  const filter: { -readonly [Name in keyof TrailFilter]: TrailFilter[Name] } = {}
  const from = single(query, 'from')
  const to = single(query, 'to')
  if (from !== undefined) filter.from = parseTime('from', from, times)
  if (to !== undefined) filter.to = parseTime('to', to, times)
  for (const name of lists) {
    const values = listOf(query, name)
    if (values.length > 0) filter[name] = values
  }
  oneOf(filter.outcome, 'outcome', ['success', 'failure', 'pending', 'unknown'])
  oneOf(filter.severity, 'severity', ['normal', 'warning', 'critical'])
  const codes = listOf(query, 'reasonCode').map((value) => wholeNumber('reasonCode', value, 0, 999))
  if (codes.length > 0) filter.reasonCode = codes
  const text = single(query, 'text')
  if (text !== undefined && text.trim() !== '') filter.text = text
  const written = single(query, 'query', queryBounds.characters)
  if (written !== undefined && written.trim() !== '') {
    checkQuery(written, times)
    Object.assign(filter, { query: written }, times)
  }
  const order = single(query, 'order') ?? 'desc'
  if (order !== 'asc' && order !== 'desc') refuse('order', 'The parameter order must be asc or desc.')
  const limit = wholeNumber('limit', single(query, 'limit') ?? '100', 1, limitMax)
  const asked = [...query]
    .flatMap(([name, value]) => (paging.has(name) || own.has(name) || value === '' ? [] : askedPart(name, value)))
    .join(' ')
  return { filter, order, limit, cursor: single(query, 'cursor'), times, asked: asked.slice(0, askedCharactersMax) }
}

/** A query is told as it was written; the other parameters by their names. */
function askedPart(name: string, value: string): string {
  return name === 'query' ? maskSecrets(value) : `${name}:${maskSecrets(value)}`
}

function checkQuery(written: string, times: TimeContext): void {
  try {
    parseQuery(written, times)
  } catch (error) {
    if (!(error instanceof QueryError)) throw error
    throw badQuery(error.message, error)
  }
}

/** The refusal of a query that cannot be read. What was typed may be in the text: it is masked like any query. */
export function badQuery(message: string, { at, length }: QueryPlace): Refusal {
  return new Refusal('INVALID_QUERY_PARAM_ERR', {
    message: `The query cannot be read at character ${at + 1}: ${maskSecrets(message)}`,
    at: { type: 'query_param', name: 'query', from: at, length },
  })
}

/** A whole number within bounds. @throws Refusal INVALID_QUERY_PARAM_ERR */
export function wholeNumber(name: string, value: string, low: number, high: number): number {
  const number = /^\d{1,15}$/.test(value) ? Number(value) : Number.NaN
  if (Number.isNaN(number) || number < low || number > high) {
    refuse(name, `The parameter ${name} must be a whole number from ${low} to ${high}.`)
  }
  return number
}

/** The one value of a parameter; undefined when it is not given, or empty. @throws Refusal INVALID_QUERY_PARAM_ERR */
export function single(query: URLSearchParams, name: string, max = valueCharactersMax): string | undefined {
  const values = query.getAll(name)
  if (values.length > 1) refuse(name, `The parameter ${name} may be given once.`)
  const value = values[0]
  if (value !== undefined && value.length > max) refuse(name, `The parameter ${name} is too long.`)
  return value === '' ? undefined : value
}

/** A list is given by repeating the parameter or with commas. @throws Refusal INVALID_QUERY_PARAM_ERR */
export function listOf(query: URLSearchParams, name: string): string[] {
  const values = query
    .getAll(name)
    .flatMap((value) => value.split(','))
    .filter((value) => value !== '')
  if (values.length > valuesMax) refuse(name, `The parameter ${name} may have ${valuesMax} values.`)
  if (values.some((value) => value.length > valueCharactersMax)) refuse(name, `The parameter ${name} is too long.`)
  return values
}

function oneOf(values: readonly string[] | undefined, name: string, allowed: readonly string[]): void {
  if (values?.some((value) => !allowed.includes(value)) === true) {
    refuse(name, `The parameter ${name} must be one of ${allowed.join(', ')}.`)
  }
}

/** @throws Refusal INVALID_QUERY_PARAM_ERR */
export function refuse(name: string, message: string): never {
  throw new Refusal('INVALID_QUERY_PARAM_ERR', { message, at: { type: 'query_param', name } })
}
