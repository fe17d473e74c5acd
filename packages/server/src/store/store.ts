/** The server store as its users see it: reading what is committed, and changes as data. */
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

/**
 * A question that must still find a row at commit. For calls that change nothing but were decided on a state (wrap on an
 * active key): without it such a call could be numbered after the event that ended that state.
 */
export interface Condition {
  readonly sql: string
  readonly params: readonly SQLInputValue[]
}

/** Reading what is committed. Every read is synchronous and sees whole groups only. */
export interface Reader {
  /** First row, or undefined. `sql` must be a constant text: statements are cached by it. */
  get<Row>(sql: string, ...params: SQLInputValue[]): Row | undefined
  all<Row>(sql: string, ...params: SQLInputValue[]): Row[]
  /**
   * As `get`, but read again only once something was written to a table that `sql` names: for what every call asks and
   * hardly anything changes. The row is shared: nobody alters it. Nothing in `sql` may depend on time or chance.
   */
  remembered<Row>(sql: string, ...params: SQLInputValue[]): Row | undefined
  /** The same with all rows. */
  rememberedAll<Row>(sql: string, ...params: SQLInputValue[]): readonly Row[]
}

/** The one writing connection. Only the group committer uses its transactions (record/committer.ts). */
export interface Store extends Reader {
  readonly file: string
  /** Runs a statement and tells how many rows it affected. `sql` must be a constant text. */
  run(sql: string, params: readonly SQLInputValue[]): number
  exec(sql: string): void
  /** Ends the open transaction, if there still is one: a full disk or a failed read make the engine end it by itself. */
  rollBack(): void
  /** The write-ahead log, whose bytes are what makes a commit last: see `StoreSync`. Of a store in memory there is none. */
  readonly logFile: string | undefined
  /** Brings all that is committed to the disk, and holds the thread meanwhile. @throws the system's error */
  sync(): void
  close(): void
}
