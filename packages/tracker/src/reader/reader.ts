/** The tracker's reader: any number of them, in any thread, over read-only connections. */
import { join } from 'node:path'
import { sameBytes } from '@keywitness/tlog'
import type {
  Anomaly,
  MinuteCount,
  ReaderOptions,
  SignedSize,
  StoredEntry,
  TrackerCounts,
  TrackerReader,
} from '../api.ts'
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
} from '../search-api.ts'
import type { KeptCheckpoint, LogKey } from '../key-api.ts'
import { TrackerError } from '../errors.ts'
import { AttachmentRows } from '../head/attachment-rows.ts'
import { EntryRows } from '../head/entry-rows.ts'
import { MinimumRows, type SignedMinimum } from '../head/minimum-rows.ts'
import { openHeadForReading, readIdentity } from '../head/open-head.ts'
import { ProducerRows } from '../head/producer-rows.ts'
import { attachmentsSince, headFile } from '../head/schema.ts'
import { sha256Of } from '../hash.ts'
import { blockCacheBytesDefault, rangeEntriesMax, sinceEventsMax } from '../limits.ts'
import { formatCursor, openCursor } from '../search/cursor.ts'
import { EntrySubject } from '../search/entry-subject.ts'
import { pagePlanOf, planForId, timeOfUuid } from '../search/plan.ts'
import { type Corpus, runQuery } from '../search/run.ts'
import { readKeys } from '../key-register.ts'
import { firstKept } from '../prune.ts'
import { readRegister, type RegisteredSegment } from '../segment/register.ts'
import { type Database, type Disk, realDisk, type Statement } from '../store/disk.ts'
import { schemaVersion } from '../store/migrate.ts'
import { asTrackerError } from '../store/sqlite-error.ts'
import { StoredTree } from '../tree/stored-tree.ts'
import { BlockCache } from './block-cache.ts'
import { corpusOf, type CorpusParts, segmentsNear } from './corpus.ts'
import { contextOf } from './context.ts'
import { HeadIndex, type IndexView } from './head-index.ts'
import { CheckpointRows } from './kept-checkpoints.ts'
import { LogEntries, type LogView } from './log-entries.ts'
import { countMinutes } from './minutes.ts'
import {
  announcementOf,
  bundleOf,
  consistencyOf,
  type ProofParts,
  receiptOf,
  resourceOf,
  subtreesOf,
  tileOf,
} from './proofs.ts'
import { SegmentPool } from './segment-pool.ts'
import { countEvents, facetsOf, groupsOf, histogramOf, spanOf } from './summaries.ts'

/**
 * Opens a reader. It sees new data by itself; each call sees one unchanging state of the log.
 *
 * @throws TrackerError MISSING, NEWER_SCHEMA, CORRUPT, IO
 */
export function openReader(options: ReaderOptions, disk: Disk = realDisk): TrackerReader {
  try {
    return new Reader(disk, options)
  } catch (error) {
    throw asTrackerError(error, `the tracker in ${options.folder} could not be read`, join(options.folder, headFile))
  }
}

interface CheckpointRow {
  readonly size: number
  readonly note: string
}

class Reader implements TrackerReader {
  readonly origin: string
  readonly #keyFolder: string
  readonly #db: Database
  readonly #rows: EntryRows
  readonly #pool: SegmentPool
  readonly #index: HeadIndex
  readonly #entries: LogEntries
  readonly #tree: StoredTree
  readonly #minimum: MinimumRows
  readonly #newest: Statement<CheckpointRow>
  readonly #sealed: Statement<{ sealed: number | null }>
  #segments: readonly RegisteredSegment[] = []
  /** Of the newest view. */
  #seenMinimum = 0
  #isClosed = false

  constructor(disk: Disk, { folder, keyFolder, cacheBytes = blockCacheBytesDefault }: ReaderOptions) {
    this.#keyFolder = keyFolder
    this.#db = openHeadForReading(disk, folder)
    this.origin = readIdentity(this.#db).origin
    this.#rows = new EntryRows(this.#db)
    this.#pool = new SegmentPool(disk, folder)
    this.#index = new HeadIndex(disk, folder)
    this.#entries = new LogEntries(this.#rows, this.#pool, new BlockCache(cacheBytes))
    this.#tree = new StoredTree(this.#db)
    this.#minimum = new MinimumRows(this.#db)
    this.#newest = this.#db.prepare('SELECT size, note FROM checkpoints ORDER BY size DESC LIMIT 1')
    this.#sealed = this.#db.prepare('SELECT max(last) AS sealed FROM segments')
  }

  checkpoint(): string | undefined {
    return this.#read(() => this.#newest.get()?.note)
  }

  checkpoints(before: number, limit: number): KeptCheckpoint[] {
    return this.#read(() => new CheckpointRows(this.#db).kept(before, limit))
  }

  checkpointAt(size: number): KeptCheckpoint | undefined {
    return this.#read(() => new CheckpointRows(this.#db).at(size))
  }

  signedAfter(after: number, limit: number): SignedSize[] {
    return this.#read(() => new CheckpointRows(this.#db).signedAfter(after, limit))
  }

  key(): string {
    // Of the register, as all keys are: the file with the public half follows it a moment later.
    return this.#read(() => readKeys(this.#keyFolder).at(-1)!.vkey)
  }

  keys(): readonly LogKey[] {
    return this.#read(() => {
      const created = this.#db.prepare<{ at: number }>('SELECT created_at AS at FROM log').get()?.at ?? 0
      return readKeys(this.#keyFolder).map((key) =>
        key.from.size === 0 ? { ...key, from: { size: 0, time: created } } : key,
      )
    })
  }

  announcement(vkey: string): { readonly index: number; readonly proof: string } | undefined {
    return this.#prove((parts) =>
      announcementOf(parts, readKeys(this.#keyFolder), vkey, new CheckpointRows(this.#db), (index) =>
        this.#minimum.kept().filter((entry) => entry.index === index),
      ),
    )
  }

  minimum(): SignedMinimum | undefined {
    return this.#read(() => this.#minimum.current())
  }

  first(): number {
    return this.#read((view) => view.first)
  }

  size(): number {
    return this.#read((view) => view.size)
  }

  covered(): number {
    return this.#read((view) => view.covered)
  }

  counts(): TrackerCounts {
    return this.#search((_corpus, view, index) => {
      const count = (table: 'producers' | 'anomalies'): number =>
        this.#db.prepare<{ n: number }>(`SELECT count(*) AS n FROM ${table}`).get()?.n ?? 0
      return {
        size: view.size,
        covered: view.covered,
        sealed: view.sealed,
        indexed: Math.min(view.size, Math.max(view.sealed, index?.cursor ?? 0)),
        segments: view.segments.length,
        producers: count('producers'),
        anomalies: count('anomalies'),
      }
    })
  }

  entry(index: number): Uint8Array {
    return this.#read((view) => {
      if (!Number.isSafeInteger(index) || index < 0 || index >= view.size) {
        throw new TrackerError('MISSING', `there is no entry ${index} in a log of ${view.size}`)
      }
      const [stored] = this.#entries.fromDisk(view, index, index + 1)
      // A copy: whoever posts a view to another thread posts the whole block with it.
      return stored!.bytes.slice()
    })
  }

  byId(eventId: string): StoredEntry | undefined {
    const plan = planForId(eventId)
    const time = timeOfUuid(eventId)
    const sealed =
      time === undefined
        ? undefined
        : this.#read((view) => {
            for (const segment of segmentsNear(view, time)) {
              for (const index of this.#pool.get(segment).search.withId(eventId)) {
                const bytes = this.#entries.entry(view, index)
                if (plan.matches(new EntrySubject(index, bytes))) return { index, bytes: bytes.slice() }
              }
            }
            return undefined
          })
    if (sealed !== undefined) return sealed
    return this.#search((corpus, view) => {
      const found = runQuery({ plan, order: 'desc', limit: 1 }, corpus, { from: 0, to: view.size }).events[0]
      return found === undefined ? undefined : { index: found.index, bytes: found.bytes.slice() }
    })
  }

  attachment(sha256: string): Uint8Array | undefined {
    if (!/^[0-9a-f]{64}$/.test(sha256)) throw new TrackerError('BAD_INPUT', 'not a SHA-256 in hexadecimal')
    return this.#read(() => {
      const hash = Buffer.from(sha256, 'hex')
      if (schemaVersion(this.#db) < attachmentsSince) return undefined
      const content = new AttachmentRows(this.#db).content(hash)
      if (content !== undefined && !sameBytes(sha256Of(content), hash)) {
        throw new TrackerError('CORRUPT', `attachment ${sha256} was changed`, { file: this.#db.file })
      }
      return content
    })
  }

  events(query: EventQuery): EventPage {
    const start = query.cursor === undefined ? undefined : openCursor(query, query.cursor)
    const plan = start?.plan ?? pagePlanOf(query)
    const { order, limit } = plan
    return this.#search((corpus, view) => {
      const bounds =
        order === 'asc'
          ? { from: start?.position ?? 0, to: view.size }
          : { from: 0, to: Math.min(start?.position ?? view.size, view.size) }
      const { events, rest } = runQuery({ plan, order, limit }, corpus, bounds, query)
      if (rest === undefined) return { events }
      return { events, next: formatCursor({ plan, position: order === 'asc' ? rest.from : rest.to }) }
    })
  }

  since(after: number, filter: Omit<EventQuery, 'order' | 'cursor'>): EventsSince {
    const plan = pagePlanOf({ ...filter, order: 'asc' })
    if (!Number.isSafeInteger(after) || after < -1) throw new TrackerError('BAD_INPUT', 'after is not an index')
    return this.#search((corpus, view) => {
      const bounds = { from: after + 1, to: Math.min(view.size, after + 1 + sinceEventsMax) }
      if (bounds.from >= bounds.to) return { events: [], scannedTo: after }
      const { events, rest } = runQuery({ plan, order: 'asc', limit: plan.limit }, corpus, bounds, filter)
      return { events, scannedTo: (rest?.from ?? bounds.to) - 1 }
    })
  }

  count(filter: EventFilter & QuestionBounds): EventCount {
    return this.#search((corpus, view) => countEvents(corpus, view.size, filter))
  }

  histogram(filter: EventFilter & QuestionBounds, edges: readonly number[], by: 'severity' | 'outcome'): Histogram {
    return this.#search((corpus, view) => histogramOf(corpus, view.size, filter, edges, by))
  }

  facets(filter: EventFilter & QuestionBounds, fields: readonly string[], limit: number): Facets {
    return this.#search((corpus, view) => facetsOf(corpus, view.size, filter, fields, limit))
  }

  groups(filter: EventFilter & QuestionBounds, fields: readonly string[], limit: number): Groups {
    return this.#search((corpus, view) => groupsOf(corpus, view.size, filter, fields, limit))
  }

  span(bounds: QuestionBounds): { from: number; to: number } | undefined {
    return this.#search((corpus, view) => spanOf(corpus, view.size, bounds))
  }

  context(index: number, by: ContextBy, before: number, after: number, bounds: QuestionBounds): EventContext {
    return this.#search((corpus, view) => contextOf(corpus, view.size, { index, by, before, after }, bounds))
  }

  range(from: number, to: number, limit: number): StoredEntry[] {
    const isRange = Number.isSafeInteger(from) && Number.isSafeInteger(to) && from >= 0 && from <= to
    if (!isRange || !(limit >= 1 && limit <= rangeEntriesMax))
      throw new TrackerError('BAD_INPUT', 'not a range to read')
    return this.#read((view) => this.#entries.there(view, from, to, limit))
  }

  anomalies(after: number, limit: number): Anomaly[] {
    return this.#read(() => new ProducerRows(this.#db).anomalies(after, limit))
  }

  minutes(from: number, to: number, limit: number): MinuteCount[] {
    if (!Number.isSafeInteger(from) || !Number.isSafeInteger(to) || !(limit >= 1)) {
      throw new TrackerError('BAD_INPUT', 'not a time window')
    }
    return this.#search((corpus, view) => countMinutes(corpus, view.size, from, to, limit))
  }

  tile(level: number, n: number, width: number): Uint8Array | undefined {
    return this.#prove((parts) => tileOf(parts, level, n, width))
  }

  bundle(n: number, width: number): Uint8Array | undefined {
    return this.#prove((parts) => bundleOf(parts, n, width))
  }

  path(path: string): Uint8Array | undefined {
    return this.#prove((parts) => resourceOf(parts, path))
  }

  receipt(index: number): string | undefined {
    return this.#prove((parts) => {
      if (!Number.isSafeInteger(index) || index < 0 || index >= parts.view.size) {
        throw new TrackerError('MISSING', `there is no entry ${index} in a log of ${parts.view.size}`)
      }
      return receiptOf(parts, index)
    })
  }

  subtrees(from: number, to: number): Uint8Array[] | undefined {
    return this.#prove((parts) => subtreesOf(parts, from, to))
  }

  consistency(from: number, to: number): Uint8Array[] | undefined {
    return this.#prove((parts) => consistencyOf(parts, from, to))
  }

  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#index.close()
    this.#pool.close()
    this.#db.close()
  }

  #prove<Result>(work: (parts: ProofParts) => Result): Result {
    return this.#read((view) =>
      work({ view, tree: this.#tree, entries: this.#entries, note: this.#newest.get()?.note }),
    )
  }

  #read<Result>(work: (view: LogView) => Result): Result {
    return this.#guard(() => this.#steady(() => this.#db.snapshot(() => work(this.#view()))))
  }

  /** One view of index and head, taken in this order: see `HeadIndex.use`. */
  #search<Result>(work: (corpus: Corpus, view: LogView, index: IndexView | undefined) => Result): Result {
    return this.#guard(() =>
      this.#steady(() =>
        this.#index.use((index) =>
          this.#db.snapshot(() => {
            const view = this.#view()
            return work(corpusOf(this.#corpusParts(view, index)), view, index)
          }),
        ),
      ),
    )
  }

  /** The files of pruned segments leave while a view that still names them is looked at: then the new one is asked. */
  #steady<Result>(work: () => Result): Result {
    try {
      return work()
    } catch (error) {
      const isMissing = error instanceof TrackerError && error.code === 'MISSING'
      if (!isMissing || (this.#minimum.current()?.index ?? 0) === this.#seenMinimum) throw error
      return work()
    }
  }

  #corpusParts(view: LogView, index: IndexView | undefined): CorpusParts {
    return { view, index, pool: this.#pool, entries: this.#entries }
  }

  #guard<Result>(work: () => Result): Result {
    if (this.#isClosed) throw new TrackerError('CLOSED', 'the reader is closed')
    try {
      return work()
    } catch (error) {
      throw asTrackerError(error, 'the log could not be read', this.#db.file)
    }
  }

  #view(): LogView {
    const sealed = this.#sealed.get()?.sealed ?? 0
    // The register only grows at its end.
    if (sealed !== (this.#segments.at(-1)?.last ?? 0)) this.#segments = readRegister(this.#db)
    const size = Math.max(sealed, this.#rows.end() ?? 0)
    const minimum = this.#minimum.current()?.index ?? 0
    const segments = this.#segments
    const first = firstKept(segments, minimum)
    if (minimum !== this.#seenMinimum) this.#pool.letGo(first)
    this.#seenMinimum = minimum
    return { size, sealed, covered: this.#newest.get()?.size ?? 0, segments, minimum, first }
  }
}
