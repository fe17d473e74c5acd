/** Reading the bodies and queries of registrations. */
import { Refusal } from '../errors.ts'
import { malformed } from '../malformed.ts'
import { isJsonObject, type JsonObject, type JsonValue, memberOf } from '../http/json.ts'
import { boundedText, flagOf, onlyResource, textOf } from '../keys/members.ts'
import { flag, integer, one } from '../keys/parameters.ts'
import { badField } from '../keys/refusals.ts'
import type { RegistrationWish } from './create.ts'
import { crnPattern, wholeCrn } from './crn.ts'
import { registrationLimits } from './limits.ts'
import type { ListWish } from './list.ts'
import type { WriteWish } from './write.ts'

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** @throws Refusal `NO_BODY_ERR`, `BAD_BODY_ERR`, `INVALID_FIELD_ERR` */
export function parseRegistration(body: JsonValue | undefined): RegistrationWish {
  return said(onlyResource(body))
}

/** @throws Refusal `NO_BODY_ERR`, `BAD_BODY_ERR`, `INVALID_FIELD_ERR` */
export function parseWrite(body: JsonValue | undefined): WriteWish {
  const members = onlyResource(body)
  const version = textOf(members, 'keyVersionId')
  if (version !== undefined && !uuid.test(version)) throw badField('keyVersionId', 'keyVersionId must be a UUID.')
  return { ...said(members), version }
}

function said(members: JsonObject): RegistrationWish {
  return {
    description: boundedText(members, 'description', registrationLimits.descriptionLength),
    metadata: boundedText(members, 'registrationMetadata', registrationLimits.metadataLength),
    preventsDeletion: flagOf(members, 'preventKeyDeletion'),
  }
}

/**
 * The CRNs of a deactivation, as texts or in members `resourceCrn`.
 * @throws Refusal `NO_BODY_ERR`, `BAD_BODY_ERR`, `INVALID_FIELD_ERR`
 */
export function parseDeactivation(body: JsonValue | undefined): ReadonlySet<string> {
  if (body === undefined) throw malformed(new Refusal('NO_BODY_ERR'))
  const resources = isJsonObject(body) ? memberOf(body, 'resources') : undefined
  const { max } = registrationLimits.deactivated
  if (!Array.isArray(resources) || resources.length === 0 || resources.length > max) {
    throw malformed(new Refusal('BAD_BODY_ERR', { message: `The body must list 1 to ${max} resources.` }))
  }
  const crns = (resources as readonly JsonValue[]).map((resource) => {
    const text = isJsonObject(resource) ? memberOf(resource, 'resourceCrn') : resource
    const crn = typeof text === 'string' ? wholeCrn(text) : undefined
    if (crn === undefined) throw badField('resourceCrn', 'Each resource must be a CRN.')
    return crn
  })
  return new Set(crns)
}

/**
 * @param fixed how many leading segments of the CRN must be given
 * @throws Refusal `INVALID_QUERY_PARAM_ERR`
 */
export function parseList(query: URLSearchParams, fixed: number): ListWish {
  const { page } = registrationLimits
  const name = 'urlEncodedResourceCRNQuery'
  const crn = one(query, name) ?? ''
  return {
    limit: integer(query, 'limit', { min: 1, max: page.max }) ?? page.default,
    offset: integer(query, 'offset', { min: 0, max: Number.MAX_SAFE_INTEGER }) ?? 0,
    totalCount: flag(query, 'totalCount') ?? false,
    crn: crn === '' ? undefined : crnPattern(crn, name, fixed),
    preventsDeletion: flag(query, 'preventKeyDeletion'),
  }
}
