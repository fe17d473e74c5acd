/** Collections of policies as requests bring them: an envelope, and a query that may name the one kind it is about. */
import { Refusal } from '../errors.ts'
import { asMalformed, malformed } from '../malformed.ts'
import { type JsonObject, type JsonValue, isJsonObject, memberOf } from '../http/json.ts'
import { one } from '../keys/parameters.ts'
import { badField, badQuery } from '../keys/refusals.ts'

export const policyMediaType = 'application/vnd.ibm.kms.policy+json'

export const intervalMonths = { min: 1, max: 12 } as const

/**
 * The kind that the query names, if any.
 * @throws Refusal `INVALID_QUERY_PARAM_ERR`
 */
export function askedKind<K extends string>(query: URLSearchParams, kinds: readonly K[]): K | undefined {
  const text = one(query, 'policy')
  if (text === undefined) return undefined
  const kind = kinds.find((known) => known === text)
  if (kind === undefined) throw badQuery('policy', `policy is one of ${kinds.join(', ')}.`)
  return kind
}

/**
 * The resources of an envelope, at least one.
 * @throws Refusal `NO_BODY_ERR`, `BAD_BODY_ERR`, `COLLECTION_TOTAL_MISMATCH_ERR`
 */
export function resourcesOf(body: JsonValue | undefined): readonly JsonObject[] {
  const { resources, total } = asMalformed(() => envelopeIn(body))
  if (total !== resources.length) throw new Refusal('COLLECTION_TOTAL_MISMATCH_ERR')
  if (resources.length === 0) throw malformed(new Refusal('BAD_BODY_ERR', { message: 'The body holds no policy.' }))
  return resources
}

function envelopeIn(body: JsonValue | undefined): { resources: readonly JsonObject[]; total: JsonValue } {
  if (body === undefined) throw new Refusal('NO_BODY_ERR')
  const metadata = isJsonObject(body) ? memberOf(body, 'metadata') : undefined
  const resources = isJsonObject(body) ? memberOf(body, 'resources') : undefined
  if (!isJsonObject(metadata) || !Array.isArray(resources) || !resources.every(isJsonObject)) {
    throw new Refusal('BAD_BODY_ERR', { message: 'The body needs metadata and a list of resources.' })
  }
  const type = memberOf(metadata, 'collectionType')
  if (typeof type !== 'string' || type === '') {
    throw new Refusal('BAD_BODY_ERR', { message: 'The metadata has no collectionType.' })
  }
  return { resources, total: memberOf(metadata, 'collectionTotal') ?? resources.length }
}

/**
 * Holds a request's policies against the kind its query names, and against each other.
 * @throws Refusal `NUM_COLLECTION_RESOURCE_ERR`, `BODY_QUERY_PARAM_MISMATCH_ERR`, `BAD_BODY_ERR` when a kind comes twice
 */
export function requireKinds<K extends string>(asked: K | undefined, kinds: readonly K[]): void {
  if (asked !== undefined && kinds.length > 1) throw new Refusal('NUM_COLLECTION_RESOURCE_ERR')
  if (asked !== undefined && kinds[0] !== asked) throw new Refusal('BODY_QUERY_PARAM_MISMATCH_ERR')
  if (new Set(kinds).size < kinds.length) {
    throw new Refusal('BAD_BODY_ERR', { message: 'The body holds a kind of policy more than once.' })
  }
}

/** @throws Refusal `BAD_BODY_ERR` when an object has a member beside those known, in any letter case */
export function requireKnown(object: JsonObject, known: ReadonlySet<string>): void {
  for (const name of Object.keys(object)) {
    if (known.has(name.toLowerCase()) || object[name] === null) continue
    throw new Refusal('BAD_BODY_ERR', { message: 'The policy has a member that is not known here.' })
  }
}

/** The interval of a rotation policy, if one is given. */
export function monthsOf(members: JsonObject): number | undefined {
  const value = memberOf(members, 'interval_month') ?? undefined
  if (value === undefined) return undefined
  const { min, max } = intervalMonths
  if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) return value
  throw badMonths()
}

export function badMonths(): Refusal {
  return badField(
    'interval_month',
    `interval_month is a whole number from ${intervalMonths.min} to ${intervalMonths.max}.`,
  )
}
