/** What the public API answers with, as the console uses it. */
import type { ActivityEvent } from '@keywitness/cadf'

/** Who is signed in. Rights are decided by the server at each call; nothing here grants any. */
export interface Session {
  readonly identity: { readonly id: string; readonly name: string; readonly kind: string }
  readonly account: string
  /** RFC 3339. */
  readonly expiresAt: string
  /** What the server said last that the roles permit: for showing only. Absent from servers that do not tell. */
  readonly rights?: readonly Right[]
}

/** What the roles at one place permit. */
export interface Right {
  readonly scope: Scope
  readonly roles: readonly string[]
  /** Permissions, such as `keys.rotate`. */
  readonly can: readonly string[]
}

/** Where a role counts: the account, an instance or a part of it, a tracker. */
export interface Scope {
  readonly kind: 'account' | 'instance' | 'tracker'
  /** GUID of the instance, or location of the tracker. */
  readonly id?: string
  readonly keyRing?: string
  readonly keystore?: string
  readonly key?: string
}

/** One Activity Tracker: one location of the account, one log. */
export interface Tracker {
  readonly location: string
  readonly origin: string
  readonly size: number
  readonly covered: number
  readonly crn: string
  readonly createdAt: string
}

/** A part of a list. */
export interface Part<Item> {
  readonly items: readonly Item[]
  /** Goes into `after` to read on; null at the end. */
  readonly next: string | null
}

/** One instance of the key service. */
export interface Instance {
  readonly guid: string
  readonly name: string
  readonly location: string
  readonly resourceGroup: string
  readonly crn: string
  readonly createdAt: string
}

/** One event of a list, with its position in the log and what else its log entry is made of. */
export interface TrailItem {
  readonly index: number
  readonly event: ActivityEvent
  /**
   * Who numbered the event, and in which start: `<uuid>.<epoch>`. Without it, and without `sequence`, the event cannot
   * be proven from the list; its receipt proves it all the same.
   */
  readonly producer?: string
  /** The producer's number of the event. */
  readonly sequence?: number
  /** Base64 of the leaf hash the server claims; the console never relies on it. */
  readonly leafHash: string
}

export interface EventsPage {
  readonly events: readonly TrailItem[]
  /** Goes into `cursor` to read on; null at the end. */
  readonly next: string | null
  /** Size of the newest signed checkpoint. */
  readonly covered: number
}

export interface EventDetail {
  readonly index: number
  readonly event: ActivityEvent
  /** Base64 of the entry's exact bytes. */
  readonly entry: string
  readonly covered: boolean
}

/** What a list and a tail can be narrowed by. Several values of one member are alternatives. */
export interface EventsQuery {
  /** RFC 3339, or relative such as `-15m`. */
  readonly from?: string
  readonly to?: string
  readonly action?: readonly string[]
  readonly outcome?: readonly string[]
  readonly severity?: readonly string[]
  readonly initiator?: string
  readonly target?: string
  readonly instance?: string
  readonly correlationId?: string
  readonly keyId?: string
  readonly reasonCode?: string
  readonly text?: string
  /** In the query language. */
  readonly query?: string
  /** IANA name of the zone in which times of `query` are meant that name none; UTC without it. */
  readonly tz?: string
}
