/** Reading keys: the statements that find them, each one constant text. */
import type { Reader } from '../store/store.ts'
import { isKeyId } from './alias.ts'
import { type KeyRow, type UsableKey, keyColumns } from './key-row.ts'
import { defaultRing } from './ring.ts'
import { type KeyPage, type KeySelection, type PickedKey, countSelected, pickKeys } from './selection.ts'

export interface VersionRow {
  readonly id: string
  readonly createdAt: number
}

export interface RingRow {
  readonly id: string
  readonly createdAt: number
  readonly createdBy: string
}

export interface KeyStore {
  /** By id or by alias. */
  find(instance: string, id: string): KeyRow | undefined
  /** The hot one: a single prepared read for wrap, unwrap, rewrap and the payload of a standard key. */
  usable(instance: string, id: string): UsableKey | undefined
  /** Blob of one version of a key. */
  versionBlob(instance: string, key: string, version: string): Uint8Array | undefined
  /** Newest first. */
  versions(instance: string, key: string, page: { limit: number; offset: number }): VersionRow[]
  /** Keys of the instance, destroyed ones included. */
  total(instance: string): number
  /** The key an alias names, by id. */
  aliased(instance: string, alias: string): string | undefined
  /** The aliases of keys, by the key's id. */
  aliasesOf(instance: string, keys: readonly string[]): ReadonlyMap<string, readonly string[]>
  /** Aliases in an instance. */
  totalAliases(instance: string): number
  /** Rings besides `default`, in the order of their names; all of them, for there are few. */
  rings(instance: string): RingRow[]
  hasRing(instance: string, ring: string): boolean
  /** Destroyed keys of a ring, at most `limit`. */
  destroyedIn(instance: string, ring: string, limit: number): KeyRow[]
  /** Keys of a ring, in any state. */
  totalIn(instance: string, ring: string): number
  /** The keys of a page, in its order. */
  pick(selection: KeySelection, page: KeyPage): PickedKey[]
  /** Keys by their ids, in that order; what is no more is left out. */
  rows(instance: string, ids: readonly string[]): KeyRow[]
  /** The keys of a page whole. */
  list(selection: KeySelection, page: KeyPage): KeyRow[]
  count(selection: KeySelection): number
}

const find = `SELECT ${keyColumns} FROM keys WHERE instance = ? AND id = ?`

const rows = `SELECT ${keyColumns} FROM (SELECT value AS picked FROM json_each(?2))
  CROSS JOIN keys ON instance = ?1 AND id = picked`

const usable = `SELECT k.id, k.name, k.ring, k.state, k.extractable, k.expires_at AS expiresAt, k.newest, m.blob
  FROM keys k JOIN key_versions v ON v.instance = k.instance AND v.key = k.id AND v.id = k.newest
  JOIN key_material m ON m.slot = v.slot
  WHERE k.instance = ? AND k.id = ?`

const versionBlob = `SELECT m.blob FROM key_versions v JOIN key_material m ON m.slot = v.slot
  WHERE v.instance = ? AND v.key = ? AND v.id = ?`

const versions = `SELECT id, created_at AS createdAt FROM key_versions WHERE instance = ? AND key = ?
  ORDER BY number DESC LIMIT ? OFFSET ?`

const total = 'SELECT coalesce(sum(total), 0) AS total FROM key_totals WHERE instance = ?'

const aliased = 'SELECT key FROM key_aliases WHERE instance = ? AND alias = ?'

const aliasesOf = `SELECT a.key, a.alias FROM json_each(?2)
  CROSS JOIN key_aliases a INDEXED BY key_aliases_of_key ON a.instance = ?1 AND a.key = json_each.value`

const totalAliases = 'SELECT total FROM alias_totals WHERE instance = ?'

const rings = `SELECT id, created_at AS createdAt, created_by AS createdBy FROM key_rings WHERE instance = ? ORDER BY id`

const ring = 'SELECT 1 FROM key_rings WHERE instance = ? AND id = ?'

const destroyedIn = `SELECT ${keyColumns} FROM keys INDEXED BY keys_listed
  WHERE instance = ? AND state = 5 AND extractable IN (0, 1) AND ring = ? LIMIT ?`

const totalIn = 'SELECT coalesce(sum(total), 0) AS total FROM key_totals WHERE instance = ? AND ring = ?'

export function keyStore(reader: Reader): KeyStore {
  const keyOf = (instance: string, alias: string): string | undefined =>
    reader.get<{ key: string }>(aliased, instance, alias)?.key
  const idOf = (instance: string, text: string): string => (isKeyId(text) ? text : (keyOf(instance, text) ?? ''))
  const pick = (selection: KeySelection, page: KeyPage): PickedKey[] => pickKeys(reader, selection, page)
  const rowsOf = (instance: string, ids: readonly string[]): KeyRow[] =>
    ids.length === 0 ? [] : reader.all<KeyRow>(rows, instance, JSON.stringify(ids))
  return {
    find: (instance, id) => reader.get<KeyRow>(find, instance, idOf(instance, id)),
    usable: (instance, id) => reader.remembered<UsableKey>(usable, instance, idOf(instance, id)),
    versionBlob: (instance, key, version) =>
      reader.get<{ blob: Uint8Array }>(versionBlob, instance, key, version)?.blob,
    versions: (instance, key, page) => reader.all<VersionRow>(versions, instance, key, page.limit, page.offset),
    total: (instance) => reader.get<{ total: number }>(total, instance)?.total ?? 0,
    aliased: keyOf,
    aliasesOf: (instance, keys) => {
      const found = new Map<string, string[]>()
      if (keys.length === 0) return found
      for (const row of reader.all<{ key: string; alias: string }>(aliasesOf, instance, JSON.stringify(keys))) {
        const known = found.get(row.key)
        if (known === undefined) found.set(row.key, [row.alias])
        else known.push(row.alias)
      }
      return found
    },
    totalAliases: (instance) => reader.get<{ total: number }>(totalAliases, instance)?.total ?? 0,
    rings: (instance) => reader.all<RingRow>(rings, instance),
    hasRing: (instance, name) => name === defaultRing || reader.get(ring, instance, name) !== undefined,
    destroyedIn: (instance, name, limit) => reader.all<KeyRow>(destroyedIn, instance, name, limit),
    totalIn: (instance, name) => reader.get<{ total: number }>(totalIn, instance, name)?.total ?? 0,
    pick,
    rows: rowsOf,
    list: (selection, page) =>
      rowsOf(
        selection.instance,
        pick(selection, page).map(({ id }) => id),
      ),
    count: (selection) => countSelected(reader, selection),
  }
}
