/** Changes of keystores and objects as data: each carries the condition it was decided on. */
import type { Change } from '../store/store.ts'
import { attributesText } from './attributes.ts'
import { searchKeys } from './found-by.ts'
import type { KeystoreRow, ObjectHead, Protected } from './keystore-row.ts'
import { keystoreLimits } from './limits.ts'
import type { Transaction } from './store.ts'

const total = (column: 'keystores' | 'authenticated' | 'objects') =>
  `coalesce((SELECT ${column} FROM keystore_totals WHERE instance = ?1), 0)`

const insertKeystore = `INSERT INTO keystores (instance, id, name, type, authenticated, created_at, created_by)
  SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7
  WHERE ${total('keystores')} < ${keystoreLimits.keystoresPerInstance}
    AND (?5 = 0 OR ${total('authenticated')} < ${keystoreLimits.authenticatedPerInstance})`

const deleteKeystore = 'DELETE FROM keystores WHERE number = ? AND version = ?'

const insertObject = `INSERT INTO keystore_objects (instance, keystore, id, version, class, key_type, given, told,
    object_bytes, attribute_bytes, wkid, blob, sealed, created_at, created_by)
  SELECT ?1, ?2, ?3, 0, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14
  WHERE EXISTS (SELECT 1 FROM keystores WHERE number = ?2)
    AND ${total('objects')} < ${keystoreLimits.objectsPerInstance}`

/** The object stays as it is where none is given. */
const updateObject = `UPDATE keystore_objects SET version = version + 1, given = ?3, told = ?4, attribute_bytes = ?5,
    updated_at = ?6, updated_by = ?7
  WHERE number = ?1 AND version = ?2`
const replaceContent = `UPDATE keystore_objects SET object_bytes = ?3, wkid = ?4, blob = ?5, sealed = ?6
  WHERE number = ?1 AND version = ?2`

const deleteObject = 'DELETE FROM keystore_objects WHERE number = ? AND version = ?'

const insertKeys = `INSERT INTO keystore_attributes (key, object)
  SELECT unhex(value), (SELECT number FROM keystore_objects WHERE keystore = ?1 AND id = ?2) FROM json_each(?3)`
const deleteKeys =
  'DELETE FROM keystore_attributes WHERE object = ?1 AND key IN (SELECT unhex(value) FROM json_each(?2))'

const insertTransaction = `INSERT INTO keystore_transactions (instance, number, keystore, tx, content, id, version)
  SELECT ?1, 1 + coalesce((SELECT max(number) FROM keystore_transactions WHERE instance = ?1), 0), ?2, ?3, ?4, ?5, ?6`

/** What an object is to be. */
export interface WrittenObject extends Pick<ObjectHead, 'id' | 'class' | 'keyType' | 'given' | 'told'> {
  /** Undefined: the one there is. */
  readonly content: WrittenContent | undefined
}

export interface WrittenContent {
  readonly protected: Protected
  /** Length in the clear. */
  readonly bytes: number
  /** The master key that it is under, 32 hex digits. */
  readonly wkid: string | null
}

interface Stamp {
  readonly at: number
  readonly by: string
}

/** Holds while no keystore of the instance has the id, and the instance has fewer than it may. */
export function addKeystore({ instance, id, name, type, authenticated, createdAt, createdBy }: KeystoreRow): Change {
  return { sql: insertKeystore, params: [instance, id, name, type, authenticated, createdAt, createdBy], rows: 1 }
}

/** Holds while what is in it is what was read. It leaves with the keystore; see `sweep.ts`. */
export function removeKeystore({ number, version }: KeystoreRow): Change {
  return { sql: deleteKeystore, params: [number, version], rows: 1 }
}

/** A new object. Holds while its keystore stands and has none of this id, and the instance has fewer than it may. */
export function addObject(keystore: KeystoreRow, written: WrittenObject, { at, by }: Stamp): Change[] {
  const { id, class: objectClass, keyType, content } = written
  if (content === undefined) throw new Error('keystore: a new object without content')
  const { given, told, bytes } = textsOf(written)
  const { blob = null, sealed = null } = content.protected
  const place = [keystore.instance, keystore.number, id, objectClass, keyType]
  const params = [...place, given, told, content.bytes, bytes, content.wkid, blob, sealed, at, by]
  return [
    { sql: insertObject, params, rows: 1 },
    ...keyed(keystore, id, searchKeys(keystore.number, written.given, written.told)),
  ]
}

/** Holds while the object has the version that was read. */
export function replaceObject(
  keystore: KeystoreRow,
  before: ObjectHead,
  written: WrittenObject,
  { at, by }: Stamp,
): Change[] {
  const { given, told, bytes } = textsOf(written)
  const { content } = written
  const old = searchKeys(keystore.number, before.given, before.told)
  const now = searchKeys(keystore.number, written.given, written.told)
  const { number, version } = before
  return [
    ...(content === undefined ? [] : [contentChange(number, version, content)]),
    { sql: updateObject, params: [number, version, given, told, bytes, at, by], rows: 1 },
    ...unkeyed(number, without(old, now)),
    ...keyed(keystore, before.id, without(now, old)),
  ]
}

/** Holds while the object has the version that was read. */
export function removeObject({ number, version }: ObjectHead): Change {
  return { sql: deleteObject, params: [number, version], rows: 1 }
}

/** Holds while nobody wrote under this TxID. */
export function addTransaction(
  { instance, number }: KeystoreRow,
  tx: string,
  { content, id, version }: Transaction,
): Change {
  return { sql: insertTransaction, params: [instance, number, tx, content, id, version], rows: 1 }
}

function contentChange(number: number, version: number, { protected: kept, bytes, wkid }: WrittenContent): Change {
  const { blob = null, sealed = null } = kept
  return { sql: replaceContent, params: [number, version, bytes, wkid, blob, sealed], rows: 1 }
}

function textsOf(written: WrittenObject): { given: string; told: string; bytes: number } {
  const [given, told] = [attributesText(written.given), attributesText(written.told)]
  return { given, told, bytes: given.length + told.length }
}

function keyed({ number }: KeystoreRow, id: string, keys: readonly Buffer[]): Change[] {
  return keys.length === 0 ? [] : [{ sql: insertKeys, params: [number, id, listOf(keys)], rows: keys.length }]
}

function unkeyed(object: number, keys: readonly Buffer[]): Change[] {
  return keys.length === 0 ? [] : [{ sql: deleteKeys, params: [object, listOf(keys)], rows: keys.length }]
}

function listOf(keys: readonly Buffer[]): string {
  return JSON.stringify(keys.map((key) => key.toString('hex')))
}

function without(keys: readonly Buffer[], others: readonly Buffer[]): Buffer[] {
  return keys.filter((key) => !others.some((other) => other.equals(key)))
}
