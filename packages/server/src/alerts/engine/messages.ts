/** What the serving thread and the alert thread say to each other. */
import type { Calendar, Rule } from '@keywitness/tracker/alerts'
import type { TrackerPlace } from '../../trail/messages.ts'

/** A rule that is on, as the thread is given it. */
export interface LiveRule {
  readonly rule: Rule
  readonly version: number
  /** It fires for entries from this index on; those below only teach it. */
  readonly liveFrom: number
  /** Whether it has seen everything up to the cursor: if not, the cursor does not wait for it. */
  readonly joined: boolean
}

/** A mute that is active. Absent members do not restrict. */
export interface LiveMute {
  readonly id: string
  readonly rule?: string
  /** Values by field. */
  readonly group?: { readonly [field: string]: string }
  /** In the query language, about the event that makes a rule fire. */
  readonly query?: string
  /** Milliseconds since the epoch. */
  readonly until: number
}

/** All that decides what a log's events are told of. */
export interface RuleSettings {
  readonly rules: readonly LiveRule[]
  readonly mutes: readonly LiveMute[]
  readonly calendars: readonly Calendar[]
}

/** A tracker whose events are watched. */
export interface WatchedLog {
  /** Given anew each time a log begins to be watched: what is said of an earlier time is not taken for this one. */
  readonly token: number
  readonly place: TrackerPlace
  /** Where the rules' memory is kept between two starts. */
  readonly stateFile: string
  /** Index of the first entry that was not committed as seen. */
  readonly cursor: number
  readonly settings: RuleSettings
}

/** An event behind an alert, as people are told of it. */
export interface ToldEvent {
  readonly id: string
  readonly index: number
  /** RFC 3339. */
  readonly time: string
  readonly sentence: string
}

export interface ToldGroup {
  readonly field: string
  readonly value: string
  /** What people call it. */
  readonly name?: string
}

/** A rule has fired: what the serving thread makes an alert of. */
export interface Fired {
  readonly rule: string
  readonly version: number
  readonly group: readonly ToldGroup[]
  /** Index of the event that made it fire, or of the last one before nothing came; -1: there was none. */
  readonly trigger: number
  /** Of several firings that are told as one, all of them, ascending; this one alone when not given. */
  readonly triggers?: readonly number[]
  /** Milliseconds since the epoch. */
  readonly at: number
  /** Events that count, which may be more than those told of. */
  readonly count: number
  readonly facts: { readonly [name: string]: number | string }
  /** The newest, oldest first. */
  readonly events: readonly ToldEvent[]
  /** The mute that it falls under. */
  readonly mute?: string
}

/** How a rule's evaluation is. */
export interface RuleHealth {
  readonly id: string
  readonly version: number
  /** `learning`: it is still seeing what was before it was turned on. */
  readonly state: 'on' | 'learning'
  readonly matched: number
  /** Milliseconds since the epoch. */
  readonly lastMatch?: number
  /** It remembers as much as it may: what it knew longest is forgotten. */
  readonly isSaturated: boolean
}

/** A rule tried on what was recorded. */
export interface TestAsk {
  readonly rule: Rule
  readonly calendars: readonly Calendar[]
  /** Milliseconds since the epoch; `to` is exclusive. */
  readonly from: number
  readonly to: number
}

export interface TestAnswer {
  readonly from: number
  readonly to: number
  /** Events looked at. */
  readonly events: number
  /** Whether all of the time asked for was looked at. */
  readonly isComplete: boolean
  readonly total: number
  /** The first hundred. */
  readonly firings: readonly Fired[]
}

/** To the alert thread. */
export type ToAlerts =
  | { readonly kind: 'watch'; readonly log: WatchedLog }
  | { readonly kind: 'settings'; readonly token: number; readonly settings: RuleSettings }
  /** The log has so many entries now. */
  | { readonly kind: 'grown'; readonly token: number; readonly size: number }
  /** What a batch fired for is committed, and the cursor with it; or it could not be, and is to be given once more. */
  | { readonly kind: 'settled'; readonly token: number; readonly isCommitted: boolean }
  | { readonly kind: 'test'; readonly token: number; readonly id: number; readonly ask: TestAsk }
  | { readonly kind: 'closed'; readonly token: number }
  | { readonly kind: 'stop' }

/** From the alert thread. */
export type FromAlerts =
  /** Everything below `cursor` is seen, and this is what fired meanwhile. Nothing more comes until it is settled. */
  | {
      readonly kind: 'batch'
      readonly token: number
      readonly cursor: number
      readonly fired: readonly Fired[]
      /** Rules that have caught up: from here on the cursor waits for them. */
      readonly joined: readonly { readonly id: string; readonly version: number }[]
    }
  /** How far it is; told when it has changed, at most every second. */
  | {
      readonly kind: 'health'
      readonly token: number
      readonly cursor: number
      readonly isRecovering: boolean
      readonly rules: readonly RuleHealth[]
      /** Mutes that cannot be read, by id: they mute nothing. */
      readonly brokenMutes: readonly string[]
    }
  /** A rule holds up all others, or remembers too much: it is not evaluated any more. */
  | {
      readonly kind: 'costly'
      readonly token: number
      readonly rule: string
      readonly version: number
      readonly why: string
    }
  | { readonly kind: 'tested'; readonly id: number; readonly answer: TestAnswer | { readonly problem: TestProblem } }
  /** The log cannot be watched: it is let go of until it is given anew. */
  | { readonly kind: 'failed'; readonly token: number; readonly code: string; readonly message: string }
  /** Said every second, whatever else there is to say: who hears nothing for longer knows that the thread is stuck. */
  | { readonly kind: 'alive' }

/** Why a test has no answer. */
export type TestProblem = 'TOO_COSTLY' | 'FAILED' | 'RESTARTED'
