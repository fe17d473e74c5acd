/** A registration as it is stored, found, shown and changed. */
import { createHash } from 'node:crypto'
import type { Rings } from '../iam/roles.ts'
import { formatDate } from '../keys/date.ts'
import type { KeyRow } from '../keys/key-row.ts'
import type { Change, Reader } from '../store/store.ts'
import type { CrnPattern } from './crn.ts'
import { registrationLimits } from './limits.ts'

/** Times are milliseconds since the epoch. */
export interface Registration {
  readonly instance: string
  readonly key: string
  readonly crn: string
  readonly revision: number
  /** iam_id of the service that registered the resource. */
  readonly owner: string
  readonly description: string | null
  readonly metadata: string | null
  readonly preventsDeletion: 0 | 1
  readonly version: string
  readonly versionAt: number
  readonly createdAt: number
  readonly updatedAt: number | null
  readonly updatedBy: string | null
}

/** With the name of its key. */
export interface ListedRegistration extends Registration {
  readonly keyName: string
}

export interface RegistrationFilter {
  readonly instance: string
  /** Of one key; undefined: of any key in `rings`. */
  readonly key: string | undefined
  readonly rings: Rings
  readonly crn: CrnPattern | undefined
  readonly preventsDeletion: boolean | undefined
  /** iam_id of the service that registered the resources; undefined: any. */
  readonly owner?: string | undefined
}

const columns = `r.instance, r.key, r.crn, r.revision, r.owner, r.description, r.metadata,
  r.prevents_deletion AS preventsDeletion, r.version, r.version_at AS versionAt, r.created_at AS createdAt,
  r.updated_at AS updatedAt, r.updated_by AS updatedBy`

/** One statement for every question: what is not asked for is null. */
const matching = `FROM registrations r JOIN keys k ON k.instance = r.instance AND k.id = r.key
  WHERE r.instance = ?1 AND (?2 IS NULL OR r.key = ?2) AND (?3 IS NULL OR r.prevents_deletion = ?3)
    AND (?4 IS NULL OR (r.crn >= ?5 AND r.crn < ?5 || char(1114111) AND r.crn GLOB ?4))
    AND (?6 IS NULL OR k.ring IN (SELECT value FROM json_each(?6))) AND (?7 IS NULL OR r.owner = ?7)`

/** The same for one key, along its own rows. */
const matchingOfKey = matching.replace('(?2 IS NULL OR r.key = ?2)', 'r.key = ?2')

export interface RegistrationStore {
  find(instance: string, key: string, crn: string): Registration | undefined
  list(filter: RegistrationFilter, page: { limit: number; offset: number }): ListedRegistration[]
  total(filter: RegistrationFilter): number
  count(instance: string, key: string): number
  /** Whether the service that registered a resource still exists. */
  isOwned(row: Registration): boolean
}

export function registrationStore(reader: Reader): RegistrationStore {
  return {
    find: (instance, key, crn) =>
      reader.get<Registration>(
        `SELECT ${columns} FROM registrations r WHERE r.instance = ? AND r.key = ? AND r.crn = ?`,
        instance,
        key,
        crn,
      ),
    list: (filter, { limit, offset }) =>
      reader.all<ListedRegistration>(
        filter.key === undefined
          ? `SELECT ${columns}, k.name AS keyName ${matching} ORDER BY r.key, r.crn LIMIT ?8 OFFSET ?9`
          : `SELECT ${columns}, k.name AS keyName ${matchingOfKey} ORDER BY r.key, r.crn LIMIT ?8 OFFSET ?9`,
        ...paramsOf(filter),
        limit,
        offset,
      ),
    total: (filter) =>
      reader.get<{ count: number }>(
        filter.key === undefined ? `SELECT count(*) AS count ${matching}` : `SELECT count(*) AS count ${matchingOfKey}`,
        ...paramsOf(filter),
      )?.count ?? 0,
    count: (instance, key) =>
      reader.get<{ count: number }>(
        'SELECT count(*) AS count FROM registrations WHERE instance = ? AND key = ?',
        instance,
        key,
      )?.count ?? 0,
    isOwned: (row) => reader.get('SELECT 1 FROM identities WHERE id = ?', row.owner) !== undefined,
  }
}

function paramsOf({ instance, key, rings, crn, preventsDeletion, owner }: RegistrationFilter) {
  return [
    instance,
    key ?? null,
    preventsDeletion === undefined ? null : Number(preventsDeletion),
    crn?.glob ?? null,
    crn?.prefix ?? null,
    rings === 'all' ? null : JSON.stringify([...rings]),
    owner ?? null,
  ]
}

/**
 * Moves the key's revision: whatever was decided on the key with its registrations decides again. Holds while the key is
 * as it was read.
 */
export function touchKey(key: Pick<KeyRow, 'instance' | 'id' | 'revision'>): Change {
  return {
    sql: 'UPDATE keys SET revision = revision + 1 WHERE instance = ? AND id = ? AND revision = ?',
    params: [key.instance, key.id, key.revision],
    rows: 1,
  }
}

const insert = `INSERT INTO registrations (instance, key, crn, revision, owner, description, metadata,
  prevents_deletion, version, version_at, created_at, updated_at, updated_by)
  SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13
  WHERE (SELECT count(*) FROM registrations WHERE instance = ?1 AND key = ?2) < ${registrationLimits.perKey}`

export function insertRegistration(row: Registration): Change {
  return {
    sql: insert,
    params: [
      row.instance,
      row.key,
      row.crn,
      row.revision,
      row.owner,
      row.description,
      row.metadata,
      row.preventsDeletion,
      row.version,
      row.versionAt,
      row.createdAt,
      row.updatedAt,
      row.updatedBy,
    ],
    rows: 1,
  }
}

/** Writes what changed. Holds while the registration is as `before` was read. */
export function replaceRegistration(before: Registration, after: Registration): Change {
  return {
    sql: `UPDATE registrations SET revision = ?, owner = ?, description = ?, metadata = ?, prevents_deletion = ?,
      version = ?, version_at = ?, updated_at = ?, updated_by = ? WHERE instance = ? AND key = ? AND crn = ? AND revision = ?`,
    params: [
      after.revision,
      after.owner,
      after.description,
      after.metadata,
      after.preventsDeletion,
      after.version,
      after.versionAt,
      after.updatedAt,
      after.updatedBy,
      before.instance,
      before.key,
      before.crn,
      before.revision,
    ],
    rows: 1,
  }
}

export function deleteRegistrationRow(row: Registration): Change {
  return {
    sql: 'DELETE FROM registrations WHERE instance = ? AND key = ? AND crn = ? AND revision = ?',
    params: [row.instance, row.key, row.crn, row.revision],
    rows: 1,
  }
}

/** Weak (RFC 9110, section 8.8.1): says which state of which registration this is, not how it is printed. */
export function etagOf(row: Registration): string {
  const of = createHash('sha256')
    .update(JSON.stringify([row.instance, row.key, row.crn, row.createdAt]))
    .digest('hex')
  return `W/"${of.slice(0, 16)}-${row.revision}"`
}

/** @param isService whether the caller is one: only services see `registrationMetadata` */
export function registrationResource(row: Registration, keyName: string, isService: boolean): object {
  return {
    keyId: row.key,
    keyName,
    resourceCrn: row.crn,
    createdBy: row.owner,
    creationDate: formatDate(row.createdAt),
    updatedBy: row.updatedBy ?? row.owner,
    lastUpdated: formatDate(row.updatedAt ?? row.createdAt),
    ...(row.description === null ? {} : { description: row.description }),
    ...(row.metadata === null || !isService ? {} : { registrationMetadata: row.metadata }),
    preventKeyDeletion: row.preventsDeletion === 1,
    keyVersion: { id: row.version, creationDate: formatDate(row.versionAt) },
  }
}
