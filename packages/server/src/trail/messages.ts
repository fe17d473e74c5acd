/** What the serving thread and the trail's threads say to each other. */
import type {
  ContextBy,
  EventCount,
  Facet,
  Facets,
  Groups,
  FacetValue,
  FinalCheckpoint,
  Histogram,
  KeptCheckpoint,
  LogKey,
  Oddities,
  PreparedKey,
  PruneOrder,
  Pruning,
} from '@keywitness/tracker'
import type { BatchAnswer } from './intake/entry-batch.ts'
import type { Ends } from './search/named-values.ts'
import type { TallyAnswer, TallyAsk } from './tally.ts'

/** A tracker as the threads know it; paths are absolute. */
export interface TrackerPlace {
  readonly account: string
  readonly location: string
  readonly origin: string
  readonly folder: string
  readonly keyFolder: string
}

/** A tracker of another server that keeps what is recorded for a place. */
export interface RemotePlace {
  readonly account: string
  readonly location: string
  /** Which log it was when the place was provisioned: no other is delivered to. */
  readonly origin: string
  /** Where that server is, ending in a slash. */
  readonly url: string
  /** The location of its tracker. */
  readonly remoteLocation: string
  readonly apiKey: string
  /** Certificate authorities to trust, PEM; the runtime's own when undefined. */
  readonly ca: string | undefined
}

/** To the forwarding thread. */
export type ToForwarder =
  /** Deliver to another server; `isEnding`: what was recorded until the place was taken from it, and nothing more. */
  | { readonly kind: 'remote'; readonly place: RemotePlace; readonly isEnding?: boolean }
  | { readonly kind: 'committed' }
  | { readonly kind: 'tracker'; readonly place: TrackerPlace }
  /** A checkpoint was handed out: it is kept for ever, so that consistency with it can always be shown. */
  | { readonly kind: 'keep'; readonly account: string; readonly location: string; readonly size: number }
  /** Make the next key of a log, or say which one waits to be announced. */
  | { readonly kind: 'prepare-key'; readonly id: number; readonly account: string; readonly location: string }
  /** What another server delivered: a batch of one producer's entries. An empty one only asks how far that is. */
  | {
      readonly kind: 'append'
      readonly id: number
      readonly account: string
      readonly location: string
      readonly producer: string
      readonly body: Uint8Array
      readonly received: number
      /** The number that the log must hold of the producer already: one that is behind was set back. */
      readonly after?: number
    }
  /** Say how far a log may be pruned of what is older; with `order`, prune it. */
  | {
      readonly kind: 'prune'
      readonly id: number
      readonly account: string
      readonly location: string
      readonly before: number
      readonly order?: PruneOrder
    }
  /** Deliver what is recorded for this tracker, sign its final checkpoint and close it: it was removed. */
  | { readonly kind: 'end'; readonly place: TrackerPlace }
  | { readonly kind: 'stop' }

/** From the forwarding thread. */
export type FromForwarder =
  /** The tracker holds the destination's rows up to `number`; `events` and `bytes` are those of this batch. */
  | { readonly kind: 'delivered'; destination: number; number: number; events: number; bytes: number }
  /** The destination's outbox rows up to `number` are delivered and covered by a signed checkpoint. */
  | { readonly kind: 'covered'; destination: number; number: number }
  | { readonly kind: 'grown'; account: string; location: string; size: number; covered: number }
  /** `altered`: the first of the newest entries whose bytes are not those that were hashed into the signed tree. */
  | { readonly kind: 'opened'; account: string; location: string; altered?: number }
  /** A tracker cannot go on; its destination waits in the outbox. */
  | {
      readonly kind: 'failed'
      account: string
      location: string
      code: string
      message: string
      /** It is another server that cannot be reached: what is recorded waits, and nothing else is the matter. */
      isRemote?: boolean
    }
  /** What was odd in a log so far; told when it has changed. */
  | { readonly kind: 'oddities'; account: string; location: string; oddities: Oddities }
  | { readonly kind: 'prepared'; readonly id: number; readonly answer: PreparedKey | { readonly code: string } }
  | { readonly kind: 'appended'; readonly id: number; readonly answer: BatchAnswer | NoAnswer }
  /** A tracker that was removed has all that was recorded for it. `final` is missing when that was nothing. */
  | { readonly kind: 'ended'; account: string; location: string; final?: FinalCheckpoint }
  | { readonly kind: 'pruned'; readonly id: number; readonly answer: PruneAnswer | NoAnswer }
  | { readonly kind: 'stopped' }

/** How far a log may be pruned, or what was pruned. */
export type PruneAnswer = { readonly prunable: number | undefined } | Pruning

/** Why a batch was not taken; `what` says in words what is wrong with it. */
export interface NoAnswer {
  readonly code: string
  readonly what?: string
}

/** Filters of a search, as the tracker's reader takes them. Times in milliseconds. */
export interface TrailFilter {
  readonly from?: number
  readonly to?: number
  readonly action?: readonly string[]
  readonly outcome?: readonly string[]
  readonly severity?: readonly string[]
  readonly initiator?: readonly string[]
  readonly target?: readonly string[]
  readonly instance?: readonly string[]
  readonly correlationId?: readonly string[]
  readonly keyId?: readonly string[]
  readonly reasonCode?: readonly number[]
  readonly text?: string
  /** In the query language; `now` is what its relative times are relative to, `zone` that of times without one. */
  readonly query?: string
  readonly now?: number
  readonly zone?: string
}

/** The forms of an export. */
export type ExportFormat = 'jsonl' | 'csv' | 'cadf' | 'evidence'

/** What a page of an export is made of. */
export interface ExportAsk {
  readonly filter: TrailFilter
  readonly format: ExportFormat
  /** The index looked at last, and the one behind the last wanted. */
  readonly after: number
  readonly end: number
  /** Size of the checkpoint; of its leaves, how many the lines of evidence so far stand for. */
  readonly size: number
  readonly proved: number
}

export interface ExportPage {
  /** Whole lines. */
  readonly bytes: Uint8Array
  readonly rows: number
  /** Index of the last of the rows; undefined without any. */
  readonly lastIndex: number | undefined
  readonly scannedTo: number
  readonly isLast: boolean
  /** Of evidence: the seal's hashes of the lines, and what the last entry names, to be written behind it. */
  readonly evidence?: {
    readonly proved: number
    readonly lineHashes: Uint8Array
    readonly attached: readonly string[]
  }
}

interface NamedFacet extends Omit<Facet, 'values'> {
  readonly values: readonly (Pick<FacetValue, 'value' | 'count'> & Ends & { readonly name?: string })[]
}

interface NamedGroup extends Ends {
  readonly values: readonly { readonly value: string; readonly name?: string }[]
  readonly count: number
}

/** Questions to the search thread, by name, with what each is given and what it answers. */
export interface Questions {
  state: { given: Record<string, never>; answer: { size: number; covered: number; key: string; origin: string } }
  events: {
    given: { filter: TrailFilter; order: 'asc' | 'desc'; limit: number; cursor?: string }
    /**
     * What was found in one turn: events as JSON with commas between, made where the bytes are. With `next` there may be
     * more, also when there are fewer than asked for.
     */
    answer: { items: Uint8Array; count: number; next: string | undefined; covered: number }
  }
  count: { given: { filter: TrailFilter }; answer: EventCount }
  histogram: {
    given: { filter: TrailFilter; edges: readonly number[]; by: 'severity' | 'outcome' }
    answer: Histogram
  }
  /** Each value with what people call it, and where it was seen first and last. */
  facets: {
    given: { filter: TrailFilter; fields: readonly string[]; limit: number }
    answer: Omit<Facets, 'facets'> & { facets: readonly NamedFacet[] }
  }
  groups: {
    given: { filter: TrailFilter; fields: readonly string[]; limit: number }
    answer: Omit<Groups, 'groups'> & { rows: readonly NamedGroup[] }
  }
  span: { given: Record<string, never>; answer: { from: number; to: number } | undefined }
  /** Undefined when there is no such event. */
  context: {
    given: { id: string; by: ContextBy; before: number; after: number }
    answer:
      | { items: Uint8Array; count: number; index: number; hasOlder: boolean; hasNewer: boolean; covered: number }
      | undefined
  }
  /** Events from index `after + 1` on that match, oldest first: what a tail sends. `scannedTo` is where to go on. */
  tail: {
    given: { filter: TrailFilter; after: number; limit: number }
    answer: { json: Uint8Array | undefined; scannedTo: number; covered: number; size: number }
  }
  export: { given: ExportAsk; answer: ExportPage }
  event: {
    given: { id: string }
    answer: { index: number; entry: Uint8Array; covered: boolean } | undefined
  }
  /** What an event names by its SHA-256; undefined when it names no such thing. */
  attachment: { given: { id: string; sha256: string }; answer: Uint8Array | undefined }
  /** `uncovered`: the event's index, which no checkpoint covers yet. */
  receipt: { given: { id: string }; answer: { text: string } | { uncovered: number } | undefined }
  /** The newest checkpoint and the minimum index. */
  glance: {
    given: Record<string, never>
    answer: {
      readonly checkpoint?: { readonly size: number; readonly signedAt: number }
      readonly minimumIndex: number
    }
  }
  checkpoint: { given: Record<string, never>; answer: string | undefined }
  /** Undefined when nothing was pruned. */
  minimum: { given: Record<string, never>; answer: { readonly index: number; readonly note: string } | undefined }
  tally: { given: TallyAsk; answer: TallyAnswer }
  checkpoints: { given: { before: number; limit: number }; answer: readonly KeptCheckpoint[] }
  keys: { given: Record<string, never>; answer: readonly LogKey[] }
  announcement: { given: { vkey: string }; answer: { readonly index: number; readonly proof: string } | undefined }
  checkpointAt: { given: { size: number }; answer: KeptCheckpoint | undefined }
  /** A C2SP path below the log's prefix: `tile/0/000`, `tile/entries/x001/234`. */
  path: { given: { path: string }; answer: Uint8Array | undefined }
  consistency: { given: { from: number; to: number }; answer: readonly Uint8Array[] | undefined }
}
export type QuestionName = keyof Questions

/** Characters of a query, from 0, in UTF-16 units. */
export interface QueryPlace {
  readonly at: number
  readonly length: number
}

/** To the search thread. */
export type ToSearch =
  | { readonly kind: 'tracker'; readonly place: TrackerPlace }
  | { readonly kind: 'removed'; readonly account: string; readonly location: string }
  | {
      readonly kind: 'ask'
      readonly id: number
      readonly account: string
      readonly location: string
      readonly name: QuestionName
      readonly given: unknown
      /** One Int32: not 0 once the asker no longer wants the answer. */
      readonly cancelled: SharedArrayBuffer
    }
  | { readonly kind: 'stop' }

/** From the search thread. */
export type FromSearch =
  | { readonly kind: 'answer'; readonly id: number; readonly answer: unknown }
  | {
      readonly kind: 'error'
      readonly id: number
      readonly code: string
      readonly message: string
      /** Where in the query the fault is. */
      readonly place?: QueryPlace
    }
