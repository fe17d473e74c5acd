/** One rule over the entries of a log, in their order: what it says follows from them and from the ticks alone. */
import { canonicalJson } from '@keywitness/cadf'
import { sha256Of } from '../hash.ts'
import type { AlertSubject, Locate } from './alert-subject.ts'
import { calendarHours, type IsInside } from './calendar-hours.ts'
import type { EventKind } from './event-kind.ts'
import { groupOf } from './groups.ts'
import { knownKindsMax } from './limits.ts'
import { type Facts, type Found, type Kind, nothing } from './kinds/kind.ts'
import { kindOf } from './kinds/kind-of.ts'
import type { Calendar, Rule } from './rule.ts'
import { RuleError, StateError } from './rule-error.ts'
import { type FieldReader, fieldReader } from './rule-field.ts'
import { type CompiledQuery, compileQuery } from './rule-query.ts'
import { savedFlag, savedList, savedNumber, savedNumbers, savedObject } from './saved-state.ts'

/** A rule fired. */
export interface Firing {
  /** Id of the rule. */
  readonly rule: string
  /** Values of the fields that it groups by, in their order. */
  readonly group: readonly string[]
  /** Milliseconds since the epoch: the time of the event, or the moment that was due. */
  readonly at: number
  /**
   * Index of the entry that made it fire: for absence the last one before the gap, -1 when there was none since the rule
   * was turned on; for deadlines the one that opened the term. One firing is the same as another by rule, group and this.
   */
  readonly trigger: number
  /** Indexes of the entries behind it, ascending; of more, the newest 20. */
  readonly events: readonly number[]
  /** Events behind it, or different values. */
  readonly count: number
  readonly facts: Facts
}

export interface EvaluationOptions {
  /** Calendars by id. */
  readonly calendars: ReadonlyMap<string, Calendar>
  /** The database of locations, when there is one. */
  readonly locate?: Locate | undefined
}

/** What a rule asks of events of a kind. */
export interface Asked {
  /** Bits of the queries that find all of them. */
  readonly found: number
  /** Queries that find some of them. */
  readonly open: readonly { readonly matches: CompiledQuery['matches']; readonly bit: number }[]
}

const stateFormat = 'keywitness-rule-state/1'

export class Evaluation {
  readonly rule: Rule
  readonly #kind: Kind | undefined
  readonly #queries: readonly CompiledQuery[]
  readonly #group: readonly FieldReader[]
  readonly #isDuring: IsInside
  /** Of those kinds that were seen. */
  readonly #byKind = new Map<string, Asked | undefined>()
  /** Of an event that is of no kind. */
  readonly #ofAny: Asked
  #hasBegun = false
  #matched = 0
  #lastMatch: number | undefined

  /** @throws RuleError when a calendar is missing, or the rule was not parsed */
  constructor(rule: Rule, { calendars, locate }: EvaluationOptions) {
    this.rule = rule
    const reader = (field: string): FieldReader => fieldReader(field, locate)
    this.#kind = kindOf(rule.when, { reader, locate, groupFields: rule.groupBy.length })
    this.#queries = (this.#kind?.queries ?? []).map((query) => compileQuery(query, rule.lists, 'when'))
    this.#ofAny = { found: 0, open: this.#queries.map(({ matches }, place) => ({ matches, bit: 1 << place })) }
    this.#group = rule.groupBy.map(reader)
    this.#isDuring = duringOf(rule, calendars)
  }

  /**
   * Takes up a saved state of the same rule.
   *
   * @throws StateError when it is not one of it
   */
  static restore(rule: Rule, options: EvaluationOptions, saved: unknown): Evaluation {
    const evaluation = new Evaluation(rule, options)
    evaluation.#load(saved)
    return evaluation
  }

  /** Events that the rule is about. */
  get matched(): number {
    return this.#matched
  }

  /** Time of the newest of them, milliseconds since the epoch. */
  get lastMatch(): number | undefined {
    return this.#lastMatch
  }

  /** Whether there was more to remember than there is room for: the rule may have missed something since. */
  get isSaturated(): boolean {
    return this.#kind?.isSaturated ?? false
  }

  /** How far back the entries lie that its state is made of, milliseconds: so much of the log makes it whole again. */
  get lookbackMs(): number {
    return this.#kind?.lookbackMs ?? 0
  }

  /** Whether it was given an entry, or told the time. Some rules count from the first entry on, whatever that is. */
  get hasBegun(): boolean {
    return this.#hasBegun
  }

  /** What is left to ask of events of a kind; undefined when they can mean nothing to the rule once it has begun. */
  asks(kind: EventKind | undefined): Asked | undefined {
    if (kind === undefined) return this.#ofAny
    const known = this.#byKind.get(kind.text)
    if (known !== undefined || this.#byKind.has(kind.text)) return known
    // Who writes events may make any kinds: the usual ones are soon known again.
    if (this.#byKind.size >= knownKindsMax) this.#byKind.clear()
    const asked = this.#askedOf(kind)
    this.#byKind.set(kind.text, asked)
    return asked
  }

  /**
   * Gives it the next entry of the log.
   *
   * @param asked what it asks of events of the entry's kind
   */
  see(subject: AlertSubject, asked = this.asks(subject.kind)): readonly Firing[] {
    if (this.#kind === undefined) return nothing
    const { time, index } = subject
    this.#begin(this.#kind, time, index)
    if (asked === undefined) return nothing
    let { found } = asked
    for (const { matches, bit } of asked.open) if (matches(subject.entry)) found |= bit
    if (found === 0 || !this.#isDuring(time)) return nothing
    if (this.#kind.isMatch(found)) {
      this.#matched += 1
      this.#lastMatch = Math.max(this.#lastMatch ?? time, time)
    }
    const group = groupOf(this.#group.map((read) => read(subject)))
    return this.#firings(this.#kind.see({ subject, time, index, group }, found))
  }

  /** It is this late, milliseconds since the epoch, and every entry up to then was given. Never an earlier time than before. */
  tick(now: number): readonly Firing[] {
    if (this.#kind === undefined) return nothing
    this.#begin(this.#kind, now, -1)
    return this.#firings(this.#kind.tick(now))
  }

  /** Its state as JSON. */
  save(): unknown {
    return {
      format: stateFormat,
      of: fingerprint(this.rule),
      hasBegun: this.#hasBegun,
      counts: this.#lastMatch === undefined ? [this.#matched] : [this.#matched, this.#lastMatch],
      state: this.#kind?.save() ?? null,
    }
  }

  #load(saved: unknown): void {
    const { format, of, hasBegun, counts, state } = savedObject(saved)
    if (format !== stateFormat) throw new StateError('its format is another')
    if (of !== fingerprint(this.rule)) throw new StateError('its rule is another')
    this.#hasBegun = savedFlag(hasBegun)
    this.#matched = savedNumber(savedList(counts)[0])
    this.#lastMatch = savedNumbers(counts)[1]
    this.#kind?.load(state)
  }

  #askedOf(kind: EventKind): Asked | undefined {
    let found = 0
    const open: Asked['open'][number][] = []
    for (const [place, { ofKind }] of this.#queries.entries()) {
      const matches = ofKind(kind)
      const bit = 1 << place
      if (matches === true) found |= bit
      else if (matches !== false) open.push({ matches, bit })
    }
    return found === 0 && open.length === 0 ? undefined : { found, open }
  }

  #begin(kind: Kind, time: number, index: number): void {
    if (this.#hasBegun) return
    this.#hasBegun = true
    kind.begin(time, index)
  }

  #firings(found: readonly Found[]): readonly Firing[] {
    if (found.length === 0) return nothing
    return found.map((one) => ({ rule: this.rule.id, ...one }))
  }
}

function duringOf({ during }: Rule, calendars: EvaluationOptions['calendars']): IsInside {
  if (during === undefined) return () => true
  const calendar = calendars.get(during.calendar)
  if (calendar === undefined) throw new RuleError('during.calendar', `There is no calendar ${during.calendar}.`)
  const isInside = calendarHours(calendar)
  return during.is === 'inside' ? isInside : (time) => !isInside(time)
}

/** What of a rule its state depends on: it may be renamed and still go on. */
function fingerprint({ when, groupBy, during, lists }: Rule): string {
  const text = canonicalJson({ when, groupBy, during: during ?? null, lists: lists ?? null })
  return Buffer.from(sha256Of(Buffer.from(text))).toString('base64url')
}
