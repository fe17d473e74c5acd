/** Query parameters, as every endpoint of the key API reads them. */
import { badQuery } from './refusals.ts'

/**
 * A parameter; an empty one is none, for the published Python client sends those it was not given. Repeated ones are
 * refused: which of them counted would be a guess.
 */
export function one(query: URLSearchParams, name: string): string | undefined {
  const values = query.getAll(name)
  if (values.length > 1) throw badQuery(name, `${name} may be given once.`)
  return values[0] === '' ? undefined : values[0]
}

export function flag(query: URLSearchParams, name: string): boolean | undefined {
  const text = one(query, name)
  if (text === undefined) return undefined
  if (text !== 'true' && text !== 'false') throw badQuery(name, `${name} must be true or false.`)
  return text === 'true'
}

export function integer(
  query: URLSearchParams,
  name: string,
  bounds: { min: number; max: number },
): number | undefined {
  const text = one(query, name)
  if (text === undefined) return undefined
  const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN
  if (value >= bounds.min && value <= bounds.max) return value
  throw badQuery(name, `${name} must be a whole number from ${bounds.min} to ${bounds.max}.`)
}
