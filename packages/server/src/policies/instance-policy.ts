/** Policies of an instance: their kinds, their attributes, and what holds while none was set (reference section 7.7). */
import type { Change, Condition, Reader } from '../store/store.ts'

interface AllowedNetwork {
  readonly allowed_network: 'public-and-private' | 'private-only'
}
interface AllowedIP {
  /** CIDR blocks. */
  readonly allowed_ip: readonly string[]
}
interface KeyCreateImportAccess {
  readonly create_root_key: boolean
  readonly create_standard_key: boolean
  readonly import_root_key: boolean
  readonly import_standard_key: boolean
  /** Imported material must come by an import token. */
  readonly enforce_token: boolean
}
interface RotationAttributes {
  /** 1 to 12; missing only while the policy is off. */
  readonly interval_month?: number
}
type NoAttributes = Readonly<Record<string, never>>

/** The attributes of each kind, as the API shows them. */
export interface PolicyAttributes {
  allowedNetwork: AllowedNetwork
  allowedIP: AllowedIP
  dualAuthDelete: NoAttributes
  keyCreateImportAccess: KeyCreateImportAccess
  metrics: NoAttributes
  rotation: RotationAttributes
}

export type PolicyKind = keyof PolicyAttributes

export const policyKinds = [
  'allowedNetwork',
  'allowedIP',
  'dualAuthDelete',
  'keyCreateImportAccess',
  'metrics',
  'rotation',
] as const satisfies readonly PolicyKind[]

/** What a policy says. */
export interface PolicyValue<K extends PolicyKind = PolicyKind> {
  readonly enabled: boolean
  readonly attributes: PolicyAttributes[K]
}

/** A stored policy. Times are milliseconds since the epoch. */
export interface InstancePolicy<K extends PolicyKind = PolicyKind> extends PolicyValue<K> {
  readonly kind: K
  readonly revision: number
  readonly createdAt: number
  readonly createdBy: string
  readonly updatedAt: number
  readonly updatedBy: string
}

/** What holds for an instance that was never given the policy. */
export const unset: { readonly [K in PolicyKind]: PolicyValue<K> } = {
  allowedNetwork: { enabled: false, attributes: { allowed_network: 'public-and-private' } },
  allowedIP: { enabled: false, attributes: { allowed_ip: [] } },
  dualAuthDelete: { enabled: false, attributes: {} },
  keyCreateImportAccess: {
    enabled: false,
    attributes: {
      create_root_key: true,
      create_standard_key: true,
      import_root_key: true,
      import_standard_key: true,
      enforce_token: false,
    },
  },
  metrics: { enabled: false, attributes: {} },
  rotation: { enabled: false, attributes: {} },
}

interface Row extends Omit<InstancePolicy, 'enabled' | 'attributes'> {
  readonly enabled: 0 | 1
  readonly attributes: string
}

const columns = `kind, revision, enabled, attributes, created_at AS createdAt, created_by AS createdBy,
  updated_at AS updatedAt, updated_by AS updatedBy`

/** Reading what was set. */
export interface InstancePolicyStore {
  find<K extends PolicyKind>(instance: string, kind: K): InstancePolicy<K> | undefined
  /** In the order of their kinds' names. */
  all(instance: string): InstancePolicy[]
}

export function readInstancePolicies(reader: Reader): InstancePolicyStore {
  return {
    find: <K extends PolicyKind>(instance: string, kind: K) => {
      const row = reader.get<Row>(
        `SELECT ${columns} FROM instance_policies WHERE instance = ? AND kind = ?`,
        instance,
        kind,
      )
      return row === undefined ? undefined : (policyOf(row) as InstancePolicy<K>)
    },
    all: (instance) =>
      reader
        .all<Row>(`SELECT ${columns} FROM instance_policies WHERE instance = ? ORDER BY kind`, instance)
        .map(policyOf),
  }
}

function policyOf(row: Row): InstancePolicy {
  return { ...row, enabled: row.enabled === 1, attributes: JSON.parse(row.attributes) as InstancePolicy['attributes'] }
}

/** Sets a policy. Holds while the stored one, if any, still is as `before` was read. */
export function putInstancePolicy(
  instance: string,
  before: InstancePolicy | undefined,
  after: Omit<InstancePolicy, 'revision'>,
): Change {
  const attributes = JSON.stringify(after.attributes)
  const enabled = after.enabled ? 1 : 0
  if (before === undefined) {
    return {
      sql: `INSERT INTO instance_policies (instance, kind, revision, enabled, attributes, created_at, created_by,
        updated_at, updated_by) VALUES (?, ?, 1, ?, ?, ?, ?, ?, ?)`,
      params: [
        instance,
        after.kind,
        enabled,
        attributes,
        after.createdAt,
        after.createdBy,
        after.updatedAt,
        after.updatedBy,
      ],
      rows: 1,
    }
  }
  return {
    sql: `UPDATE instance_policies SET revision = revision + 1, enabled = ?, attributes = ?, updated_at = ?,
      updated_by = ? WHERE instance = ? AND kind = ? AND revision = ?`,
    params: [enabled, attributes, after.updatedAt, after.updatedBy, instance, after.kind, before.revision],
    rows: 1,
  }
}

/** That a policy still is as it was read, or still was never set. */
export function unchanged(instance: string, kind: PolicyKind, policy: InstancePolicy | undefined): Condition {
  return {
    sql: `SELECT 1 WHERE ifnull((SELECT revision FROM instance_policies WHERE instance = ? AND kind = ?), 0) = ?`,
    params: [instance, kind, policy?.revision ?? 0],
  }
}
