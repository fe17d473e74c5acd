/** The index of the head as a reader uses it: reopened when it was replaced, done without when it is no use. */
import { type IndexStretch, indexIdentity, isUseless, openIndexForReading } from '../search/index-file.ts'
import { growingTables } from '../search/schema.ts'
import { TableSearch } from '../search/table-search.ts'
import type { Database, Disk, Statement } from '../store/disk.ts'

/** What the index covers, as one view of it says. */
export interface IndexView {
  readonly cursor: number
  readonly stretches: readonly IndexStretch[]
  search(stretch: IndexStretch): TableSearch
}

interface OpenIndex {
  readonly db: Database
  readonly identity: number | undefined
  readonly cursor: Statement<{ cursor: number }>
  readonly stretches: Statement<IndexStretch>
  readonly searches: Map<number, TableSearch>
}

export class HeadIndex {
  readonly #disk: Disk
  readonly #folder: string
  #open: OpenIndex | undefined

  constructor(disk: Disk, folder: string) {
    this.#disk = disk
    this.#folder = folder
  }

  /**
   * Runs `work` over one view of the index, or over none. The view must be taken before that of the head: an index
   * that is behind its log is incomplete, one that is ahead would name entries that are not there.
   */
  use<Result>(work: (view: IndexView | undefined) => Result): Result {
    try {
      const open = this.#opened()
      if (open === undefined) return work(undefined)
      return open.db.snapshot(() => work(viewOf(open)))
    } catch (error) {
      if (!isUseless(error)) throw error
      this.close()
      return work(undefined)
    }
  }

  close(): void {
    this.#open?.db.close()
    this.#open = undefined
  }

  #opened(): OpenIndex | undefined {
    const identity = indexIdentity(this.#folder)
    if (this.#open !== undefined && this.#open.identity === identity) return this.#open
    this.close()
    const db = openIndexForReading(this.#disk, this.#folder)
    if (db === undefined) return undefined
    this.#open = {
      db,
      identity,
      cursor: db.prepare('SELECT cursor FROM progress'),
      stretches: db.prepare('SELECT first, last FROM stretches ORDER BY first'),
      searches: new Map(),
    }
    return this.#open
  }
}

function viewOf(open: OpenIndex): IndexView {
  const stretches = open.stretches.all()
  const present = new Set(stretches.map(({ first }) => first))
  for (const first of open.searches.keys()) if (!present.has(first)) open.searches.delete(first)
  return {
    cursor: open.cursor.get()?.cursor ?? 0,
    stretches,
    search: ({ first }) => {
      const held = open.searches.get(first) ?? new TableSearch(open.db, growingTables(first))
      open.searches.set(first, held)
      return held
    },
  }
}
