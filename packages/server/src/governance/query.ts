/** Reading the query of the governance endpoint (reference: kms-rest-api.md, section 7.11). */
import { integer, one } from '../keys/parameters.ts'
import { badQuery } from '../keys/refusals.ts'

export const resourceKinds = ['instance', 'key'] as const
type ResourceKind = (typeof resourceKinds)[number]

export const governanceLimits = { page: { default: 100, max: 1_000 }, idLength: 128 } as const

export interface ConfigsWish {
  /** Chosen by the caller, repeated in the answer. */
  readonly configRequestId: string | undefined
  /** 32 hex digits. */
  readonly account: string | undefined
  readonly kind: ResourceKind
  readonly instanceCrn: string | undefined
  readonly resourceGroup: string | undefined
  readonly limit: number
  readonly offset: number
}

/** @throws Refusal `INVALID_QUERY_PARAM_ERR` naming the parameter */
export function parseConfigs(query: URLSearchParams): ConfigsWish {
  const kind = one(query, 'resource_kind') ?? 'instance'
  const known = resourceKinds.find((name) => name === kind)
  if (known === undefined) throw badQuery('resource_kind', `resource_kind is ${resourceKinds.join(' or ')}.`)
  const { page } = governanceLimits
  return {
    configRequestId: identifier(query, 'config_request_id'),
    account: identifier(query, 'account_id'),
    kind: known,
    instanceCrn: crnOf(query),
    resourceGroup: identifier(query, 'resource_group_id'),
    limit: integer(query, 'limit', { min: 1, max: page.max }) ?? page.default,
    offset: integer(query, 'offset', { min: 0, max: Number.MAX_SAFE_INTEGER }) ?? 0,
  }
}

/** The CRN of the one instance that is asked about, if any. */
function crnOf(query: URLSearchParams): string | undefined {
  const text = one(query, 'service_instance_crn') ?? ''
  if (text.length > 512) throw badQuery('service_instance_crn', 'service_instance_crn is no resource name.')
  return text === '' ? undefined : text
}

function identifier(query: URLSearchParams, name: string): string | undefined {
  const text = one(query, name) ?? ''
  if (text === '') return undefined
  if (text.length <= governanceLimits.idLength && /^[\w.:/-]+$/.test(text)) return text
  throw badQuery(name, `${name} has at most ${governanceLimits.idLength} letters, digits and . : / _ -`)
}
