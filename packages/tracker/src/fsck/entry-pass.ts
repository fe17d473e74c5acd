/** What every entry is put through, once and in order: its hash, its number, and what it names. */
import type { StoredEntry } from '../api.ts'
import { ProducerRows } from '../head/producer-rows.ts'
import type { Database } from '../store/disk.ts'
import { AttachmentCheck } from './attachment-check.ts'
import type { Findings } from './findings.ts'
import type { FoundEntry } from './found-entries.ts'
import { AnnouncementCheck } from './key-check.ts'
import { LeafCheck } from './leaf-check.ts'
import { ProducerCheck } from './producer-check.ts'
import type { StoredLeaves } from './stored-leaves.ts'

/** Entries between two calls of `progress`, after which other work of the thread gets its turn. */
export const progressStep = 4_096

export class EntryPass {
  readonly leaves: LeafCheck
  readonly producers: ProducerCheck
  readonly attachments = new AttachmentCheck()
  readonly announcements = new AnnouncementCheck()

  /** @param sizes may grow while the pass goes on, by sizes that it has not reached */
  constructor(stored: StoredLeaves, sizes: ReadonlySet<number>, findings: Findings) {
    this.leaves = new LeafCheck(stored, sizes)
    this.producers = new ProducerCheck(findings)
  }

  /** Takes the hashes of what was pruned; of the entries kept of it, what they announced. */
  prune(first: number, kept: readonly StoredEntry[], head: Database): void {
    if (first === 0) return
    for (let index = 0; index < first; index++) this.leaves.addPruned(index)
    for (const { index, bytes } of kept) this.announcements.add(index, bytes)
    this.producers.beginAt(first, new ProducerRows(head))
  }

  add(entry: FoundEntry): void {
    this.leaves.add(entry)
    if (entry.bytes === undefined) return
    this.announcements.add(entry.index, entry.bytes)
    const parsed = parsedEntry(entry.bytes)
    this.producers.add(entry.index, parsed)
    this.attachments.add(entry.index, parsed)
  }
}

/** An entry's JSON; undefined when it is none. */
function parsedEntry(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'))
  } catch {
    return undefined
  }
}
