/** A sealed segment opened for reading: its entries, and the connection its search tables are read through. */
import { zstdDecompressSync } from 'node:zlib'
import { BUNDLE_BYTES_MAX, parseBundle } from '@keywitness/tlog'
import type { StoredEntry } from '../api.ts'
import { TrackerError } from '../errors.ts'
import type { Block } from '../head/entry-rows.ts'
import type { Database, Disk, Statement } from '../store/disk.ts'
import { schemaVersion } from '../store/migrate.ts'
import { BlockReader } from './entry-block.ts'
import { segmentApplicationId, segmentFormat, singleEntriesSince } from './schema.ts'

interface Head {
  readonly first: number
  readonly last: number
  readonly origin: string
  readonly roots: Uint8Array
  readonly time_min: number | null
  readonly time_max: number | null
  readonly dictionary: Uint8Array
  readonly starts: Uint8Array
}

interface BlockRow {
  readonly first: number
  readonly count: number
  readonly packed: Uint8Array
}

export class SegmentFile {
  readonly db: Database
  readonly head: Head
  /** Whether its blocks are entry bundles packed whole, as in the formats before 3. */
  readonly isOfBundles: boolean
  readonly #reader: BlockReader
  readonly #starts: DataView
  readonly #block: Statement<BlockRow>
  readonly #blocks: Statement<BlockRow>
  readonly #list: Statement<Pick<BlockRow, 'first' | 'count'>>

  /** @throws TrackerError MISSING, CORRUPT, NEWER_SCHEMA; and what the database throws */
  constructor(disk: Disk, file: string) {
    this.db = disk.database(file, 'sealed')
    try {
      this.head = readHead(this.db)
      this.isOfBundles = schemaVersion(this.db) < singleEntriesSince
      this.#reader = new BlockReader(this.head.dictionary)
      const { buffer, byteOffset, byteLength } = this.head.starts
      this.#starts = new DataView(buffer, byteOffset, byteLength)
      this.#block = this.db.prepare('SELECT first, count, packed FROM blocks WHERE first = ?')
      this.#blocks = this.db.prepare('SELECT first, count, packed FROM blocks ORDER BY first')
      this.#list = this.db.prepare('SELECT first, count FROM blocks ORDER BY first')
    } catch (error) {
      this.db.close()
      throw error
    }
  }

  /** Lets the next read come from the disk. */
  forget(): void {
    this.db.forget()
  }

  /** First index of the block that holds an entry. */
  blockOf(index: number): number {
    let low = 0
    let high = Math.floor(this.#starts.byteLength / 4) - 1
    while (low < high) {
      const middle = Math.ceil((low + high) / 2)
      if (this.#starts.getUint32(middle * 4, true) <= index - this.head.first) low = middle
      else high = middle - 1
    }
    return this.head.first + (high < 0 ? 0 : this.#starts.getUint32(low * 4, true))
  }

  /** @throws TrackerError CORRUPT */
  block(first: number): Block {
    const row = this.#block.get(first)
    if (row === undefined) throw this.#corrupt(`there is no block at ${first}`)
    return this.#unpack(row)
  }

  /** One entry. @throws TrackerError CORRUPT */
  entry(index: number): Uint8Array {
    const row = this.#block.get(this.blockOf(index))
    if (row === undefined) throw this.#corrupt(`entry ${index} is missing`)
    let entry: Uint8Array | undefined
    try {
      const place = index - row.first
      entry = this.isOfBundles ? this.#unpack(row).entries[place] : this.#reader.entry(row.packed, place)
    } catch (error) {
      if (error instanceof TrackerError) throw error
      throw this.#corrupt(`entry ${index} cannot be unpacked`, error)
    }
    if (entry === undefined) throw this.#corrupt(`entry ${index} is missing`)
    return entry
  }

  /** What blocks there are, in order. */
  blockList(): readonly Pick<BlockRow, 'first' | 'count'>[] {
    return this.#list.all()
  }

  /** All blocks in order, each checked for its own form only. @throws TrackerError CORRUPT */
  *blocks(): Generator<Block> {
    for (const row of this.#blocks.iterate()) yield this.#unpack(row)
  }

  /** All entries in order. @throws TrackerError CORRUPT when they are not exactly the range's */
  *entries(): Generator<StoredEntry> {
    let index = this.head.first
    for (const { first, entries } of this.blocks()) {
      if (first !== index) throw this.#corrupt(`entry ${index} is missing`)
      for (const bytes of entries) yield { index: index++, bytes }
    }
    if (index !== this.head.last) throw this.#corrupt(`it ends at ${index}, not at ${this.head.last}`)
  }

  close(): void {
    this.db.close()
  }

  #unpack({ first, count, packed }: BlockRow): Block {
    let entries: Uint8Array[]
    try {
      entries = this.isOfBundles
        ? parseBundle(unpackBundle(packed, this.head.dictionary))
        : this.#reader.entries(packed)
    } catch (error) {
      throw this.#corrupt(`the block at ${first} cannot be unpacked`, error)
    }
    if (entries.length !== count)
      throw this.#corrupt(`the block at ${first} has ${entries.length} entries, not ${count}`)
    return { first, entries }
  }

  #corrupt(what: string, cause?: unknown): TrackerError {
    return new TrackerError('CORRUPT', `${what} in ${this.db.file}`, { file: this.db.file, cause })
  }
}

/** Blocks of the formats before 3. */
function unpackBundle(packed: Uint8Array, dictionary: Uint8Array): Uint8Array {
  const bundle = zstdDecompressSync(packed, { dictionary, maxOutputLength: BUNDLE_BYTES_MAX })
  return new Uint8Array(bundle.buffer, bundle.byteOffset, bundle.byteLength)
}

function readHead(db: Database): Head {
  const id = db.prepare<{ application_id: number }>('PRAGMA application_id').get()?.application_id
  if (id !== segmentApplicationId) throw new TrackerError('CORRUPT', `${db.file} is not a segment`, { file: db.file })
  const format = schemaVersion(db)
  if (format > segmentFormat) {
    const message = `${db.file} has format ${format}, this version knows up to ${segmentFormat}`
    throw new TrackerError('NEWER_SCHEMA', message, { file: db.file })
  }
  const head = db.prepare<Head>('SELECT * FROM segment').get()
  if (head === undefined) throw new TrackerError('CORRUPT', `${db.file} names no range`, { file: db.file })
  return head
}
