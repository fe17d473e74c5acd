/** Builds a segment file from a range of the head: reads only, in any thread, while the log goes on growing. */
import { hash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { HASH_BYTES, sameBytes } from '@keywitness/tlog'
import type { Segment, SegmentRange, StoredEntry } from '../api.ts'
import { TrackerError } from '../errors.ts'
import { leafHashInto } from '../hash.ts'
import { EntryRows } from '../head/entry-rows.ts'
import { openHeadForReading, readIdentity } from '../head/open-head.ts'
import { segmentsFolder } from '../head/schema.ts'
import { blockEntries } from '../limits.ts'
import { isUseless } from '../search/index-file.ts'
import { createIndexes, sealedTables } from '../search/schema.ts'
import { TableWriter } from '../search/table-writer.ts'
import { asTrackerError } from '../store/sqlite-error.ts'
import { type Database, type Disk, realDisk } from '../store/disk.ts'
import { RangeRoots } from '../tree/range-roots.ts'
import { packBlock } from './entry-block.ts'
import { Lz4Packer, lz4DictionaryMax } from './lz4.ts'
import { segmentFileName } from './register.ts'
import { AttachedIndex } from './copied-tables.ts'
import { segmentSchema } from './schema.ts'
import { SegmentFile } from './segment-file.ts'

/** Ends the name of a file that is not finished; such files may be removed whenever nobody builds. */
const draftSuffix = '.part'

/**
 * Builds the segment of a range that `sealable()` named, syncs it and reads it back from the disk. A crash leaves a
 * draft or a file that nobody uses; building again replaces either.
 *
 * @throws TrackerError CORRUPT, DISK_FULL, READ_ONLY, MISSING, IO
 */
export function buildSegment(paths: { readonly folder: string }, range: SegmentRange, disk: Disk = realDisk): Segment {
  const file = join(paths.folder, segmentsFolder, segmentFileName(range.from, range.to))
  const draft = file + draftSuffix
  try {
    disk.removeFile(draft)
    const roots = writeDraft(disk, paths.folder, draft, range)
    verify(disk, draft, roots)
    disk.nameFile(draft, file)
    const content = readFileSync(file)
    return { ...range, file: basename(file), fileBytes: content.length, fileHash: hash('sha256', content, 'buffer') }
  } catch (error) {
    throw asTrackerError(error, `segment ${range.from} to ${range.to} could not be built`, file)
  }
}

function writeDraft(disk: Disk, folder: string, draft: string, range: SegmentRange): Uint8Array {
  const head = openHeadForReading(disk, folder)
  try {
    const parts = { rows: new EntryRows(head), range, origin: readIdentity(head).origin }
    try {
      return draftAt(disk, draft, parts, folder)
    } catch (error) {
      if (!isUseless(error)) throw error
      // An index that is no use is made anew by its follower; the segment does without.
      disk.removeFile(draft)
      return draftAt(disk, draft, parts)
    }
  } finally {
    head.close()
  }
}

interface DraftParts {
  readonly rows: EntryRows
  readonly range: SegmentRange
  readonly origin: string
}

/** @param indexFolder where the index lies whose search tables are taken over; none: they are made from the entries */
function draftAt(disk: Disk, draft: string, parts: DraftParts, indexFolder?: string): Uint8Array {
  const db = disk.database(draft, 'draft')
  try {
    // The draft is worthless until it is whole and synced, so it needs no journal.
    db.exec('PRAGMA page_size=8192; PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-65536')
    db.exec('PRAGMA main.locking_mode=EXCLUSIVE; PRAGMA temp_store=MEMORY')
    const index = indexFolder === undefined ? undefined : AttachedIndex.attach(db, indexFolder)
    const roots = db.transaction(() => fill(db, parts, index))
    index?.detach()
    return roots
  } finally {
    db.close()
  }
}

function fill(db: Database, { rows, range, origin }: DraftParts, index: AttachedIndex | undefined): Uint8Array {
  db.exec(segmentSchema)
  const { from, to } = range
  const dictionary = sampleOf(rows, from, to)
  const { roots, starts } = fillBlocks(db, rows, range, dictionary)
  // Last, because what is read of the index stays as it is until the end of the transaction.
  if (index?.has(range, rows) === true) {
    if (!index.copy(range)) throw Object.assign(new Error('the index lacks entries'), { errcode: 11 })
  } else fillTables(db, rows, range)
  db.exec(createIndexes(sealedTables))
  const { event } = sealedTables
  const times = db.prepare<Times>(`SELECT min(time) AS timeMin, max(time) AS timeMax FROM ${event}`).get()
  const { timeMin = null, timeMax = null } = times ?? {}
  const insert = db.prepare('INSERT INTO segment VALUES (?, ?, ?, ?, ?, ?, ?, ?)')
  insert.run(from, to, origin, roots, timeMin, timeMax, dictionary, startsToBytes(starts))
  return roots
}

interface Times {
  readonly timeMin: number | null
  readonly timeMax: number | null
}

/** Packs the entries; `starts` are the first indexes of the blocks, less that of the range. */
function fillBlocks(
  db: Database,
  rows: EntryRows,
  { from, to }: SegmentRange,
  dictionary: Uint8Array,
): { roots: Uint8Array; starts: number[] } {
  const roots = new RangeRoots(from)
  const leaf = new Uint8Array(HASH_BYTES)
  const insertBlock = db.prepare<never>('INSERT INTO blocks (first, count, packed) VALUES (?, ?, ?)')
  const starts: number[] = []
  const packer = new Lz4Packer(dictionary)
  let block: Uint8Array[] = []
  const closeBlock = (end: number): void => {
    if (block.length === 0) return
    starts.push(end - block.length - from)
    insertBlock.run(end - block.length, block.length, packBlock(block, packer))
    block = []
  }
  for (const { index, bytes } of batches(rows, from, to)) {
    leafHashInto(bytes, leaf, 0)
    roots.append(leaf)
    block.push(bytes)
    if (block.length === blockEntries) closeBlock(index + 1)
  }
  closeBlock(to)
  return { roots: roots.bytes(), starts }
}

/** Makes the search tables from the entries, where the index of the head does not have them. */
function fillTables(db: Database, rows: EntryRows, { from, to }: SegmentRange): void {
  const { words } = sealedTables
  // The whole range is one bulk: its words are sorted in memory before they are written.
  db.exec(`INSERT INTO ${words} (${words}, rank) VALUES ('hashsize', 67108864)`)
  const tables = new TableWriter(db, sealedTables)
  for (const { index, bytes } of batches(rows, from, to)) tables.add(index, bytes)
  tables.flush()
}

function startsToBytes(starts: readonly number[]): Uint8Array {
  const bytes = new DataView(new ArrayBuffer(starts.length * 4))
  for (const [place, start] of starts.entries()) bytes.setUint32(place * 4, start, true)
  return new Uint8Array(bytes.buffer)
}

/** Entries in batches, so that no view of the head is held for long: it would keep the write-ahead log from shrinking. */
function* batches(rows: EntryRows, from: number, to: number): Generator<StoredEntry> {
  const step = 1_024
  for (let start = from; start < to; start += step) yield* Array.from(rows.range(start, Math.min(to, start + step)))
}

/** A few entries from all over the range. */
function sampleOf(rows: EntryRows, from: number, to: number): Uint8Array {
  const sample: Uint8Array[] = []
  const wanted = 16
  let bytesTotal = 0
  const step = Math.max(1, Math.floor((to - from) / wanted))
  for (let index = from; index < to && sample.length < wanted; index += step) {
    for (const { bytes } of rows.range(index, index + 1)) {
      if (bytesTotal + bytes.length > lz4DictionaryMax) continue
      sample.push(bytes)
      bytesTotal += bytes.length
    }
  }
  return Buffer.concat(sample)
}

/** Reads the finished file back and compares: what is sealed is what is on the disk, not what was meant to be. */
function verify(disk: Disk, file: string, expected: Uint8Array): void {
  const segment = new SegmentFile(disk, file)
  try {
    if (!sameBytes(rootsOf(segment), expected) || !sameBytes(segment.head.roots, expected)) {
      throw new TrackerError('CORRUPT', `${file} does not read back as it was written`, { file })
    }
  } finally {
    segment.close()
  }
}

/** The range's roots, from the bytes of its entries. */
function rootsOf(segment: SegmentFile): Uint8Array {
  const roots = new RangeRoots(segment.head.first)
  const leaf = new Uint8Array(HASH_BYTES)
  for (const { bytes } of segment.entries()) {
    leafHashInto(bytes, leaf, 0)
    roots.append(leaf)
  }
  return roots.bytes()
}
