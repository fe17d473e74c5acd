/** Where blobs under a master key stand, and how each is named to the unit: what master key rotation walks. */
import { returnValueName } from '@keywitness/crypto-unit/ep11/return-values'
import type { Change, Reader } from '../store/store.ts'
import type { Ep11Client } from './ep11-client.ts'
import { type RotatingClient, type StoredBlob, UnitRefusal } from './unit-client.ts'

/** A test holds this list against the register of protected columns. */
export const walkedTables: readonly string[] = ['key_material', 'keystore_objects']

/** A place in the walk: everything up to it has been seen. */
interface Position {
  /** Index in `walkedTables`. */
  readonly table: number
  readonly slot: number
}

export const beforeAll: Position = { table: 0, slot: 0 }

/** What of the crypto units a walk needs. */
export interface RotatingUnits {
  readonly client: RotatingClient
  readonly ep11: Ep11Client
}

export interface WrappedBlob {
  /** Where to go on after it. */
  readonly position: Position
  /** The same under the master key in force. @throws UnitRefusal */
  reencrypted(units: RotatingUnits): Promise<Uint8Array>
  /** Holds only while the blob is the one that was read: in place, the same number of bytes. */
  replacedBy(blob: Uint8Array): Change
}

/** Verification patterns of the master key that goes and the one that comes. */
interface Patterns {
  readonly former: string
  readonly pattern: string
}

type Walk = (store: Reader, instance: string, patterns: Patterns, after: number, limit: number) => WrappedBlob[]

/** In the order of `walkedTables`. */
const walks: readonly Walk[] = [keyMaterial, keystoreObjects]

/** Blobs of an instance that are under a master key, from the place `after` on; of one table at a time. */
export function wrappedUnder(
  store: Reader,
  instance: string,
  patterns: Patterns,
  after: Position,
  limit: number,
): WrappedBlob[] {
  for (const [table, walk] of walks.entries()) {
    if (table < after.table) continue
    const found = walk(store, instance, patterns, table === after.table ? after.slot : 0, limit)
    if (found.length > 0) return found
  }
  return []
}

interface MaterialRow {
  readonly slot: number
  readonly blob: Uint8Array
  readonly key: string
  readonly version: string
  readonly extractable: number
}

function keyMaterial(
  store: Reader,
  instance: string,
  { former }: Patterns,
  after: number,
  limit: number,
): WrappedBlob[] {
  const rows = store.all<MaterialRow>(
    `SELECT m.slot, m.blob, v.key, v.id AS version, k.extractable
     FROM key_material m JOIN key_versions v ON v.slot = m.slot
       JOIN keys k ON k.instance = v.instance AND k.id = v.key
     WHERE substr(m.blob, 5, 32) = unhex(?) AND m.slot > ? AND v.instance = ? ORDER BY m.slot LIMIT ?`,
    former,
    after,
    instance,
    limit,
  )
  return rows.map(({ slot, blob, key, version, extractable }) => {
    const stored: StoredBlob =
      extractable === 1
        ? { instance, kind: 'standard-key', id: key, blob }
        : { instance, kind: 'root-key', id: version, blob }
    return {
      position: { table: 0, slot },
      reencrypted: ({ client }) => client.reencrypt(stored),
      replacedBy: (replacement) => ({
        sql: 'UPDATE key_material SET blob = ? WHERE slot = ? AND blob = ?',
        params: [replacement, slot, blob],
        rows: 1,
      }),
    }
  })
}

/** The master key that a blob of EP11 is under, as it names it: the first half of the pattern (reference grep11, section 5). */
export function wkidOf(pattern: string): string {
  return pattern.slice(0, 32)
}

/** What keystores hold, that of deleted ones included until it has left. The version of an object is its clients' count. */
function keystoreObjects(
  store: Reader,
  instance: string,
  { former, pattern }: Patterns,
  after: number,
  limit: number,
): WrappedBlob[] {
  const rows = store.all<{ readonly number: number; readonly blob: Uint8Array }>(
    `SELECT number, blob FROM keystore_objects INDEXED BY keystore_objects_wkid
     WHERE instance = ? AND wkid = ? AND number > ? ORDER BY number LIMIT ?`,
    instance,
    wkidOf(former),
    after,
    limit,
  )
  return rows.map(({ number, blob }) => ({
    position: { table: 1, slot: number },
    reencrypted: async ({ ep11 }) => {
      const outcome = await ep11.call(instance, undefined, 'ReencryptObject', { object: Buffer.from(blob) })
      if ('answer' in outcome) return outcome.answer.object
      throw refusalOf(outcome.refusal)
    },
    replacedBy: (replacement) => ({
      sql: 'UPDATE keystore_objects SET blob = ?, wkid = ? WHERE number = ? AND blob = ?',
      params: [replacement, wkidOf(pattern), number, blob],
      rows: 1,
    }),
  }))
}

/** What a unit without time, room or master key says, it says of itself and not of the object. */
const passing: ReadonlySet<string | undefined> = new Set([
  'CKR_DEVICE_REMOVED',
  'CKR_IBM_REQ_TIMEOUT',
  'CKR_IBM_TRANSPORT_LIMIT',
  'CKR_IBM_WK_NOT_INITIALIZED',
])

function refusalOf({ code, message }: { readonly code: number; readonly message: string }): UnitRefusal {
  return new UnitRefusal(passing.has(returnValueName(code)) ? 'UNAVAILABLE' : 'BROKEN_BLOB', message)
}
