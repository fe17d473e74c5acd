/** The rules of one log: gives them its entries in order, and what they fire to the serving thread, which commits it. */
import type { TrackerReader } from '@keywitness/tracker'
import { AlertSubject, compileQuery, type EvaluationOptions, type Firing, RuleError } from '@keywitness/tracker/alerts'
import { firedOf, type ReadyMute } from './evidence.ts'
import { FiringQueue } from './firing-queue.ts'
import { indexSince } from './log-time.ts'
import type { FromAlerts, LiveMute, LiveRule, RuleSettings, WatchedLog } from './messages.ts'
import { RuleRun, type SeenByRule } from './rule-run.ts'
import { Slice } from './slice.ts'
import { type KeptState, readState, writeState } from './state-file.ts'

export interface LogWatchParts {
  readonly openReader: () => TrackerReader
  readonly locate: EvaluationOptions['locate']
  readonly say: (message: FromAlerts) => void
  /** Wall clock, milliseconds since the epoch; what is done every so often goes by the monotonic one. */
  readonly now: () => number
  readonly monotonic: () => number
  /** Processor time of the thread so far, milliseconds. */
  readonly cpuMs: () => number
  /** Firings of one commit; a test may want fewer. */
  readonly batchMax?: number
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
/** Firings that wait to be told: with more nothing further is looked at. */
const queueMax = 1_000
/** So much work of all rules while so many events wait shows which one is too costly, milliseconds. */
const costLookMs = 2_000
const costLagEntries = 1_000
/** Entries that a rule is taught by at once. */
const taughtSliceEntries = 50

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
  readonly #queue = new FiringQueue()
  /** Mutes that cannot be read. */
  #brokenMutes: readonly string[] = []
  #joined: { id: string; version: number }[] = []
  /** Of the entry read last: for one that says none. */
  #time = 0
  #committedAt = Number.NEGATIVE_INFINITY
  #wroteStateAt: number
  #healthAt = Number.NEGATIVE_INFINITY
  #healthSaid = ''

  constructor(log: WatchedLog, parts: LogWatchParts) {
    this.#log = log
    this.#parts = parts
    this.#reader = parts.openReader()
    this.#cursor = log.cursor
    this.#committed = log.cursor
    this.#wroteStateAt = parts.monotonic()
    this.#kept = readState(log.stateFile, log.place.origin)
    // Memory that is ahead of what was committed has seen what will be given again.
    if ((this.#kept?.cursor ?? 0) > log.cursor) this.#kept = undefined
    this.grown(this.#reader.size())
    this.use(log.settings)
    // What changes from now on was not so when it was written.
    this.#kept = undefined
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
        // Turned off and on again before this was heard: it has caught up, and nobody has said so yet.
        if (run.isJoined && !given.joined) this.#joined.push({ id, version: given.version })
        continue
      }
      // What was committed as seen is not told of a second time, also by a rule that must be taught again.
      const live = given.joined ? { ...given, liveFrom: Math.max(given.liveFrom, this.#cursor) } : given
      const kept = this.#kept?.rules.find((one) => one.id === id)
      const lookback = (lookbackMs: number): number => this.#lookback(live.liveFrom, lookbackMs)
      try {
        this.#runs.set(id, RuleRun.begin(live, options, kept, lookback, this.#parts.cpuMs))
      } catch (error) {
        if (!(error instanceof RuleError)) throw error
        // One that cannot be made, such as one of an earlier version with looser bounds, is no reason to watch nothing.
        this.#runs.delete(id)
        this.#sayCostly(live, `It cannot be evaluated: ${error.message}`)
      }
    }
    const broken: string[] = []
    this.#mutes = settings.mutes.flatMap((mute) => readyMute(mute, broken))
    this.#brokenMutes = broken
  }

  /** From where on a rule is taught: so long before the cursor, by the time that it was then. */
  #lookback(liveFrom: number, lookbackMs: number): number {
    const end = Math.min(this.#cursor, liveFrom)
    if (lookbackMs === 0) return end
    const now = this.#parts.now()
    const last = Math.min(this.#cursor, this.#size - 1)
    const at = last < this.#reader.first() ? now : Math.min(now, this.#timeAt(last))
    return Math.min(end, Math.max(indexSince(this.#reader, at - lookbackMs), this.#cursor - lookbackEntriesMax))
  }

  grown(size: number): void {
    this.#size = Math.max(this.#size, size)
  }

  /** Whether a slice would do anything now. */
  get isDue(): boolean {
    if (this.#batch !== undefined) return false
    return this.#cursor < this.#size || this.#hasToSay || this.#behind().length > 0
  }

  /** Firings that wait to be told. */
  get waiting(): number {
    return this.#queue.length
  }

  get #hasToSay(): boolean {
    return this.#queue.length > 0 || this.#joined.length > 0
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
    this.#committedAt = this.#parts.monotonic()
    const isWhole = this.#cursor === this.#committed && !this.#hasToSay
    if (isWhole && this.#parts.monotonic() - this.#wroteStateAt >= stateEveryMs) this.#writeState()
  }

  close(isStopping: boolean): void {
    if (isStopping && this.#batch === undefined && this.#cursor === this.#committed && !this.#hasToSay)
      this.#writeState()
    this.#reader.close()
  }

  #advance(): void {
    const end = Math.min(this.#size, this.#cursor + this.#sliceEntries)
    // What fires quicker than it is committed waits in the log, not here.
    if (this.#cursor >= end || this.#queue.length >= queueMax) return
    const runs = [...this.#runs.values()].filter((run) => run.isJoined)
    const began = performance.now()
    const slice = this.#slice(this.#cursor, end)
    for (const run of runs) this.#give(run, slice)
    this.#cursor = end
    for (const run of runs) run.position = end
    this.#adapt(performance.now() - began)
    this.#lookForCostly(runs, this.#size - this.#cursor)
  }

  #give(run: RuleRun, slice: Slice): void {
    let seen: SeenByRule
    try {
      seen = run.see(slice)
    } catch (error) {
      // A fault of ours: the rule would meet the same entry again and again, and no other would get past it.
      const { name } = error as Error
      return this.#letGo(run, `It cannot be evaluated: ${name}.`)
    }
    this.#collect(run, seen.firings)
    if (seen.costly !== undefined) this.#letGo(run, seen.costly)
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
      if (this.#queue.length >= queueMax) return
      while (run.position < this.#cursor && performance.now() < until && this.#runs.has(run.live.rule.id)) {
        const end = Math.min(this.#cursor, run.position + taughtSliceEntries)
        this.#give(run, this.#slice(run.position, end))
        run.position = end
      }
      if (!this.#runs.has(run.live.rule.id)) continue
      if (run.live.joined) this.#lookForCostly([run], this.#cursor - run.position)
      if (run.position < this.#cursor) return
      run.position = this.#cursor
      run.isJoined = true
      if (!run.live.joined) this.#joined.push({ id: run.live.rule.id, version: run.live.version })
    }
  }

  #slice(from: number, to: number): Slice {
    const found: AlertSubject[] = []
    for (let next = from; next < to;) {
      const entries = this.#reader.range(next, to, to - next)
      for (const { index, bytes } of entries) {
        const subject = new AlertSubject(index, bytes, this.#time)
        this.#time = subject.time
        if (!unseenActions.has(subject.action ?? '')) found.push(subject)
      }
      next = (entries.at(-1)?.index ?? to) + 1
    }
    return new Slice(found, this.#parts.now())
  }

  #collect({ live }: RuleRun, firings: readonly Firing[]): void {
    if (firings.length === 0) return
    const isAlone = this.#mutes.some(
      ({ mute }) => mute.query !== undefined && (mute.rule ?? live.rule.id) === live.rule.id,
    )
    for (const firing of firings) this.#queue.add(live, firing, isAlone)
  }

  /** At most one batch is under way: so nothing is committed as seen whose firings are not. */
  #speak(): void {
    const isLate = this.#cursor > this.#committed && this.#parts.monotonic() - this.#committedAt >= cursorEveryMs
    if (!this.#hasToSay && !isLate) return
    // What does not fit is said next, and the cursor waits for it.
    const now = this.#parts.now()
    const fired = this.#queue
      .take(this.#parts.batchMax ?? batchFiredMax)
      .map((queued) => firedOf(queued, this.#reader, this.#mutes, now))
    const isAll = this.#queue.length === 0
    const batch: Batch = {
      kind: 'batch',
      token: this.#log.token,
      cursor: isAll ? this.#cursor : this.#committed,
      fired,
      joined: isAll ? this.#joined : [],
    }
    if (isAll) this.#joined = []
    this.#batch = batch
    this.#parts.say(batch)
  }

  /** While events wait, the rule that takes most of the time goes if it takes too much for one. */
  #lookForCostly(runs: readonly RuleRun[], waiting: number): void {
    const all = runs.reduce((sum, run) => sum + run.spentMs, 0)
    if (all < costLookMs) return
    if (waiting > costLagEntries) {
      const [first] = runs.toSorted((a, b) => b.spentMs - a.spentMs)
      const why = first?.costs
      // It is too early to say: what was measured so far stays.
      if (first === undefined || why === undefined) return
      this.#letGo(first, why)
    }
    for (const run of runs) run.forgiveCost()
  }

  /** Not evaluated any more, from now on; the serving thread turns it off. */
  #letGo({ live }: RuleRun, why: string): void {
    this.#runs.delete(live.rule.id)
    this.#sayCostly(live, why)
  }

  #sayCostly({ rule, version }: LiveRule, why: string): void {
    this.#parts.say({ kind: 'costly', token: this.#log.token, rule: rule.id, version, why })
  }

  /** Bytes of what the rule that remembers most remembers; undefined without rules. */
  get heaviest(): { readonly rule: string; readonly bytes: number } | undefined {
    const runs = [...this.#runs.values()]
    const full = runs.filter((run) => run.isSaturated)
    const sizes = (full.length > 0 ? full : runs).map((run) => ({
      rule: run.live.rule.id,
      bytes: JSON.stringify(run.keep().state).length,
    }))
    return sizes.toSorted((a, b) => b.bytes - a.bytes)[0]
  }

  /** There is no room for what it remembers. */
  letGoOf(rule: string, why: string): void {
    const run = this.#runs.get(rule)
    if (run !== undefined) this.#letGo(run, why)
  }

  #writeState(): void {
    const { stateFile, place } = this.#log
    this.#wroteStateAt = this.#parts.monotonic()
    const rules = [...this.#runs.values()].map((run) => run.keep())
    writeState(stateFile, { format: 'keywitness-alert-state/1', origin: place.origin, cursor: this.#cursor, rules })
  }

  #tellHealth(): void {
    const now = this.#parts.monotonic()
    if (now - this.#healthAt < healthEveryMs) return
    this.#healthAt = now
    const message: FromAlerts = {
      kind: 'health',
      token: this.#log.token,
      cursor: this.#cursor,
      isRecovering: this.#behind().some((run) => run.live.joined),
      rules: [...this.#runs.values()].map((run) => run.health()),
      brokenMutes: this.#brokenMutes,
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

/** One that cannot be read mutes nothing, and is told of. */
function readyMute(mute: LiveMute, broken: string[]): ReadyMute[] {
  try {
    return [{ mute, isAbout: compileQuery(mute.query ?? '', undefined, 'query').matches }]
  } catch {
    broken.push(mute.id)
    return []
  }
}
