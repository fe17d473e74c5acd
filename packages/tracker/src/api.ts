/** What others hold of a tracker: its writer, its readers, its checker, as interfaces and plain data. */
import type { ActivityEvent } from '@keywitness/cadf'
import type { FinalCheckpoint } from './end.ts'
import type { KeptCheckpoint, LogKey, PreparedKey } from './key-api.ts'
import type {
  ContextBy,
  EventContext,
  EventCount,
  EventFilter,
  EventPage,
  EventQuery,
  EventsSince,
  Facets,
  Groups,
  Histogram,
  QuestionBounds,
} from './search-api.ts'

/** Wall clock in milliseconds since the epoch. */
export interface TrackerClock {
  now(): number
}

export interface TrackerOptions {
  /** The tracker's store: `head.db`, `index.db`, `segments/`. */
  readonly folder: string
  /** Checkpoint key and highest signed head; must not lie inside `folder`. */
  readonly keyFolder: string
  /** First line of every checkpoint. Fixed when the tracker is created. */
  readonly origin: string
  readonly clock: TrackerClock
  /**
   * Create the store when there is none; without it that is MISSING, so that a wrong path never starts a second log.
   * Where a head was signed already, a missing store is FORKED all the same.
   */
  readonly create?: boolean
  /** Covered events per sealed segment. Default 100,000. */
  readonly segmentEvents?: number
  /** Newest entries whose bytes are hashed again when opening. Default 1,000. */
  readonly verifyNewest?: number
}

/** One entry as a producer's outbox hands it over. */
export interface Delivery {
  /** Producer's UUID. */
  readonly producer: string
  /** Which start of the producer numbered it; from 1. */
  readonly epoch: number
  /** Its number; grows by one per entry. */
  readonly sequence: number
  /** The entry's exact bytes, 1 to 65,535 of them. */
  readonly bytes: Uint8Array
  /** When it reached the tracker, milliseconds since the epoch. */
  readonly received: number
  /** Contents that the entry names by their SHA-256, at most 16, of 1 byte to 4 MiB each. */
  readonly attachments?: readonly Uint8Array[]
}

export interface Appended {
  /** Index of the first newly appended entry (the size before, when all were repeats). */
  readonly first: number
  readonly appended: number
  readonly duplicates: number
}

export interface ProducerPosition {
  readonly epoch: number
  readonly sequence: number
}

/**
 * - `missing` numbers were skipped, `late` ones came after all, `reused` ones came again with other bytes.
 * - `epochs` were skipped. `opening`: an event that opens an epoch says another last number than the log holds.
 * - `late-dated`: an event's time lies before that of its producer's event before it; `future-dated`: after the tracker's
 *   own clock; both by more than a minute.
 * - `forged`: an entry was delivered that bears the tracker's own name.
 */
export type AnomalyKind =
  | 'missing'
  | 'late'
  | 'reused'
  | 'epochs'
  | 'opening'
  | 'late-dated'
  | 'future-dated'
  | 'forged'

/** Something odd in what a producer delivered. Every entry is kept all the same. */
export interface Anomaly {
  readonly kind: AnomalyKind
  readonly producer: string
  readonly epoch: number
  /** First and last number concerned, inclusive; of `epochs` those. */
  readonly first: number
  readonly last: number
  /** Index of the entry that showed it. */
  readonly index: number
  readonly received: number
}

/** Anomalies of one kind, and of one producer unless there are too many of them: what one event tells. */
export interface AnomalySummary {
  readonly kind: AnomalyKind
  /** Undefined: of several. */
  readonly producer: string | undefined
  /** Highest epoch, lowest and highest number (or epoch) concerned. */
  readonly epoch: number
  readonly first: number
  readonly last: number
  /** Numbers (or epochs) concerned; of `opening` the events that say so. */
  readonly count: number
  /** Indexes of the first and last entry that showed it. */
  readonly index: number
  readonly lastIndex: number
}

/** Makes the events that a tracker records as a producer of its own. */
export interface Voice {
  /** The event that opens an epoch of the tracker's own numbers, after this last number. */
  opening(producer: string, previous: ProducerPosition): ActivityEvent
  anomaly(summary: AnomalySummary): ActivityEvent
  pruned(pruning: Pruning): ActivityEvent
}

/** What is to be pruned. */
export interface PruneOrder {
  /** The new minimum index, at most what `prunable` said. */
  readonly index: number
  /** Nothing of this time or later may leave, milliseconds since the epoch. */
  readonly before: number
  /** Days of the policy, for the note. */
  readonly keepDays: number
}

/** What was pruned. */
export interface Pruning {
  /** The minimum index before, and the new one. */
  readonly from: number
  readonly index: number
  readonly keepDays: number
  /** Segments whose files left. */
  readonly segments: number
  /** The signed note that says the new minimum index. */
  readonly note: string
}

/** What was odd so far, over the whole log. */
export interface Oddities {
  /** Deliveries that the log had already, byte for byte: recognised and dropped. */
  readonly repeats: number
  /** Numbers (or epochs) concerned, by kind. */
  readonly anomalies: Readonly<Record<AnomalyKind, number>>
}

/** A range of indexes; `to` is exclusive. */
export interface SegmentRange {
  readonly from: number
  readonly to: number
}

/** The one writer of a tracker. Every method is synchronous and durable on return. */
export interface Tracker {
  readonly origin: string
  /** Current verifier key of the checkpoints, one line (`<origin>+<id>+<key>`). */
  readonly key: string
  /** All keys of the log, oldest first. */
  readonly keys: readonly LogKey[]
  /** Entries in the log. */
  readonly size: number
  /** Entries covered by the newest signed checkpoint. */
  readonly covered: number
  /** Entries in sealed segments. */
  readonly sealed: number
  /** The first of the newest entries whose bytes were found altered when the tracker was opened. */
  readonly altered: number | undefined
  /**
   * Appends a batch in order; durable on return. Repeats are recognised and counted.
   * @throws TrackerError BAD_INPUT, DISK_FULL, READ_ONLY, IO: nothing of the batch may be taken for kept; deliver it again.
   */
  append(batch: readonly Delivery[]): Appended
  /** The highest number appended of a producer. */
  lastOf(producer: string): ProducerPosition | undefined
  /** Irregularities in numbering, oldest first, from the `after`-th on. */
  anomalies(after: number, limit: number): Anomaly[]
  /**
   * Records what was odd and is not told yet, as events of the tracker's own numbers: each anomaly in exactly one event,
   * in one transaction with the note that it is told. Returns how many events that were; 0: all is told.
   */
  tell(voice: Voice): number
  oddities(): Oddities
  /** Signs a checkpoint of the present size and returns the note; undefined when the log did not grow since the last. */
  publish(): string | undefined
  /** Marks the checkpoint of this size as one to keep for ever (handed out, witnessed). False when it is gone. */
  keep(size: number): boolean
  /**
   * Makes the next key; the same one until it is announced. It signs, beside the present one, from the moment on in which
   * an entry that announces it (`keyAnnouncementIn` of cadf) is appended; the present one stops after the overlap that
   * the entry says, once both have signed a checkpoint that covers it.
   * @throws TrackerError BAD_INPUT while two keys sign
   */
  prepareKey(): PreparedKey
  /** Indexes up to `limit` entries of the head for searching; returns how many it did. 0: up to date. See `Indexer`. */
  follow(limit: number): number
  /** The next range to seal, when enough entries are covered. Hand it to `buildSegment` in any thread. */
  sealable(): SegmentRange | undefined
  /**
   * Takes a built segment into the log in place of the head's rows.
   * @throws TrackerError CORRUPT when it does not hash to the tree's nodes.
   */
  adopt(segment: Segment): void
  /** Entries below this are not given any more; 0 when nothing was pruned. */
  readonly minimum: number
  /**
   * The highest minimum index that `prune` would take: whole sealed segments, covered, older than `before` by their events'
   * times and by when they were received.
   */
  prunable(before: number): number | undefined
  /**
   * Raises the minimum index, in one transaction with the event of it, then removes the files below.
   * @throws TrackerError BAD_INPUT
   */
  prune(order: PruneOrder, voice: Voice): Pruning
  /**
   * Ends the log for good: everything is covered by a final checkpoint, which is kept, and the private halves of the keys
   * are destroyed. Undefined for a log without entries, of which nothing was ever signed. The tracker is closed.
   */
  end(): FinalCheckpoint | undefined
  close(): void
}

/** What `buildSegment` made: a finished, synced file in the tracker's `segments` folder that nobody uses yet. */
export interface Segment extends SegmentRange {
  /** File name inside the `segments` folder. */
  readonly file: string
  /** Size of the file in bytes. */
  readonly fileBytes: number
  /** SHA-256 of the file. */
  readonly fileHash: Uint8Array
}

/** An entry as read back: its index and exact bytes. */
export interface StoredEntry {
  readonly index: number
  readonly bytes: Uint8Array
}

export interface IndexerOptions {
  readonly folder: string
  /** As the writer's. */
  readonly segmentEvents?: number
}

/** Does what `Tracker.follow` does, in another thread than the tracker's: only one of both at a time. */
export interface Indexer {
  /** Entries below it are indexed, or sealed. */
  readonly cursor: number
  /** Indexes up to `limit` entries of the head for searching; returns how many it did. 0: up to date. */
  follow(limit: number): number
  close(): void
}

export interface ReaderOptions {
  readonly folder: string
  readonly keyFolder: string
  /** Decoded bytes of sealed blocks kept in memory. Default 8 MiB. */
  readonly cacheBytes?: number
}

export interface TrackerCounts {
  readonly size: number
  readonly covered: number
  readonly sealed: number
  /** Entries found by searching without scanning. */
  readonly indexed: number
  readonly segments: number
  readonly producers: number
  readonly anomalies: number
}

/** Events of one minute, as the segments and the index keep them. */
export interface MinuteCount {
  /** Start of the minute, milliseconds since the epoch. */
  readonly minute: number
  readonly severity: string
  readonly outcome: string
  readonly count: number
}

/** A stored checkpoint, by what the store says of it: when it was signed is not signed. */
export interface SignedSize {
  readonly size: number
  /** Milliseconds since the epoch. */
  readonly signedAt: number
  readonly isKept: boolean
}

/** Reads a tracker from any thread over its own read-only connections; sees new data by itself. */
export interface TrackerReader {
  readonly origin: string
  /** Newest signed checkpoint note. */
  checkpoint(): string | undefined
  /** Checkpoints kept for ever of sizes below `before`, largest first, at most `limit` (≤ 1,001). */
  checkpoints(before: number, limit: number): KeptCheckpoint[]
  /** The checkpoint of a size, kept or not; undefined when there is none. */
  checkpointAt(size: number): KeptCheckpoint | undefined
  /** Current verifier key of the checkpoints, one line. */
  key(): string
  /** All keys of the log, oldest first. */
  keys(): readonly LogKey[]
  /**
   * Proof file of the entry that announced a key, at a checkpoint that the key before it has signed too; undefined when
   * the log has no such key, it was the first, or no checkpoint covers the entry yet.
   */
  announcement(vkey: string): { readonly index: number; readonly proof: string } | undefined
  size(): number
  covered(): number
  counts(): TrackerCounts
  /** The minimum index with the note that signs it; undefined when nothing was pruned. */
  minimum(): { readonly index: number; readonly note: string } | undefined
  /** Index of the first entry that is still there. */
  first(): number
  /** @throws TrackerError MISSING beyond the log's end, PRUNED below the first that is there */
  entry(index: number): Uint8Array
  byId(eventId: string): StoredEntry | undefined
  /**
   * An attachment by its SHA-256, lower-case hexadecimal; undefined when there is none.
   * @throws TrackerError CORRUPT when what is stored does not hash to it
   */
  attachment(sha256: string): Uint8Array | undefined
  /** @throws TrackerError BAD_INPUT, BAD_CURSOR, CANCELLED, CORRUPT */
  events(query: EventQuery): EventPage
  /**
   * What a live tail or an export sends: matching entries after an index, oldest first. Looks at a bounded number of
   * entries.
   * @throws TrackerError BAD_INPUT, CANCELLED, CORRUPT
   */
  since(after: number, filter: Omit<EventQuery, 'order' | 'cursor'>): EventsSince
  /** @throws TrackerError BAD_INPUT, CANCELLED, CORRUPT */
  count(filter: EventFilter & QuestionBounds): EventCount
  /**
   * Counts by time and by severity or outcome.
   * @param edges bounds of the buckets in order, milliseconds: 2 to 1,001 of them; nothing outside of them is counted
   * @throws TrackerError BAD_INPUT, CANCELLED, CORRUPT
   */
  histogram(filter: EventFilter & QuestionBounds, edges: readonly number[], by: 'severity' | 'outcome'): Histogram
  /**
   * The most frequent values of fields, by their names in a query.
   * @throws TrackerError BAD_INPUT, CANCELLED, CORRUPT
   */
  facets(filter: EventFilter & QuestionBounds, fields: readonly string[], limit: number): Facets
  /**
   * The most frequent combinations of the values of 1 to 3 fields, by their names in a query.
   * @param limit 1 to 1,000
   * @throws TrackerError BAD_INPUT, CANCELLED, CORRUPT
   */
  groups(filter: EventFilter & QuestionBounds, fields: readonly string[], limit: number): Groups
  /** Earliest and latest event time, milliseconds, to the minute where it is kept so; undefined when there is none. */
  span(bounds: QuestionBounds): { readonly from: number; readonly to: number } | undefined
  /**
   * The events around one.
   * @throws TrackerError BAD_INPUT, MISSING, CANCELLED, CORRUPT
   */
  context(index: number, by: ContextBy, before: number, after: number, bounds: QuestionBounds): EventContext
  /** Entries `from` to below `to` as far as they are there, at most `limit` (≤ 10,000) and some 16 MiB. */
  range(from: number, to: number, limit: number): StoredEntry[]
  /** Irregularities in producers' numbering, oldest first, from the `after`-th on. */
  anomalies(after: number, limit: number): Anomaly[]
  /** The stored checkpoints of sizes above `after`, smallest first. */
  signedAfter(after: number, limit: number): SignedSize[]
  /** Roll-up by minute over a time window, at most `limit` rows, oldest first. */
  minutes(from: number, to: number, limit: number): MinuteCount[]
  /** A hash tile of `width` hashes (256: full); undefined when it is not part of the published tree. */
  tile(level: number, n: number, width: number): Uint8Array | undefined
  /**
   * An entry bundle of `width` entries (256: full); undefined when it is not part of the published tree.
   * @throws TrackerError PRUNED below the minimum index
   */
  bundle(n: number, width: number): Uint8Array | undefined
  /** What a C2SP path below the log's prefix names: `checkpoint`, `tile/0/x001/067`, `tile/entries/000.p/5`. */
  path(path: string): Uint8Array | undefined
  /**
   * Proof file of an entry at the newest checkpoint, its `extra` the entry's bytes; undefined while it is not covered.
   * @throws TrackerError MISSING
   */
  receipt(index: number): string | undefined
  /**
   * Hashes of the fewest complete subtrees that are the leaves `from` to below `to`, left to right: what stands for them
   * in a proof of what lies around them. Undefined when no checkpoint covers them.
   */
  subtrees(from: number, to: number): Uint8Array[] | undefined
  /** Hashes of the consistency proof between two covered sizes; undefined when they are not. */
  consistency(from: number, to: number): Uint8Array[] | undefined
  close(): void
}
