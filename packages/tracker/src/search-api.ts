/** What is asked of a log, and what is found in it. */
import type { StoredEntry } from './api.ts'

/** What to find. Absent members do not restrict. Several values of one member: any of them. */
export interface EventFilter {
  /** In the query language (docs/reference/query.md). */
  readonly query?: string
  /** What relative times of the query are relative to, milliseconds since the epoch. */
  readonly now?: number
  /** IANA name of the zone of the query's times that name none. Default UTC. */
  readonly zone?: string
  /** Event time, milliseconds since the epoch, inclusive. */
  readonly from?: number
  /** Event time, milliseconds since the epoch, exclusive. */
  readonly to?: number
  /** Former names are understood. */
  readonly action?: string | readonly string[]
  readonly outcome?: string | readonly string[]
  readonly severity?: string | readonly string[]
  /** `initiator.id`. */
  readonly initiator?: string | readonly string[]
  /** `target.id`. */
  readonly target?: string | readonly string[]
  /** `requestData.instanceID`, or the instance part of `logSourceCRN`. */
  readonly instance?: string | readonly string[]
  readonly correlationId?: string | readonly string[]
  /** Key id: resource part of a key's target CRN, or `responseData.keyId`. */
  readonly keyId?: string | readonly string[]
  readonly reasonCode?: number | readonly number[]
  /** Words that must all occur somewhere in the event's values. At most 16 words, 512 characters. */
  readonly text?: string
}

/** How long a question may go on. */
export interface QuestionBounds {
  /** Read between entries; may be a getter over shared memory. When true the call throws CANCELLED. */
  readonly signal?: { readonly cancelled: boolean }
  /** Slices (of at most some 20 ms) after which to return what was found. Default: until done. */
  readonly slices?: number
  /** The time of `performance.now()` at which to return what was found. Default: until done. */
  readonly until?: number
}

/** A page of what a filter finds. */
export interface EventQuery extends EventFilter, QuestionBounds {
  /** By index. Default `desc`: newest first. */
  readonly order?: 'desc' | 'asc'
  /** 1 to 1,000. */
  readonly limit: number
  /** `next` of the page before; carries that page's time window. */
  readonly cursor?: string
}

/** How many events a filter finds. */
export interface EventCount {
  readonly total: number
  /**
   * Indexes from this one on were looked at; 0 when all were. Above 0 the time was over: counts are of the newest
   * events, and there are at least so many.
   */
  readonly lookedFrom: number
}

export interface Histogram extends EventCount {
  /** One for each pair of edges: counts by value. */
  readonly buckets: readonly (readonly (readonly [value: string, count: number])[])[]
}

export interface FacetValue {
  readonly value: string
  readonly count: number
  /** Indexes of the oldest event looked at that has it, and of the newest. */
  readonly first: number
  readonly newest: number
}

export interface Facet {
  /** Name of the field, as in a query. */
  readonly field: string
  /** The most frequent first. */
  readonly values: readonly FacetValue[]
  /** Events with other values, and events without one. */
  readonly others: number
  readonly missing: number
}

export interface Facets extends EventCount {
  readonly facets: readonly Facet[]
}

export interface Group {
  /** One for each field, in the order in which they were asked for. */
  readonly values: readonly string[]
  readonly count: number
  /** Indexes of the oldest event looked at that has them, and of the newest. */
  readonly first: number
  readonly newest: number
}

export interface Groups extends EventCount {
  /** The most frequent first. */
  readonly groups: readonly Group[]
  /** How often events have other values; and events that lack one of the fields. */
  readonly others: number
  readonly missing: number
}

/** What events around one have in common with it; `log` for its neighbours, whatever they are. */
export type ContextBy = 'log' | 'request' | 'key' | 'initiator' | 'instance' | 'target'

export interface EventContext {
  /** Oldest first, the event itself among them. */
  readonly events: StoredEntry[]
  /** Whether there are more before and after. */
  readonly hasOlder: boolean
  readonly hasNewer: boolean
}

export interface EventPage {
  readonly events: StoredEntry[]
  /** Present when there may be more; a page may then hold fewer events than asked for, even none. */
  readonly next?: string
}

export interface EventsSince {
  readonly events: StoredEntry[]
  /** Highest index looked at: where to go on. */
  readonly scannedTo: number
}
