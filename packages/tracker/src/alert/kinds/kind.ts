/** What the kinds of conditions have in common: they are given what a rule's queries find, and say when it fires. */
import type { AlertSubject, Locate } from '../alert-subject.ts'
import { type Group, Groups, type GroupsOptions, type Remembered } from '../groups.ts'
import type { RuleField, RuleQuery } from '../rule.ts'
import type { FieldReader } from '../rule-field.ts'
import { savedObject } from '../saved-state.ts'

/** What a kind is made with, besides its condition. */
export interface Setting {
  readonly reader: (field: RuleField) => FieldReader
  readonly locate: Locate | undefined
  /** How many fields the rule groups by. */
  readonly groupFields: number
}

/** An event that one of the queries found. */
export interface Sight {
  readonly subject: AlertSubject
  /** Milliseconds since the epoch. */
  readonly time: number
  readonly index: number
  readonly group: Group
}

/** Facts about a firing, for its text. Times in milliseconds since the epoch. */
export interface Facts {
  readonly [name: string]: number | string
}

export interface Found {
  readonly group: readonly string[]
  readonly at: number
  readonly trigger: number
  readonly events: readonly number[]
  readonly count: number
  readonly facts: Facts
}

export const nothing: readonly never[] = []

/** The detector of one condition. Deterministic: what it was given decides what it says. */
export interface Kind {
  readonly queries: readonly RuleQuery[]
  /** How far back the events lie that decide what is said now. */
  readonly lookbackMs: number
  readonly isSaturated: boolean
  /** Whether an event is one that the rule is about; `found` has bit `n` set when query `n` found it. */
  isMatch(found: number): boolean
  /** The first event that the rule was given, found or not, or the first tick: then the index is -1. */
  begin(time: number, index: number): void
  /** An event that at least one query found. */
  see(sight: Sight, found: number): readonly Found[]
  /** It is this late: every event up to then was seen. */
  tick(now: number): readonly Found[]
  save(): unknown
  /** @throws StateError */
  load(saved: unknown): void
}

/** A kind that remembers something of each group. */
export abstract class GroupedKind<S extends Remembered> implements Kind {
  abstract readonly queries: readonly RuleQuery[]
  abstract readonly lookbackMs: number
  protected readonly groups: Groups<S>
  readonly #groupFields: number

  constructor({ groupFields }: Setting, options: GroupsOptions<S>) {
    this.#groupFields = groupFields
    this.groups = new Groups(options)
  }

  get isSaturated(): boolean {
    return this.groups.isSaturated
  }

  isMatch(found: number): boolean {
    return (found & 1) !== 0
  }

  begin(_time: number, _index: number): void {
    // Most kinds begin with the first event that they are about.
  }

  see(sight: Sight, found: number): readonly Found[] {
    const state = this.groups.at(sight.group)
    const firings = this.look(state, sight, found)
    this.groups.settle(sight.group, sight.time)
    return firings
  }

  tick(_now: number): readonly Found[] {
    return nothing
  }

  save(): unknown {
    return this.groups.save()
  }

  load(saved: unknown): void {
    this.groups.load(savedObject(saved), this.#groupFields)
  }

  /** Takes an event into the state of its group. */
  protected abstract look(state: S, sight: Sight, found: number): readonly Found[]
}
