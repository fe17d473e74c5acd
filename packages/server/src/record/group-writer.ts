/** Puts one group into the open store: the changes and events of many calls in one transaction, each call whole or not at all. */
import type { WrittenEvent } from '@keywitness/cadf'
import type { Destination } from '../audit.ts'
import type { Clock } from '../clock.ts'
import { sqliteCode } from '../store/open.ts'
import type { Change, Condition, Store } from '../store/store.ts'
import type { Counting } from './counting.ts'
import type { Attachment, Numbers, Outbox } from './outbox.ts'
import type { Producer, Producers } from './producers.ts'

/** A change's condition no longer holds: nothing of the call happened, it decides again. */
export class ConditionFailed extends Error {
  constructor() {
    super('a condition of the change no longer holds')
    this.name = 'ConditionFailed'
  }
}

/** The call was not recorded and nothing was changed. */
export class NotRecorded extends Error {
  readonly code: 'LATE' | 'QUEUE_FULL' | 'OUTBOX_FULL' | 'DISK_FULL' | 'STOPPING' | 'FAILED'
  constructor(code: NotRecorded['code'], cause?: unknown) {
    super(`not recorded: ${code}`, { cause })
    this.name = 'NotRecorded'
    this.code = code
  }
}

/** What a call brings to its commit besides its event. */
export interface Effects {
  readonly changes?: readonly Change[]
  readonly conditions?: readonly Condition[]
  /** Events numbered just before its own. */
  readonly further?: readonly WrittenEvent[]
  /** Attachments of its own event and of the further ones. */
  readonly attachments?: readonly Attachment[]
  /** The place whose producer ends with this call: what is recorded there after it is numbered by another, from 1. */
  readonly ends?: Destination
}

export interface Call {
  readonly place: Destination
  readonly event: WrittenEvent
  readonly effects: Effects
  readonly submitted: number
  readonly resolve: () => void
  readonly reject: (error: Error) => void
}

/** Bookkeeping that changes nothing anybody is told of. */
export interface Errand {
  readonly changes: readonly Change[]
  readonly resolve: () => void
  readonly reject: (error: Error) => void
}

/** What a COMMIT has put into the file. It counts, and is answered, once the disk has it. */
export interface Group {
  readonly given: ReadonlyMap<Producer, Numbers>
  /** Number of its newest outbox row, or of the one before it. */
  readonly newest: number
  readonly bytes: number
  readonly acknowledged: ReadonlyMap<number, number>
  readonly ended: Destination | undefined
  readonly kept: readonly { readonly resolve: () => void }[]
  /** Calls that the next group takes. */
  readonly left: readonly Call[]
}

/** What is to be written. */
export interface GroupOrder {
  readonly calls: readonly Call[]
  readonly errands: readonly Errand[]
  /** Number of the newest outbox row so far. */
  readonly newest: number
  /** By destination, the number up to which its tracker has the rows. */
  readonly acknowledged: ReadonlyMap<number, number>
  /** Opens an epoch at every known destination. */
  readonly opensEpochs: boolean
}

export interface GroupWriterParts {
  readonly store: Store
  readonly producers: Producers
  readonly clock: Clock
  readonly openingEvent: (producer: Producer) => WrittenEvent
  readonly outbox: Outbox
  readonly counting: Counting
}

const upsertProducer = `INSERT INTO producers
    (destination, account, location, producer, epoch, sequence, delivered, counting) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (destination) DO UPDATE SET epoch=excluded.epoch, sequence=excluded.sequence,
    delivered=excluded.delivered, counting=excluded.counting`
const endProducer = 'UPDATE producers SET ended=1 WHERE account=? AND location=? AND ended=0'
const SQLITE_CONSTRAINT = 19

export class GroupWriter {
  readonly #parts: GroupWriterParts

  constructor(parts: GroupWriterParts) {
    this.#parts = parts
  }

  /**
   * Begins a transaction and leaves it open: COMMIT is the caller's. Calls that cannot be taken are rejected here.
   * @throws the engine's error, which concerns the whole group; then nothing of it is in the file
   */
  write({ calls, errands, newest, acknowledged, opensEpochs }: GroupOrder): Group {
    const { store, producers, outbox, counting } = this.#parts
    const given = new Map<Producer, Numbers>()
    const kept: { resolve: () => void }[] = []
    let number = newest
    let bytes = 0
    let ended: Destination | undefined
    let left: readonly Call[] = []
    counting.begin()
    try {
      store.exec('BEGIN IMMEDIATE')
      const oldest = outbox.prune(newest, calls.length)
      if (opensEpochs) {
        for (const producer of producers.all()) bytes += this.#openEpoch(producer, given, ++number)
      }
      for (const [place, call] of calls.entries()) {
        const producer = producers.at(call.place)
        if (!producer.isOpen && !given.has(producer)) bytes += this.#openEpoch(producer, given, ++number)
        const written = this.#takeCall(call, producer, given, number + 1)
        if (written === undefined) continue
        number += 1 + (call.effects.further?.length ?? 0)
        bytes += written
        kept.push(call)
        ended = call.effects.ends
        if (ended === undefined) continue
        // Whatever comes after it has another producer: the next group takes it.
        left = calls.slice(place + 1)
        break
      }
      for (const errand of errands) if (this.#takeErrand(errand)) kept.push(errand)
      this.#moveCursors(given, acknowledged)
      if (ended !== undefined) store.run(endProducer, [ended.account, ended.location])
      outbox.pruned(oldest)
    } catch (error) {
      // Nothing of this group is in the file: a failed statement before COMMIT leaves the state of before.
      store.rollBack()
      throw error
    }
    return { given, newest: number, bytes, acknowledged, ended, kept, left }
  }

  /** The first event of a destination in this process names the last number of the epoch before. */
  #openEpoch(producer: Producer, given: Map<Producer, Numbers>, number: number): number {
    const numbers = { epoch: producer.epoch + 1, sequence: producer.sequence }
    const event = this.#parts.openingEvent(producer)
    const bytes = this.#insert(producer, event, numbers, number)
    given.set(producer, numbers)
    this.#parts.counting.add(producer, event)
    return bytes
  }

  /** Applies one call inside the open transaction, or leaves no trace of it. Answers its entries' bytes. */
  #takeCall(call: Call, producer: Producer, given: Map<Producer, Numbers>, number: number): number | undefined {
    const { store } = this.#parts
    const { changes = [], conditions = [], further = [], attachments = [] } = call.effects
    const hasSavepoint = changes.length > 0 || further.length > 0 || attachments.length > 0
    if (hasSavepoint) store.exec('SAVEPOINT call')
    try {
      for (const { sql, params } of conditions) {
        if (store.remembered(sql, ...params) === undefined) throw new ConditionFailed()
      }
      for (const change of changes) {
        if (store.run(change.sql, change.params) !== change.rows) throw new ConditionFailed()
      }
      const { epoch, sequence } = given.get(producer) ?? producer
      const numbers = { epoch, sequence }
      let bytes = 0
      for (const event of [...further, call.event]) {
        const at = number + numbers.sequence - sequence
        bytes += this.#insert(producer, event, numbers, at)
        if (attachments.length > 0) bytes += this.#parts.outbox.attach(attachments, event, at)
      }
      given.set(producer, numbers)
      if (hasSavepoint) store.exec('RELEASE call')
      for (const event of further) this.#parts.counting.add(producer, event)
      this.#parts.counting.add(producer, call.event)
      return bytes
    } catch (error) {
      const code = sqliteCode(error)
      const isCondition = error instanceof ConditionFailed || code === SQLITE_CONSTRAINT
      // Any other error of the engine concerns the whole group; one without a code is this entry's own.
      if (!isCondition && code !== undefined) throw error
      if (hasSavepoint) store.exec('ROLLBACK TO call; RELEASE call')
      call.reject(isCondition ? new ConditionFailed() : new NotRecorded('FAILED', error))
      return undefined
    }
  }

  /** Applies one errand inside the open transaction, or leaves no trace of it. */
  #takeErrand(errand: Errand): boolean {
    const { store } = this.#parts
    store.exec('SAVEPOINT errand')
    try {
      for (const change of errand.changes) {
        if (store.run(change.sql, change.params) !== change.rows) throw new ConditionFailed()
      }
      store.exec('RELEASE errand')
      return true
    } catch (error) {
      const isCondition = error instanceof ConditionFailed || sqliteCode(error) === SQLITE_CONSTRAINT
      if (!isCondition) throw error
      store.exec('ROLLBACK TO errand; RELEASE errand')
      errand.reject(new ConditionFailed())
      return false
    }
  }

  #insert(producer: Producer, event: WrittenEvent, numbers: Numbers, number: number): number {
    return this.#parts.outbox.insert(producer, event, numbers, number, this.#parts.clock.now())
  }

  #moveCursors(given: Map<Producer, Numbers>, acknowledged: ReadonlyMap<number, number>): void {
    for (const [producer, numbers] of given) this.#writeProducer(producer, numbers, acknowledged)
    for (const destination of acknowledged.keys()) {
      const producer = this.#parts.producers.byNumber(destination)
      if (producer !== undefined && !given.has(producer)) this.#writeProducer(producer, producer, acknowledged)
    }
  }

  #writeProducer(producer: Producer, numbers: Numbers, acknowledged: ReadonlyMap<number, number>): void {
    this.#parts.store.run(upsertProducer, [
      producer.destination,
      producer.account,
      producer.location,
      producer.id,
      numbers.epoch,
      numbers.sequence,
      acknowledged.get(producer.destination) ?? producer.delivered,
      this.#parts.counting.write(producer, this.#parts.clock.now()),
    ])
  }
}
