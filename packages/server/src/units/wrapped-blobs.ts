/** Where blobs under a master key stand, and how each is named to the unit: what master key rotation walks. */
import type { Change, Reader } from '../store/store.ts'
import type { StoredBlob } from './unit-client.ts'

/** A test holds this list against the register of protected columns. */
export const walkedTables: readonly string[] = ['key_material']

export interface WrappedBlob {
  /** Where to go on after it. */
  readonly slot: number
  readonly stored: StoredBlob
  /** Holds only while the blob is the one that was read: in place, the same number of bytes. */
  replacedBy(blob: Uint8Array): Change
}

interface Row {
  readonly slot: number
  readonly blob: Uint8Array
  readonly key: string
  readonly version: string
  readonly extractable: number
}

/** Blobs of an instance that are under a master key, from the slot after `after` on. */
export function wrappedUnder(
  store: Reader,
  instance: string,
  pattern: string,
  after: number,
  limit: number,
): WrappedBlob[] {
  const rows = store.all<Row>(
    `SELECT m.slot, m.blob, v.key, v.id AS version, k.extractable
     FROM key_material m JOIN key_versions v ON v.slot = m.slot
       JOIN keys k ON k.instance = v.instance AND k.id = v.key
     WHERE substr(m.blob, 5, 32) = unhex(?) AND m.slot > ? AND v.instance = ? ORDER BY m.slot LIMIT ?`,
    pattern,
    after,
    instance,
    limit,
  )
  return rows.map(({ slot, blob, key, version, extractable }) => ({
    slot,
    stored:
      extractable === 1
        ? { instance, kind: 'standard-key', id: key, blob }
        : { instance, kind: 'root-key', id: version, blob },
    replacedBy: (replacement) => ({
      sql: 'UPDATE key_material SET blob = ? WHERE slot = ? AND blob = ?',
      params: [replacement, slot, blob],
      rows: 1,
    }),
  }))
}
