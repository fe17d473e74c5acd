/** The trail as the serving thread sees it: the threads it talks to, and the trackers that exist. */
import { Worker } from 'node:worker_threads'
import { programFiles } from '../program-files.ts'
import type { FinalCheckpoint, Oddities, PreparedKey, PruneOrder } from '@keywitness/tracker'
import type { Logger } from 'pino'
import type { Destination } from '../audit.ts'
import { type ErrorCode, Refusal } from '../errors.ts'
import { limits } from '../limits.ts'
import type { Committer } from '../record/committer.ts'
import { StartError } from '../start-error.ts'
import type { Reader } from '../store/store.ts'
import { Asking, type AskOptions } from './search/asking.ts'
import type { BatchAnswer } from './intake/entry-batch.ts'
import { noOddities, sumOf } from './oddities.ts'
import type {
  FromForwarder,
  NoAnswer,
  PruneAnswer,
  QuestionName,
  Questions,
  RemotePlace,
  ToForwarder,
  TrackerPlace,
} from './messages.ts'
import { PacedNotice } from './forwarding/paced-notice.ts'
import type { RemoteTrackers } from './forwarding/remote-trackers.ts'
import { placeOf } from './trackers.ts'

export interface Growth {
  readonly size: number
  readonly covered: number
}

export interface TrackerRow {
  readonly account: string
  readonly location: string
  readonly id: string
  readonly origin: string
  readonly created_at: number
}

/** An entry whose bytes are not those that were hashed into the signed tree. */
export interface Alteration extends Destination {
  readonly index: number
}

export interface TrailParts {
  readonly dataFolder: string
  readonly serverFile: string
  readonly store: Reader
  readonly committer: Pick<Committer, 'acknowledge' | 'coveredUpTo' | 'durable'>
  readonly log: Logger
  /** Private addresses that trackers of other servers may have, as the operator listed them. */
  readonly privateRanges: readonly string[]
  readonly remotes: RemoteTrackers
  /** Display name of the service, for what trackers record themselves. */
  readonly serviceName: string
  /** Ends the process: a thread is gone that everything depends on. */
  readonly fatal: (error: Error, what: string) => void
  /** How long a stop goes on delivering, milliseconds; a quarter of the drain when not given. */
  readonly deliverMs?: number
}

export class Trail {
  readonly #parts: TrailParts
  readonly #deliverMs: number
  readonly #forwarder: Worker
  readonly #asking: Asking
  readonly #growth = new Map<string, Growth>()
  readonly #listeners = new Map<string, Set<(growth: Growth) => void>>()
  readonly #failures = new Map<string, string>()
  readonly #unreachable = new Map<string, string>()
  #alterations: readonly Alteration[] = []
  readonly #oddities = new Map<string, Oddities>()
  /** Size of the checkpoint handed out last, by place: it need not be kept twice. */
  readonly #kept = new Map<string, number>()
  readonly #opening = new Map<string, { resolve: () => void; reject: (error: Error) => void }>()
  /** Requests to the forwarding thread that wait for their answers. */
  readonly #requests = new Map<number, (answer: never) => void>()
  readonly #ending = new Map<string, (final: FinalCheckpoint | undefined) => void>()
  #nextRequest = 1
  #stopped: (() => void) | undefined
  readonly #newRows = new PacedNotice(
    () => this.#forwarder.postMessage({ kind: 'committed' } satisfies ToForwarder),
    (rows) =>
      Math.min(Math.max(limits.forwardNoticeMs, rows * limits.forwardNoticeMsPerRow), limits.forwardNoticeMsMax),
  )
  /** From then on nobody waits for a thread's failure but the process itself. */
  #isStarted = false

  private constructor(parts: TrailParts, places: readonly TrackerPlace[]) {
    this.#parts = parts
    this.#deliverMs = parts.deliverMs ?? limits.drainMs / 4
    const { serverFile, serviceName, privateRanges } = parts
    const [durable, remotes] = [parts.committer.durable, parts.remotes.all()]
    const workerData = { serverFile, durable, places, deliverMs: this.#deliverMs, serviceName, remotes, privateRanges }
    this.#forwarder = new Worker(programFiles.threads.forwarder, { workerData })
    this.#asking = new Asking(places, (thread) => this.#watch(thread))
    this.#forwarder.on('message', (message: FromForwarder) => this.#heard(message))
    this.#watch(this.#forwarder)
  }

  /**
   * Starts the threads and waits until every tracker is open.
   * @throws StartError FORKED_LOG, CORRUPT_STORE, NEWER_SCHEMA … named after the tracker's own error
   */
  static async start(parts: TrailParts): Promise<Trail> {
    const rows = parts.store.all<TrackerRow>('SELECT * FROM trackers')
    const places = rows
      .filter((row) => parts.remotes.find(row) === undefined)
      .map((row) => placeOf(parts.dataFolder, row))
    const trail = new Trail(parts, places)
    try {
      await Promise.all(places.map((place) => trail.#opened(place)))
      trail.#isStarted = true
    } catch (error) {
      await trail.stop()
      throw error
    }
    return trail
  }

  /** Recording would go on unseen behind a dead forwarder: the process ends, the next start reads the outbox. */
  #watch(thread: Worker): void {
    thread.on('error', (error) => {
      for (const opening of this.#opening.values()) opening.reject(error as Error)
      if (this.#isStarted) this.#parts.fatal(error as Error, 'a trail thread ended')
    })
  }

  /** The trackers of an account. */
  trackers(account: string): TrackerRow[] {
    return this.#parts.store.all<TrackerRow>('SELECT * FROM trackers WHERE account = ? ORDER BY location', account)
  }

  tracker(account: string, location: string): TrackerRow | undefined {
    return this.#parts.store.get<TrackerRow>(
      'SELECT * FROM trackers WHERE account = ? AND location = ?',
      account,
      location,
    )
  }

  /** Whether the tracker that was removed from a place is still taking what was recorded for it. */
  isClosing({ account, location }: Destination): boolean {
    const sql = "SELECT 1 FROM removed_trackers WHERE account = ? AND location = ? AND state = 'closing'"
    return this.#parts.store.get(sql, account, location) !== undefined
  }

  /** Where a tracker keeps its files. */
  place(row: Pick<TrackerRow, 'account' | 'location' | 'origin'>): TrackerPlace {
    return placeOf(this.#parts.dataFolder, row)
  }

  /** Delivers to a tracker of another server whose rows are committed. */
  addRemote(place: RemotePlace): void {
    this.#forwarder.postMessage({ kind: 'remote', place } satisfies ToForwarder)
  }

  /** The trackers of other servers that keep the events of places. */
  get remotes(): RemoteTrackers {
    return this.#parts.remotes
  }

  /** Opens a tracker whose row is committed. What waited for it in the outbox is delivered at once. */
  async add(row: Pick<TrackerRow, 'account' | 'location' | 'origin'>): Promise<void> {
    const place = placeOf(this.#parts.dataFolder, row)
    const opened = this.#opened(place)
    this.#forwarder.postMessage({ kind: 'tracker', place } satisfies ToForwarder)
    this.#asking.add(place)
    await opened
  }

  /**
   * Has a tracker that was removed take what is recorded for it, sign its final checkpoint, and close. Resolves then;
   * one that cannot (a full disk) is waited for.
   */
  async end(row: Pick<TrackerRow, 'account' | 'location' | 'origin'>): Promise<FinalCheckpoint | undefined> {
    const place = placeOf(this.#parts.dataFolder, row)
    const remote = this.#parts.remotes.open(row)
    this.#asking.remove(place)
    return await new Promise((resolve) => {
      this.#ending.set(keyOf(place), resolve)
      const end: ToForwarder = { kind: 'end', place }
      this.#forwarder.postMessage(remote === undefined ? end : { kind: 'remote', place: remote, isEnding: true })
    })
  }

  /** Tells the forwarder of new rows: under load it takes many groups at once, and so do all behind it. */
  committed(rows: number): void {
    this.#newRows.give(rows)
  }

  /** Keeps the checkpoint that a note or a receipt hands out. */
  keep(place: Destination, handedOut: string): void {
    const size = Number(/(?:^|\n\n)[^\n]+\n(\d{1,15})\n[A-Za-z0-9+/]{43}=\n/.exec(handedOut)?.[1] ?? Number.NaN)
    if (Number.isNaN(size) || this.#kept.get(keyOf(place)) === size) return
    this.#kept.set(keyOf(place), size)
    const { account, location } = place
    this.#forwarder.postMessage({ kind: 'keep', account, location, size } satisfies ToForwarder)
  }

  /**
   * Makes the next key of a log, or finds the one that waits to be announced.
   * @throws Refusal LOG_KEY_CHANGING while two keys sign; STORAGE_FULL
   */
  async prepareKey({ account, location }: Destination): Promise<PreparedKey> {
    const answer = await this.#request<PreparedKey>((id) => ({ kind: 'prepare-key', id, account, location }))
    if ('vkey' in answer) return answer
    if (answer.code === 'BAD_INPUT') throw new Refusal('LOG_KEY_CHANGING')
    throw new Refusal(answer.code === 'DISK_FULL' ? 'STORAGE_FULL' : 'INTERNAL')
  }

  /**
   * Appends a batch that another server delivered; durable when it answers. An empty one tells how far the producer is.
   * @throws Refusal BAD_BODY_ERR, LOG_SET_BACK, AUDIT_UNAVAILABLE, STORAGE_FULL
   */
  async append(
    { account, location }: Destination,
    batch: { readonly producer: string; readonly body: Uint8Array; readonly received: number; readonly after?: number },
  ): Promise<BatchAnswer> {
    const answer = await this.#request<BatchAnswer>((id) => ({ kind: 'append', id, account, location, ...batch }))
    if ('origin' in answer) return answer
    if (answer.what !== undefined) throw new Refusal('BAD_BODY_ERR', { message: `The batch has ${answer.what}.` })
    throw new Refusal(appendRefusals[answer.code] ?? 'AUDIT_UNAVAILABLE')
  }

  #request<Answer>(message: (id: number) => ToForwarder): Promise<Answer | NoAnswer> {
    const id = this.#nextRequest++
    return new Promise((resolve) => {
      this.#requests.set(id, resolve)
      this.#forwarder.postMessage(message(id))
    })
  }

  /** How far a log may be pruned of what is older; with an order, prunes it. The tracker is told in this turn. */
  async prune({ account, location }: Destination, before: number, order?: PruneOrder): Promise<PruneAnswer> {
    const ask = { kind: 'prune', account, location, before, ...(order === undefined ? {} : { order }) } as const
    const answer = await this.#request<PruneAnswer>((id) => ({ ...ask, id }))
    if ('code' in answer) throw new Refusal(pruningRefusals[answer.code] ?? 'AUDIT_UNAVAILABLE')
    return answer
  }

  growth(place: Destination): Growth {
    return this.#growth.get(keyOf(place)) ?? { size: 0, covered: 0 }
  }

  /** Sums over all logs, for metrics. */
  totals(): Growth {
    let size = 0
    let covered = 0
    for (const growth of this.#growth.values()) {
      size += growth.size
      covered += growth.covered
    }
    return { size, covered }
  }

  /** What was found altered when the trackers were opened. Their trees are those that were signed, and go on. */
  alterations(): readonly Alteration[] {
    return this.#alterations
  }

  /** What was odd in a log so far, as its tracker counts it. */
  oddities(place: Destination): Oddities {
    return this.#oddities.get(keyOf(place)) ?? noOddities
  }

  /** The same in all logs together, for metrics. */
  allOddities(): Oddities {
    return sumOf(this.#oddities.values())
  }

  /** Why trackers cannot go on, by place; empty when all is well. */
  failures(): ReadonlyMap<string, string> {
    return this.#failures
  }

  /** Why the tracker of another server is not delivered to; undefined when all is well. */
  unreachable(place: Destination): string | undefined {
    return this.#unreachable.get(keyOf(place))
  }

  /** How many of them are not. */
  get unreachableCount(): number {
    return this.#unreachable.size
  }

  /** Called whenever the log grew or more of it is covered. Answers how to stop listening. */
  listen(place: Destination, listener: (growth: Growth) => void): () => void {
    const key = keyOf(place)
    const listeners = this.#listeners.get(key) ?? new Set()
    this.#listeners.set(key, listeners)
    listeners.add(listener)
    return () => listeners.delete(listener)
  }

  /** Asks the log; see `Asking.ask` for what it throws. */
  ask<Name extends QuestionName>(
    place: Destination,
    name: Name,
    given: Questions[Name]['given'],
    options?: AskOptions,
  ): Promise<Questions[Name]['answer']> {
    return this.#asking.ask(place, name, given, options)
  }

  /**
   * Delivers and covers what is committed, as far as the time goes, then ends the threads. Call after the committer has
   * stopped.
   */
  async stop(): Promise<void> {
    await this.#asking.stop()
    const stopped = new Promise<void>((resolve) => {
      this.#stopped = resolve
      this.#forwarder.once('exit', () => resolve())
    })
    this.#forwarder.postMessage({ kind: 'stop' } satisfies ToForwarder)
    // A disk that does not answer must not hold the stop: whatever was committed is committed.
    const lateMs = this.#deliverMs + limits.drainMs / 4
    await Promise.race([stopped, new Promise((resolve) => setTimeout(resolve, lateMs).unref())])
    await this.#forwarder.terminate()
  }

  #opened(place: TrackerPlace): Promise<void> {
    return new Promise((resolve, reject) => this.#opening.set(keyOf(place), { resolve, reject }))
  }

  #heard(message: FromForwarder): void {
    if (message.kind === 'delivered') {
      const { destination, number, events, bytes } = message
      this.#parts.committer.acknowledge(destination, number, events, bytes)
    } else if (message.kind === 'covered') {
      this.#parts.committer.coveredUpTo(message.destination, message.number)
    } else if (message.kind === 'stopped') this.#stopped?.()
    else if (message.kind === 'prepared' || message.kind === 'appended' || message.kind === 'pruned') {
      this.#requests.get(message.id)?.(message.answer as never)
      this.#requests.delete(message.id)
    } else if (message.kind === 'oddities') this.#oddities.set(keyOf(message), message.oddities)
    else if (message.kind === 'opened') {
      this.#failures.delete(keyOf(message))
      this.#unreachable.delete(keyOf(message))
      const { account, location, altered: index } = message
      if (index !== undefined) {
        this.#parts.log.error({ location, index }, 'the bytes of an entry of the log were altered')
        this.#alterations = [...this.#alterations, { account, location, index }]
      }
      this.#opening.get(keyOf(message))?.resolve()
      this.#opening.delete(keyOf(message))
    } else if (message.kind === 'failed') this.#failed(message)
    else if (message.kind === 'ended') this.#ended(message)
    else {
      const growth = { size: message.size, covered: message.covered }
      this.#growth.set(keyOf(message), growth)
      for (const listener of this.#listeners.get(keyOf(message)) ?? []) listener(growth)
    }
  }

  #ended(message: Extract<FromForwarder, { kind: 'ended' }>): void {
    const key = keyOf(message)
    for (const facts of [this.#failures, this.#unreachable, this.#growth, this.#kept, this.#oddities, this.#listeners])
      facts.delete(key)
    this.#alterations = this.#alterations.filter((alteration) => keyOf(alteration) !== key)
    this.#ending.get(key)?.(message.final)
    this.#ending.delete(key)
  }

  #failed(message: Extract<FromForwarder, { kind: 'failed' }>): void {
    const key = keyOf(message)
    if (message.isRemote === true) {
      this.#unreachable.set(key, message.message)
      this.#parts.log.warn({ location: message.location, code: message.code }, message.message)
      return
    }
    this.#failures.set(key, message.message)
    this.#parts.log.error({ location: message.location, code: message.code }, message.message)
    const opening = this.#opening.get(key)
    this.#opening.delete(key)
    opening?.reject(new StartError(startCodes[message.code] ?? 'CORRUPT_STORE', message.message))
  }
}

const keyOf = (place: Destination): string => `${place.account}/${place.location}`
type Refusals = Partial<Record<string, ErrorCode>>
const appendRefusals: Refusals = { DISK_FULL: 'STORAGE_FULL', BAD_INPUT: 'BAD_BODY_ERR', BEHIND: 'LOG_SET_BACK' }
const pruningRefusals: Refusals = { DISK_FULL: 'STORAGE_FULL', BAD_INPUT: 'CONFLICT' }

const startCodes: Record<string, StartError['code']> = {
  FORKED: 'FORKED_LOG',
  CORRUPT: 'CORRUPT_STORE',
  NEWER_SCHEMA: 'NEWER_SCHEMA',
  LOCKED: 'DATA_IN_USE',
  DISK_FULL: 'DISK_FULL',
  READ_ONLY: 'DATA_READ_ONLY',
}
