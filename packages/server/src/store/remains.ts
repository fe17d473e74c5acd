/** Rows whose owner was removed: there may be hundreds of thousands, and so they leave in pieces, the owner's name last. */
import type { SQLInputValue } from 'node:sqlite'
import type { Change, Reader } from './store.ts'

/** Where they stand. All names are of the schema. */
export interface RemainsPlace {
  /** Table of the owners that were removed; their columns are those by which its rows name their owner. */
  readonly owners: string
  readonly owner: readonly string[]
  /** Table of what they left; its `number` is its primary key. */
  readonly rows: string
  /** By which the rows of an owner are found. */
  readonly index: string
  /** Rows that leave in one commit. */
  readonly atOnce: number
}

export interface Remains {
  readonly areThere: boolean
  /** What takes the next piece of them away; undefined when nothing is left. */
  next(): { readonly changes: readonly Change[]; readonly isLastOfOwner: boolean } | undefined
}

export function remainsAt(reader: Reader, { owners, owner, rows, index, atOnce }: RemainsPlace): Remains {
  const mine = owner.map((column, place) => `${column} = ?${place + 1}`).join(' AND ')
  const next = `SELECT ${owner.join(', ')} FROM ${owners} LIMIT 1`
  const some = `SELECT number FROM ${rows} INDEXED BY ${index} WHERE ${mine} LIMIT ${atOnce}`
  const count = `SELECT count(*) AS count FROM (${some})`
  const remove = `DELETE FROM ${rows} WHERE number IN (${some})`
  const swept = `DELETE FROM ${owners} WHERE ${mine}`
  return {
    get areThere() {
      return reader.get(next) !== undefined
    },
    next() {
      const found = reader.get<Record<string, SQLInputValue>>(next)
      if (found === undefined) return undefined
      const params = Object.values(found)
      const number = reader.get<{ count: number }>(count, ...params)?.count ?? 0
      const isLastOfOwner = number < atOnce
      const changes = [
        ...(number === 0 ? [] : [{ sql: remove, params, rows: number }]),
        ...(isLastOfOwner ? [{ sql: swept, params, rows: 1 }] : []),
      ]
      return { changes, isLastOfOwner }
    },
  }
}
