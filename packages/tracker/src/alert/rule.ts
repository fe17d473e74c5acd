/** A rule: what of the trail people are told of. Plain data that is exported, imported and kept in versions. */

export const alertSeverities = ['info', 'warning', 'critical'] as const
export type AlertSeverity = (typeof alertSeverities)[number]

/** A length of time: a whole number and `s`, `m`, `h`, `d` or `w`, such as `10m`. One second to 366 days. */
export type Duration = string

/**
 * A query in the language of searches (docs/reference/query.md), without conditions on time: a rule has its own. `$name` as a
 * value of a list (`key:[$canaries]`) stands for the rule's list of that name.
 */
export type RuleQuery = string

/**
 * A field that values are taken of: as in a query, or `producer` (UUID of who numbered the event), and, with a database of
 * locations, `country` (ISO 3166-1) and `network` (autonomous system number, `AS64500`) of the initiator's address.
 */
export type RuleField = string

/** Any event that the query finds. */
export interface MatchCondition {
  readonly kind: 'match'
  readonly query: RuleQuery
}

/** So many events within so long. */
export interface CountCondition {
  readonly kind: 'count'
  readonly query: RuleQuery
  /** 2 to 10,000. */
  readonly threshold: number
  readonly within: Duration
}

/** Events with so many different values of a field within so long. */
export interface DistinctCondition {
  readonly kind: 'distinct'
  readonly query: RuleQuery
  readonly of: RuleField
  /** 2 to 10,000. */
  readonly threshold: number
  readonly within: Duration
}

/** Events of one kind are so large a share of those of another. Counts events, or different values of a field. */
export interface RatioCondition {
  readonly kind: 'ratio'
  /** The part. */
  readonly query: RuleQuery
  /** The whole; the part counts as of it only where this finds it, too. */
  readonly of: RuleQuery
  /** Above 0, at most 1. */
  readonly share: number
  /** So many of the whole at least; below, no share is taken. 1 to 10,000. */
  readonly least: number
  readonly within: Duration
  /** Within which the whole is counted; `within` when not given, never shorter than that. */
  readonly ofWithin?: Duration
  /** Different values of this field are counted, not events. */
  readonly distinct?: RuleField
}

/** No event for so long. With groups: no more of a group that there was once. */
export interface AbsenceCondition {
  readonly kind: 'absence'
  readonly query: RuleQuery
  readonly within: Duration
}

/** A value, or several together, that was not there for a while. */
export interface NewCondition {
  readonly kind: 'new'
  readonly query: RuleQuery
  /** 1 to 3 fields; their values together. */
  readonly fields: readonly RuleField[]
  /** A value not seen for this long is new again. */
  readonly remember: Duration
  /** From the first event of a group on: nothing is new yet. Shorter than `remember`. */
  readonly learn: Duration
  /** From so many events of the new value on, within a day. 1 to 1,000, default 1. */
  readonly volume?: number
}

/** One after another within so long. */
export interface SequenceCondition {
  readonly kind: 'sequence'
  /** 2 to 5; each so many times (1 to 1,000, default once) before the next counts. */
  readonly steps: readonly { readonly query: RuleQuery; readonly count?: number }[]
  /** From the first to the last event. */
  readonly within: Duration
  /** Pairs of fields, of the first step's newest event and of the last step's: the values of one pair at least are equal. At most 8. */
  readonly same?: readonly (readonly [RuleField, RuleField])[]
}

/** More in a period than its own history lets expect. */
export interface HistoryCondition {
  readonly kind: 'history'
  readonly query: RuleQuery
  /** Length of the periods that are compared, such as `1h`. */
  readonly per: Duration
  /** How many periods are remembered. 2 to 1,000. */
  readonly periods: number
  /** So many of them must have been seen before anything is compared. */
  readonly learn: number
  /** Above this quantile of them; above 0, below 1. */
  readonly quantile?: number
  /** Above their mean by so many standard deviations. */
  readonly deviations?: number
  /** Above so many, whatever the history. */
  readonly most?: number
  /** Not below so many, whatever the history. One of the three above must be there; any of them suffices to fire. */
  readonly least: number
}

/** An event that opens a term, and none that keeps it. */
export interface DeadlineCondition {
  readonly kind: 'deadline'
  readonly query: RuleQuery
  /** When the term is over: a date that the event names; so long after it; or as many months after as the event says. */
  readonly due: { readonly field: RuleField } | { readonly after: Duration } | { readonly months: RuleField }
  /** Told so long before. */
  readonly before?: Duration
  /** What keeps the term, in the same group. An event that this and `query` find renews it. */
  readonly unless: RuleQuery
}

/** Two addresses further apart than anybody travels in the time between. Needs a database of locations. */
export interface TravelCondition {
  readonly kind: 'travel'
  readonly query: RuleQuery
  /** Kilometres per hour. */
  readonly speed: number
  /** Kilometres below which databases of locations are not exact enough. */
  readonly least: number
}

/** What no event tells: the server looks at it by itself. */
export interface WatchCondition {
  readonly kind: 'watch'
  /**
   * `checkpoint`: what is numbered is not covered. `engine`: rules are evaluated late, or not at all. `channel`: nothing
   * reaches a channel. `dead-rule`: a rule's events went on, and it never fired.
   */
  readonly of: 'checkpoint' | 'engine' | 'channel' | 'dead-rule'
  /** For longer than this. */
  readonly beyond: Duration
}

export type Condition =
  | MatchCondition
  | CountCondition
  | DistinctCondition
  | RatioCondition
  | AbsenceCondition
  | NewCondition
  | SequenceCondition
  | HistoryCondition
  | DeadlineCondition
  | TravelCondition
  | WatchCondition

export interface Rule {
  /** `[a-z0-9][a-z0-9-]{0,63}`, one of its kind in a tracker. */
  readonly id: string
  /** At most 120 characters. */
  readonly name: string
  /** What it is for, at most 1,000 characters. */
  readonly description: string
  /**
   * What an alert is called, at most 200 characters; `{field}` stands for the value of a field of `groupBy`. When not given: the
   * name and the values.
   */
  readonly title?: string
  /** What to do about an alert, at most 1,000 characters. */
  readonly remedy: string
  readonly severity: AlertSeverity
  readonly when: Condition
  /** At most 4 fields. Each set of values is counted, and alerted of, for itself; an event without one of them counts as ''. */
  readonly groupBy: readonly RuleField[]
  /** Only events inside, or outside, the times of a calendar count. */
  readonly during?: { readonly calendar: string; readonly is: 'inside' | 'outside' }
  /** Named lists of values for its queries; at most 8, of at most 500 values, 256 characters each. */
  readonly lists?: { readonly [name: string]: readonly string[] }
  /** Ids of the channels that are told. All whose least severity this reaches, when not given. At most 16. */
  readonly channels?: readonly string[]
}

/** Working hours: times outside of it are off-hours. */
export interface Calendar {
  /** As a rule's id. */
  readonly id: string
  readonly name: string
  /** IANA name. */
  readonly zone: string
  /** By ISO 8601 number of the weekday, `1` is Monday: from and to, `HH:MM`, to exclusive, `24:00` allowed. At most 4 a day. */
  readonly hours: { readonly [weekday: string]: readonly (readonly [from: string, to: string])[] }
  /** `YYYY-MM-DD`: days that are outside as a whole. At most 400. */
  readonly holidays: readonly string[]
}
