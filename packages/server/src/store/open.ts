/** Opens the server store: one SQLite file, one writing connection, numbered migrations; nobody else opens it for writing. */
import { closeSync, existsSync, fdatasyncSync, openSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import { programFiles } from '../program-files.ts'
import { StartError } from '../start-error.ts'
import { copyStore } from './copy.ts'
import { Remembering } from './remembering.ts'
import type { Store } from './store.ts'

/** How long a statement waits for another connection, milliseconds. */
export const busyTimeoutMs = 1_000

/** What changes no rows by itself. */
const begins = /^(?:BEGIN|SAVEPOINT|RELEASE|COMMIT)[^;]*$/

/**
 * Opens `<folder>/server.db`, creating or migrating it.
 * @throws StartError CORRUPT_STORE, NEWER_SCHEMA, DATA_READ_ONLY, DISK_FULL
 */
export function openStore(folder: string): Store {
  const file = join(folder, 'server.db')
  const isNew = !existsSync(file)
  let db: DatabaseSync | undefined
  try {
    db = new DatabaseSync(file, { timeout: busyTimeoutMs })
    // Before anything is set: what a newer version made of the file is not known here.
    refuseNewer(db, file)
    // A group of events fills pages of 8 KiB with half the writes; a file that has another size keeps it.
    db.exec('PRAGMA page_size=8192')
    // NORMAL: SQLite orders what must be on the disk before what, but does not wait for it at each COMMIT. The committer does,
    // by `sync`, before anybody is answered: so the thread need not stand still. secure_delete: purged rows must not linger.
    db.exec('PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA secure_delete=ON; PRAGMA foreign_keys=ON')
    db.exec('PRAGMA wal_autocheckpoint=2000')
    // What a savepoint would go back to is kept in memory: a file elsewhere on the disk would be written for each call that
    // changes something, and hold what is purged here.
    db.exec('PRAGMA temp_store=MEMORY')
    if (!isNew) checkWhole(db, file)
    migrate(db, file, isNew)
    // What an end without notice left in the log may hold material that was erased since. From here on all is on the disk.
    db.exec('PRAGMA wal_checkpoint(TRUNCATE)')
  } catch (error) {
    db?.close()
    throw asStartError(error, file)
  }
  return storeOn(db, file, `${file}-wal`)
}

/** Reads one row, or all. */
type Reading = (sql: string, params: readonly SQLInputValue[]) => object | undefined

/** Wraps a connection whose schema is in place. */
function storeOn(db: DatabaseSync, file: string, logFile?: string): Store {
  const statements = new Map<string, StatementSync>()
  const prepared = (sql: string): StatementSync => {
    let statement = statements.get(sql)
    if (statement === undefined) {
      statement = db.prepare(sql)
      statements.set(sql, statement)
    }
    return statement
  }
  const remembering = new Remembering(db)
  /**
   * Whether a transaction of reading is open. Each statement outside of one locks and unlocks the file, which costs more than
   * most of them; so those of one turn of the loop share one. It shows what was committed, as ever: this connection alone
   * writes, and whatever it does ends the reading first.
   */
  let isReading = false
  const beginReading = (): void => {
    if (db.isTransaction) return
    prepared('BEGIN').run()
    isReading = true
    setImmediate(endReading)
  }
  const endReading = (): void => {
    if (!isReading) return
    isReading = false
    prepared('COMMIT').run()
  }
  const get = (sql: string, params: readonly SQLInputValue[]): unknown => {
    beginReading()
    return prepared(sql).get(...params)
  }
  const all = (sql: string, params: readonly SQLInputValue[]): unknown[] => {
    beginReading()
    return prepared(sql).all(...params)
  }
  const remembered = (sql: string, params: readonly SQLInputValue[], read: Reading): object | undefined => {
    const known = remembering.known(sql, params)
    if (known !== undefined) return known.answer
    const answer = read(sql, params)
    remembering.learn(sql, params, answer)
    return answer
  }
  // SQLite empties this file and fills it anew, and keeps it as long as the store is open.
  const log = logFile === undefined ? undefined : openSync(logFile, 'r')
  return {
    file,
    logFile,
    get: <Row>(sql: string, ...params: SQLInputValue[]) => get(sql, params) as Row | undefined,
    all: <Row>(sql: string, ...params: SQLInputValue[]) => all(sql, params) as Row[],
    remembered: <Row>(sql: string, ...params: SQLInputValue[]) =>
      remembered(sql, params, get as Reading) as Row | undefined,
    rememberedAll: <Row>(sql: string, ...params: SQLInputValue[]) => remembered(sql, params, all) as readonly Row[],
    run: (sql, params) => {
      endReading()
      const changes = Number(prepared(sql).run(...params).changes)
      if (changes > 0) remembering.changed(sql)
      return changes
    },
    exec: (sql) => {
      endReading()
      if (begins.test(sql)) {
        prepared(sql).run()
        return
      }
      remembering.changedAny()
      db.exec(sql)
    },
    rollBack: () => {
      endReading()
      remembering.changedAny()
      if (db.isTransaction) db.exec('ROLLBACK')
    },
    sync: () => {
      if (log !== undefined) fdatasyncSync(log)
    },
    close: () => {
      endReading()
      statements.clear()
      if (log !== undefined) closeSync(log)
      db.close()
    },
  }
}

/** A store for tests: the whole schema in memory. */
export function memoryStore(): Store {
  const db = new DatabaseSync(':memory:')
  emptySchema ??= emptyStore()
  db.deserialize(emptySchema)
  db.exec('PRAGMA foreign_keys=ON')
  return storeOn(db, ':memory:')
}

/** The bytes of a store in which nothing is yet: a test file makes many. */
let emptySchema: Uint8Array | undefined

function emptyStore(): Uint8Array {
  using db = new DatabaseSync(':memory:')
  migrate(db, ':memory:', true)
  return db.serialize()
}

/** Checks every table but the outbox, whose size would make each start slow and whose rows the log proves anyway. */
function checkWhole(db: DatabaseSync, file: string): void {
  const tables = db.prepare("SELECT name FROM sqlite_schema WHERE type='table' AND name<>'outbox'").all()
  for (const { name } of tables as { name: string }[]) {
    const rows = db.prepare(`PRAGMA quick_check("${name}")`).all() as { quick_check: string }[]
    if (rows[0]?.quick_check !== 'ok') {
      throw new StartError('CORRUPT_STORE', `${file} is damaged (${name}): ${rows[0]?.quick_check ?? 'no answer'}`)
    }
  }
}

/** Names of the numbered schema files, in order. */
function schemaSteps(): readonly string[] {
  return readdirSync(programFiles.schema)
    .filter((name) => /^\d{3}-.*\.sql$/.test(name))
    .sort()
}

/** The number of a schema file. */
function numberOf(step: string): number {
  return Number(step.slice(0, 3))
}

function schemaVersion(db: DatabaseSync): number {
  return (db.prepare('PRAGMA user_version').get() as { user_version: number }).user_version
}

/** @throws StartError NEWER_SCHEMA */
function refuseNewer(db: DatabaseSync, file: string): void {
  const version = schemaVersion(db)
  const newest = numberOf(schemaSteps().at(-1) ?? '0')
  if (version <= newest) return
  throw new StartError(
    'NEWER_SCHEMA',
    `${file} was written by a newer version (schema ${version}, this one knows ${newest}). Start that version, or restore a copy.`,
  )
}

/** Applies the numbered schema files this store has not seen, all in one transaction. A copy is made first. */
function migrate(db: DatabaseSync, file: string, isNew: boolean): void {
  const version = schemaVersion(db)
  const missing = schemaSteps().filter((name) => numberOf(name) > version)
  // Version 0: a crash before the first step of its first start.
  if (missing.length > 0 && !isNew && version > 0) copyStore(db, file, version)
  const [newest] = missing.slice(-1)
  if (newest === undefined) return
  db.exec('BEGIN IMMEDIATE')
  try {
    for (const name of missing) db.exec(readFileSync(join(programFiles.schema, name), 'utf8'))
    db.exec(`PRAGMA user_version=${numberOf(newest)}`)
    db.exec('COMMIT')
  } catch (error) {
    db.exec('ROLLBACK')
    throw error
  }
  // Rewritten tables leave bytes of theirs behind in the pages they were on.
  if (!isNew) db.exec('VACUUM')
}

/** SQLite's primary result codes (sqlite.org/rescode.html) that an operator can do something about. */
const SQLITE = { READONLY: 8, CORRUPT: 11, FULL: 13, CANTOPEN: 14, NOTADB: 26, IOERR: 10, BUSY: 5 } as const

/** The primary SQLite result code of an error, or undefined. */
export function sqliteCode(error: unknown): number | undefined {
  const code = (error as { errcode?: unknown }).errcode
  return typeof code === 'number' ? code & 0xff : undefined
}

/** True when another program holds the store's write lock. */
export function isLocked(error: unknown): boolean {
  return sqliteCode(error) === SQLITE.BUSY
}

/** True when the error says that there is no room left. */
export function isDiskFull(error: unknown): boolean {
  return sqliteCode(error) === SQLITE.FULL || (error as { code?: unknown }).code === 'ENOSPC'
}

function asStartError(error: unknown, file: string): unknown {
  if (error instanceof StartError) return error
  const code = sqliteCode(error)
  if (code === SQLITE.CORRUPT || code === SQLITE.NOTADB) {
    return new StartError('CORRUPT_STORE', `${file} is damaged and cannot be read. Nothing was changed.`, error)
  }
  if (isDiskFull(error)) return new StartError('DISK_FULL', `No room left for ${file}.`, error)
  if (code === SQLITE.READONLY || code === SQLITE.CANTOPEN || code === SQLITE.IOERR) {
    return new StartError('DATA_READ_ONLY', `${file} cannot be written: ${(error as Error).message}.`, error)
  }
  return error
}
