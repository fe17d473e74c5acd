/**
 * Pruning: whole sealed segments that are wholly older than a policy leave, oldest first; every hash stays.
 *
 * | after | a crash leaves | the next start |
 * |---|---|---|
 * | the transaction: minimum index, its signed note, the event of it | the note in the store alone, all files | puts the note beside the keys, removes the files |
 * | `minimum-index` beside the keys | files that nobody reads | removes them |
 * | the files are gone | what stays | |
 *
 * The minimum index is a multiple of 256, so that every bundle is given whole or not at all: up to 255 entries behind the
 * last pruned segment lie below it, which must be as old. They leave with their own segment.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { formatMinimumIndex, parseMinimumIndex, parseNote, signNote, TILE_WIDTH } from '@keywitness/tlog'
import type { PruneOrder, Pruning, StoredEntry } from './api.ts'
import { signedBy } from './checkpoint-key.ts'
import { entryFactsOf } from './entry-facts.ts'
import { TrackerError } from './errors.ts'
import { EntryRows } from './head/entry-rows.ts'
import { MinimumRows, type SignedMinimum } from './head/minimum-rows.ts'
import { segmentsFolder } from './head/schema.ts'
import type { LogKeys } from './key-rotation.ts'
import { BlockCache } from './reader/block-cache.ts'
import { LogEntries, type LogView } from './reader/log-entries.ts'
import { SegmentPool } from './reader/segment-pool.ts'
import type { RegisteredSegment } from './segment/register.ts'
import type { SignedHead } from './signed-head.ts'
import { type Database, type Disk, readText } from './store/disk.ts'

/** Beside the keys. */
const minimumFile = 'minimum-index'

export interface PruneParts {
  readonly disk: Disk
  readonly folder: string
  readonly keyFolder: string
  readonly origin: string
}

/** What of an open log pruning looks at. */
export interface PrunableLog {
  readonly db: Database
  readonly segments: readonly RegisteredSegment[]
  readonly signed: SignedHead | undefined
  readonly minimum: number
  readonly keys: LogKeys
}

/** The first index whose entry is still there, of a log with this minimum index. */
export function firstKept(segments: readonly RegisteredSegment[], minimum: number): number {
  return segments.findLast(({ last }) => last <= minimum)?.last ?? 0
}

/**
 * The highest minimum index for which everything that leaves is older than `before`, by its events' times and by when it
 * was received; undefined when nothing can leave. Removes the files that a failure left of the last time.
 */
export function prunableTo(log: PrunableLog, parts: PruneParts, before: number): number | undefined {
  removePruned(parts, log.segments, log.minimum)
  const old: RegisteredSegment[] = []
  for (const segment of log.segments) {
    if (segment.timeMax !== undefined && segment.timeMax >= before) break
    old.push(segment)
  }
  // When it was received is bounded by when a checkpoint covered it: nobody dates that back.
  const received =
    log.db.prepare<{ size: number | null }>('SELECT max(size) AS size FROM checkpoints WHERE signed_at < ?').get(before)
      ?.size ?? 0
  for (const { last } of old.toReversed()) {
    const minimum = Math.ceil(last / TILE_WIDTH) * TILE_WIDTH
    if (minimum <= log.minimum) return undefined
    if (minimum > received || minimum > (log.signed?.checkpoint.size ?? 0)) continue
    if (entriesOf(log, parts, last, minimum).every(({ bytes }) => (entryFactsOf(bytes).time ?? 0) < before)) {
      return minimum
    }
  }
  return undefined
}

/** What pruning commits, besides its event. */
export interface PreparedPruning {
  readonly pruning: Pruning
  /** Inside the transaction. */
  readonly commit: () => void
  /** Behind it. */
  readonly settle: () => void
}

/** @throws TrackerError BAD_INPUT when the order goes further than the log allows */
export function preparePruning(
  log: PrunableLog,
  parts: PruneParts,
  { index, before, keepDays }: PruneOrder,
  now: number,
): PreparedPruning {
  const allowed = prunableTo(log, parts, before) ?? 0
  const { checkpoint } = log.signed ?? {}
  if (index % TILE_WIDTH !== 0 || index <= log.minimum || index > allowed || checkpoint === undefined) {
    throw new TrackerError('BAD_INPUT', `a minimum index of ${index}, where ${allowed} is the highest`)
  }
  const said = { origin: parts.origin, index, keepDays, size: checkpoint.size, root: checkpoint.root, time: now }
  const note = signNote(
    formatMinimumIndex(said),
    log.keys.signing.map(({ signer }) => signer),
  )
  const [from, to] = [firstKept(log.segments, log.minimum), firstKept(log.segments, index)]
  const rows = new MinimumRows(log.db)
  // Who follows a change of key needs the entry that announced it, however old.
  const announced = log.keys.known.flatMap(({ announced: at }) =>
    at !== undefined && at >= from && at < to ? entriesOf(log, parts, at, at + 1) : [],
  )
  return {
    pruning: { from: log.minimum, index, keepDays, note, segments: segmentsBetween(log.segments, from, to).length },
    commit: () => {
      rows.raise({ index, note }, now)
      for (const entry of announced) rows.keep(entry)
      rows.dropAttachments(to)
    },
    settle: () => {
      parts.disk.replaceFile(join(parts.keyFolder, minimumFile), note)
      removePruned(parts, log.segments, index)
    },
  }
}

/** Removes the files of segments that are wholly below the minimum index. */
function removePruned(
  { disk, folder }: Pick<PruneParts, 'disk' | 'folder'>,
  segments: readonly RegisteredSegment[],
  minimum: number,
): void {
  for (const { last, file } of segments) {
    const path = join(folder, segmentsFolder, file)
    if (last <= minimum && existsSync(path)) disk.removeFile(path)
  }
}

/**
 * The minimum index in force, at a start: the higher of the two places it is kept in, and the other is made to say the
 * same. A store that was set back does not bring back what is gone.
 *
 * @throws TrackerError CORRUPT when one of them is not signed by the log
 */
export function openMinimum(db: Database, parts: PruneParts, vkeys: readonly string[], now: number): number {
  const rows = new MinimumRows(db)
  const stored = rows.current()
  const beside = readMinimum(parts.keyFolder)
  for (const [said, file] of [
    [stored, db.file],
    [beside, join(parts.keyFolder, minimumFile)],
  ] as const) {
    const fault = said === undefined ? undefined : minimumFault(said, parts.origin, vkeys)
    if (fault !== undefined) throw new TrackerError('CORRUPT', `the minimum index in ${file} ${fault}`, { file })
  }
  if (stored !== undefined && stored.index > (beside?.index ?? 0)) {
    parts.disk.replaceFile(join(parts.keyFolder, minimumFile), stored.note)
  }
  if (beside !== undefined && beside.index > (stored?.index ?? 0)) db.transaction(() => rows.raise(beside, now))
  return Math.max(stored?.index ?? 0, beside?.index ?? 0)
}

/** Has the keys that sign now say the minimum index, too: who learns the log by its newest key can open it. */
export function resignMinimum(db: Database, parts: PruneParts, { signing }: LogKeys, now: number): void {
  const rows = new MinimumRows(db)
  const said = rows.current()
  if (
    said === undefined ||
    signedBy(
      said.note,
      signing.map(({ vkey }) => vkey),
    ).length === signing.length
  )
    return
  const { text } = parseNote(said.note)
  const note = signNote(
    text,
    signing.map(({ signer }) => signer),
  )
  db.transaction(() => rows.resign({ index: said.index, note }, now))
  parts.disk.replaceFile(join(parts.keyFolder, minimumFile), note)
}

/** The note beside the keys, unverified; its index is 0 when it cannot be read. */
export function readMinimum(keyFolder: string): SignedMinimum | undefined {
  const note = readText(join(keyFolder, minimumFile))
  if (note === undefined) return undefined
  try {
    return { index: parseMinimumIndex(parseNote(note).text).index, note }
  } catch {
    return { index: 0, note }
  }
}

/** What is wrong with a minimum index that a log of these keys is to have signed; undefined when nothing is. */
export function minimumFault(
  { index, note }: SignedMinimum,
  origin: string,
  vkeys: readonly string[],
): string | undefined {
  try {
    if (signedBy(note, vkeys).length === 0) return 'is not signed by the log'
    const said = parseMinimumIndex(parseNote(note).text)
    if (said.origin !== origin) return `is that of ${said.origin}`
    return said.index === index ? undefined : `is ${index}, and ${said.index} was signed`
  } catch {
    return 'is no signed note'
  }
}

function segmentsBetween(segments: readonly RegisteredSegment[], from: number, to: number): RegisteredSegment[] {
  return segments.filter(({ first, last }) => first >= from && last <= to)
}

function entriesOf(log: PrunableLog, parts: PruneParts, from: number, to: number): StoredEntry[] {
  if (from >= to) return []
  const pool = new SegmentPool(parts.disk, parts.folder)
  const sealed = log.segments.at(-1)?.last ?? 0
  const covered = log.signed?.checkpoint.size ?? 0
  const view: LogView = { size: covered, covered, sealed, segments: log.segments, minimum: 0, first: 0 }
  try {
    return Array.from(new LogEntries(new EntryRows(log.db), pool, new BlockCache(0)).fromDisk(view, from, to))
  } finally {
    pool.close()
  }
}
