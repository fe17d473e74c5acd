/** Every entry as it lies on the disk, in the order of indexes, whatever is wrong with its neighbours. */
import { join } from 'node:path'
import { HASH_BYTES, parseBundle, sameBytes } from '@keywitness/tlog'
import { leafHashInto } from '../hash.ts'
import { headFile, segmentsFolder } from '../head/schema.ts'
import type { RegisteredSegment } from '../segment/register.ts'
import { SegmentFile } from '../segment/segment-file.ts'
import type { Database, Disk } from '../store/disk.ts'
import type { Findings } from './findings.ts'

export interface FoundEntry {
  readonly index: number
  /** Undefined when the entry is not there or cannot be read; that was reported. */
  readonly bytes: Uint8Array | undefined
}

export interface StoreParts {
  readonly disk: Disk
  readonly folder: string
  readonly head: Database
  readonly register: readonly RegisteredSegment[]
  readonly findings: Findings
  /** The signed minimum index, and the first entry that is there: none below is looked for. */
  readonly minimum: number
  readonly first: number
}

/** Entries that lie together; fewer bytes than `count` when some could not be read, which was reported. */
interface Chunk {
  readonly first: number
  readonly count: number
  readonly entries: readonly Uint8Array[]
  /** Of the head: their leaf hashes, which the segments' entries are compared with. */
  readonly leaves?: Uint8Array | undefined
}

/** Yields every index from `from` to below `size` once, in order; of the register only what it names. */
export function* foundEntries(
  parts: StoreParts,
  { from, size, where }: { from: number; size: number; where: 'segments' | 'everywhere' },
): Generator<FoundEntry> {
  let next = from
  const missing = function* (to: number): Generator<FoundEntry> {
    if (to <= next) return
    const message = to - next === 1 ? `entry ${next} is missing` : `entries ${next} to ${to - 1} are missing`
    parts.findings.add({ kind: 'missing-entry', message, index: next })
    while (next < to) yield { index: next++, bytes: undefined }
  }
  for (const { first, count, entries, leaves } of chunks(parts, where)) {
    yield* missing(Math.min(first, size))
    // The head keeps the last sealed tile's rows: they were met in the segment already, and are copies.
    if (first < next) checkCopies(parts, { first, count, entries, leaves }, Math.min(next, first + count))
    while (next < Math.min(first + count, size)) {
      const index = next++
      yield { index, bytes: entries[index - first] }
    }
  }
  yield* missing(size)
}

function* chunks(parts: StoreParts, where: 'segments' | 'everywhere'): Generator<Chunk> {
  for (const segment of parts.register) if (segment.last > parts.first) yield* segmentChunks(parts, segment)
  if (where === 'everywhere') yield* headChunks(parts)
}

function* segmentChunks({ disk, folder, findings }: StoreParts, segment: RegisteredSegment): Generator<Chunk> {
  const { file: name } = segment
  let file: SegmentFile | undefined
  try {
    file = new SegmentFile(disk, join(folder, segmentsFolder, name))
    for (const { first, count } of file.blockList()) {
      let entries: readonly Uint8Array[] = []
      try {
        entries = file.block(first).entries
      } catch (error) {
        const message = `entries ${first} to ${first + count - 1} cannot be read: ${(error as Error).message}`
        findings.add({ kind: 'bad-segment', message, index: first, file: name })
      }
      yield { first, count, entries }
    }
  } catch (error) {
    const message = `segment ${name} cannot be read: ${(error as Error).message}`
    findings.add({ kind: 'bad-segment', message, index: segment.first, file: name })
  } finally {
    file?.close()
  }
}

function* headChunks({ head, findings }: StoreParts): Generator<Chunk> {
  const rows = head.prepare<{ first: number; count: number; leaves: Uint8Array; bundle: Uint8Array }>(
    'SELECT first, count, leaves, bundle FROM entries ORDER BY first',
  )
  try {
    for (const { first, count, leaves, bundle } of rows.iterate()) {
      const entries = salvage(bundle)
      if (entries.length < count) {
        const index = first + entries.length
        const message = `entry ${index} has a wrong length: it and those up to ${first + count - 1} cannot be told apart`
        findings.add({ kind: 'changed-entry', message, index, file: headFile })
      }
      if (entries.length > count) {
        const message = `the row of entry ${first} holds ${entries.length - count} entries more than it says`
        findings.add({ kind: 'extra-entry', message, index: first + count, file: headFile })
      }
      yield { first, count, entries: entries.slice(0, count), leaves }
    }
  } catch (error) {
    const message = `the entries of ${headFile} cannot be read on: ${(error as Error).message}`
    findings.add({ kind: 'bad-store', message, file: headFile })
  }
}

/** Entries of the head that are sealed already must still be those that were sealed. */
function checkCopies({ findings }: StoreParts, { first, entries, leaves }: Chunk, to: number): void {
  const leaf = new Uint8Array(HASH_BYTES)
  for (let index = first; index < to; index++) {
    const at = (index - first) * HASH_BYTES
    const bytes = entries[index - first]
    if (bytes !== undefined) leafHashInto(bytes, leaf, 0)
    if (bytes !== undefined && sameBytes(leaf, leaves?.subarray(at, at + HASH_BYTES) ?? leaf)) continue
    const message = `the copy of the sealed entry ${index} was changed`
    findings.add({ kind: 'changed-entry', message, index, file: headFile })
  }
}

/** The entries of a bundle up to where it is damaged. */
function salvage(bundle: Uint8Array): Uint8Array[] {
  try {
    return bundle.length === 0 ? [] : parseBundle(bundle)
  } catch {
    const entries: Uint8Array[] = []
    for (let at = 0; at + 2 <= bundle.length;) {
      const end = at + 2 + bundle[at]! * 256 + bundle[at + 1]!
      if (end > bundle.length) break
      entries.push(bundle.subarray(at + 2, end))
      at = end
    }
    return entries
  }
}
