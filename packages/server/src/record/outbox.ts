/** The outbox: entries with their attachments, from their commit until they are delivered, covered and old. */
import { entryBytesMax, type WrittenEvent, writtenEntryBytes } from '@keywitness/cadf'
import { limits } from '../limits.ts'
import type { Store } from '../store/store.ts'
import type { Producer } from './producers.ts'

/** What is too long for an event, and is kept beside it whole. */
export interface Attachment {
  /** The event that names it. */
  readonly eventId: string
  readonly sha256: string
  readonly content: Uint8Array
}

/** Numbers given inside the open transaction; they become the producers' own when it is committed. */
export interface Numbers {
  epoch: number
  sequence: number
}

const insertEntry =
  'INSERT INTO outbox (number, destination, epoch, sequence, recorded_at, entry) VALUES (?, ?, ?, ?, ?, ?)'
/** Two fields of an event may hold the same list. */
const insertAttachment = 'INSERT OR IGNORE INTO outbox_attachments (number, sha256, content) VALUES (?, ?, ?)'
const deleteCovered = `DELETE FROM outbox WHERE number BETWEEN ? AND ?
  AND destination IN (SELECT value FROM json_each(?))`
const deleteAttachments = `DELETE FROM outbox_attachments WHERE number BETWEEN ? AND ?
  AND number NOT IN (SELECT number FROM outbox)`
/** What stayed behind for a destination leaves gaps, which are skipped. */
const nextRow = 'SELECT min(number) AS number FROM outbox WHERE number > ?'

/** Writes inside the group committer's open transaction only. */
export class Outbox {
  readonly #store: Store
  /** Number of the oldest row still there. */
  #oldest: number
  /** By destination: up to which number its rows are delivered and covered. */
  readonly #covered = new Map<number, number>()
  #agedOut = 0
  /** Each entry in turn: the store copies it at once. */
  readonly #entry = new Uint8Array(entryBytesMax)
  /** Number of the newest row when this process began. */
  readonly newest: number

  /** @param delivered highest number that a tracker has acknowledged: numbers go on from there when all rows are gone */
  constructor(store: Store, delivered: number) {
    this.#store = store
    const row = store.get<{ newest: number | null; oldest: number | null }>(
      'SELECT max(number) AS newest, min(number) AS oldest FROM outbox',
    )
    this.newest = Math.max(row?.newest ?? 0, delivered)
    this.#oldest = row?.oldest ?? this.newest + 1
  }

  /** Writes an entry with the producer's next number, which it takes from `numbers`. Answers its bytes. */
  insert(producer: Producer, event: WrittenEvent, numbers: Numbers, number: number, now: number): number {
    const sequence = numbers.sequence + 1
    const entry = writtenEntryBytes(event, { id: producer.id, epoch: numbers.epoch }, sequence, this.#entry)
    this.#store.run(insertEntry, [number, producer.destination, numbers.epoch, sequence, now, entry])
    numbers.sequence = sequence
    return entry.length
  }

  /** Puts an event's attachments beside its entry. Answers their bytes. */
  attach(attachments: readonly Attachment[], event: WrittenEvent, number: number): number {
    let bytes = 0
    for (const { eventId, sha256, content } of attachments) {
      if (eventId === event.id) bytes += this.#store.run(insertAttachment, [number, sha256, content]) * content.length
    }
    return bytes
  }

  /** The destination's rows up to `number` are delivered and covered by a signed checkpoint: they may leave in time. */
  coveredUpTo(destination: number, number: number): void {
    this.#covered.set(destination, number)
  }

  /**
   * Drops a bounded number of old rows, so that no group waits long for it, and of too many never a few: beginning costs as much
   * as dozens of rows. Comes first in a transaction: what is inserted then takes the pages that became free. Rows of a
   * destination whose tracker does not take them stay, and keep nobody else's.
   *
   * @returns for `pruned`, once all else of the transaction is written
   */
  prune(newest: number, added: number): number {
    const { deliveredKeepEvents, outboxPruneEvents } = limits
    const tooMany = newest - deliveredKeepEvents
    const isDue = tooMany >= this.#oldest + outboxPruneEvents || this.#agedOut >= this.#oldest
    if (!isDue || this.#covered.size === 0) return this.#oldest
    const last = Math.min(Math.max(tooMany, this.#agedOut), this.#oldest + Math.max(outboxPruneEvents, 2 * added))
    const covered = [...this.#covered].flatMap(([destination, number]) => (number >= last ? [destination] : []))
    if (covered.length > 0) {
      this.#store.run(deleteCovered, [this.#oldest, last, JSON.stringify(covered)])
      this.#store.run(deleteAttachments, [this.#oldest, last])
    }
    return this.#store.get<{ number: number | null }>(nextRow, last)?.number ?? last + 1
  }

  /** Nothing of the transaction is rolled back any more. */
  pruned(oldest: number): void {
    this.#oldest = oldest
  }

  /** Looks up which rows are past their keeping time. */
  age(newest: number, now: number): void {
    const at = Math.min(this.#oldest + 10_000, newest)
    const row = this.#store.get<{ recorded_at: number }>('SELECT recorded_at FROM outbox WHERE number = ?', at)
    if (row !== undefined && row.recorded_at < now - limits.deliveredKeepMs) this.#agedOut = at
  }
}
