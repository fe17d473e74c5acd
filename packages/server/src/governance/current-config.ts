/** How an instance and a key are configured, as governance tools read it: properties, some of them nested. */
import { formatDate } from '../keys/date.ts'
import type { KeyRow } from '../keys/key-row.ts'
import { stateAt } from '../keys/states.ts'
import type { PoliciesOfKey } from '../policies/in-force.ts'
import { type InstancePolicyStore, policyKinds, type PolicyKind, unset } from '../policies/instance-policy.ts'

export type ConfigProperty =
  | { readonly property: string; readonly value: string | number | boolean | readonly string[] }
  | { readonly property: string; readonly properties: readonly ConfigProperty[] }

/** Every policy an instance can have, those never set with what holds instead. */
export function configOfInstance(instance: string, policies: InstancePolicyStore): ConfigProperty[] {
  return policyKinds.map((kind) => nested(kind, policyValue(instance, kind, policies)))
}

function policyValue(instance: string, kind: PolicyKind, policies: InstancePolicyStore): object {
  const { enabled, attributes } = policies.find(instance, kind) ?? unset[kind]
  return { enabled, ...attributes }
}

export function configOfKey(key: KeyRow, policies: PoliciesOfKey, now: number): ConfigProperty[] {
  return [
    { property: 'state', value: stateAt(key, now) },
    { property: 'extractable', value: key.extractable === 1 },
    { property: 'imported', value: key.imported === 1 },
    { property: 'keyRingID', value: key.ring },
    { property: 'creationDate', value: formatDate(key.createdAt) },
    ...dateProperty('lastRotateDate', key.rotatedAt),
    ...dateProperty('expirationDate', key.expiresAt),
    nested('rotation', policies.rotation ?? { enabled: false }),
    nested('dualAuthDelete', policies.dualAuthDelete ?? { enabled: false }),
  ]
}

function dateProperty(property: string, at: number | null): ConfigProperty[] {
  return at === null ? [] : [{ property, value: formatDate(at) }]
}

function nested(property: string, members: object): ConfigProperty {
  const entries = Object.entries(members) as [string, string | number | boolean | readonly string[] | undefined][]
  const properties = entries.flatMap(([name, value]) => (value === undefined ? [] : [{ property: name, value }]))
  return { property, properties }
}
