/** What the policies in force allow and demand, asked by every operation they concern. */
import { uuidv7 } from '@keywitness/cadf'
import { Refusal } from '../errors.ts'
import type { NetworkPolicies } from '../http/network.ts'
import type { Change, Condition, Reader } from '../store/store.ts'
import {
  type DualAuthDeletePolicy,
  insertKeyPolicy,
  type KeyPolicyKind,
  dualAuthDeleteOf,
  policiesOfKey,
  type RotationPolicy,
  rotationOf,
} from './key-policy.ts'
import { readInstancePolicies, unchanged, unset } from './instance-policy.ts'
import { networkPolicies } from './network.ts'

/** Policies given together with a new key; they replace those of the instance, also by their absence. */
export interface PolicyOverrides {
  readonly rotation?: RotationPolicy
  readonly dualAuthDelete?: DualAuthDeletePolicy
}

interface NewKey {
  readonly instance: string
  readonly id: string
  readonly isRoot: boolean
  readonly isImported: boolean
}

/** A key's policies, as the API shows them. */
export interface PoliciesOfKey {
  readonly rotation?: RotationPolicy
  readonly dualAuthDelete?: DualAuthDeletePolicy
}

/** What a new key gets, with what must still hold when it is recorded. */
export interface NewKeyPolicies extends PoliciesOfKey {
  /** After the changes that add the key itself. */
  readonly changes: readonly Change[]
  readonly conditions: readonly Condition[]
}

export interface PoliciesInForce extends NetworkPolicies {
  /**
   * Whether a key of this kind may be made in this way. Answers what must still hold when the creation is recorded.
   * @throws Refusal `KEY_CREATE_IMPORT_ACCESS_ERR`
   */
  requireCreation(instance: string, what: { root: boolean; imported: boolean; byToken: boolean }): Condition[]
  /**
   * Whether new material of an imported key may come without an import token: for its rotation.
   * @throws Refusal `KEY_CREATE_IMPORT_ACCESS_ERR`
   */
  requireToken(instance: string, byToken: boolean): Condition[]
  /**
   * What a new key gets: from the instance's policies, or only from `overrides` when given.
   * @throws Refusal `KEY_ROOT_REQ_ERR`, `INVALID_FIELD_ERR` when the overrides do not fit the key
   */
  forNewKey(key: NewKey, overrides: PolicyOverrides | undefined, by: string, now: number): NewKeyPolicies
  keyPolicies(instance: string, key: string): PoliciesOfKey
  /** Those of some keys whose deletion two people must agree to, by their ids. */
  dualAuthDeleteOf(instance: string, keys: readonly string[]): ReadonlySet<string>
  /** Deletes a purged key's policies; before its own row is deleted. */
  purged(instance: string, key: string): Change[]
}

export function policiesInForce(reader: Reader, random: (bytes: number) => Uint8Array): PoliciesInForce {
  const policies = readInstancePolicies(reader)

  function access(instance: string) {
    const policy = policies.find(instance, 'keyCreateImportAccess')
    const { attributes } = policy?.enabled === true ? policy : unset.keyCreateImportAccess
    return { attributes, conditions: [unchanged(instance, 'keyCreateImportAccess', policy)] }
  }

  function inherited(key: NewKey): PolicyOverrides & { readonly conditions: readonly Condition[] } {
    const rotation = policies.find(key.instance, 'rotation')
    const dualAuthDelete = policies.find(key.instance, 'dualAuthDelete')
    const months = rotation?.attributes.interval_month
    return {
      ...(rotation?.enabled === true && months !== undefined && key.isRoot && !key.isImported
        ? { rotation: { enabled: true, interval_month: months } }
        : {}),
      ...(dualAuthDelete?.enabled === true ? { dualAuthDelete: { enabled: true } } : {}),
      conditions: [
        unchanged(key.instance, 'rotation', rotation),
        unchanged(key.instance, 'dualAuthDelete', dualAuthDelete),
      ],
    }
  }

  return {
    ...networkPolicies(reader, policies),
    requireCreation(instance, { root, imported, byToken }) {
      const { attributes, conditions } = access(instance)
      const isAllowed = imported
        ? (root ? attributes.import_root_key : attributes.import_standard_key) && (byToken || !attributes.enforce_token)
        : root
          ? attributes.create_root_key
          : attributes.create_standard_key
      if (!isAllowed) throw new Refusal('KEY_CREATE_IMPORT_ACCESS_ERR')
      return conditions
    },
    requireToken(instance, byToken) {
      const { attributes, conditions } = access(instance)
      if (attributes.enforce_token && !byToken) throw new Refusal('KEY_CREATE_IMPORT_ACCESS_ERR')
      return conditions
    },
    forNewKey(key, overrides, by, now) {
      if (overrides !== undefined) requireFit(key, overrides)
      const { conditions, ...given } = overrides === undefined ? inherited(key) : { ...overrides, conditions: [] }
      const { rotation, dualAuthDelete } = given
      const insert = (kind: KeyPolicyKind, enabled: boolean, months: number | null): Change =>
        insertKeyPolicy({
          instance: key.instance,
          key: key.id,
          kind,
          id: uuidv7(now, random(10)),
          revision: 1,
          enabled: enabled ? 1 : 0,
          months,
          createdAt: now,
          createdBy: by,
          updatedAt: now,
          updatedBy: by,
        })
      return {
        ...given,
        changes: [
          ...(rotation === undefined ? [] : [insert('rotation', rotation.enabled, rotation.interval_month ?? null)]),
          ...(dualAuthDelete === undefined ? [] : [insert('dualAuthDelete', dualAuthDelete.enabled, null)]),
        ],
        conditions,
      }
    },
    keyPolicies(instance, key) {
      const found = policiesOfKey(reader, instance, key)
      const rotation = found.find(({ kind }) => kind === 'rotation')
      const dualAuthDelete = found.find(({ kind }) => kind === 'dualAuthDelete')
      return {
        ...(rotation === undefined ? {} : { rotation: rotationOf(rotation) }),
        ...(dualAuthDelete === undefined ? {} : { dualAuthDelete: { enabled: dualAuthDelete.enabled === 1 } }),
      }
    },
    dualAuthDeleteOf: (instance, keys) => dualAuthDeleteOf(reader, instance, keys),
    purged(instance, key) {
      const rows = policiesOfKey(reader, instance, key).length
      if (rows === 0) return []
      return [{ sql: 'DELETE FROM key_policies WHERE instance = ? AND key = ?', params: [instance, key], rows }]
    },
  }
}

function requireFit(key: Pick<NewKey, 'isRoot' | 'isImported'>, { rotation }: PolicyOverrides): void {
  if (rotation === undefined) return
  if (!key.isRoot) throw new Refusal('KEY_ROOT_REQ_ERR')
  if (key.isImported) throw unrotatable()
}

/** Nobody but its owner has the material of an imported key's next version. */
export function unrotatable(): Refusal {
  return new Refusal('INVALID_FIELD_ERR', {
    message: 'An imported root key cannot have a rotation policy: its new material must come from outside.',
    at: { type: 'field', name: 'rotation' },
  })
}
