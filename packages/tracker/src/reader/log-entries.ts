/** Entries by index, wherever they are: in a sealed segment or in the head. */
import type { StoredEntry } from '../api.ts'
import { TrackerError } from '../errors.ts'
import type { Block, EntryRows } from '../head/entry-rows.ts'
import { rangeBytesMax } from '../limits.ts'
import type { RegisteredSegment } from '../segment/register.ts'
import type { SegmentFile } from '../segment/segment-file.ts'
import type { BlockCache } from './block-cache.ts'
import type { SegmentPool } from './segment-pool.ts'

/** One unchanging view of how far the log is. */
export interface LogView {
  readonly size: number
  /** Size of the newest checkpoint. */
  readonly covered: number
  readonly sealed: number
  readonly segments: readonly RegisteredSegment[]
  /** The signed minimum index, and the first entry that is there; both 0 when nothing was pruned. */
  readonly minimum: number
  readonly first: number
}

export class LogEntries {
  readonly #rows: EntryRows
  readonly #pool: SegmentPool
  readonly #cache: BlockCache

  constructor(rows: EntryRows, pool: SegmentPool, cache: BlockCache) {
    this.#rows = rows
    this.#pool = pool
    this.#cache = cache
  }

  /** @throws TrackerError CORRUPT, MISSING (a segment file) */
  entry(view: LogView, index: number): Uint8Array {
    refusePruned(view, index)
    if (index < view.sealed) {
      const { file } = this.#pool.get(segmentOf(view.segments, index))
      if (!file.isOfBundles) return file.entry(index)
      const first = file.blockOf(index)
      return this.#cache.get(`segment/${first}`, () => file.block(first)).entries[index - first] ?? file.entry(index)
    }
    const { first, entries } = this.#headBlock(index)
    return entries[index - first]!
  }

  /**
   * Entries `from` to below `to`, which the log must hold, read from the disk whatever is in memory: a change of the
   * bytes there must show to whoever verifies them.
   *
   * @throws TrackerError CORRUPT, MISSING, PRUNED
   */
  *fromDisk(view: LogView, from: number, to: number): Generator<StoredEntry> {
    let index = from
    if (from < to) refusePruned(view, from)
    for (let fresh: SegmentFile | undefined; index < Math.min(to, view.sealed);) {
      const { file } = this.#pool.get(segmentOf(view.segments, index))
      if (file !== fresh) file.forget()
      fresh = file
      const { first, entries } = file.block(file.blockOf(index))
      const wanted = entries.slice(index - first, to - first)
      if (wanted.length === 0) throw new TrackerError('CORRUPT', `entry ${index} is missing`, { file: file.db.file })
      for (const bytes of wanted) yield { index: index++, bytes }
    }
    if (index >= to) return
    this.#rows.forget()
    yield* this.#rows.range(index, to)
  }

  /** Entries of a range as far as they are there, from the disk: at most `limit`, and some 16 MiB. */
  there(view: LogView, from: number, to: number, limit: number): StoredEntry[] {
    const start = Math.max(from, view.first)
    const entries: StoredEntry[] = []
    let bytesTotal = 0
    for (const entry of this.fromDisk(view, start, Math.min(to, view.size, start + limit))) {
      bytesTotal += entry.bytes.length
      if (bytesTotal > rangeBytesMax && entries.length > 0) break
      entries.push(entry)
    }
    return entries
  }

  #headBlock(index: number): Block {
    const first = this.#rows.rowOf(index)
    const block = this.#cache.get(`head/${first}`, () => this.#rows.row(first))
    // A hole in the table makes the row before it look like the entry's.
    return index < first + block.entries.length ? block : this.#rows.row(index)
  }
}

/** @throws TrackerError PRUNED */
function refusePruned({ first }: LogView, index: number): void {
  if (index < first) throw new TrackerError('PRUNED', `entries below ${first} were pruned by policy`)
}

/** The segment that holds an index; the register has no holes. */
function segmentOf(segments: readonly RegisteredSegment[], index: number): RegisteredSegment {
  let low = 0
  let high = segments.length - 1
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if (segments[middle]!.first <= index) low = middle
    else high = middle - 1
  }
  return segments[low]!
}
