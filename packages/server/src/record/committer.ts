/** The group committer: takes every call that waits, commits their changes and events together, then all are answered. */
import type { WrittenEvent } from '@keywitness/cadf'
import type { Destination } from '../audit.ts'
import type { Clock } from '../clock.ts'
import { limits } from '../limits.ts'
import { isDiskFull, isLocked } from '../store/open.ts'
import type { Change, Store } from '../store/store.ts'
import { Backlog } from './backlog.ts'
import { Counting } from './counting.ts'
import { type Call, type Effects, type Errand, type Group, GroupWriter, NotRecorded } from './group-writer.ts'
import { Outbox } from './outbox.ts'
import type { Producer, Producers } from './producers.ts'

export interface CommitterParts {
  readonly store: Store
  readonly producers: Producers
  readonly clock: Clock
  /** The event that opens a producer's epoch, naming the last number of the epoch before. */
  readonly openingEvent: (producer: Producer) => WrittenEvent
  /** Tells the forwarder that there are so many new rows. */
  readonly committed: (rows: number) => void
  /** False while the disk is too full to promise anything. */
  readonly hasRoom: () => boolean
  /** Marks the beginning of a COMMIT, and when the disk has it, for the watchdog. */
  readonly committing: (isCommitting: boolean) => void
  /** A COMMIT or the disk reported an error: whether it was written is unknown. Must not return. */
  readonly fatal: (error: unknown) => never
  /** COMMIT itself; tests put a stalling, failing or lying one here. */
  readonly commit?: (store: Store) => void
  /** Resolves once the disk has what was committed (`StoreSync`). Without it the store's own `sync` holds the thread. */
  readonly synced?: () => Promise<void>
}

/** Why a whole group was not recorded. A lock held by another program is like a late turn: nothing is tried again. */
function refusalCode(error: unknown): NotRecorded['code'] {
  if (isDiskFull(error)) return 'DISK_FULL'
  return isLocked(error) ? 'LATE' : 'FAILED'
}

export class Committer {
  readonly #parts: CommitterParts
  #waiting: Call[] = []
  #errands: Errand[] = []
  #isScheduled = false
  #isStopping = false
  /** In the file, and on its way to the disk; meanwhile no other group is begun. */
  #underway: Group | undefined
  /** Number of the newest outbox row that the disk has. */
  #newest: number
  /** The same for other threads: what is beyond it may be read in the file and yet never have been. One 64-bit number. */
  readonly durable = new SharedArrayBuffer(8)
  readonly #durable = new BigInt64Array(this.durable)
  readonly #outbox: Outbox
  readonly #backlog: Backlog
  readonly #counting: Counting
  readonly #writer: GroupWriter
  readonly #acknowledged = new Map<number, number>()

  constructor(parts: CommitterParts) {
    this.#parts = parts
    this.#outbox = new Outbox(parts.store, parts.producers.delivered())
    // What a tracker that was removed has is covered by its final checkpoint: nobody says so again.
    for (const { destination, delivered } of parts.producers.ended()) this.#outbox.coveredUpTo(destination, delivered)
    this.#newest = this.#outbox.newest
    Atomics.store(this.#durable, 0, BigInt(this.#newest))
    this.#backlog = new Backlog(parts.store)
    this.#counting = new Counting(parts.store)
    this.#writer = new GroupWriter({ ...parts, outbox: this.#outbox, counting: this.#counting })
  }

  /** What waits in the outbox, for readiness and metrics. */
  get backlog(): { events: number; bytes: number; waiting: number } {
    return { events: this.#backlog.events, bytes: this.#backlog.bytes, waiting: this.#waiting.length }
  }

  /** Events recorded for a place that its tracker does not have yet. */
  undelivered(place: Destination): number {
    return this.#backlog.of(this.#parts.producers.at(place).destination)
  }

  /**
   * Resolves when the event and its changes are durable. `isNotice` lets the product's own notice that the disk is
   * full use the reserve below the floor.
   * @throws ConditionFailed, NotRecorded: in both cases nothing was changed.
   */
  submit(place: Destination, event: WrittenEvent, effects: Effects = {}, isNotice = false): Promise<void> {
    if (this.#isStopping) return Promise.reject(new NotRecorded('STOPPING'))
    if (!isNotice && !this.#parts.hasRoom()) return Promise.reject(new NotRecorded('DISK_FULL'))
    if (this.#waiting.length >= limits.pendingCalls) return Promise.reject(new NotRecorded('QUEUE_FULL'))
    if (this.#backlog.isFullFor(this.#parts.producers.at(place).destination)) {
      return Promise.reject(new NotRecorded('OUTBOX_FULL'))
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ place, event, effects, submitted: this.#parts.clock.monotonic(), resolve, reject })
      this.#schedule()
    })
  }

  /**
   * Resolves when these changes are durable, without an event: how far a queue has been worked off, and nothing else,
   * for a state that only its own event explains must never change alone. They ride in the next group.
   * @throws ConditionFailed, NotRecorded: in both cases nothing was changed.
   */
  carry(changes: readonly Change[]): Promise<void> {
    if (this.#isStopping) return Promise.reject(new NotRecorded('STOPPING'))
    if (this.#errands.length >= limits.groupCalls) return Promise.reject(new NotRecorded('QUEUE_FULL'))
    return new Promise((resolve, reject) => {
      this.#errands.push({ changes, resolve, reject })
      this.#schedule()
    })
  }

  /** A tracker holds everything of this destination up to `number`; `bytes` and `events` left the backlog. */
  acknowledge(destination: number, number: number, events: number, bytes: number): void {
    this.#acknowledged.set(destination, number)
    this.#backlog.delivered(destination, events, bytes)
  }

  /** The destination's rows up to `number` are delivered and covered by a signed checkpoint: they may leave in time. */
  coveredUpTo(destination: number, number: number): void {
    this.#outbox.coveredUpTo(destination, number)
  }

  /**
   * Opens this process's epoch at every known destination, in one commit, before any call is taken.
   * @throws the engine's error, such as a full disk
   */
  openEpochs(): void {
    this.#commitAtOnce(true)
  }

  /** Commits what waits and the acknowledged cursors; afterwards every call is refused. */
  stop(): void {
    // The sync that still runs is not waited for: this one takes its place.
    if (this.#underway !== undefined) this.#settleAtOnce(this.#underway)
    while (this.#isAsked()) this.#commitAtOnce()
    this.#isStopping = true
    if (this.#acknowledged.size > 0) this.#commitAtOnce()
  }

  #isAsked(): boolean {
    return this.#waiting.length > 0 || this.#errands.length > 0
  }

  /** One group per turn of the loop, and one at a time: whatever arrives while the disk is busy shares the next sync. */
  #schedule(): void {
    if (this.#isScheduled || this.#underway !== undefined) return
    this.#isScheduled = true
    setImmediate(() => {
      this.#isScheduled = false
      this.#commit()
    })
  }

  #commit(): void {
    const { synced, fatal } = this.#parts
    const group = this.#write()
    if (group === undefined) {
      if (this.#isAsked()) this.#schedule()
      return
    }
    if (synced === undefined) return this.#settleAtOnce(group)
    this.#underway = group
    synced().then(
      () => {
        // Unless a stop was quicker.
        if (this.#underway === group) this.#settle(group)
      },
      (error: unknown) => fatal(error),
    )
  }

  #commitAtOnce(opensEpochs = false): void {
    const group = this.#write(opensEpochs)
    if (group !== undefined) this.#settleAtOnce(group)
  }

  #settleAtOnce(group: Group): void {
    try {
      this.#parts.store.sync()
    } catch (error) {
      this.#parts.fatal(error)
    }
    this.#settle(group)
  }

  #takeCalls(): Call[] {
    const now = this.#parts.clock.monotonic()
    const taken = this.#waiting.splice(0, limits.groupCalls)
    return taken.filter((call) => {
      if (now - call.submitted <= limits.recordWaitMs) return true
      call.reject(new NotRecorded('LATE'))
      return false
    })
  }

  /** Puts the next group into the file: into SQLite's log, where a crash of the process leaves it. */
  #write(opensEpochs = false): Group | undefined {
    const { store } = this.#parts
    const calls = this.#takeCalls()
    const errands = this.#errands.splice(0)
    if (calls.length === 0 && errands.length === 0 && this.#acknowledged.size === 0 && !opensEpochs) {
      return undefined
    }
    const acknowledged = new Map(this.#acknowledged)
    let written: Group
    try {
      written = this.#writer.write({ calls, errands, newest: this.#newest, acknowledged, opensEpochs })
    } catch (error) {
      if (opensEpochs) throw error
      const refusal = new NotRecorded(refusalCode(error), error)
      for (const call of [...calls, ...errands]) call.reject(refusal)
      return undefined
    }
    this.#waiting.unshift(...written.left)
    this.#parts.committing(true)
    try {
      // THE commit point. Before it none of these calls happened; after it all of them did, with their events. A crash in
      // between, or a loss of power before the disk has it, is decided by the file alone, and the next start reads it.
      if (this.#parts.commit === undefined) store.exec('COMMIT')
      else this.#parts.commit(store)
    } catch (error) {
      this.#parts.fatal(error)
    }
    return written
  }

  /** The disk has the group: its calls are answered. */
  #settle(group: Group): void {
    this.#underway = undefined
    this.#parts.committing(false)
    const rows = group.newest - this.#newest
    this.#adopt(group)
    if (group.ended !== undefined) this.#parts.producers.end(group.ended)
    for (const call of group.kept) call.resolve()
    if (rows > 0) this.#parts.committed(rows)
    if (this.#isAsked()) this.#schedule()
  }

  /** Looks up which rows are past their keeping time. Called now and then, not per group. */
  age(): void {
    this.#outbox.age(this.#newest, this.#parts.clock.now())
  }

  #adopt({ given, newest, bytes, acknowledged }: Group): void {
    const now = this.#parts.clock.monotonic()
    for (const [producer, numbers] of given) {
      this.#backlog.add(producer.destination, numbers.sequence - producer.sequence)
      producer.epoch = numbers.epoch
      producer.sequence = numbers.sequence
      producer.isOpen = true
      producer.recordedAt = now
    }
    for (const [destination, delivered] of acknowledged) {
      const producer = this.#parts.producers.byNumber(destination)
      if (producer !== undefined) producer.delivered = delivered
      // More may have been acknowledged since: the next group writes that.
      if (this.#acknowledged.get(destination) === delivered) this.#acknowledged.delete(destination)
    }
    this.#counting.adopt()
    this.#newest = newest
    Atomics.store(this.#durable, 0, BigInt(newest))
    this.#backlog.addBytes(bytes)
  }
}
