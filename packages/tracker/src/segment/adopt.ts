/** Adopting: takes a built segment into the log, in the place of the head's rows. */
import { hash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { completeSubtrees, sameBytes, TILE_WIDTH } from '@keywitness/tlog'
import type { Segment } from '../api.ts'
import { TrackerError } from '../errors.ts'
import { segmentsFolder } from '../head/schema.ts'
import type { Database, Disk } from '../store/disk.ts'
import type { StoredTree } from '../tree/stored-tree.ts'
import { type RegisteredSegment, segmentFileName } from './register.ts'
import { SegmentFile } from './segment-file.ts'

export interface AdoptParts {
  readonly disk: Disk
  readonly db: Database
  readonly folder: string
  readonly origin: string
}

/**
 * Checks that the file is the one that was built and that its range hashes to the tree's nodes, then swaps it in.
 *
 * @throws TrackerError CORRUPT, MISSING; the head is as it was
 */
export function adoptSegment(parts: AdoptParts, tree: StoredTree, segment: Segment, now: number): RegisteredSegment {
  const { from, to } = segment
  const file = join(parts.folder, segmentsFolder, segmentFileName(from, to))
  const { timeMin, timeMax } = check(parts, tree, segment, file)
  const registered: RegisteredSegment = {
    first: from,
    last: to,
    file: segmentFileName(from, to),
    fileBytes: segment.fileBytes,
    fileHash: segment.fileHash,
    timeMin,
    timeMax,
  }
  // When this returns the segment is the log's, and readers find its entries there. A crash before leaves the rows in
  // the head and a file that nobody uses. The last, open tile's rows stay: its leaf hashes are nowhere else.
  parts.db.transaction(() => {
    parts.db
      .prepare('INSERT INTO segments VALUES (?, ?, ?, ?, ?, ?, ?, ?)')
      .run(from, to, registered.file, segment.fileBytes, segment.fileHash, timeMin ?? null, timeMax ?? null, now)
    parts.db.prepare('DELETE FROM entries WHERE first < ?').run(to - (to % TILE_WIDTH))
  })
  return registered
}

function check(
  parts: AdoptParts,
  tree: StoredTree,
  { from, to, fileHash }: Segment,
  file: string,
): Pick<RegisteredSegment, 'timeMin' | 'timeMax'> {
  const refuse = (what: string): never => {
    throw new TrackerError('CORRUPT', `segment ${from} to ${to} ${what}`, { file })
  }
  // Its entries were hashed when it was built and read back; the same bytes are the same entries.
  if (!sameBytes(hash('sha256', readFileSync(file), 'buffer'), fileHash)) refuse('is not the file that was built')
  const opened = new SegmentFile(parts.disk, file)
  try {
    const { first, last, origin, roots, time_min: timeMin, time_max: timeMax } = opened.head
    if (first !== from || last !== to || origin !== parts.origin) refuse('is of another range or log')
    const expected = Buffer.concat(completeSubtrees(from, to).map(({ level, index }) => tree.node(level, index)))
    if (!sameBytes(roots, expected)) refuse('does not hash to the nodes of the tree')
    return { timeMin: timeMin ?? undefined, timeMax: timeMax ?? undefined }
  } finally {
    opened.close()
  }
}

/** Removes drafts, files that no register names and those that were pruned: what crashes left. Only while nobody builds. */
export function removeStrays(
  disk: Disk,
  folder: string,
  segments: readonly RegisteredSegment[],
  minimum: number,
): void {
  const known = new Set(segments.filter(({ last }) => last > minimum).map(({ file }) => file))
  const inFolder = join(folder, segmentsFolder)
  for (const name of readdirSync(inFolder)) {
    if (/^\d{12}-\d{12}\.db(\.part)?$/.test(name) && !known.has(name)) disk.removeFile(join(inFolder, name))
  }
}
