/** The tracker's writer: one per log, synchronous, and as its store says after every call, whether it failed or not. */
import { join } from 'node:path'
import type {
  Anomaly,
  Appended,
  Delivery,
  Oddities,
  ProducerPosition,
  PruneOrder,
  Pruning,
  Segment,
  SegmentRange,
  Tracker,
  TrackerOptions,
  Voice,
} from './api.ts'
import type { LogKey, PreparedKey } from './key-api.ts'
import { type FinalCheckpoint, writeEnd } from './end.ts'
import { TrackerError } from './errors.ts'
import { EntryRows } from './head/entry-rows.ts'
import { ProducerRows } from './head/producer-rows.ts'
import { headFile } from './head/schema.ts'
import {
  adoptKey,
  findAnnouncement,
  isOverlapOver,
  type KeyParts,
  type LogKeys,
  openKeys,
  prepareKey,
  retireKey,
} from './key-rotation.ts'
import { segmentEventsDefault } from './limits.ts'
import { closeLog, openLog, type OpenLog, prepareFolders } from './open-log.ts'
import { preparePruning, prunableTo, type PruneParts, resignMinimum } from './prune.ts'
import { adoptSegment, removeStrays } from './segment/adopt.ts'
import { type Disk, realDisk } from './store/disk.ts'
import { type Lock, takeLock } from './store/lock.ts'
import { asTrackerError } from './store/sqlite-error.ts'

/**
 * Opens the tracker for writing; there is one writer at a time.
 *
 * @throws TrackerError LOCKED, NEWER_SCHEMA, CORRUPT, FORKED, DISK_FULL, READ_ONLY, MISSING, BAD_INPUT, IO
 */
export function openTracker(options: TrackerOptions): Tracker {
  return openTrackerOn(realDisk, options)
}

/** The same on another disk: where tests put faults in. */
export function openTrackerOn(disk: Disk, options: TrackerOptions): Tracker {
  const { segmentEvents = segmentEventsDefault, folder } = options
  if (!Number.isSafeInteger(segmentEvents) || segmentEvents < 1) {
    throw new TrackerError('BAD_INPUT', `a segment of ${segmentEvents} events`)
  }
  let lock: Lock | undefined
  try {
    prepareFolders(disk, options)
    lock = takeLock(disk, folder)
    const log = openLog(disk, options)
    removeStrays(disk, folder, log.segments, log.minimum)
    return new Writer(disk, { ...options, segmentEvents }, lock, log)
  } catch (error) {
    lock?.release()
    throw asTrackerError(error, `the tracker in ${folder} could not be opened`, join(folder, headFile))
  }
}

/** How far the log is. */
interface Extent {
  readonly size: number
  readonly covered: number
  readonly sealed: number
  readonly minimum: number
}

class Writer implements Tracker {
  readonly #disk: Disk
  readonly #options: TrackerOptions & { readonly segmentEvents: number }
  readonly #lock: Lock
  readonly #file: string
  #keys: LogKeys
  readonly altered: number | undefined
  /** Undefined after a failed write, until the state could be read back. */
  #log: OpenLog | undefined
  #extent: Extent
  #isClosed = false

  constructor(disk: Disk, options: TrackerOptions & { readonly segmentEvents: number }, lock: Lock, log: OpenLog) {
    this.#disk = disk
    this.#options = options
    this.#lock = lock
    this.#file = join(options.folder, headFile)
    this.#log = log
    this.#keys = log.keys
    this.altered = log.altered
    this.#extent = extentOf(log)
  }

  get origin(): string {
    return this.#options.origin
  }

  get key(): string {
    return this.#keys.current.vkey
  }

  get keys(): readonly LogKey[] {
    return this.#keys.known
  }

  get size(): number {
    return this.#extent.size
  }

  get covered(): number {
    return this.#extent.covered
  }

  get sealed(): number {
    return this.#extent.sealed
  }

  get minimum(): number {
    return this.#extent.minimum
  }

  append(batch: readonly Delivery[]): Appended {
    return this.#attempt('entries could not be appended', (log) => {
      const { tree, ...appended } = log.sequencer.append(log.tree, batch, this.#options.clock.now())
      log.tree = tree
      if (log.keys.next !== undefined) this.#reopenIfAnnounced(log, appended.first)
      return appended
    })
  }

  lastOf(producer: string): ProducerPosition | undefined {
    return this.#attempt('a producer could not be looked up', ({ sequencer }) => sequencer.lastOf(producer))
  }

  anomalies(after: number, limit: number): Anomaly[] {
    return this.#attempt('anomalies could not be read', ({ db }) => new ProducerRows(db).anomalies(after, limit))
  }

  tell(voice: Voice): number {
    return this.#attempt('what was odd could not be told', (log) => {
      const sequenced = log.own.tell(log.tree, voice, this.#options.clock.now())
      if (sequenced === undefined) return 0
      log.tree = sequenced.tree
      return sequenced.appended
    })
  }

  oddities(): Oddities {
    return this.#attempt('what was odd could not be counted', ({ sequencer }) => sequencer.oddities())
  }

  publish(): string | undefined {
    return this.#attempt('a checkpoint could not be published', (log) => {
      const now = this.#options.clock.now()
      const covered = log.signed?.checkpoint.size ?? 0
      if (isOverlapOver(log.keys, covered, now)) this.#endOverlap(log, covered, now)
      // Growth only: the same size is never signed twice, whatever its tree.
      if (log.tree.size <= covered) return undefined
      log.signed = log.publisher.publish(log.tree, now)
      return log.signed.note
    })
  }

  keep(size: number): boolean {
    return this.#attempt('a checkpoint could not be kept', ({ publisher }) => publisher.keep(size))
  }

  prepareKey(): PreparedKey {
    return this.#attempt('the next key could not be made', (log) => {
      const prepared = prepareKey(this.#keyParts(), log.keys)
      log.keys = { ...log.keys, next: prepared.vkey }
      return prepared
    })
  }

  follow(limit: number): number {
    const { segmentEvents } = this.#options
    return this.#attempt('the index could not follow', ({ follower }) =>
      follower.follow({ ...this.#extent, segmentEvents }, limit),
    )
  }

  sealable(): SegmentRange | undefined {
    const { sealed, covered } = this.#extent
    const to = sealed + this.#options.segmentEvents
    return to <= covered ? { from: sealed, to } : undefined
  }

  adopt(segment: Segment): void {
    const range = this.sealable()
    if (range?.from !== segment.from || range.to !== segment.to) {
      throw new TrackerError('BAD_INPUT', `segment ${segment.from} to ${segment.to} is not the next to seal`)
    }
    this.#attempt('a segment could not be adopted', (log) => {
      const { folder, origin, clock } = this.#options
      const parts = { disk: this.#disk, db: log.db, folder, origin }
      log.segments = [...log.segments, adoptSegment(parts, log.stored, segment, clock.now())]
    })
  }

  prunable(before: number): number | undefined {
    return this.#attempt('what is old could not be looked up', (log) => prunableTo(log, this.#pruneParts(), before))
  }

  prune(order: PruneOrder, voice: Voice): Pruning {
    return this.#attempt('the log could not be pruned', (log) => {
      const now = this.#options.clock.now()
      const { pruning, commit, settle } = preparePruning(log, this.#pruneParts(), order, now)
      log.tree = log.own.record(log.tree, [voice.pruned(pruning)], voice, now, commit).tree
      log.minimum = pruning.index
      settle()
      return pruning
    })
  }

  end(): FinalCheckpoint | undefined {
    this.publish()
    const final = this.#attempt('the log could not be ended', (log) => {
      if (log.signed === undefined) return undefined
      const { note, checkpoint } = log.signed
      log.publisher.keep(checkpoint.size)
      writeEnd(this.#disk, this.#options.keyFolder, note)
      return { note, size: checkpoint.size }
    })
    this.close()
    return final
  }

  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    try {
      if (this.#log !== undefined) closeLog(this.#log)
    } finally {
      this.#lock.release()
    }
  }

  /** Lets a key sign whose announcement is among the entries just appended. */
  #reopenIfAnnounced(log: OpenLog, first: number): void {
    const found = findAnnouncement(new EntryRows(log.db), first, log.tree.size, log.keys)
    if (found === undefined) return
    adoptKey(this.#keyParts(), log.keys, found, this.#options.clock.now())
    this.#useKeys(log)
  }

  /** The last checkpoint that both keys signed is kept: it shows the new key to whoever trusts the old one. */
  #endOverlap(log: OpenLog, covered: number, now: number): void {
    log.publisher.keep(covered)
    retireKey(this.#keyParts(), log.keys, covered, now)
    this.#useKeys(log)
  }

  #useKeys(log: OpenLog): void {
    log.keys = openKeys(this.#keyParts())
    log.publisher.use(log.keys.signing)
    resignMinimum(log.db, this.#pruneParts(), log.keys, this.#options.clock.now())
  }

  #pruneParts(): PruneParts {
    const { folder, keyFolder, origin } = this.#options
    return { disk: this.#disk, folder, keyFolder, origin }
  }

  #keyParts(): KeyParts {
    const { keyFolder, origin } = this.#options
    return { disk: this.#disk, keyFolder, origin }
  }

  /**
   * Runs one call. When it fails, what was written is not known here: the connection is dropped, and the state is read
   * back from the store by the same function as at the start.
   */
  #attempt<Result>(what: string, call: (log: OpenLog) => Result): Result {
    if (this.#isClosed) throw new TrackerError('CLOSED', 'the tracker is closed')
    try {
      this.#log ??= openLog(this.#disk, this.#options)
      const result = call(this.#log)
      this.#note(this.#log)
      return result
    } catch (error) {
      if (!(error instanceof TrackerError && error.code === 'BAD_INPUT')) this.#readBack()
      throw asTrackerError(error, what, this.#file)
    }
  }

  /** What callers may ask for at any time. */
  #note(log: OpenLog): void {
    this.#extent = extentOf(log)
    this.#keys = log.keys
  }

  #readBack(): void {
    const failed = this.#log
    this.#log = undefined
    try {
      if (failed !== undefined) closeLog(failed)
      this.#log = openLog(this.#disk, this.#options)
      this.#note(this.#log)
    } catch {
      // The disk still fails. The caller gets the first error; the next call tries again and says what it then finds.
    }
  }
}

function extentOf({ tree, signed, segments, minimum }: OpenLog): Extent {
  return { size: tree.size, covered: signed?.checkpoint.size ?? 0, sealed: segments.at(-1)?.last ?? 0, minimum }
}
