/** What a continuity report says of a log. Times are milliseconds since the epoch, indexes those of the log. */

/** How often something was found, and the first places of it. */
export interface Found<Place> {
  readonly count: number
  readonly places: readonly Place[]
}

/** Numbers (or epochs), and the entry that showed them. */
export interface NumbersAt {
  readonly first: number
  readonly last: number
  readonly index: number
}

export interface EventAt {
  readonly index: number
  readonly time: number
}

/** A time without an event of a producer, between two that it has. */
export interface Silence {
  readonly seconds: number
  readonly after: EventAt
  /** The event that ended it; none when the log ends in it. */
  readonly before: EventAt | undefined
}

export interface EpochReport {
  readonly epoch: number
  readonly first: number
  readonly last: number
  readonly events: number
  /** The event that opened it; none when it was not looked at. */
  readonly opened: EventAt | undefined
}

export interface ProducerReport {
  readonly producer: string
  /** The tracker itself, which records what is odd, or the service. */
  readonly kind: 'tracker' | 'service'
  readonly events: number
  readonly first: number
  readonly last: number
  readonly missing: Found<NumbersAt>
  readonly late: Found<NumbersAt>
  readonly reused: Found<NumbersAt>
  /** Below the first number that was looked at: late or reused, which cannot be told from here. */
  readonly earlier: Found<NumbersAt>
  readonly missingEpochs: Found<NumbersAt>
  /** Opening events that say another last number than the log holds. */
  readonly contradictions: Found<NumbersAt>
  readonly lateDated: Found<EventAt>
  readonly futureDated: Found<EventAt>
  /** The newest of them. */
  readonly epochs: Found<EpochReport>
  readonly longestSilence: Silence | undefined
  readonly heartbeats: {
    /** What the producer promised last; none by a version without them. */
    readonly everySeconds: number | undefined
    readonly recorded: number
    /** Heartbeats that did not come while an epoch went on. */
    readonly missed: Found<Silence>
    /** Times that ended with a start: the service did not run. */
    readonly stops: Found<Silence>
  }
}

export interface CheckpointsReport {
  /** Stored in the stretch that was looked at, and those of them that are kept for ever. */
  readonly stored: number
  readonly kept: number
  /** The longest an event can have waited for a checkpoint that covers it, by the checkpoints that are stored. */
  readonly longestUncovered: { readonly seconds: number; readonly index: number } | undefined
  /** The same by those of the last hour, which are all stored. */
  readonly longestUncoveredOfLastHour: { readonly seconds: number; readonly index: number } | undefined
  readonly largestGapKept: { readonly entries: number; readonly from: number; readonly to: number } | undefined
  readonly longestGapKept: { readonly seconds: number; readonly from: number; readonly to: number } | undefined
}

/** A stretch of a producer's numbers whose events the service counted while it recorded them. */
export interface CountedPeriod {
  readonly producer: string
  readonly first: number
  readonly last: number
  /** When the service began to count it. */
  readonly began: number
  /** By `<action> <outcome>`. */
  readonly counts: Readonly<Record<string, number>>
}

export interface PeriodDifference {
  readonly producer: string
  readonly first: number
  readonly last: number
  readonly began: number
  readonly recorded: number
  readonly logged: number
  /** `<action>/<outcome>:<recorded>:<logged>`. */
  readonly actions: readonly string[]
}

export interface ReconciliationReport {
  readonly compared: number
  readonly agreeing: number
  readonly differing: Found<PeriodDifference>
  /** Periods that lie outside the stretch that was looked at, or of which events still wait to be delivered. */
  readonly notCompared: number
}

export interface ContinuityReport {
  readonly origin: string
  readonly size: number
  readonly covered: number
  /** Entries `from` to below `to` were looked at; `isWhole`: all that were asked for. */
  readonly looked: { readonly from: number; readonly to: number; readonly isWhole: boolean }
  readonly firstTime: number | undefined
  readonly lastTime: number | undefined
  /** Entries that are not of the entry format. */
  readonly unreadable: number
  readonly producers: readonly ProducerReport[]
  readonly checkpoints: CheckpointsReport
  readonly reconciliation: ReconciliationReport
}
