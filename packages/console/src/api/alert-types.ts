/** What the API answers with about alerts, rules and channels, as the console uses it. */

export type AlertSeverity = 'critical' | 'warning' | 'info'
export type AlertState = 'open' | 'acknowledged' | 'closed'
export type RuleState = 'on' | 'off' | 'learning' | 'suspended' | 'needs'
export type ChannelState = 'ok' | 'failing' | 'off' | 'untried'

interface Person {
  readonly id: string
  readonly name: string
}

/** A value that the events behind an alert have in common; `name` is what an id is called. */
interface GroupValue {
  readonly field: string
  readonly value: string
  readonly name?: string
}

/** One alert of a list. All times are RFC 3339. Ids of later alerts sort after those of earlier ones. */
export interface Alert {
  readonly id: string
  readonly rule: string
  readonly ruleName: string
  readonly ruleVersion: number
  readonly severity: AlertSeverity
  readonly state: AlertState
  readonly isMuted: boolean
  readonly title: string
  readonly text: string
  readonly remedy: string
  readonly group: readonly GroupValue[]
  readonly count: number
  readonly firstAt: string
  readonly lastAt: string
  readonly raisedAt: string
  readonly assignee?: Person
  readonly closedAt?: string
}

export interface AlertedEvent {
  readonly id: string
  readonly index: number
  readonly time: string
  readonly sentence: string
}

export interface AlertStep {
  readonly number: number
  /** Such as `raised`, `acknowledged`, `commented`. */
  readonly kind: string
  readonly at: string
  readonly by: Person
  readonly text?: string
}

export interface AlertDetail extends Alert {
  readonly events: readonly AlertedEvent[]
  /** The rule as it was when the alert was raised. */
  readonly definition: Rule
  readonly steps: readonly AlertStep[]
}

export interface AlertsPage {
  readonly alerts: readonly Alert[]
  /** Goes into `after` to read on; null at the end. */
  readonly next: string | null
}

export interface AlertsQuery {
  readonly state?: AlertState | 'active' | 'all'
  readonly severity?: AlertSeverity
  readonly rule?: string
}

type Query = string

/** When a rule fires. Lengths of time are written as `10m`. */
export type Condition =
  | { readonly kind: 'match'; readonly query: Query }
  | { readonly kind: 'count'; readonly query: Query; readonly threshold: number; readonly within: string }
  | {
      readonly kind: 'distinct'
      readonly query: Query
      readonly of: string
      readonly threshold: number
      readonly within: string
    }
  | {
      readonly kind: 'ratio'
      readonly query: Query
      readonly of: Query
      readonly share: number
      readonly least: number
      readonly within: string
      readonly ofWithin?: string
      readonly distinct?: string
    }
  | { readonly kind: 'absence'; readonly query: Query; readonly within: string }
  | {
      readonly kind: 'new'
      readonly query: Query
      readonly fields: readonly string[]
      readonly remember: string
      readonly learn: string
      readonly volume?: number
    }
  | {
      readonly kind: 'sequence'
      readonly steps: readonly { readonly query: Query; readonly count?: number }[]
      readonly within: string
      readonly same?: readonly (readonly [string, string])[]
    }
  | {
      readonly kind: 'history'
      readonly query: Query
      readonly per: string
      readonly periods: number
      readonly learn: number
      readonly quantile?: number
      readonly deviations?: number
      readonly most?: number
      readonly least: number
    }
  | {
      readonly kind: 'deadline'
      readonly query: Query
      readonly due: { readonly field: string } | { readonly after: string } | { readonly months: string }
      readonly before?: string
      readonly unless: Query
    }
  | { readonly kind: 'travel'; readonly query: Query; readonly speed: number; readonly least: number }
  | {
      readonly kind: 'watch'
      readonly of: 'checkpoint' | 'engine' | 'channel' | 'dead-rule'
      readonly beyond: string
    }

export interface Rule {
  readonly id: string
  readonly name: string
  readonly description: string
  /** What its alerts are called; `{field}` stands for a field of `groupBy`. */
  readonly title?: string
  readonly remedy: string
  readonly severity: AlertSeverity
  readonly when: Condition
  readonly groupBy: readonly string[]
  readonly during?: { readonly calendar: string; readonly is: 'inside' | 'outside' }
  readonly lists?: { readonly [name: string]: readonly string[] }
  readonly channels?: readonly string[]
}

/** A rule, whether it is on, and how it has been. */
export interface RuleView {
  readonly rule: Rule
  readonly version: number
  readonly state: RuleState
  /** What it needs before it can be on, in words. */
  readonly needs?: string
  /** Why the server turned it off, in words. */
  readonly suspended?: string
  /** Whether it is as the product ships it. */
  readonly pack?: 'same' | 'changed'
  readonly changedAt: string
  readonly changedBy: Person
  readonly enabledAt?: string
  readonly matched: number
  readonly lastMatch?: string
  readonly fired: number
  readonly lastFired?: string
  readonly isDead: boolean
}

/** What a rule was for a while; no rule when it was deleted. */
export interface RuleVersion {
  readonly version: number
  readonly rule: Rule | null
  readonly isDeleted: boolean
  readonly changedAt: string
  readonly changedBy: Person
}

/** Hours of the week, such as those of work, in the time of a zone. */
export interface Calendar {
  readonly id: string
  readonly name: string
  readonly zone: string
  /** By the day of the week, `1` is Monday: pairs of `HH:MM`. */
  readonly hours: { readonly [day: string]: readonly (readonly [from: string, to: string])[] }
  /** Such as `2026-12-25`. */
  readonly holidays: readonly string[]
}

/** Rules and calendars as one file. */
export interface RuleDocument {
  readonly format: string
  readonly rules: readonly { readonly rule: Rule; readonly enabled: boolean }[]
  readonly calendars: readonly Calendar[]
}

/** What a rule would have fired on what was recorded. */
export interface RuleTest {
  readonly looked: { readonly from: string; readonly to: string; readonly events: number }
  readonly isComplete: boolean
  readonly total: number
  readonly firings: readonly {
    readonly at: string
    readonly group: readonly GroupValue[]
    readonly count: number
    readonly text: string
    readonly events: readonly AlertedEvent[]
  }[]
}

export interface Mute {
  readonly id: string
  readonly rule?: string
  readonly group?: Readonly<Record<string, string>>
  /** What values of the group are called, by field, where the server knows. */
  readonly names?: Readonly<Record<string, string>>
  readonly query?: string
  readonly reason: string
  readonly until: string
  readonly createdAt: string
  readonly createdBy: Person
  readonly isActive: boolean
  readonly muted: number
}

export interface NewMute {
  readonly rule: string
  readonly group?: Readonly<Record<string, string>>
  readonly reason: string
  readonly until: string
}

/** A channel as everybody sees it who may read the trail. */
export interface Channel {
  readonly id: string
  readonly name: string
  readonly kind: string
  readonly minimum: AlertSeverity
  readonly isOn: boolean
  readonly state: ChannelState
  readonly waiting: number
  readonly dead: number
  readonly lastDeliveredAt?: string
  readonly failingSince?: string
  readonly problem?: string
  /** For administrators of the tracker only, and never in the status. */
  readonly settings?: ChannelSettings
  readonly hasSecret?: boolean
}

/** Settings of a channel by their names, which its kind decides. */
export type ChannelSettings = Readonly<Record<string, string | number | readonly string[]>>

export interface NewChannel {
  readonly id: string
  readonly name: string
  readonly kind: string
  readonly settings: ChannelSettings
  readonly secret?: Readonly<Record<string, string>>
  readonly minimum: AlertSeverity
}

/** What is changed of a channel; what is left out stays. */
export interface ChannelChange {
  readonly name?: string
  readonly settings?: ChannelSettings
  readonly secret?: Readonly<Record<string, string>>
  readonly minimum?: AlertSeverity
  readonly isOn?: boolean
}

/** A message to a channel that is not there yet, or was given up. */
export interface ChannelMessage {
  readonly id: string
  /** Such as `alert.raised`. */
  readonly type: string
  readonly state: 'waiting' | 'dead'
  readonly createdAt: string
  readonly expiresAt: string
  readonly nextAt?: string
  readonly attempts: number
  readonly problem?: string
}

export interface EngineHealth {
  readonly state: 'running' | 'behind' | 'recovering' | 'failed'
  /** Events that the rules have not seen yet, and how long the oldest of them waits. */
  readonly lagEvents: number
  readonly lagMs: number
  readonly problem?: string
}

export interface Trouble {
  readonly code: string
  readonly text: string
  readonly since?: string
  /** Id of the channel that it is about. */
  readonly channel?: string
}

/** Whether the silence can be trusted. */
export interface AlertingStatus {
  /** Another text as soon as an alert that is not closed is another. */
  readonly mark: string
  readonly engine: EngineHealth
  readonly counts: {
    readonly open: Readonly<Record<AlertSeverity, number>>
    readonly acknowledged: number
    readonly muted: number
  }
  readonly rules: {
    readonly on: number
    readonly off: number
    /** Names of rules. */
    readonly suspended: readonly string[]
    readonly needs: number
    /** Names of rules that are on for long and never fired. */
    readonly dead: readonly string[]
  }
  readonly mutes: number
  readonly channels: readonly Channel[]
  readonly troubles: readonly Trouble[]
}
