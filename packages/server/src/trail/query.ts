/** The trail's query parameters as a filter, with every bound checked at the door. */
import { Refusal } from '../errors.ts'
import { maskSecrets } from './mask.ts'
import type { TrailFilter } from './messages.ts'
import { parseTime } from './times.ts'

export interface SearchRequest {
  readonly filter: TrailFilter
  readonly order: 'asc' | 'desc'
  readonly limit: number
  readonly cursor: string | undefined
  /** What was asked, for the search's own event: bounded, without anything that looks like a secret. */
  readonly asked: string
}

const lists = ['action', 'outcome', 'severity', 'initiator', 'target', 'instance', 'correlationId', 'keyId'] as const
const others = ['from', 'to', 'limit', 'cursor', 'order', 'reasonCode', 'text', 'after']
/** How the answer is cut, not what is asked. */
const paging = new Set(['limit', 'cursor', 'order', 'after'])
const known = new Set<string>([...lists, ...others])
const valuesMax = 50
const valueCharactersMax = 512
const askedCharactersMax = 1_000
const limitMax = 1_000

/** @throws Refusal INVALID_QUERY_PARAM_ERR naming the parameter at fault */
export function parseSearch(query: URLSearchParams, now: number): SearchRequest {
  for (const name of query.keys()) if (!known.has(name)) refuse(name, `There is no parameter of that name.`)
  const filter: { -readonly [Name in keyof TrailFilter]: TrailFilter[Name] } = {}
  const from = single(query, 'from')
  const to = single(query, 'to')
  if (from !== undefined) filter.from = parseTime('from', from, now)
  if (to !== undefined) filter.to = parseTime('to', to, now)
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
  const order = single(query, 'order') ?? 'desc'
  if (order !== 'asc' && order !== 'desc') refuse('order', 'The parameter order must be asc or desc.')
  const limit = wholeNumber('limit', single(query, 'limit') ?? '100', 1, limitMax)
  const asked = [...query]
    .flatMap(([name, value]) => (paging.has(name) || value === '' ? [] : `${name}:${maskSecrets(value)}`))
    .join(' ')
  return { filter, order, limit, cursor: single(query, 'cursor'), asked: asked.slice(0, askedCharactersMax) }
}

/** A whole number within bounds. @throws Refusal INVALID_QUERY_PARAM_ERR */
export function wholeNumber(name: string, value: string, low: number, high: number): number {
  const number = /^\d{1,15}$/.test(value) ? Number(value) : Number.NaN
  if (Number.isNaN(number) || number < low || number > high) {
    refuse(name, `The parameter ${name} must be a whole number from ${low} to ${high}.`)
  }
  return number
}

function single(query: URLSearchParams, name: string): string | undefined {
  const values = query.getAll(name)
  if (values.length > 1) refuse(name, `The parameter ${name} may be given once.`)
  const value = values[0]
  if (value !== undefined && value.length > valueCharactersMax) refuse(name, `The parameter ${name} is too long.`)
  return value === '' ? undefined : value
}

/** A list is given by repeating the parameter or with commas. */
function listOf(query: URLSearchParams, name: string): string[] {
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

function refuse(name: string, message: string): never {
  throw new Refusal('INVALID_QUERY_PARAM_ERR', { message, at: { type: 'query_param', name } })
}
