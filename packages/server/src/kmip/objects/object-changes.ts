/** Changes of managed objects as data: each carries the condition it was decided on. */
import type { Change, Condition } from '../../store/store.ts'
import { keysOf } from './found-by.ts'
import { columnsOf } from './object-row.ts'
import type { KmipObject } from './kmip-object.ts'

const written = `instance, adapter, id, type, state, form, attributes, due_at, blob, root_version, created_at, created_by,
  created_by_certificate, updated_at, updated_by, updated_by_certificate, destroyed_at, destroyed_by,
  destroyed_by_certificate`

const insert = `INSERT INTO kmip_objects (${written}, revision)
  SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, 1
  WHERE EXISTS (SELECT 1 FROM kmip_adapters WHERE instance = ?1 AND id = ?2)`

const update = `UPDATE kmip_objects SET (${written}) =
  (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19), revision = revision + 1
  WHERE instance = ?1 AND adapter = ?2 AND id = ?3 AND revision = ?20`

const ofObject = `SELECT unhex(value), (SELECT number FROM kmip_objects WHERE instance = ?1 AND adapter = ?2 AND id = ?3)
  FROM json_each(?4)`
const insertNames = `INSERT INTO kmip_object_names (key, object) ${ofObject}`
const insertValues = `INSERT INTO kmip_object_values (key, object) ${ofObject}`
const deleteNames =
  'DELETE FROM kmip_object_names WHERE object = ?1 AND key IN (SELECT unhex(value) FROM json_each(?2))'
const deleteValues =
  'DELETE FROM kmip_object_values WHERE object = ?1 AND key IN (SELECT unhex(value) FROM json_each(?2))'

const inState = 'SELECT 1 FROM kmip_objects WHERE instance = ? AND adapter = ? AND id = ? AND state = ?'

/** A new object. Holds while its adapter stands and none of its names is taken. */
export function addObject(object: KmipObject): Change[] {
  const { names, values } = keysOf(object)
  return [
    { sql: insert, params: columnsOf(object), rows: 1 },
    ...keyed(object, insertNames, names),
    ...keyed(object, insertValues, values),
  ]
}

/** Holds while the object is as `before` says, and none of its new names is taken. */
export function replaceObject(before: KmipObject, after: KmipObject): Change[] {
  if (before.number === undefined) throw new Error('kmip: an object that is not stored cannot be replaced')
  const old = keysOf(before)
  const now = keysOf(after)
  return [
    { sql: update, params: [...columnsOf(after), before.revision], rows: 1 },
    ...unkeyed(before.number, deleteNames, without(old.names, now.names)),
    ...unkeyed(before.number, deleteValues, without(old.values, now.values)),
    ...keyed(after, insertNames, without(now.names, old.names)),
    ...keyed(after, insertValues, without(now.values, old.values)),
  ]
}

/** Still holds at commit when the object did not change its state: no use of a key is numbered after its end. */
export function stillInState({ instance, adapter, id, state }: KmipObject): Condition {
  return { sql: inState, params: [instance, adapter, id, state] }
}

function keyed({ instance, adapter, id }: KmipObject, sql: string, keys: readonly Buffer[]): Change[] {
  if (keys.length === 0) return []
  return [{ sql, params: [instance, adapter, id, listOf(keys)], rows: keys.length }]
}

function unkeyed(number: number, sql: string, keys: readonly Buffer[]): Change[] {
  return keys.length === 0 ? [] : [{ sql, params: [number, listOf(keys)], rows: keys.length }]
}

function listOf(keys: readonly Buffer[]): string {
  return JSON.stringify(keys.map((key) => key.toString('hex')))
}

function without(keys: readonly Buffer[], others: readonly Buffer[]): Buffer[] {
  return keys.filter((key) => !others.some((other) => other.equals(key)))
}
