/** The index follower: fills the search tables of the head in bounded steps, its cursor moving with its work. */
import { HASH_BYTES, sameBytes } from '@keywitness/tlog'
import { leafHashInto } from '../hash.ts'
import type { EntryRows } from '../head/entry-rows.ts'
import type { Database, Disk, Statement } from '../store/disk.ts'
import {
  emptyIndex,
  type IndexStretch,
  indexIdentity,
  isUseless,
  openIndexForWriting,
  removeIndex,
} from './index-file.ts'
import { createTables, dropTables, growingTables } from './schema.ts'
import { TableWriter } from './table-writer.ts'

/** How far the log is. */
export interface LogExtent {
  /** Entries in sealed segments: their search tables are inside those. */
  readonly sealed: number
  readonly size: number
  readonly segmentEvents: number
}

interface Progress {
  readonly cursor: number
  readonly leaf: Uint8Array
}

interface OpenIndex {
  readonly db: Database
  readonly identity: number | undefined
  readonly progress: Statement<Progress>
  readonly setProgress: Statement<never>
  cursor: number
  stretches: IndexStretch[]
  /** Writer of the stretch that is being filled. */
  writer: { readonly first: number; readonly tables: TableWriter } | undefined
}

export class IndexFollower {
  readonly #disk: Disk
  readonly #folder: string
  readonly #rows: EntryRows
  #index: OpenIndex | undefined

  constructor(disk: Disk, folder: string, rows: EntryRows) {
    this.#disk = disk
    this.#folder = folder
    this.#rows = rows
  }

  /**
   * Indexes at most `limit` entries; returns how many it did. An index that turns out to be damaged, was deleted or is
   * of another history of the log is begun anew.
   */
  follow(extent: LogExtent, limit: number): number {
    let done = 0
    for (let more = true; more && done < limit;) {
      const count = this.#sound(() => this.#step(extent, limit - done))
      done += count
      more = count > 0
    }
    return done
  }

  /** How far it knows the index to be. */
  get cursor(): number {
    return this.#index?.cursor ?? 0
  }

  close(): void {
    this.#index?.db.close()
    this.#index = undefined
  }

  #sound<Result>(work: () => Result): Result {
    try {
      return work()
    } catch (error) {
      this.close()
      if (!isUseless(error)) throw error
      removeIndex(this.#disk, this.#folder)
      return work()
    }
  }

  /** One transaction: up to `limit` entries, none of them beyond the stretch they begin in. */
  #step(extent: LogExtent, limit: number): number {
    const index = this.#opened(extent)
    const obsolete = index.stretches.filter(({ first }) => first < extent.sealed)
    const from = Math.max(index.cursor, extent.sealed)
    if (from >= extent.size && obsolete.length === 0) return 0
    return index.db.transaction(() => {
      let cursor = from
      for (const stretch of obsolete) {
        this.#drop(index, stretch)
        // A stretch that was sealed in part only (the segment size was changed) is followed again from there.
        if (stretch.last > extent.sealed) cursor = extent.sealed
      }
      if (cursor >= extent.size) return 0
      const stretch = this.#stretchAt(index, extent, cursor)
      const to = Math.min(cursor + limit, extent.size, stretch.last)
      const { tables } = this.#writerOf(index, stretch)
      for (const { index: at, bytes } of this.#rows.range(cursor, to)) tables.add(at, bytes)
      tables.flush()
      index.setProgress.run(to, this.#leafBefore(to))
      index.cursor = to
      return to - cursor
    })
  }

  /** Leaf hash of the entry before an index. */
  #leafBefore(index: number): Uint8Array {
    const leaf = new Uint8Array(HASH_BYTES)
    for (const { bytes } of this.#rows.range(index - 1, index)) leafHashInto(bytes, leaf, 0)
    return leaf
  }

  #opened({ sealed, size }: LogExtent): OpenIndex {
    const open = this.#index
    // A cursor that moved was moved by another follower, before this one or beside it.
    const isCurrent = open?.identity === indexIdentity(this.#folder) && open?.progress.get()?.cursor === open?.cursor
    if (open !== undefined && isCurrent) return open
    this.close()
    const db = openIndexForWriting(this.#disk, this.#folder)
    const reading = db.prepare<Progress>('SELECT cursor, leaf FROM progress')
    const progress = reading.get() ?? { cursor: 0, leaf: new Uint8Array() }
    this.#index = {
      db,
      identity: indexIdentity(this.#folder),
      progress: reading,
      setProgress: db.prepare('UPDATE progress SET cursor=?, leaf=?'),
      cursor: progress.cursor,
      stretches: db.prepare<IndexStretch>('SELECT first, last FROM stretches ORDER BY first').all(),
      writer: undefined,
    }
    const isOfLog =
      progress.cursor <= sealed ||
      (progress.cursor <= size && sameBytes(progress.leaf, this.#leafBefore(progress.cursor)))
    if (isOfLog) return this.#index
    emptyIndex(db)
    this.#index.cursor = 0
    this.#index.stretches = []
    return this.#index
  }

  #drop(index: OpenIndex, { first }: IndexStretch): void {
    index.db.exec(dropTables(growingTables(first)))
    index.db.prepare('DELETE FROM stretches WHERE first=?').run(first)
    index.stretches = index.stretches.filter((stretch) => stretch.first !== first)
    if (index.writer?.first === first) index.writer = undefined
  }

  /** The stretch that `cursor` is in: ranges that will be sealed together are dropped together. */
  #stretchAt(index: OpenIndex, { sealed, segmentEvents }: LogExtent, cursor: number): IndexStretch {
    const present = index.stretches.find(({ first, last }) => first <= cursor && cursor < last)
    if (present !== undefined) return present
    const last = sealed + (Math.floor((cursor - sealed) / segmentEvents) + 1) * segmentEvents
    const stretch: IndexStretch = { first: cursor, last }
    const tables = growingTables(cursor)
    index.db.exec(dropTables(tables) + createTables(tables))
    index.db.prepare('INSERT INTO stretches VALUES (?, ?)').run(stretch.first, stretch.last)
    index.stretches.push(stretch)
    return stretch
  }

  #writerOf(index: OpenIndex, { first }: IndexStretch): { readonly tables: TableWriter } {
    if (index.writer?.first !== first) {
      index.writer = { first, tables: new TableWriter(index.db, growingTables(first)) }
    }
    return index.writer
  }
}
