/** Reading managed objects: each statement one constant text, each within one adapter. */
import type { Reader } from '../../store/store.ts'
import { nameKey } from './found-by.ts'
import type { KmipObject } from './kmip-object.ts'
import { objectColumns, type ObjectRow, objectOf } from './object-row.ts'

/** The adapter whose objects are meant. No object is ever read but through one (reference section 20.1). */
export interface Place {
  readonly instance: string
  readonly adapter: string
}

/** A piece of a walk through an adapter's objects, newest first. */
export interface Slice {
  /** Only objects with smaller numbers. */
  readonly before: number
  /** Objects looked at, at most. */
  readonly limit: number
}

export interface ObjectStore {
  find(place: Place, id: string): KmipObject | undefined
  /** Id of the object that has a name. */
  named(place: Place, name: string): string | undefined
  /** Objects that are not destroyed, of the types and states asked for as bits; newest first. */
  slice(place: Place, types: number, states: number, slice: Slice): KmipObject[]
  /** How many there are. */
  count(place: Place, types: number, states: number): number
  /** How many objects have a value, counted up to `atMost`. */
  countHaving(key: Uint8Array, atMost: number): number
  /** Those that have a value, newest first. */
  having(place: Place, key: Uint8Array, slice: Slice): KmipObject[]
  /** Objects whose dates change their state by `now`, milliseconds since the epoch; the earliest first. */
  due(now: number, limit: number): (Place & { readonly id: string })[]
  /** When the first of them falls due. */
  nextDue(): number | undefined
}

const columns = objectColumns
const ofPlace = 'instance = ?1 AND adapter = ?2'
const wanted = 'AND (1 << type) & ?3 <> 0 AND (1 << state) & ?4 <> 0'

const sql = {
  find: `SELECT ${columns} FROM kmip_objects WHERE ${ofPlace} AND id = ?3`,
  named: `SELECT o.id FROM kmip_object_names n JOIN kmip_objects o ON o.number = n.object
    WHERE n.key = ?3 AND o.instance = ?1 AND o.adapter = ?2`,
  slice: `SELECT ${columns} FROM kmip_objects INDEXED BY kmip_objects_walked WHERE ${ofPlace} AND number < ?5 ${wanted}
    ORDER BY number DESC LIMIT ?6`,
  count: `SELECT count(*) AS total FROM kmip_objects INDEXED BY kmip_objects_listed WHERE ${ofPlace} ${wanted}`,
  countHaving: `SELECT count(*) AS total FROM (SELECT 1 FROM kmip_object_values WHERE key = ?1 LIMIT ?2)`,
  having: `SELECT ${columns} FROM (SELECT object FROM kmip_object_values WHERE key = ?3 AND object < ?4
      ORDER BY object DESC LIMIT ?5)
    CROSS JOIN kmip_objects ON number = object WHERE ${ofPlace} ORDER BY number DESC`,
  due: `SELECT instance, adapter, id FROM kmip_objects INDEXED BY kmip_objects_due
    WHERE due_at IS NOT NULL AND due_at <= ?1 ORDER BY due_at LIMIT ?2`,
  nextDue: `SELECT min(due_at) AS at FROM kmip_objects INDEXED BY kmip_objects_due WHERE due_at IS NOT NULL`,
} as const

export function objectStore(reader: Reader): ObjectStore {
  const all = (statement: string, ...params: (string | number | Uint8Array)[]): KmipObject[] =>
    reader.all<ObjectRow>(statement, ...params).map(objectOf)
  const total = (statement: string, ...params: (string | number | Uint8Array)[]): number =>
    reader.get<{ total: number }>(statement, ...params)?.total ?? 0
  return {
    find: ({ instance, adapter }, id) => {
      const row = reader.get<ObjectRow>(sql.find, instance, adapter, id)
      return row === undefined ? undefined : objectOf(row)
    },
    named: (place, name) =>
      reader.get<{ id: string }>(sql.named, place.instance, place.adapter, nameKey(place, name))?.id,
    slice: ({ instance, adapter }, types, states, { before, limit }) =>
      all(sql.slice, instance, adapter, types, states, before, limit),
    count: ({ instance, adapter }, types, states) => total(sql.count, instance, adapter, types, states),
    countHaving: (key, atMost) => total(sql.countHaving, key, atMost),
    having: ({ instance, adapter }, key, { before, limit }) => all(sql.having, instance, adapter, key, before, limit),
    due: (now, limit) => reader.all<Place & { id: string }>(sql.due, now, limit),
    nextDue: () => reader.get<{ at: number | null }>(sql.nextDue)?.at ?? undefined,
  }
}
