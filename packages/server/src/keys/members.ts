/** Members of request bodies, as every endpoint of the key API reads them: any letter case, `null` as absent, bounded. */
import { Refusal } from '../errors.ts'
import { asMalformed, malformed } from '../malformed.ts'
import { type JsonObject, type JsonValue, isJsonObject, memberOf } from '../http/json.ts'
import { parseDate } from './date.ts'
import { badField } from './refusals.ts'

export function optionalMembers(body: JsonValue | undefined): JsonObject {
  if (body === undefined) return {}
  if (!isJsonObject(body)) throw malformed(new Refusal('BAD_BODY_ERR'))
  return body
}

/** The one resource of an envelope `{metadata: {collectionType, collectionTotal}, resources: […]}`. */
export function onlyResource(body: JsonValue | undefined): JsonObject {
  return asMalformed(() => resourceIn(body))
}

function resourceIn(body: JsonValue | undefined): JsonObject {
  if (body === undefined) throw new Refusal('NO_BODY_ERR')
  if (!isJsonObject(body)) throw new Refusal('BAD_BODY_ERR')
  const metadata = memberOf(body, 'metadata')
  const resources = memberOf(body, 'resources')
  if (!isJsonObject(metadata) || !Array.isArray(resources)) {
    throw new Refusal('BAD_BODY_ERR', { message: 'The body needs metadata and a list of resources.' })
  }
  const collectionType = memberOf(metadata, 'collectionType')
  if (typeof collectionType !== 'string' || collectionType === '') {
    throw new Refusal('BAD_BODY_ERR', { message: 'The metadata has no collectionType.' })
  }
  const total = memberOf(metadata, 'collectionTotal') ?? null
  const [only] = resources as readonly JsonValue[]
  if (resources.length !== 1 || !isJsonObject(only) || (total !== null && total !== 1)) {
    throw new Refusal('BAD_BODY_ERR', { message: 'The body must hold exactly one resource, and say so.' })
  }
  return only
}

/** A text member; `null` and a missing one are undefined. */
export function textOf(members: JsonObject, name: string): string | undefined {
  const value = memberOf(members, name) ?? undefined
  if (value !== undefined && typeof value !== 'string') throw badField(name, `${name} must be a string.`)
  return value
}

export function flagOf(members: JsonObject, name: string): boolean | undefined {
  const value = memberOf(members, name) ?? undefined
  if (value !== undefined && typeof value !== 'boolean') throw badField(name, `${name} must be true or false.`)
  return value
}

export function dateOf(members: JsonObject, name: string): number | undefined {
  const text = textOf(members, name)
  if (text === undefined) return undefined
  const date = parseDate(text)
  if (date === undefined) throw badField(name, `${name} must be a date and time as in RFC 3339.`)
  return date
}

/** Counts characters, not UTF-16 units, as the published limits do. */
export function isBetween(text: string, min: number, max: number): boolean {
  if (text.length > 2 * max) return false
  const characters = Array.from(text).length
  return characters >= min && characters <= max
}

/** Control characters, and those that break or turn a line: in a list or a log they could make it say something else. */
export const unprintable = /[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u

export function boundedText(
  members: JsonObject,
  name: string,
  bounds: { min: number; max: number },
): string | undefined {
  const text = textOf(members, name)
  if (text !== undefined && (!isBetween(text, bounds.min, bounds.max) || unprintable.test(text))) {
    throw badField(
      name,
      `${name} must have ${bounds.min} to ${bounds.max} characters, none of them a control character.`,
    )
  }
  return text
}

export function listOf(members: JsonObject, name: string): readonly JsonValue[] {
  const list = memberOf(members, name) ?? []
  if (!Array.isArray(list)) throw badField(name, `${name} must be a list of strings.`)
  return list as readonly JsonValue[]
}
