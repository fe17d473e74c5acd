/** Everything a tracker does to a disk, as one small interface, and that interface on the real disk. */
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
  type PathLike,
} from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import { pathToFileURL } from 'node:url'
import { busyTimeoutMs } from '../limits.ts'

/** A prepared statement; `Row` is what its reader expects to see. */
export interface Statement<Row> {
  get(...params: SQLInputValue[]): Row | undefined
  all(...params: SQLInputValue[]): Row[]
  iterate(...params: SQLInputValue[]): IterableIterator<Row>
  run(...params: SQLInputValue[]): { changes: number | bigint }
}

/** One connection to one database file. */
export interface Database {
  readonly file: string
  exec(sql: string): void
  prepare<Row = Record<string, unknown>>(sql: string): Statement<Row>
  /** Runs `work` in one write transaction; whatever it throws rolls everything back. Durable on return. */
  transaction<Result>(work: () => Result): Result
  /** Runs `work` over one unchanging view of the database. */
  snapshot<Result>(work: () => Result): Result
  /** Drops pages held in memory. */
  forget(): void
  close(): void
}

/**
 * `write` creates a file that is not there, and so does `draft`, for a file that is worthless until it is whole: full text
 * may be put into it as it is stored. `sealed` is for files that nobody will ever change.
 */
type DatabaseMode = 'write' | 'draft' | 'read' | 'sealed'

/** Where faults can be put in by a test. Each method is durable on return unless it says otherwise. */
export interface Disk {
  database(file: string, mode: DatabaseMode): Database
  /** Puts a whole new content in the place of a file (0600), or creates it: never a mixture of both. */
  replaceFile(file: string, content: string): void
  /** Syncs a file and gives it its final name. */
  nameFile(from: string, to: string): void
  removeFile(file: string): void
  /** Creates a folder with its parents. */
  makeFolder(folder: string, mode: number): void
}

export const realDisk: Disk = {
  database: (file, mode) => new SqliteFile(file, mode),
  replaceFile: (file, content) => {
    const draft = `${file}.new`
    const handle = openSync(draft, 'w', 0o600)
    try {
      writeSync(handle, content)
      fsyncSync(handle)
    } finally {
      closeSync(handle)
    }
    renameSync(draft, file)
    syncPath(dirname(file))
  },
  nameFile: (from, to) => {
    syncPath(from)
    renameSync(from, to)
    syncPath(dirname(to))
  },
  removeFile: (file) => rmSync(file, { force: true }),
  makeFolder: (folder, mode) => {
    mkdirSync(folder, { recursive: true, mode })
    syncPath(folder)
    syncPath(dirname(folder))
  },
}

/** A file's text, or undefined when there is no such file. */
export function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

function syncPath(path: PathLike): void {
  const handle = openSync(path, 'r')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}

class SqliteFile implements Database {
  readonly file: string
  readonly #db: DatabaseSync
  readonly #begin: string

  constructor(file: string, mode: DatabaseMode) {
    this.file = file
    const isWritten = mode === 'write' || mode === 'draft'
    this.#begin = isWritten ? 'BEGIN IMMEDIATE' : 'BEGIN'
    // A sealed file is read without locks and without the files that locks need: its folder may be read-only.
    const location = mode === 'sealed' ? `${pathToFileURL(file).href}?immutable=1` : file
    this.#db = new DatabaseSync(location, {
      readOnly: !isWritten,
      timeout: busyTimeoutMs,
      defensive: mode !== 'draft',
    })
    try {
      this.#db.exec('PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON')
    } catch (error) {
      this.#db.close()
      throw error
    }
  }

  exec(sql: string): void {
    this.#db.exec(sql)
  }

  prepare<Row>(sql: string): Statement<Row> {
    return this.#db.prepare(sql) as unknown as Statement<Row>
  }

  transaction<Result>(work: () => Result): Result {
    return this.#within(this.#begin, work)
  }

  snapshot<Result>(work: () => Result): Result {
    return this.#db.isTransaction ? work() : this.#within('BEGIN', work)
  }

  forget(): void {
    this.#db.exec('PRAGMA shrink_memory')
  }

  close(): void {
    this.#db.close()
  }

  #within<Result>(begin: string, work: () => Result): Result {
    this.#db.exec(begin)
    try {
      const result = work()
      this.#db.exec('COMMIT')
      return result
    } catch (error) {
      // Some errors (a full disk) have rolled back already.
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK')
      throw error
    }
  }
}
