/** One rule over one log: its evaluation, how far it has seen, and what it costs. */
import { hash } from 'node:crypto'
import { canonicalJson } from '@keywitness/cadf'
import {
  type AlertSubject,
  type Calendar,
  Evaluation,
  type EvaluationOptions,
  type Firing,
} from '@keywitness/tracker/alerts'
import type { LiveRule, RuleHealth } from './messages.ts'
import type { KeptRule } from './state-file.ts'

/** What was recorded reaches the log within this, milliseconds: nothing is missing before. */
const graceMs = 3_000
/** How often, by the time of entries, is looked for what fell due: while it goes along, and while it is taught. */
const tickEveryMs = 1_000
const taughtTickEveryMs = 60_000
/** Entries that a rule must have been given before its cost says anything. */
const costlySeen = 200
/** A rule takes too long when it takes this long for an entry in the mean, milliseconds, and this share of all rules' time. */
const costlyMs = 0.25
const costlyShare = 0.4

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
  #spentMs = 0
  #seen = 0

  private constructor(live: LiveRule, evaluation: Evaluation, position: number, fingerprint: string) {
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
  ): RuleRun {
    const fingerprint = fingerprintOf(live, options.calendars)
    if (kept !== undefined && kept.version === live.version && kept.fingerprint === fingerprint) {
      try {
        const evaluation = Evaluation.restore(live.rule, options, kept.state)
        return new RuleRun(live, evaluation, kept.position, fingerprint)
      } catch {
        // A state of another version of ours: it is made again.
      }
    }
    const evaluation = new Evaluation(live.rule, options)
    return new RuleRun(live, evaluation, indexBefore(evaluation.lookbackMs), fingerprint)
  }

  /** Whether it need not begin anew for these settings. */
  isOf(live: LiveRule, calendars: ReadonlyMap<string, Calendar>): boolean {
    return live.version === this.live.version && fingerprintOf(live, calendars) === this.fingerprint
  }

  /**
   * Gives it entries that follow its position, and the time as it goes by in them; what it fires for entries that only teach
   * it is dropped.
   */
  see(subjects: readonly AlertSubject[]): Firing[] {
    const found: Firing[] = []
    const began = performance.now()
    const everyMs = this.isJoined ? tickEveryMs : taughtTickEveryMs
    for (const subject of subjects) {
      const isLive = subject.index >= this.live.liveFrom
      const time = subject.time - graceMs
      if (time >= this.#tickedAt + everyMs) {
        const fallen = this.#tick(time)
        if (isLive) found.push(...fallen)
      }
      if (!this.#evaluation.concerns(subject.action)) continue
      this.#seen += 1
      const firings = this.#evaluation.see(subject)
      if (isLive) found.push(...firings)
    }
    this.#spentMs += performance.now() - began
    this.position = (subjects.at(-1)?.index ?? this.position - 1) + 1
    return found
  }

  /** It is this late, and every entry so far was given; those that are still on their way have a moment to come. */
  tick(now: number): readonly Firing[] {
    return this.#tick(now - graceMs)
  }

  #tick(time: number): readonly Firing[] {
    if (time <= this.#tickedAt) return []
    this.#tickedAt = time
    return this.#evaluation.tick(time)
  }

  get spentMs(): number {
    return this.#spentMs
  }

  /** Why it is too costly, given the time that all rules have taken; undefined when it is not. */
  costs(allMs: number): string | undefined {
    if (this.#seen < costlySeen || this.#spentMs < allMs * costlyShare) return undefined
    const mean = this.#spentMs / this.#seen
    if (mean < costlyMs) return undefined
    const share = Math.round((100 * this.#spentMs) / allMs)
    return `It took ${mean.toFixed(1)} ms for an event, ${share} % of the time of all rules, while events waited.`
  }

  /** What it cost so far is old news. */
  forgiveCost(): void {
    this.#spentMs = 0
    this.#seen = 0
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
