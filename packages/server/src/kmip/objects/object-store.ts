/** Reading managed objects: each statement one constant text, each within one adapter. */
import type { Reader } from '../../store/store.ts'
import { nameKey } from './found-by.ts'
import { type KmipObject, objectTypes, type ObjectType } from './kmip-object.ts'
import type { Glimpse } from './matching.ts'
import { objectColumns, type ObjectRow, objectOf, valuesIn } from './object-row.ts'
import type { ObjectState } from '../management/rows.ts'

/** The adapter whose objects are meant. No object is ever read but through one (reference section 20.1). */
export interface Place {
  readonly instance: string
  readonly adapter: string
}

/** Where objects are looked for: among the living of some types, as bits, or among those that have a value. */
export type Source =
  | { readonly place: Place; readonly types: number }
  | { readonly place: Place; readonly key: Uint8Array }

/** A piece of a walk through a source, newest first. */
interface Slice {
  /** Only objects with smaller numbers. */
  readonly before: number
  /** Objects looked at, at most. */
  readonly limit: number
}

interface Numbered {
  readonly number: number
  readonly id: string
}

export interface StoredGlimpse extends Glimpse, Numbered {
  /** When one of its dates changes its state, milliseconds since the epoch. */
  readonly dueAt: number | null
}

/** What is destroyed is in no source. */
export interface ObjectStore {
  find(place: Place, id: string): KmipObject | undefined
  /** Id of the object that has a name. */
  named(place: Place, name: string): string | undefined
  /** Passes over objects without reading them: how many there were, and the number of the last one. */
  pass(source: Source, slice: Slice): { readonly count: number; readonly last: number }
  ids(source: Source, slice: Slice): Numbered[]
  glimpses(source: Source, slice: Slice): StoredGlimpse[]
  /** How many objects of these types and states, as bits, there are. */
  count(place: Place, types: number, states: number): number
  /** Objects whose dates change their state by `now`, milliseconds since the epoch; the earliest first. */
  due(now: number, limit: number): (Place & { readonly id: string })[]
  /** When the first of them falls due. */
  nextDue(): number | undefined
}

/** The parts of all types are merged in the order of `number`, as far as the limit goes. */
const living = Object.values(objectTypes)
  .map(
    (type) => `SELECT number FROM kmip_objects INDEXED BY kmip_objects_living
      WHERE instance = ?1 AND adapter = ?2 AND type = ${type} AND state < 5 AND number < ?4 AND ?3 & ${1 << type}`,
  )
  .join(' UNION ALL ')
// `+?5`, not `?5`: SQLite compiles a statement anew whenever a bound limit is set.
const ofTypes = `(${living} ORDER BY number DESC LIMIT +?5)`
const ofValue = `(SELECT object AS number FROM kmip_object_values WHERE key = ?3 AND object < ?4
    ORDER BY object DESC LIMIT +?5)`

/** A value's key is of one adapter; that the object is, too, is asked once more. */
const walks = (slice: string) => ({
  pass: `SELECT count(*) AS count, coalesce(min(number), 0) AS last FROM ${slice}`,
  ids: `SELECT o.number, id FROM ${slice} s CROSS JOIN kmip_objects o ON o.number = s.number
    WHERE instance = ?1 AND adapter = ?2 ORDER BY s.number DESC`,
  glimpses: `SELECT o.number, id, type, state, due_at AS dueAt, attributes
    FROM ${slice} s CROSS JOIN kmip_objects o ON o.number = s.number
    WHERE instance = ?1 AND adapter = ?2 ORDER BY s.number DESC`,
})

const sql = {
  find: `SELECT ${objectColumns} FROM kmip_objects WHERE instance = ?1 AND adapter = ?2 AND id = ?3`,
  named: `SELECT o.id FROM kmip_object_names n JOIN kmip_objects o ON o.number = n.object
    WHERE n.key = ?3 AND o.instance = ?1 AND o.adapter = ?2`,
  ofTypes: walks(ofTypes),
  ofValue: walks(ofValue),
  count: `SELECT coalesce(sum(total), 0) AS total FROM kmip_object_totals
    WHERE instance = ?1 AND adapter = ?2 AND (1 << type) & ?3 <> 0 AND (1 << state) & ?4 <> 0`,
  due: `SELECT instance, adapter, id FROM kmip_objects INDEXED BY kmip_objects_due
    WHERE due_at IS NOT NULL AND due_at <= ?1 ORDER BY due_at LIMIT ?2`,
  nextDue: `SELECT min(due_at) AS at FROM kmip_objects INDEXED BY kmip_objects_due WHERE due_at IS NOT NULL`,
} as const

interface GlimpseRow extends Numbered {
  readonly type: number
  readonly state: number
  readonly dueAt: number | null
  readonly attributes: Uint8Array
}

export function objectStore(reader: Reader): ObjectStore {
  /** Objects as they were read, by the rows they were read from: nobody alters either. */
  const read = new WeakMap<ObjectRow, KmipObject>()
  const walk = <Row>(what: keyof typeof sql.ofTypes, source: Source, { before, limit }: Slice): Row[] => {
    const { instance, adapter } = source.place
    return 'types' in source
      ? reader.all<Row>(sql.ofTypes[what], instance, adapter, source.types, before, limit)
      : reader.all<Row>(sql.ofValue[what], instance, adapter, source.key, before, limit)
  }
  return {
    find: ({ instance, adapter }, id) => {
      const row = reader.remembered<ObjectRow>(sql.find, instance, adapter, id)
      if (row === undefined) return undefined
      const known = read.get(row)
      if (known !== undefined) return known
      const object = objectOf(row)
      read.set(row, object)
      return object
    },
    named: (place, name) =>
      reader.get<{ id: string }>(sql.named, place.instance, place.adapter, nameKey(place, name))?.id,
    pass: (source, slice) => {
      const [passed] = walk<{ count: number; last: number }>('pass', source, slice)
      return passed ?? { count: 0, last: 0 }
    },
    ids: (source, slice) => walk<Numbered>('ids', source, slice),
    glimpses: (source, slice) =>
      walk<GlimpseRow>('glimpses', source, slice).map(({ attributes, type, state, ...row }) => ({
        ...row,
        type: type as ObjectType,
        state: state as ObjectState,
        valuesOf: (name) => valuesIn(attributes, name),
      })),
    count: ({ instance, adapter }, types, states) =>
      reader.get<{ total: number }>(sql.count, instance, adapter, types, states)?.total ?? 0,
    due: (now, limit) => reader.all<Place & { id: string }>(sql.due, now, limit),
    nextDue: () => reader.get<{ at: number | null }>(sql.nextDue)?.at ?? undefined,
  }
}
