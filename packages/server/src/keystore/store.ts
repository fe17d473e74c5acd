/** Reading keystores and objects: the statements that find them, each one constant text. */
import type { Reader } from '../store/store.ts'
import { attributesIn } from './attributes.ts'
import {
  headColumns,
  type HeadRow,
  keystoreColumns,
  type KeystoreRow,
  type ObjectHead,
  type Protected,
} from './keystore-row.ts'

interface Totals {
  readonly keystores: number
  readonly authenticated: number
  readonly objects: number
}

/** A write that was done under a TxID. */
export interface Transaction {
  /** SHA-256 of what was asked for, hexadecimal. */
  readonly content: string
  /** The object, and the version it had then. */
  readonly id: string
  readonly version: number
}

/** An object in the order of creation, and how much of an answer it takes. */
export interface Sized {
  readonly number: number
  readonly objectBytes: number
  readonly attributeBytes: number
}

/** All lists are in order of creation, from what comes after a number. */
export interface KeystoreStore {
  keystore(instance: string, id: string): KeystoreRow | undefined
  /** Undefined `type` or `name`: any. */
  list(
    instance: string,
    wanted: { readonly type: string | undefined; readonly name: string | undefined },
    after: number,
    limit: number,
  ): KeystoreRow[]
  totals(instance: string): Totals
  find(keystore: number, id: string): ObjectHead | undefined
  /** An object by its number. */
  head(number: number): ObjectHead | undefined
  /** The object itself, protected as it is kept. */
  content(number: number): Protected | undefined
  sizes(keystore: number, after: number, limit: number): Sized[]
  /** Those of some ids. */
  sizesOf(keystore: number, ids: readonly string[], after: number, limit: number): Sized[]
  /** Numbers of the objects that are found under a key. */
  found(key: Uint8Array, after: number, limit: number): number[]
  numbers(keystore: number, after: number, limit: number): number[]
  transaction(keystore: number, tx: string): Transaction | undefined
}

const sizes = 'number, object_bytes AS objectBytes, attribute_bytes AS attributeBytes'

/** `LIMIT +?`, not `LIMIT ?`: SQLite compiles a statement anew whenever a bound limit is set. */
const sql = {
  keystore: `SELECT ${keystoreColumns} FROM keystores WHERE instance = ? AND id = ?`,
  list: `SELECT ${keystoreColumns} FROM keystores INDEXED BY keystores_in_order
    WHERE instance = ?1 AND (?2 IS NULL OR type = ?2) AND (?3 IS NULL OR name = ?3) AND number > ?4
    ORDER BY number LIMIT +?5`,
  totals: 'SELECT keystores, authenticated, objects FROM keystore_totals WHERE instance = ?',
  find: `SELECT ${headColumns} FROM keystore_objects WHERE keystore = ? AND id = ?`,
  head: `SELECT ${headColumns} FROM keystore_objects WHERE number = ?`,
  content: 'SELECT blob, sealed FROM keystore_objects WHERE number = ?',
  sizes: `SELECT ${sizes} FROM keystore_objects INDEXED BY keystore_objects_in_order
    WHERE keystore = ? AND number > ? ORDER BY number LIMIT +?`,
  sizesOf: `SELECT ${sizes} FROM json_each(?2) w CROSS JOIN keystore_objects o ON o.keystore = ?1 AND o.id = w.value
    WHERE number > ?3 ORDER BY number LIMIT +?4`,
  found: 'SELECT object AS number FROM keystore_attributes WHERE key = ? AND object > ? ORDER BY object LIMIT +?',
  numbers: `SELECT number FROM keystore_objects INDEXED BY keystore_objects_in_order
    WHERE keystore = ? AND number > ? ORDER BY number LIMIT +?`,
  transaction: 'SELECT content, id, version FROM keystore_transactions WHERE keystore = ? AND tx = ?',
} as const

export function keystoreStore(reader: Reader): KeystoreStore {
  const headOf = (row: HeadRow | undefined): ObjectHead | undefined =>
    row === undefined ? undefined : { ...row, given: attributesIn(row.given), told: attributesIn(row.told) }
  const numbersOf = (rows: readonly { readonly number: number }[]): number[] => rows.map(({ number }) => number)
  return {
    keystore: (instance, id) => reader.get<KeystoreRow>(sql.keystore, instance, id),
    list: (instance, { type, name }, after, limit) =>
      reader.all<KeystoreRow>(sql.list, instance, type ?? null, name ?? null, after, limit),
    totals: (instance) => reader.get<Totals>(sql.totals, instance) ?? { keystores: 0, authenticated: 0, objects: 0 },
    find: (keystore, id) => headOf(reader.get<HeadRow>(sql.find, keystore, id)),
    head: (number) => headOf(reader.get<HeadRow>(sql.head, number)),
    content: (number) => {
      const row = reader.get<{ blob: Uint8Array | null; sealed: Uint8Array | null }>(sql.content, number)
      if (row?.blob instanceof Uint8Array) return { blob: row.blob }
      return row?.sealed instanceof Uint8Array ? { sealed: row.sealed } : undefined
    },
    sizes: (keystore, after, limit) => reader.all<Sized>(sql.sizes, keystore, after, limit),
    sizesOf: (keystore, ids, after, limit) =>
      reader.all<Sized>(sql.sizesOf, keystore, JSON.stringify([...new Set(ids)]), after, limit),
    found: (key, after, limit) => numbersOf(reader.all<{ number: number }>(sql.found, key, after, limit)),
    numbers: (keystore, after, limit) => numbersOf(reader.all<{ number: number }>(sql.numbers, keystore, after, limit)),
    transaction: (keystore, tx) => reader.get<Transaction>(sql.transaction, keystore, tx),
  }
}
