/** One rule over one log: its evaluation, how far it has seen, and what it costs. */
import { hash } from 'node:crypto'
import { canonicalJson } from '@keywitness/cadf'
import { type Calendar, Evaluation, type EvaluationOptions, type Firing } from '@keywitness/tracker/alerts'
import type { LiveRule, RuleHealth } from './messages.ts'
import type { Slice } from './slice.ts'
import type { KeptRule } from './state-file.ts'

/** What was recorded reaches the log within this, milliseconds: nothing is missing before. */
const graceMs = 3_000
/** How often, by the time of entries, is looked for what fell due: while it goes along, and while it is taught. */
const tickEveryMs = 1_000
const taughtTickEveryMs = 60_000
/** How far back a clock goes that was wrong: less is disorder, milliseconds. */
const stepMs = 3_600_000
/** A rule is let go of that takes longer than this for one entry, or for a slice of entries, so often: of processor time, milliseconds. */
const entryMsMax = 250
const sliceMsMax = 1_000
const strikesMax = 2
/** Entries that a rule must have been given, or time that it must have taken, before its cost says anything. */
const costlySeen = 200
const costlySpentMs = 2_000
/** What it takes for an entry in the mean then, milliseconds. */
const costlyMs = 0.25

export interface SeenByRule {
  readonly firings: readonly Firing[]
  /** Why it must be let go of. */
  readonly costly?: string
}

const seenNothing: SeenByRule = { firings: [] }

export class RuleRun {
  readonly fingerprint: string
  live: LiveRule
  /** Index of the first entry that it has not seen. */
  position: number
  /** It goes with the cursor. */
  isJoined = false
  #evaluation: Evaluation
  /** Time that it knows to be over, milliseconds since the epoch. */
  #tickedAt = Number.NEGATIVE_INFINITY
  #strikes = 0
  #spentMs = 0
  #seen = 0

  readonly #cpuMs: () => number

  private constructor(
    live: LiveRule,
    evaluation: Evaluation,
    position: number,
    fingerprint: string,
    cpuMs: () => number,
  ) {
    this.#cpuMs = cpuMs
    this.live = live
    this.#evaluation = evaluation
    this.position = position
    this.fingerprint = fingerprint
  }

  /** Goes on with what was kept, or begins at the index that the log's time gives for how far the rule looks back. */
  static begin(
    live: LiveRule,
    options: EvaluationOptions,
    kept: KeptRule | undefined,
    indexBefore: (lookbackMs: number) => number,
    cpuMs: () => number,
  ): RuleRun {
    const fingerprint = fingerprintOf(live, options.calendars)
    if (kept !== undefined && kept.version === live.version && kept.fingerprint === fingerprint) {
      try {
        const evaluation = Evaluation.restore(live.rule, options, kept.state)
        return new RuleRun(live, evaluation, kept.position, fingerprint, cpuMs)
      } catch {
        // A state of another version of ours: it is made again.
      }
    }
    const evaluation = new Evaluation(live.rule, options)
    return new RuleRun(live, evaluation, indexBefore(evaluation.lookbackMs), fingerprint, cpuMs)
  }

  /** Whether it need not begin anew for these settings. */
  isOf(live: LiveRule, calendars: ReadonlyMap<string, Calendar>): boolean {
    return live.version === this.live.version && fingerprintOf(live, calendars) === this.fingerprint
  }

  /**
   * Gives it entries that follow its position, and the time as it goes by in them; what it fires for entries that only teach
   * it is dropped.
   */
  see({ subjects, times, kinds, kindPlaces }: Slice): SeenByRule {
    const began = this.#cpuMs()
    const asked = kinds.map((kind) => this.#evaluation.asks(kind))
    // Most rules have nothing to do with most entries. Where no tick is due at either end none is due between: times ascend.
    const isConcerned = !this.#evaluation.hasBegun || asked.some((one) => one !== undefined)
    if (!isConcerned && ![times.at(0), times.at(-1)].some((time) => this.#isTickDue(time))) return seenNothing
    const firings: Firing[] = []
    let before = began
    for (const [place, subject] of subjects.entries()) {
      const isLive = subject.index >= this.live.liveFrom
      const time = times[place]
      if (this.#isTickDue(time)) {
        const fallen = this.#tick(time - graceMs)
        if (isLive) firings.push(...fallen)
      }
      const asks = asked[kindPlaces[place]!]
      if (asks === undefined && this.#evaluation.hasBegun) continue
      this.#seen += 1
      const found = this.#evaluation.see(subject, asks)
      if (isLive) firings.push(...found)
      const now = this.#cpuMs()
      const what =
        now - before > entryMsMax
          ? `${Math.round(now - before)} ms for one event`
          : now - began > sliceMsMax
            ? `over a second for ${place + 1} events`
            : undefined
      before = now
      // Once may be a pause of the machine's own.
      if (what === undefined || ++this.#strikes < strikesMax) continue
      this.#spentMs += now - began
      return { firings, costly: `It took ${what}, and holds up all other rules.` }
    }
    this.#spentMs += this.#cpuMs() - began
    return { firings }
  }

  #isTickDue(time: number | undefined): time is number {
    if (time === undefined) return false
    const everyMs = this.isJoined ? tickEveryMs : taughtTickEveryMs
    return time - graceMs >= this.#tickedAt + everyMs || time - graceMs < this.#tickedAt - stepMs
  }

  /** It is this late, and every entry so far was given; those that are still on their way have a moment to come. */
  tick(now: number): readonly Firing[] {
    return this.#tick(now - graceMs)
  }

  /** A clock that was put right by much goes on from there. */
  #tick(time: number): readonly Firing[] {
    if (time <= this.#tickedAt && time >= this.#tickedAt - stepMs) return []
    this.#tickedAt = time
    return this.#evaluation.tick(time)
  }

  get spentMs(): number {
    return this.#spentMs
  }

  /** Why it is too costly, while events wait; undefined when it is not, or it is too early to say. */
  get costs(): string | undefined {
    if (this.#seen < costlySeen && this.#spentMs < costlySpentMs) return undefined
    const mean = this.#spentMs / Math.max(1, this.#seen)
    return mean < costlyMs ? undefined : `It took ${mean.toFixed(1)} ms for an event while events waited.`
  }

  /** What it cost so far is old news. */
  forgiveCost(): void {
    this.#spentMs = 0
    this.#seen = 0
  }

  /** Whether it remembers as much as it may. */
  get isSaturated(): boolean {
    return this.#evaluation.isSaturated
  }

  keep(): KeptRule {
    const { rule, version } = this.live
    return {
      id: rule.id,
      version,
      fingerprint: this.fingerprint,
      position: this.position,
      state: this.#evaluation.save(),
    }
  }

  health(): RuleHealth {
    const { rule, version } = this.live
    const { matched, lastMatch, isSaturated } = this.#evaluation
    return {
      id: rule.id,
      version,
      state: this.isJoined ? 'on' : 'learning',
      matched,
      isSaturated,
      ...(lastMatch === undefined ? {} : { lastMatch }),
    }
  }
}

/** What decides what a rule remembers. */
function fingerprintOf({ rule }: LiveRule, calendars: ReadonlyMap<string, Calendar>): string {
  const calendar = rule.during === undefined ? undefined : calendars.get(rule.during.calendar)
  return hash('sha256', canonicalJson({ rule, ...(calendar === undefined ? {} : { calendar }) })).slice(0, 32)
}
