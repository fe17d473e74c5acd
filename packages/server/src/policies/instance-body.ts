/** Reading instance policies from a request: each kind with the attributes it has, and no others (reference 7.7). */
import { BlockList } from 'node:net'
import { Refusal } from '../errors.ts'
import { asMalformed, malformed } from '../malformed.ts'
import { type JsonObject, type JsonValue, isJsonObject, memberOf } from '../http/json.ts'
import { flagOf, textOf } from '../keys/members.ts'
import { badField } from '../keys/refusals.ts'
import { askedKind, badMonths, monthsOf, requireKinds, requireKnown, resourcesOf } from './collection.ts'
import { type PolicyAttributes, type PolicyKind, policyKinds, type PolicyValue, unset } from './instance-policy.ts'
import { addBlock } from './network.ts'

/** A policy as it is to be. */
export interface PolicyWish extends PolicyValue {
  readonly kind: PolicyKind
}

const addressesMax = 1_000

const none: ReadonlySet<string> = new Set()
/** Names of each kind's attributes. */
const attributeNames: { readonly [K in PolicyKind]: ReadonlySet<string> } = {
  allowedNetwork: new Set(['allowed_network']),
  allowedIP: new Set(['allowed_ip']),
  dualAuthDelete: none,
  keyCreateImportAccess: new Set(Object.keys(unset.keyCreateImportAccess.attributes)),
  metrics: none,
  rotation: new Set(['interval_month']),
}
/** What answers hold besides may come back with a request; it is the server's and ignored. */
const stamps = ['createdby', 'creationdate', 'updatedby', 'lastupdated', 'lastupdatedate']
const resourceNames: ReadonlySet<string> = new Set(['policy_type', 'policy_data', ...stamps])
const keyShapeNames: ReadonlySet<string> = new Set(['type', 'rotation', 'dualauthdelete', ...stamps])
const dataNames: ReadonlySet<string> = new Set(['enabled', 'attributes'])

/**
 * The policies of a PUT.
 * @throws Refusal `NO_BODY_ERR`, `BAD_BODY_ERR`, `COLLECTION_TOTAL_MISMATCH_ERR`, `NUM_COLLECTION_RESOURCE_ERR`,
 *   `BODY_QUERY_PARAM_MISMATCH_ERR`, `INVALID_QUERY_PARAM_ERR`, `INVALID_FIELD_ERR` naming the member
 */
export function parseInstancePolicies(body: JsonValue | undefined, query: URLSearchParams): readonly PolicyWish[] {
  const asked = asMalformed(() => askedKind(query, policyKinds))
  const resources = resourcesOf(body)
  const named = resources.map(dataOf)
  requireKinds(
    asked,
    named.map(({ kind }) => kind),
  )
  return named.map(({ kind, data }) => wishOf(kind, data))
}

/** One resource's kind and data; one published page shows the shape of key policies, which is taken too. */
function dataOf(resource: JsonObject): { kind: PolicyKind; data: JsonObject } {
  for (const kind of ['dualAuthDelete', 'rotation'] as const) {
    const value = memberOf(resource, kind)
    if (!isJsonObject(value)) continue
    requireKnown(resource, keyShapeNames)
    const enabled = flagOf(value, 'enabled')
    const attributes = Object.fromEntries(Object.entries(value).filter(([name]) => name.toLowerCase() !== 'enabled'))
    return { kind, data: { attributes, ...(enabled === undefined ? {} : { enabled }) } }
  }
  requireKnown(resource, resourceNames)
  const name = asMalformed(() => textOf(resource, 'policy_type'))
  const kind = policyKinds.find((known) => known === name)
  if (kind === undefined) {
    throw malformed(badField('policy_type', `policy_type is one of ${policyKinds.join(', ')}.`))
  }
  const data = memberOf(resource, 'policy_data')
  if (!isJsonObject(data)) throw badField('policy_data', 'A policy needs policy_data.')
  requireKnown(data, dataNames)
  return { kind, data }
}

function wishOf(kind: PolicyKind, data: JsonObject): PolicyWish {
  const enabled = flagOf(data, 'enabled')
  if (enabled === undefined) throw badField('enabled', 'A policy needs to say whether it is enabled.')
  const attributes = memberOf(data, 'attributes') ?? {}
  if (!isJsonObject(attributes)) throw badField('attributes', 'The attributes of a policy are an object.')
  requireKnown(attributes, attributeNames[kind])
  return { kind, enabled, attributes: readers[kind](attributes, enabled) }
}

const readers: { readonly [K in PolicyKind]: (given: JsonObject, enabled: boolean) => PolicyAttributes[K] } = {
  // Demanded when switching it off too, as the service that clients are written for does.
  allowedNetwork: (given) => {
    const network = textOf(given, 'allowed_network')
    if (network !== 'public-and-private' && network !== 'private-only') {
      throw badField('allowed_network', 'allowed_network is public-and-private or private-only.')
    }
    return { allowed_network: network }
  },
  allowedIP: (given, enabled) => ({ allowed_ip: addressesOf(given, enabled) }),
  dualAuthDelete: () => ({}),
  // What is not named falls back to its default each time.
  keyCreateImportAccess: (given) => {
    const { attributes } = unset.keyCreateImportAccess
    const flag = (name: keyof typeof attributes): boolean => flagOf(given, name) ?? attributes[name]
    return {
      create_root_key: flag('create_root_key'),
      create_standard_key: flag('create_standard_key'),
      import_root_key: flag('import_root_key'),
      import_standard_key: flag('import_standard_key'),
      enforce_token: flag('enforce_token'),
    }
  },
  metrics: () => ({}),
  rotation: (given, enabled) => {
    const months = monthsOf(given)
    if (enabled && months === undefined) throw badMonths()
    return months === undefined ? {} : { interval_month: months }
  },
}

function addressesOf(given: JsonObject, enabled: boolean): readonly string[] {
  const list = memberOf(given, 'allowed_ip') ?? []
  if (!Array.isArray(list)) throw badField('allowed_ip', 'allowed_ip is a list of CIDR blocks.')
  if (!enabled && list.length > 0) {
    throw new Refusal('BAD_BODY_ERR', { message: 'A policy that is switched off has no allowed_ip.' })
  }
  if (enabled && (list.length === 0 || list.length > addressesMax)) {
    throw badField('allowed_ip', `allowed_ip has 1 to ${addressesMax} CIDR blocks.`)
  }
  const blocks = new BlockList()
  return (list as readonly JsonValue[]).map((block) => {
    if (typeof block === 'string' && addBlock(blocks, block)) return block
    throw badField('allowed_ip', 'Each entry of allowed_ip is a CIDR block such as 192.0.2.0/24 or 2001:db8::/32.')
  })
}
