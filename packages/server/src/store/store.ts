/** The server store: one SQLite file, one writing connection, numbered migrations; the only place that opens it. */
import type { SQLInputValue } from 'node:sqlite'

/**
 * One statement of a state change, as data. `rows` is how many rows it must affect: row version, state and quota
 * stand in its WHERE clause, so a condition that no longer holds shows as another count and the call decides again.
 */
export interface Change {
  readonly sql: string
  readonly params: readonly SQLInputValue[]
  readonly rows: number
}

/** Reading what is committed. Every read is synchronous and sees whole groups only. */
export interface Reader {
  /** First row, or undefined. `sql` must be a constant text: statements are cached by it. */
  get<Row>(sql: string, ...params: SQLInputValue[]): Row | undefined
  all<Row>(sql: string, ...params: SQLInputValue[]): Row[]
}
