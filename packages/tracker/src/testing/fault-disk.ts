/** A disk whose writes can be made to fail, in both ways a write can fail. */
import type { Database, Disk, Statement } from '../store/disk.ts'

/** `lost`: not written and reported so. `kept`: written, but reported as failed. */
export type Fault = 'lost' | 'kept'
export const faults: readonly Fault[] = ['lost', 'kept']

export interface FaultPlan {
  /** Which write fails, counted from 1. */
  readonly at: number
  readonly fault: Fault
  /** What happens instead of an error, such as ending the process. */
  readonly instead?: () => void
}

/** Counts writes and lets the planned one fail. Each commit, row of the head and file operation is a write. */
export class FaultDisk implements Disk {
  readonly #disk: Disk
  readonly #plan: FaultPlan | undefined
  /** What was written, in order: the name of each write. */
  readonly writes: string[] = []

  constructor(disk: Disk, plan?: FaultPlan) {
    this.#disk = disk
    this.#plan = plan
  }

  /** Whether the planned write came. */
  get hasFailed(): boolean {
    return this.#plan !== undefined && this.writes.length >= this.#plan.at
  }

  database(file: string, mode: Parameters<Disk['database']>[1]): Database {
    const db = this.#disk.database(file, mode)
    if (mode !== 'write' && mode !== 'draft') return db
    const name = file.split('/').at(-1)
    return {
      file,
      exec: (sql) => db.exec(sql),
      // Rows of an index or a draft are many and alike: their transaction fails as a whole.
      prepare: <Row>(sql: string) =>
        name === 'head.db'
          ? this.#statement(db.prepare<Row>(sql), `${name}: ${sql.slice(0, 40)}`)
          : db.prepare<Row>(sql),
      transaction: (work) => this.#commit(db, `${name}: COMMIT`, work),
      snapshot: (work) => db.snapshot(work),
      forget: () => db.forget(),
      close: () => db.close(),
    }
  }

  replaceFile(file: string, content: string): void {
    this.#write(`replace ${file.split('/').at(-1)}`, () => this.#disk.replaceFile(file, content))
  }

  nameFile(from: string, to: string): void {
    this.#write(`name ${to.split('/').at(-1)}`, () => this.#disk.nameFile(from, to))
  }

  removeFile(file: string): void {
    this.#write(`remove ${file.split('/').at(-1)}`, () => this.#disk.removeFile(file))
  }

  makeFolder(folder: string, mode: number): void {
    this.#write(`make ${folder.split('/').at(-1)}`, () => this.#disk.makeFolder(folder, mode))
  }

  #statement<Row>(statement: Statement<Row>, name: string): Statement<Row> {
    return {
      get: (...params) => statement.get(...params),
      all: (...params) => statement.all(...params),
      iterate: (...params) => statement.iterate(...params),
      run: (...params) => this.#write(name, () => statement.run(...params)),
    }
  }

  #commit<Result>(db: Database, name: string, work: () => Result): Result {
    let isPlanned = false
    const result = db.transaction(() => {
      const inside = work()
      isPlanned = this.#isPlanned(name)
      if (isPlanned && this.#plan?.fault === 'lost') this.#fail(name)
      return inside
    })
    if (isPlanned) this.#fail(name)
    return result
  }

  #write<Result>(name: string, write: () => Result): Result {
    if (!this.#isPlanned(name)) return write()
    if (this.#plan?.fault === 'kept') write()
    return this.#fail(name)
  }

  #isPlanned(name: string): boolean {
    this.writes.push(name)
    return this.writes.length === this.#plan?.at
  }

  #fail(name: string): never {
    this.#plan?.instead?.()
    // 778 is SQLITE_IOERR_WRITE.
    throw Object.assign(new Error(`injected fault at ${name}`), { errcode: 778 })
  }
}
