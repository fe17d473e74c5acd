/** Changes of keys as data: each statement carries the condition it was decided on and the rows it must affect. */
import type { Change } from '../store/store.ts'
import type { KeyRow } from './key-row.ts'

/** A version to be written: its wrapped material never stands anywhere but in key_material. */
export interface NewVersion {
  readonly id: string
  readonly number: number
  readonly createdAt: number
  readonly blob: Uint8Array
}

const insertKey = `INSERT INTO keys (instance, id, revision, name, description, tags, ring, state, extractable, imported,
  bits, versions, newest, newest_at, created_at, created_by, updated_at, rotated_at, expires_at, deleted_at, deleted_by,
  deleted_from, authorised_by, authorised_until, acted_at, synced_at, rotated_by_hand_at)
  SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24,
    ?25, ?26, ?27
  WHERE (SELECT coalesce(sum(total), 0) FROM key_totals WHERE instance = ?1) < ?28`

/** Only under the master key in force: what was made while a rotation began is made anew. */
const insertMaterial = `INSERT INTO key_material (blob) SELECT ?1
  WHERE NOT EXISTS (SELECT 1 FROM master_keys WHERE instance = ?2 AND unhex(pattern) <> substr(?1, 5, 32))`

/** Right after its material, whose row it names. */
const insertVersion = `INSERT INTO key_versions (instance, key, id, number, created_at, slot)
  VALUES (?, ?, ?, ?, ?, last_insert_rowid())`

const updateKey = `UPDATE keys SET revision = revision + 1, ring = ?, state = ?, bits = ?, versions = ?, newest = ?,
  newest_at = ?, updated_at = ?, rotated_at = ?, deleted_at = ?, deleted_by = ?, deleted_from = ?, authorised_by = ?,
  authorised_until = ?, acted_at = ?, synced_at = ?, rotated_by_hand_at = ?
  WHERE instance = ? AND id = ? AND revision = ? AND state = ?`

/** In place: the same number of zeros where the material stood. */
const eraseMaterial = `UPDATE key_material SET blob = zeroblob(length(blob))
  WHERE slot IN (SELECT slot FROM key_versions WHERE instance = ? AND key = ?)`

const deleteVersions = 'DELETE FROM key_versions WHERE instance = ? AND key = ?'

const deleteKey = 'DELETE FROM keys WHERE instance = ? AND id = ? AND revision = ? AND state = ?'

/** A new key with its first version. Holds while the instance has fewer keys than `quota`. */
export function addKey(key: KeyRow, first: NewVersion, quota: number): Change[] {
  return [
    {
      sql: insertKey,
      params: [
        key.instance,
        key.id,
        key.revision,
        key.name,
        key.description,
        key.tags,
        key.ring,
        key.state,
        key.extractable,
        key.imported,
        key.bits,
        key.versions,
        key.newest,
        key.newestAt,
        key.createdAt,
        key.createdBy,
        key.updatedAt,
        key.rotatedAt,
        key.expiresAt,
        key.deletedAt,
        key.deletedBy,
        key.deletedFrom,
        key.authorisedBy,
        key.authorisedUntil,
        key.actedAt,
        key.syncedAt,
        key.rotatedByHandAt,
        quota,
      ],
      rows: 1,
    },
    ...addVersion(key, first),
  ]
}

/** Writes what changed. Holds while the key still is as `before` was read. */
export function replaceKey(before: KeyRow, after: KeyRow): Change {
  return {
    sql: updateKey,
    params: [
      after.ring,
      after.state,
      after.bits,
      after.versions,
      after.newest,
      after.newestAt,
      after.updatedAt,
      after.rotatedAt,
      after.deletedAt,
      after.deletedBy,
      after.deletedFrom,
      after.authorisedBy,
      after.authorisedUntil,
      after.actedAt,
      after.syncedAt,
      after.rotatedByHandAt,
      before.instance,
      before.id,
      before.revision,
      before.state,
    ],
    rows: 1,
  }
}

/** The material and the version that names it, to be applied one right after the other. */
export function addVersion(key: Pick<KeyRow, 'instance' | 'id'>, version: NewVersion): Change[] {
  return [
    { sql: insertMaterial, params: [version.blob, key.instance], rows: 1 },
    {
      sql: insertVersion,
      params: [key.instance, key.id, version.id, version.number, version.createdAt],
      rows: 1,
    },
  ]
}

/** The end of a key: its material overwritten, its versions and its row gone. What else refers to it goes before. */
export function eraseKey(key: KeyRow): Change[] {
  const which = [key.instance, key.id]
  return [
    { sql: eraseMaterial, params: which, rows: key.versions },
    { sql: deleteVersions, params: which, rows: key.versions },
    { sql: deleteKey, params: [...which, key.revision, key.state], rows: 1 },
  ]
}
