/** The rules of one log: gives them its entries in order, and what they fire to the serving thread, which commits it. */
import type { TrackerReader } from '@keywitness/tracker'
import { AlertSubject, compileQuery, type EvaluationOptions, type Firing } from '@keywitness/tracker/alerts'
import { firedOf, type ReadyMute } from './evidence.ts'
import { indexSince } from './log-time.ts'
import type { Fired, FromAlerts, RuleSettings, WatchedLog } from './messages.ts'
import { RuleRun } from './rule-run.ts'
import { type KeptState, readState, writeState } from './state-file.ts'

export interface LogWatchParts {
  readonly openReader: () => TrackerReader
  readonly locate: EvaluationOptions['locate']
  readonly say: (message: FromAlerts) => void
  /** Wall clock, milliseconds since the epoch. */
  readonly now: () => number
}

/** Own events of alerting: a rule that fired for them would fire for what it said. */
const unseenActions = new Set(['activity-tracker.alert.raise', 'activity-tracker.alert.repeat'])

/** How long one slice may take, milliseconds, and how many entries it reads at most. */
const sliceMs = 20
const sliceEntriesMax = 500
/** Entries that a rule is taught by at most: of a longer log the newest. */
const lookbackEntriesMax = 1_000_000
/** The cursor is committed this often when nothing fires, and the rules' memory is written this often, milliseconds. */
const cursorEveryMs = 1_000
const stateEveryMs = 60_000
const healthEveryMs = 1_000
/** Firings of one commit. */
const batchFiredMax = 50
/** So much work of all rules while so many events wait shows which one is too costly, milliseconds. */
const costLookMs = 2_000
const costLagEntries = 1_000

type Batch = Extract<FromAlerts, { kind: 'batch' }>

export class LogWatch {
  readonly #log: WatchedLog
  readonly #parts: LogWatchParts
  readonly #reader: TrackerReader
  readonly #runs = new Map<string, RuleRun>()
  #mutes: readonly ReadyMute[] = []
  #kept: KeptState | undefined
  #cursor: number
  #committed: number
  #size = 0
  #sliceEntries = 50
  /** Waits to be settled. */
  #batch: Batch | undefined
  #fired: Fired[] = []
  #joined: { id: string; version: number }[] = []
  /** Of the entry read last: for one that says none. */
  #time = 0
  #committedAt = 0
  #wroteStateAt: number
  #healthAt = 0
  #healthSaid = ''

  constructor(log: WatchedLog, parts: LogWatchParts) {
    this.#log = log
    this.#parts = parts
    this.#reader = parts.openReader()
    this.#cursor = log.cursor
    this.#committed = log.cursor
    this.#wroteStateAt = parts.now()
    this.#kept = readState(log.stateFile, log.place.origin)
    // Memory that is ahead of what was committed has seen what will be given again.
    if ((this.#kept?.cursor ?? 0) > log.cursor) this.#kept = undefined
    this.use(log.settings)
    this.grown(this.#reader.size())
  }

  /** Rules, mutes and calendars as they are from now on. */
  use(settings: RuleSettings): void {
    const calendars = new Map(settings.calendars.map((calendar) => [calendar.id, calendar]))
    const { locate } = this.#parts
    const options: EvaluationOptions = { calendars, ...(locate === undefined ? {} : { locate }) }
    const wanted = new Set(settings.rules.map(({ rule }) => rule.id))
    for (const id of this.#runs.keys()) if (!wanted.has(id)) this.#runs.delete(id)
    for (const given of settings.rules) {
      const { id } = given.rule
      const run = this.#runs.get(id)
      if (run !== undefined && run.isOf(given, calendars)) {
        run.live = { ...given, liveFrom: run.live.liveFrom }
        continue
      }
      // What was committed as seen is not told of a second time, also by a rule that must be taught again.
      const live = given.joined ? { ...given, liveFrom: Math.max(given.liveFrom, this.#cursor) } : given
      const kept = this.#kept?.rules.find((one) => one.id === id)
      this.#runs.set(
        id,
        RuleRun.begin(live, options, kept, (lookbackMs) => this.#lookback(lookbackMs)),
      )
    }
    this.#mutes = settings.mutes.map((mute) => ({
      mute,
      isAbout: compileQuery(mute.query ?? '', undefined, 'query').matches,
    }))
  }

  #lookback(lookbackMs: number): number {
    if (lookbackMs === 0) return this.#cursor
    const since = indexSince(this.#reader, this.#parts.now() - lookbackMs)
    return Math.min(this.#cursor, Math.max(since, this.#cursor - lookbackEntriesMax))
  }

  grown(size: number): void {
    this.#size = Math.max(this.#size, size)
  }

  /** Whether a slice would do anything now. */
  get isDue(): boolean {
    if (this.#batch !== undefined) return false
    return this.#cursor < this.#size || this.#hasToSay || this.#behind().length > 0
  }

  get #hasToSay(): boolean {
    return this.#fired.length > 0 || this.#joined.length > 0
  }

  /** Rules whose events the cursor waits for, or that are still being taught. */
  #behind(): RuleRun[] {
    return [...this.#runs.values()].filter((run) => !run.isJoined)
  }

  /** Does a bounded part of what is due. */
  step(): void {
    if (this.#batch !== undefined) return
    const recovering = this.#behind().filter((run) => run.live.joined)
    if (recovering.length > 0) this.#teach(recovering)
    else {
      this.#advance()
      this.#teach(this.#behind())
    }
    this.#speak()
    this.#tellHealth()
  }

  /** What falls due without an event, once all events are seen. */
  tick(): void {
    this.#tellHealth()
    if (this.#batch !== undefined || this.#cursor < this.#size || this.#behind().some((run) => run.live.joined)) return
    const now = this.#parts.now()
    for (const run of this.#runs.values()) if (run.isJoined) this.#collect(run, run.tick(now))
    this.#speak()
  }

  /** The batch is committed, or is to be given once more. */
  settle(isCommitted: boolean): void {
    const batch = this.#batch
    if (batch === undefined) return
    if (!isCommitted) return this.#parts.say(batch)
    this.#batch = undefined
    this.#committed = batch.cursor
    this.#committedAt = this.#parts.now()
    const isWhole = this.#cursor === this.#committed && !this.#hasToSay
    if (isWhole && this.#parts.now() - this.#wroteStateAt >= stateEveryMs) this.#writeState()
  }

  /** A rule that the serving thread has not turned off yet must not go on holding up the others. */
  drop(rule: string): void {
    this.#runs.delete(rule)
  }

  close(isStopping: boolean): void {
    if (isStopping && this.#batch === undefined && this.#cursor === this.#committed && !this.#hasToSay)
      this.#writeState()
    this.#reader.close()
  }

  #advance(): void {
    const end = Math.min(this.#size, this.#cursor + this.#sliceEntries)
    if (this.#cursor >= end) return
    const runs = [...this.#runs.values()].filter((run) => run.isJoined)
    const began = performance.now()
    const subjects = this.#subjects(this.#cursor, end)
    for (const run of runs) this.#collect(run, run.see(subjects))
    this.#cursor = end
    this.#size = Math.max(this.#size, this.#reader.size())
    for (const run of runs) run.position = end
    this.#adapt(performance.now() - began)
    this.#lookForCostly(runs)
  }

  /** Slices are as long as they may be, and no longer. */
  #adapt(tookMs: number): void {
    if (tookMs > sliceMs) this.#sliceEntries = Math.max(1, Math.floor(this.#sliceEntries / 2))
    else if (tookMs < sliceMs / 2) this.#sliceEntries = Math.min(sliceEntriesMax, this.#sliceEntries * 2)
  }

  /** Lets rules see what they have not seen yet, one after the other. */
  #teach(runs: readonly RuleRun[]): void {
    const until = performance.now() + sliceMs
    for (const run of runs) {
      while (run.position < this.#cursor && performance.now() < until) {
        const end = Math.min(this.#cursor, run.position + this.#sliceEntries)
        this.#collect(run, run.see(this.#subjects(run.position, end)))
        run.position = end
      }
      if (run.position < this.#cursor) return
      run.position = this.#cursor
      run.isJoined = true
      if (!run.live.joined) this.#joined.push({ id: run.live.rule.id, version: run.live.version })
    }
  }

  #subjects(from: number, to: number): AlertSubject[] {
    const found: AlertSubject[] = []
    let next = Math.max(from, this.#reader.first())
    while (next < to) {
      const entries = this.#reader.range(next, to, to - next)
      for (const { index, bytes } of entries) {
        const subject = new AlertSubject(index, bytes, this.#time)
        this.#time = subject.time
        if (!unseenActions.has(subject.action ?? '')) found.push(subject)
      }
      if (entries.length === 0) break
      next += entries.length
    }
    return found
  }

  #collect(run: RuleRun, firings: readonly Firing[]): void {
    for (const firing of firings)
      this.#fired.push(firedOf(run.live, firing, this.#reader, this.#mutes, this.#parts.now()))
  }

  /** At most one batch is under way: so nothing is committed as seen whose firings are not. */
  #speak(): void {
    const isLate = this.#cursor > this.#committed && this.#parts.now() - this.#committedAt >= cursorEveryMs
    if (!this.#hasToSay && !isLate) return
    // In the order of what happened; what does not fit is said next, and the cursor waits for it.
    this.#fired.sort((a, b) => a.trigger - b.trigger)
    const fired = this.#fired.splice(0, batchFiredMax)
    const { account, location } = this.#log.place
    const cursor = this.#fired.length === 0 ? this.#cursor : this.#committed
    const batch: Batch = {
      kind: 'batch',
      account,
      location,
      cursor,
      fired,
      joined: this.#fired.length === 0 ? this.#joined : [],
    }
    if (this.#fired.length === 0) this.#joined = []
    this.#batch = batch
    this.#parts.say(batch)
  }

  #lookForCostly(runs: readonly RuleRun[]): void {
    const all = runs.reduce((sum, run) => sum + run.spentMs, 0)
    if (all < costLookMs) return
    if (this.#size - this.#cursor > costLagEntries) {
      for (const run of runs) {
        const why = run.costs(all)
        if (why === undefined) continue
        const { account, location } = this.#log.place
        const { rule, version } = run.live
        this.drop(rule.id)
        this.#parts.say({ kind: 'costly', account, location, rule: rule.id, version, why })
      }
    }
    for (const run of runs) run.forgiveCost()
  }

  #writeState(): void {
    const { stateFile, place } = this.#log
    this.#wroteStateAt = this.#parts.now()
    const rules = [...this.#runs.values()].map((run) => run.keep())
    writeState(stateFile, { format: 'keywitness-alert-state/1', origin: place.origin, cursor: this.#cursor, rules })
  }

  #tellHealth(): void {
    const now = this.#parts.now()
    if (now - this.#healthAt < healthEveryMs) return
    this.#healthAt = now
    const { account, location } = this.#log.place
    const behind = this.#behind()
    const message: FromAlerts = {
      kind: 'health',
      account,
      location,
      cursor: this.#cursor,
      isRecovering: behind.some((run) => run.live.joined),
      ...(this.#cursor < this.#size ? { waitsSince: this.#timeAt(this.#cursor) } : {}),
      rules: [...this.#runs.values()].map((run) => run.health()),
    }
    const said = JSON.stringify(message)
    if (said === this.#healthSaid) return
    this.#healthSaid = said
    this.#parts.say(message)
  }

  #timeAt(index: number): number {
    return new AlertSubject(index, this.#reader.entry(index), this.#time).time
  }
}
