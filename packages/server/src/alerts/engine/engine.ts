/** The alert engine as the serving thread sees it: one thread for all logs, what it says committed, and how it is. */
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { programFiles } from '../../program-files.ts'
import type { Logger } from 'pino'
import type { Clock } from '../../clock.ts'
import { Refusal } from '../../errors.ts'
import { limits } from '../../limits.ts'
import { PacedNotice } from '../../trail/forwarding/paced-notice.ts'
import type { TrackerRow, Trail } from '../../trail/trail.ts'
import { alertLimits } from '../limits.ts'
import { liveMute, type Mutes } from '../mutes.ts'
import type { Seen } from '../raising/raise.ts'
import type { Rules } from '../rules/rule-rows.ts'
import type { FromAlerts, RuleHealth, RuleSettings, TestAnswer, TestAsk, TestProblem, ToAlerts } from './messages.ts'
import { WaitingSince } from './waiting-since.ts'

export interface EngineParts {
  readonly trail: Trail
  readonly rules: Rules
  readonly mutes: Mutes
  readonly clock: Clock
  readonly log: Logger
  /** The data folder. */
  readonly folder: string
  /** Database of locations, if the operator has one. */
  readonly locationDatabase: string | undefined
  /** Whether a tracker was not removed. */
  readonly isThere: (tracker: TrackerRow) => boolean
  /** Commits what was seen. */
  readonly commit: (tracker: TrackerRow, seen: Seen) => Promise<void>
  /** Turns a rule off that holds up all others. */
  readonly suspend: (tracker: TrackerRow, rule: string, version: number, why: string) => Promise<void>
}

type EngineState = 'running' | 'behind' | 'recovering' | 'failed'

export interface EngineHealth {
  readonly state: EngineState
  /** Index of the first entry that the rules have not seen, and how many wait. */
  readonly cursor: number
  readonly size: number
  readonly lagEvents: number
  /** How long the oldest of them waits, milliseconds. */
  readonly lagMs: number
  readonly problem?: string
}

/** What is known of one log's rules. */
interface Watched {
  readonly row: TrackerRow
  /** Of the time that it is watched now; a new one each time it begins. */
  token: number
  size: number
  cursor: number
  rules: readonly RuleHealth[]
  brokenMutes: readonly string[]
  isRecovering: boolean
  /** Why its log cannot be watched, and why what fired cannot be recorded. */
  problem: string | undefined
  commitProblem: string | undefined
  readonly waiting: WaitingSince
  /** A message to a thread costs as much as many events: they are told of together. */
  readonly growth: PacedNotice
  stopListening: () => void
}

/** Behind is what has waited for this long, milliseconds. */
const behindMs = 5_000
/** A thread that says nothing for this long does not live, milliseconds by the monotonic clock. */
const silentMs = 10_000
/** After a commit that failed, after a log that could not be watched, and after the thread ended, milliseconds. */
const commitPauseMs = 1_000
const watchPauseMs = 1_000
const threadPauseMs = 1_000
const longestPauseMs = 60_000
/** Heap of the thread: one that uses more ends itself instead of the process. */
const heapMb = 1_024

type Tested = TestAnswer | { readonly problem: TestProblem }

export class AlertEngine {
  readonly #parts: EngineParts
  readonly #watched = new Map<string, Watched>()
  readonly #byToken = new Map<number, Watched>()
  readonly #tests = new Map<number, { account: string; resolve: (answer: Tested) => void }>()
  readonly #timers = new Set<NodeJS.Timeout>()
  #thread: Worker | undefined
  #nextTest = 1
  #nextToken = 1
  #heardAt = 0
  #failures = 0
  #isStopping = false

  constructor(parts: EngineParts) {
    this.#parts = parts
  }

  start(): void {
    this.#begin()
  }

  async stop(): Promise<void> {
    this.#isStopping = true
    for (const timer of this.#timers) clearTimeout(timer)
    for (const { stopListening } of this.#watched.values()) stopListening()
    const thread = this.#thread
    if (thread === undefined) return
    const ended = new Promise<void>((resolve) => thread.once('exit', () => resolve()))
    const late = new Promise<void>((resolve) => setTimeout(resolve, 1_000).unref())
    this.#say({ kind: 'stop' })
    await Promise.race([ended, late])
    await thread.terminate()
  }

  /** Watches a tracker of this server from its cursor on. */
  watch(row: TrackerRow): void {
    const cursor = this.#parts.rules.cursor(row.id)
    const known = this.#watched.get(keyOf(row))
    // Another tracker came to the place of one that was removed.
    if (known !== undefined && known.row.id !== row.id) this.forget(known.row)
    if (cursor === undefined || known?.row.id === row.id) return
    const watched: Watched = {
      row,
      token: 0,
      size: 0,
      cursor,
      rules: [],
      brokenMutes: [],
      isRecovering: false,
      problem: undefined,
      commitProblem: undefined,
      waiting: new WaitingSince(),
      growth: new PacedNotice(
        () => this.#sayGrown(watched),
        () => limits.alertNoticeMs,
      ),
      stopListening: this.#parts.trail.listen(row, (growth) => this.#grown(row, growth.size)),
    }
    this.#watched.set(keyOf(row), watched)
    this.#sayWatch(watched)
    this.#grown(row, this.#parts.trail.growth(row).size)
  }

  /** A tracker that was removed. */
  forget(row: Pick<TrackerRow, 'account' | 'location'>): void {
    const watched = this.#watched.get(keyOf(row))
    if (watched === undefined) return
    watched.stopListening()
    this.#watched.delete(keyOf(row))
    this.#byToken.delete(watched.token)
    this.#say({ kind: 'closed', token: watched.token })
  }

  /** Rules, mutes or calendars of a tracker have changed. */
  changed(row: TrackerRow): void {
    const watched = this.#watched.get(keyOf(row))
    if (watched?.row.id !== row.id) return this.watch(row)
    this.#say({ kind: 'settings', token: watched.token, settings: this.#settings(row) })
  }

  health(row: TrackerRow): EngineHealth {
    const watched = this.#watched.get(keyOf(row))
    const { size } = this.#parts.trail.growth(row)
    const cursor = watched?.cursor ?? this.#parts.rules.cursor(row.id) ?? 0
    const lagEvents = Math.max(0, size - cursor)
    const lagMs = lagEvents === 0 ? 0 : (watched?.waiting.lagMs(this.#parts.clock.monotonic()) ?? 0)
    const problem = this.#problemOf(watched)
    const isRecovering = watched?.isRecovering === true
    const state =
      problem !== undefined ? 'failed' : isRecovering ? 'recovering' : lagMs > behindMs ? 'behind' : 'running'
    return { state, cursor, size, lagEvents, lagMs, ...(problem === undefined ? {} : { problem }) }
  }

  #problemOf(watched: Watched | undefined): string | undefined {
    if (watched === undefined) return 'Its events are not watched.'
    const isSilent = this.#parts.clock.monotonic() - this.#heardAt > silentMs
    return watched.problem ?? watched.commitProblem ?? (isSilent ? 'The alert engine does not answer.' : undefined)
  }

  /** Mutes of a tracker that cannot be read: they mute nothing. */
  brokenMutes(row: TrackerRow): readonly string[] {
    return this.#watched.get(keyOf(row))?.brokenMutes ?? []
  }

  ruleHealth(row: TrackerRow): ReadonlyMap<string, RuleHealth> {
    return new Map((this.#watched.get(keyOf(row))?.rules ?? []).map((rule) => [rule.id, rule]))
  }

  /** Health of all logs together, for metrics. */
  all(): EngineHealth[] {
    return [...this.#watched.values()].map(({ row }) => this.health(row))
  }

  /** @throws Refusal TOO_MANY_REQUESTS when the account has enough of them waiting */
  test(row: TrackerRow, ask: TestAsk): Promise<Tested> {
    const waiting = [...this.#tests.values()].filter(({ account }) => account === row.account).length
    if (waiting >= alertLimits.testsWaiting) throw new Refusal('TOO_MANY_REQUESTS')
    const watched = this.#watched.get(keyOf(row))
    if (this.#thread === undefined || watched === undefined) return Promise.resolve({ problem: 'RESTARTED' })
    const id = this.#nextTest++
    const { token } = watched
    return new Promise((resolve) => {
      this.#tests.set(id, { account: row.account, resolve })
      this.#say({ kind: 'test', token, id, ask })
    })
  }

  #say(message: ToAlerts): void {
    this.#thread?.postMessage(message)
  }

  /** The thread holds nothing that is not made again: when it ends it is started anew, and that is seen in its health. */
  #begin(): void {
    if (this.#isStopping) return
    const thread = new Worker(programFiles.threads.alert, {
      workerData: { locationDatabase: this.#parts.locationDatabase, heapMb },
      resourceLimits: { maxOldGenerationSizeMb: heapMb },
    })
    this.#thread = thread
    this.#heardAt = this.#parts.clock.monotonic()
    thread.on('message', (message: FromAlerts) => this.#heard(message))
    thread.on('error', (error) => this.#parts.log.error({ err: error }, 'the alert thread ended; it is started again'))
    thread.on('exit', () => this.#ended(thread))
    for (const watched of this.#watched.values()) this.#sayWatch(watched)
  }

  #ended(thread: Worker): void {
    if (this.#thread !== thread || this.#isStopping) return
    this.#thread = undefined
    for (const [id, { resolve }] of this.#tests) {
      this.#tests.delete(id)
      resolve({ problem: 'RESTARTED' })
    }
    for (const watched of this.#watched.values()) watched.problem = 'The alert engine ended; it is started again.'
    this.#failures += 1
    this.#later(() => this.#begin(), Math.min(threadPauseMs * 2 ** Math.min(this.#failures, 6), longestPauseMs))
  }

  #later(work: () => void, afterMs: number): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      if (!this.#isStopping) work()
    }, afterMs)
    timer.unref()
    this.#timers.add(timer)
  }

  /** From what is committed on, whatever was said of it before. */
  #sayWatch(watched: Watched): void {
    const { row } = watched
    const cursor = this.#parts.rules.cursor(row.id)
    if (cursor === undefined) return
    this.#byToken.delete(watched.token)
    watched.token = this.#nextToken++
    watched.cursor = cursor
    this.#byToken.set(watched.token, watched)
    const { token } = watched
    const stateFile = stateFileOf(this.#parts.folder, row)
    const place = this.#parts.trail.place(row)
    this.#say({ kind: 'watch', log: { token, place, stateFile, cursor, settings: this.#settings(row) } })
    this.#sayGrown(watched)
  }

  #sayGrown({ token, size }: Watched): void {
    this.#say({ kind: 'grown', token, size })
  }

  #settings(row: TrackerRow): RuleSettings {
    const { rules, mutes } = this.#parts
    return {
      rules: rules
        .list(row.id)
        .filter(({ isEnabled, rule }) => isEnabled && rule.when.kind !== 'watch')
        .map(({ rule, version, liveFrom, hasJoined }) => ({ rule, version, liveFrom, joined: hasJoined })),
      mutes: mutes.active(row.id).map(liveMute),
      calendars: rules.calendars(row.id),
    }
  }

  #grown(row: TrackerRow, size: number): void {
    const watched = this.#watched.get(keyOf(row))
    if (watched === undefined || size <= watched.size) return
    watched.waiting.grown(size, this.#parts.clock.monotonic())
    watched.size = size
    watched.growth.give()
  }

  #heard(message: FromAlerts): void {
    this.#heardAt = this.#parts.clock.monotonic()
    if (message.kind === 'alive') return
    if (message.kind === 'tested') {
      this.#tests.get(message.id)?.resolve(message.answer)
      this.#tests.delete(message.id)
      return
    }
    const watched = this.#byToken.get(message.token)
    if (watched === undefined) return
    if (message.kind === 'batch' && !this.#parts.isThere(watched.row)) return this.forget(watched.row)
    switch (message.kind) {
      case 'batch':
        void this.#commit(watched, message)
        return
      case 'health':
        this.#failures = 0
        this.#seen(watched, message.cursor)
        watched.isRecovering = message.isRecovering
        watched.rules = message.rules
        watched.brokenMutes = message.brokenMutes
        watched.problem = undefined
        return
      case 'costly':
        this.#suspend(watched, message)
        return
      case 'failed':
        this.#failed(watched, message)
    }
  }

  #seen(watched: Watched, cursor: number): void {
    watched.cursor = cursor
    watched.waiting.seen(cursor)
  }

  /** The thread has let go of it; it is given anew. */
  #failed(watched: Watched, { code, message }: Extract<FromAlerts, { kind: 'failed' }>): void {
    if (watched.problem === undefined) {
      const { location } = watched.row
      this.#parts.log.error({ location, code, problem: message }, 'a log cannot be watched')
    }
    watched.problem = `The log cannot be watched: ${code}.`
    this.#later(() => {
      if (this.#watched.get(keyOf(watched.row)) === watched) this.#sayWatch(watched)
    }, watchPauseMs)
  }

  async #commit(watched: Watched, batch: Extract<FromAlerts, { kind: 'batch' }>): Promise<void> {
    const { token, cursor, fired, joined } = batch
    let isCommitted = true
    try {
      await this.#parts.commit(watched.row, { cursor, fired, joined })
      watched.commitProblem = undefined
      this.#seen(watched, cursor)
    } catch (error) {
      if (this.#isStopping) return
      isCommitted = false
      if (watched.commitProblem === undefined) {
        this.#parts.log.error({ err: error, location: watched.row.location }, 'alerts could not be recorded yet')
      }
      watched.commitProblem = 'Alerts cannot be recorded; it is tried again.'
    }
    const settled: ToAlerts = { kind: 'settled', token, isCommitted }
    if (isCommitted) this.#say(settled)
    else this.#later(() => this.#say(settled), commitPauseMs)
  }

  #suspend(watched: Watched, { rule, version, why }: Extract<FromAlerts, { kind: 'costly' }>): void {
    this.#parts.suspend(watched.row, rule, version, why).catch((error: unknown) => {
      this.#parts.log.error({ err: error, rule }, 'a rule that holds up all others could not be turned off')
      // The thread has let go of it; it is given again, and found again.
      this.#later(() => this.changed(watched.row), commitPauseMs)
    })
  }
}

/** Where the rules of a tracker keep what they remember between two starts. */
export function stateFileOf(folder: string, { account, location }: Pick<TrackerRow, 'account' | 'location'>): string {
  return join(folder, 'alerts', account, `${location}.json`)
}

function keyOf({ account, location }: Pick<TrackerRow, 'account' | 'location'>): string {
  return `${account}/${location}`
}
