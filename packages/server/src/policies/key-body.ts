/** Reading key policies from a request: of a PUT, and of a key created with its own policies (reference 7.1, 7.6). */
import { Refusal } from '../errors.ts'
import { asMalformed, malformed } from '../malformed.ts'
import { type JsonObject, type JsonValue, isJsonObject, memberOf } from '../http/json.ts'
import { flagOf, textOf } from '../keys/members.ts'
import { badField } from '../keys/refusals.ts'
import {
  askedKind,
  badMonths,
  monthsOf,
  policyMediaType,
  requireKinds,
  requireKnown,
  resourcesOf,
} from './collection.ts'
import type { PolicyOverrides } from './in-force.ts'
import type { KeyPolicyKind } from './key-policy.ts'

/** A policy as it is to be; what is undefined stays as it is. */
export interface KeyPolicyWish {
  readonly kind: KeyPolicyKind
  readonly enabled: boolean
  /** Of a rotation policy. */
  readonly months: number | undefined
}

export const keyPolicyKinds = ['rotation', 'dualAuthDelete'] as const satisfies readonly KeyPolicyKind[]

const resourceNames: ReadonlySet<string> = new Set(
  'type id crn createdBy creationDate updatedBy lastUpdateDate rotation dualAuthDelete'.toLowerCase().split(' '),
)
const rotationNames: ReadonlySet<string> = new Set(['enabled', 'interval_month'])
/** A key shows the last two; they are the server's and ignored. */
const dualAuthNames: ReadonlySet<string> = new Set(['enabled', 'keysetfordeletion', 'authexpiration'])

/**
 * The policies of a PUT.
 * @throws Refusal `NO_BODY_ERR`, `BAD_BODY_ERR`, `COLLECTION_TOTAL_MISMATCH_ERR`, `NUM_COLLECTION_RESOURCE_ERR`,
 *   `BODY_QUERY_PARAM_MISMATCH_ERR`, `INVALID_QUERY_PARAM_ERR`, `INVALID_FIELD_ERR` naming the member
 */
export function parseKeyPolicies(body: JsonValue | undefined, query: URLSearchParams): readonly KeyPolicyWish[] {
  const asked = asMalformed(() => askedKind(query, keyPolicyKinds))
  const named = resourcesOf(body).map(membersOf)
  requireKinds(
    asked,
    named.map(({ kind }) => kind),
  )
  return named.map(({ kind, members }) => wishOf(kind, members))
}

/**
 * The policies that stand in a key resource to be created; they replace those of the instance.
 * @throws Refusal `BAD_BODY_ERR`, `INVALID_FIELD_ERR` naming the member
 */
export function parseOverrides(key: JsonObject): PolicyOverrides {
  const rotation = wishIn(key, 'rotation')
  const dualAuthDelete = wishIn(key, 'dualAuthDelete')
  if (rotation?.enabled === true && rotation.months === undefined) throw badMonths()
  return {
    ...(rotation === undefined
      ? {}
      : {
          rotation: {
            enabled: rotation.enabled,
            ...(rotation.months === undefined ? {} : { interval_month: rotation.months }),
          },
        }),
    ...(dualAuthDelete === undefined ? {} : { dualAuthDelete: { enabled: dualAuthDelete.enabled } }),
  }
}

function wishIn(key: JsonObject, kind: KeyPolicyKind): KeyPolicyWish | undefined {
  const members = memberOf(key, kind) ?? undefined
  if (members === undefined) return undefined
  if (!isJsonObject(members)) throw badField(kind, `${kind} is an object.`)
  return wishOf(kind, members)
}

/** One resource: exactly one kind of policy. */
function membersOf(resource: JsonObject): { kind: KeyPolicyKind; members: JsonObject } {
  requireKnown(resource, resourceNames)
  const type = textOf(resource, 'type') ?? policyMediaType
  if (type !== policyMediaType) throw badField('type', `The type of a policy is ${policyMediaType}.`)
  const [first, ...others] = keyPolicyKinds.flatMap((kind) => {
    const members = memberOf(resource, kind)
    return isJsonObject(members) ? [{ kind, members }] : []
  })
  if (first === undefined || others.length > 0) {
    throw malformed(new Refusal('BAD_BODY_ERR', { message: 'A policy has either rotation or dualAuthDelete.' }))
  }
  return first
}

function wishOf(kind: KeyPolicyKind, members: JsonObject): KeyPolicyWish {
  const enabled = flagOf(members, 'enabled')
  if (kind === 'rotation') {
    requireKnown(members, rotationNames)
    return { kind, enabled: enabled ?? true, months: monthsOf(members) }
  }
  requireKnown(members, dualAuthNames)
  if (enabled === undefined) throw badField('enabled', 'dualAuthDelete needs to say whether it is enabled.')
  return { kind, enabled, months: undefined }
}
