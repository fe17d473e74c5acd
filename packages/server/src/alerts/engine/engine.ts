/** The alert engine as the serving thread sees it: one thread for all logs, what it says committed, and how it is. */
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { Logger } from 'pino'
import type { Clock } from '../../clock.ts'
import { Refusal } from '../../errors.ts'
import type { Reader } from '../../store/store.ts'
import type { TrackerRow, Trail } from '../../trail/trail.ts'
import { alertLimits } from '../limits.ts'
import { liveMute, type Mutes } from '../mutes.ts'
import type { Seen } from '../raising/raise.ts'
import type { Rules } from '../rules/rule-rows.ts'
import type { FromAlerts, RuleHealth, RuleSettings, TestAnswer, TestAsk, ToAlerts } from './messages.ts'

export interface EngineParts {
  readonly reader: Reader
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
  size: number
  cursor: number
  rules: readonly RuleHealth[]
  isRecovering: boolean
  /** Why its log cannot be watched, and why what fired cannot be recorded. */
  problem: string | undefined
  commitProblem: string | undefined
  /** When an entry first waited that still does, by the wall clock. */
  waitsSince: number | undefined
  stopListening: () => void
}

/** Behind is what has waited for this long, milliseconds. */
const behindMs = 5_000
/** After a commit that failed, and after the thread ended, milliseconds. */
const commitPauseMs = 1_000
const threadPauseMs = 1_000
const longestPauseMs = 60_000

export class AlertEngine {
  readonly #parts: EngineParts
  readonly #watched = new Map<string, Watched>()
  readonly #tests = new Map<number, { account: string; resolve: (answer: TestAnswer | { problem: string }) => void }>()
  readonly #timers = new Set<NodeJS.Timeout>()
  #thread: Worker | undefined
  #nextTest = 1
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
    const { size } = this.#parts.trail.growth(row)
    const watched: Watched = {
      row,
      size,
      cursor,
      rules: [],
      isRecovering: false,
      problem: undefined,
      commitProblem: undefined,
      waitsSince: undefined,
      stopListening: this.#parts.trail.listen(row, (growth) => this.#grown(row, growth.size)),
    }
    this.#watched.set(keyOf(row), watched)
    this.#sayWatch(watched)
    this.#grown(row, size)
  }

  /** A tracker that was removed. */
  forget(row: Pick<TrackerRow, 'account' | 'location'>): void {
    this.#watched.get(keyOf(row))?.stopListening()
    this.#watched.delete(keyOf(row))
    this.#say({ kind: 'closed', account: row.account, location: row.location })
  }

  /** Rules, mutes or calendars of a tracker have changed. */
  changed(row: TrackerRow): void {
    if (this.#watched.get(keyOf(row))?.row.id !== row.id) return this.watch(row)
    const { account, location } = row
    this.#say({ kind: 'settings', account, location, settings: this.#settings(row) })
  }

  health(row: TrackerRow): EngineHealth {
    const watched = this.#watched.get(keyOf(row))
    const { size } = this.#parts.trail.growth(row)
    const cursor = watched?.cursor ?? this.#parts.rules.cursor(row.id) ?? 0
    const lagEvents = Math.max(0, size - cursor)
    const now = this.#parts.clock.now()
    const lagMs = watched?.waitsSince === undefined || lagEvents === 0 ? 0 : Math.max(0, now - watched.waitsSince)
    const problem = watched === undefined ? 'Its events are not watched.' : (watched.problem ?? watched.commitProblem)
    const state =
      problem !== undefined
        ? 'failed'
        : watched?.isRecovering === true
          ? 'recovering'
          : lagMs > behindMs
            ? 'behind'
            : 'running'
    return { state, cursor, size, lagEvents, lagMs, ...(problem === undefined ? {} : { problem }) }
  }

  ruleHealth(row: TrackerRow): ReadonlyMap<string, RuleHealth> {
    return new Map((this.#watched.get(keyOf(row))?.rules ?? []).map((rule) => [rule.id, rule]))
  }

  /** Health of all logs together, for metrics. */
  all(): EngineHealth[] {
    return [...this.#watched.values()].map(({ row }) => this.health(row))
  }

  /** @throws Refusal TOO_MANY_REQUESTS when the account has enough of them waiting */
  test(row: TrackerRow, ask: TestAsk): Promise<TestAnswer | { readonly problem: string }> {
    const waiting = [...this.#tests.values()].filter(({ account }) => account === row.account).length
    if (waiting >= alertLimits.testsWaiting) throw new Refusal('TOO_MANY_REQUESTS')
    if (this.#thread === undefined) throw new Refusal('SEARCH_CANCELLED')
    const id = this.#nextTest++
    const { account, location } = row
    return new Promise((resolve) => {
      this.#tests.set(id, { account, resolve })
      this.#say({ kind: 'test', id, account, location, ask })
    })
  }

  #say(message: ToAlerts): void {
    this.#thread?.postMessage(message)
  }

  /** The thread holds nothing that is not made again: when it ends it is started anew, and that is seen in its health. */
  #begin(): void {
    if (this.#isStopping) return
    const thread = new Worker(new URL('./alert-thread.ts', import.meta.url), {
      workerData: { locationDatabase: this.#parts.locationDatabase },
      // A thread that uses more ends itself instead of the process.
      resourceLimits: { maxOldGenerationSizeMb: 512 },
    })
    this.#thread = thread
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
      resolve({ problem: 'The alert engine was started again.' })
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

  #sayWatch(watched: Watched): void {
    const { row } = watched
    const cursor = this.#parts.rules.cursor(row.id)
    if (cursor === undefined) return
    watched.cursor = cursor
    const stateFile = join(this.#parts.folder, 'alerts', row.account, `${row.location}.json`)
    const place = this.#parts.trail.place(row)
    this.#say({ kind: 'watch', log: { place, stateFile, cursor, settings: this.#settings(row) } })
    this.#say({ kind: 'grown', account: row.account, location: row.location, size: watched.size })
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
    if (watched.waitsSince === undefined) watched.waitsSince = this.#parts.clock.now()
    watched.size = size
    this.#say({ kind: 'grown', account: row.account, location: row.location, size })
  }

  #heard(message: FromAlerts): void {
    if (message.kind === 'tested') {
      this.#tests.get(message.id)?.resolve(message.answer)
      this.#tests.delete(message.id)
      return
    }
    const watched = this.#watched.get(keyOf(message))
    if (watched === undefined) return
    if (message.kind === 'batch' && !this.#parts.isThere(watched.row)) return this.forget(watched.row)
    switch (message.kind) {
      case 'batch':
        void this.#commit(watched, message)
        return
      case 'health':
        this.#failures = 0
        this.#setCursor(watched, message.cursor)
        watched.waitsSince = message.waitsSince
        watched.isRecovering = message.isRecovering
        watched.rules = message.rules
        watched.problem = undefined
        return
      case 'costly':
        this.#suspend(watched, message)
        return
      case 'failed':
        watched.problem = `The log cannot be watched: ${message.code}.`
        this.#parts.log.error(
          { location: message.location, code: message.code, problem: message.message },
          'a log cannot be watched',
        )
        return
      case 'recovered':
        watched.problem = undefined
    }
  }

  #setCursor(watched: Watched, cursor: number): void {
    watched.cursor = cursor
    if (cursor >= watched.size) watched.waitsSince = undefined
  }

  async #commit(watched: Watched, batch: Extract<FromAlerts, { kind: 'batch' }>): Promise<void> {
    const { account, location, cursor, fired, joined } = batch
    let isCommitted = true
    try {
      await this.#parts.commit(watched.row, { cursor, fired, joined })
      watched.commitProblem = undefined
      this.#setCursor(watched, cursor)
    } catch (error) {
      if (this.#isStopping) return
      isCommitted = false
      if (watched.commitProblem === undefined)
        this.#parts.log.error({ err: error, location }, 'alerts could not be recorded yet')
      watched.commitProblem = 'Alerts cannot be recorded; it is tried again.'
    }
    const settled: ToAlerts = { kind: 'settled', account, location, isCommitted }
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

function keyOf({ account, location }: Pick<TrackerRow, 'account' | 'location'>): string {
  return `${account}/${location}`
}
