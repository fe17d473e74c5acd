/** Policies of one key: rotation by interval, and deletion by two people (reference: kms-rest-api.md, section 7.6). */
import type { Change, Reader } from '../store/store.ts'

export type KeyPolicyKind = 'rotation' | 'dualAuthDelete'

/** As the API shows it. */
export interface RotationPolicy {
  readonly enabled: boolean
  /** 1 to 12 months of 30 days. Missing when the policy was switched off before it had an interval. */
  readonly interval_month?: number
}

/** As the API shows it. */
export interface DualAuthDeletePolicy {
  readonly enabled: boolean
}

/** A stored policy of a key. Times are milliseconds since the epoch. */
export interface KeyPolicy {
  readonly instance: string
  readonly key: string
  readonly kind: KeyPolicyKind
  readonly id: string
  /** Grows with every change; a change names the one it was decided on. */
  readonly revision: number
  readonly enabled: 0 | 1
  /** Of a rotation policy. */
  readonly months: number | null
  readonly createdAt: number
  readonly createdBy: string
  readonly updatedAt: number
  readonly updatedBy: string
}

const columns = `instance, key, kind, id, revision, enabled, months, created_at AS createdAt, created_by AS createdBy,
  updated_at AS updatedAt, updated_by AS updatedBy`

/** Those of some keys that have a dual authorisation policy in force, by their ids. */
export function dualAuthDeleteOf(reader: Reader, instance: string, keys: readonly string[]): ReadonlySet<string> {
  if (keys.length === 0) return new Set()
  const sql = `SELECT key FROM (SELECT value AS picked FROM json_each(?2)) CROSS JOIN key_policies
    ON instance = ?1 AND key = picked AND kind = 'dualAuthDelete' WHERE enabled = 1`
  return new Set(reader.all<{ key: string }>(sql, instance, JSON.stringify(keys)).map(({ key }) => key))
}

/** In the order in which the API lists them: rotation first. */
export function policiesOfKey(reader: Reader, instance: string, key: string): KeyPolicy[] {
  return reader.all<KeyPolicy>(
    `SELECT ${columns} FROM key_policies WHERE instance = ? AND key = ? ORDER BY kind DESC`,
    instance,
    key,
  )
}

export function insertKeyPolicy(policy: KeyPolicy): Change {
  return {
    sql: `INSERT INTO key_policies (instance, key, kind, id, revision, enabled, months, created_at, created_by,
      updated_at, updated_by) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    params: [
      policy.instance,
      policy.key,
      policy.kind,
      policy.id,
      policy.revision,
      policy.enabled,
      policy.months,
      policy.createdAt,
      policy.createdBy,
      policy.updatedAt,
      policy.updatedBy,
    ],
    rows: 1,
  }
}

/** Holds while the policy still is as `before` was read. */
export function updateKeyPolicy(before: KeyPolicy, after: KeyPolicy): Change {
  return {
    sql: `UPDATE key_policies SET revision = revision + 1, enabled = ?, months = ?, updated_at = ?, updated_by = ?
      WHERE instance = ? AND key = ? AND kind = ? AND revision = ?`,
    params: [
      after.enabled,
      after.months,
      after.updatedAt,
      after.updatedBy,
      before.instance,
      before.key,
      before.kind,
      before.revision,
    ],
    rows: 1,
  }
}

export function rotationOf(policy: Pick<KeyPolicy, 'enabled' | 'months'>): RotationPolicy {
  return { enabled: policy.enabled === 1, ...(policy.months === null ? {} : { interval_month: policy.months }) }
}
