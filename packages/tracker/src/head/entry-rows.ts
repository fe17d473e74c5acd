/** Rows of entries: how a run of entries becomes rows of the head, and how indexes are read back from rows. */
import { HASH_BYTES, parseBundle, TILE_WIDTH } from '@keywitness/tlog'
import type { StoredEntry } from '../api.ts'
import { TrackerError } from '../errors.ts'
import { rowBytes } from '../limits.ts'
import type { Database, Statement } from '../store/disk.ts'

/** An entry about to be stored, with its leaf hash at `leafAt` of a shared buffer. */
export interface NewEntry {
  readonly bytes: Uint8Array
  readonly leafAt: number
  /** What is kept beside it. */
  readonly attachments?: readonly Uint8Array[] | undefined
}

/** Entries that are stored together. */
export interface Block {
  /** Index of the first. */
  readonly first: number
  readonly entries: readonly Uint8Array[]
}

export interface EntryRow {
  readonly first: number
  readonly count: number
  readonly leaves: Uint8Array
  readonly bundle: Uint8Array
}

/** Cuts entries that begin at index `first` into rows: at multiples of 256, and when a row has become large. */
export function* entryRows(first: number, entries: readonly NewEntry[], leaves: Buffer): Generator<EntryRow> {
  let start = 0
  while (start < entries.length) {
    const room = TILE_WIDTH - ((first + start) % TILE_WIDTH)
    let bytes = 0
    let end = start
    while (end < entries.length && end - start < room && bytes < rowBytes) bytes += 2 + entries[end++]!.bytes.length
    const bundle = Buffer.allocUnsafe(bytes)
    let at = 0
    for (let i = start; i < end; i++) {
      const entry = entries[i]!.bytes
      bundle.writeUInt16BE(entry.length, at)
      bundle.set(entry, at + 2)
      at += 2 + entry.length
    }
    const from = entries[start]!.leafAt
    const row = leaves.subarray(from, from + (end - start) * HASH_BYTES)
    yield { first: first + start, count: end - start, leaves: row, bundle }
    start = end
  }
}

/** Reads entries of the head. */
export class EntryRows {
  readonly #db: Database
  readonly #file: string
  readonly #rowOf: Statement<{ first: number }>
  readonly #row: Statement<Pick<EntryRow, 'first' | 'count' | 'bundle'>>
  readonly #rows: Statement<Pick<EntryRow, 'first' | 'count' | 'bundle'>>
  readonly #leaves: Statement<{ leaves: Uint8Array }>
  readonly #end: Statement<{ end: number }>

  constructor(db: Database) {
    this.#db = db
    this.#file = db.file
    this.#rowOf = db.prepare('SELECT first FROM entries WHERE first <= ? ORDER BY first DESC LIMIT 1')
    this.#row = db.prepare('SELECT first, count, bundle FROM entries WHERE first = ?')
    this.#rows = db.prepare('SELECT first, count, bundle FROM entries WHERE first >= ? AND first < ? ORDER BY first')
    this.#leaves = db.prepare('SELECT leaves FROM entries WHERE first >= ? AND first < ? ORDER BY first')
    this.#end = db.prepare('SELECT first + count AS end FROM entries ORDER BY first DESC LIMIT 1')
  }

  /** One past the last index in the head; undefined when it is empty. */
  end(): number | undefined {
    return this.#end.get()?.end
  }

  /** The first index in the head; undefined when it is empty. */
  start(): number | undefined {
    return (
      this.#db.prepare<{ first: number | null }>('SELECT min(first) AS first FROM entries').get()?.first ?? undefined
    )
  }

  /** Lets the next read come from the disk. */
  forget(): void {
    this.#db.forget()
  }

  /** First index of the row that holds an entry. @throws TrackerError CORRUPT */
  rowOf(index: number): number {
    const row = this.#rowOf.get(index)
    if (row === undefined) throw this.#corrupt(`entry ${index} is missing`)
    return row.first
  }

  /** A whole row. @throws TrackerError CORRUPT */
  row(first: number): Block {
    const row = this.#row.get(first)
    if (row === undefined) throw this.#corrupt(`entry ${first} is missing`)
    return { first, entries: this.#entriesOf(row) }
  }

  /**
   * Entries `from` to below `to`, in order.
   *
   * @throws TrackerError CORRUPT when one is not there or a row is not well-formed
   */
  *range(from: number, to: number): Generator<StoredEntry> {
    let index = from
    for (const row of this.#rows.iterate(this.#rowOf.get(from)?.first ?? from, to)) {
      const entries = this.#entriesOf(row)
      for (const [place, bytes] of entries.entries()) {
        if (row.first + place < index) continue
        if (row.first + place > index) throw this.#corrupt(`entry ${index} is missing`)
        if (index >= to) return
        yield { index, bytes }
        index += 1
      }
    }
    if (index < to) throw this.#corrupt(`entry ${index} is missing`)
  }

  /** Leaf hashes of `width` entries from index `from`, a multiple of 256. @throws TrackerError CORRUPT */
  leaves(from: number, width: number): Uint8Array {
    const leaves = new Uint8Array(width * HASH_BYTES)
    let at = 0
    for (const row of this.#leaves.all(from, from + width)) {
      const fitting = row.leaves.subarray(0, leaves.length - at)
      leaves.set(fitting, at)
      at += fitting.length
    }
    if (at < leaves.length) throw this.#corrupt(`leaf hash ${from + at / HASH_BYTES} is missing`)
    return leaves
  }

  #entriesOf(row: Pick<EntryRow, 'first' | 'count' | 'bundle'>): Uint8Array[] {
    let entries: Uint8Array[]
    try {
      entries = parseBundle(row.bundle)
    } catch (error) {
      throw this.#corrupt(`the row of entry ${row.first} is malformed`, error)
    }
    if (entries.length !== row.count) throw this.#corrupt(`the row of entry ${row.first} has ${entries.length} entries`)
    return entries
  }

  #corrupt(what: string, cause?: unknown): TrackerError {
    return new TrackerError('CORRUPT', `${what} in ${this.#file}`, { file: this.#file, cause })
  }
}
