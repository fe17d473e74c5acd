/** Reading keys: the statements that find them, each one constant text. */
import type { Reader } from '../store/store.ts'
import { type KeyRow, type UsableKey, keyColumns } from './key-row.ts'
import { defaultRing } from './ring.ts'
import { type KeyPage, type KeySelection, countSelected, selectKeys } from './selection.ts'

export interface VersionRow {
  readonly id: string
  readonly createdAt: number
}

export interface KeyStore {
  find(instance: string, id: string): KeyRow | undefined
  /** The hot one: a single prepared read for wrap, unwrap, rewrap and the payload of a standard key. */
  usable(instance: string, id: string): UsableKey | undefined
  /** Blob of one version of a key. */
  versionBlob(instance: string, key: string, version: string): Uint8Array | undefined
  /** Newest first. */
  versions(instance: string, key: string, page: { limit: number; offset: number }): VersionRow[]
  /** Keys of the instance, destroyed ones included. */
  total(instance: string): number
  hasRing(instance: string, ring: string): boolean
  list(selection: KeySelection, page: KeyPage): KeyRow[]
  count(selection: KeySelection): number
}

const find = `SELECT ${keyColumns} FROM keys WHERE instance = ? AND id = ?`

const usable = `SELECT k.id, k.name, k.ring, k.state, k.extractable, k.expires_at AS expiresAt, k.newest, v.blob
  FROM keys k JOIN key_versions v ON v.instance = k.instance AND v.key = k.id AND v.id = k.newest
  WHERE k.instance = ? AND k.id = ?`

const versionBlob = 'SELECT blob FROM key_versions WHERE instance = ? AND key = ? AND id = ?'

const versions = `SELECT id, created_at AS createdAt FROM key_versions WHERE instance = ? AND key = ?
  ORDER BY number DESC LIMIT ? OFFSET ?`

const total = 'SELECT coalesce(sum(total), 0) AS total FROM key_totals WHERE instance = ?'

export function keyStore(reader: Reader): KeyStore {
  return {
    find: (instance, id) => reader.get<KeyRow>(find, instance, id),
    usable: (instance, id) => reader.get<UsableKey>(usable, instance, id),
    versionBlob: (instance, key, version) =>
      reader.get<{ blob: Uint8Array }>(versionBlob, instance, key, version)?.blob,
    versions: (instance, key, page) => reader.all<VersionRow>(versions, instance, key, page.limit, page.offset),
    total: (instance) => reader.get<{ total: number }>(total, instance)?.total ?? 0,
    hasRing: (_instance, ring) => ring === defaultRing,
    list: (selection, page) => selectKeys(reader, selection, page),
    count: (selection) => countSelected(reader, selection),
  }
}
