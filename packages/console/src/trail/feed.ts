/** The list of events as it lives: first page, older pages on demand, new events from the tail, held back when asked. */
import { parseEventTime } from '@keywitness/cadf'
import type { Api } from '../api/client.ts'
import { type ApiError, asApiError } from '../api/problem.ts'
import { type TailState, followTail } from '../api/tail.ts'
import type { EventsPage, EventsQuery, TrailItem } from '../api/types.ts'
import type { Timing } from '../proof/witness.ts'
import { asRows, findRow, joinRows } from './rows.ts'

export interface FeedState {
  /** `failed`: not even the first page could be had. */
  readonly phase: 'loading' | 'ready' | 'failed'
  readonly error: ApiError | undefined
  /** Newest first, each event once. */
  readonly rows: readonly TrailItem[]
  /** New events held back, not yet in `rows`. */
  readonly held: number
  /** How many of them are how grave. */
  readonly heldBy: SeverityCounts
  /** How often the list began: its rows are of one unbroken look at the log for as long as this stays the same. */
  readonly begun: number
  /** New events since the list began: what a polite announcement counts. */
  readonly arrived: number
  readonly tail: TailState | { readonly kind: 'off' }
  /** What lies below the last row. */
  readonly older: 'more' | 'loading' | 'end' | 'failed'
  readonly covered: number
  /** Entries in the log, as far as the server told. */
  readonly size: number
}

export type SeverityCounts = { readonly [severity: string]: number }

export interface FeedParts {
  readonly api: Pick<Api, 'events' | 'tail'>
  readonly location: string
  readonly query: EventsQuery
  /** Whether new events can match at all: false when the time range has ended. */
  readonly isOpen: boolean
  /** A size that the log had before the feed began. */
  readonly sizeBefore: number
  readonly timing: Timing
}

/** Rows kept at most; the oldest go first and are loaded again on demand. */
const rowsMax = 100_000
/** New events held back at most; beyond that the list begins anew when it is released. */
export const heldMax = 5_000
/** New events are shown in pieces, at most this often. */
export const flushMs = 200
/** How far behind the log's end the search index may be; the tail looks at these entries again. */
const overlapEntries = 10_000
const firstPageEvents = 200
const olderPageEvents = 500
/** Pages without anything new that one request for older events reads through. */
const emptyPagesMax = 20

export class Feed {
  readonly #parts: FeedParts
  readonly #listeners = new Set<() => void>()
  #state: FeedState
  #incoming: TrailItem[] = []
  #held: TrailItem[] = []
  #isHeldOver = false
  #isHolding = false
  #cursor: string | null = null
  #loading = new AbortController()
  #stopTail: (() => void) | undefined
  #cancelFlush: (() => void) | undefined

  constructor(parts: FeedParts) {
    this.#parts = parts
    this.#state = {
      phase: 'loading',
      error: undefined,
      rows: [],
      held: 0,
      heldBy: {},
      begun: 0,
      arrived: 0,
      tail: { kind: 'off' },
      older: 'loading',
      covered: 0,
      size: parts.sizeBefore,
    }
  }

  get state(): FeedState {
    return this.#state
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Loads the first page, then follows the tail from there. Also begins anew. */
  async start(): Promise<void> {
    this.stop()
    const loading = new AbortController()
    this.#loading = loading
    this.#incoming = []
    this.#held = []
    this.#isHeldOver = false
    const isFirst = this.#state.phase !== 'ready'
    this.#set({ phase: isFirst ? 'loading' : 'ready', error: undefined, held: 0, heldBy: {} })
    try {
      const page = await this.#page({ ...this.#parts.query, limit: firstPageEvents }, loading.signal)
      if (loading.signal.aborted) return
      const rows = asRows(page.events)
      this.#cursor = page.next
      this.#set({
        phase: 'ready',
        begun: this.#state.begun + 1,
        rows,
        covered: page.covered,
        size: this.#sizeAtLeast(rows, page.covered),
        older: page.next === null ? 'end' : 'more',
      })
      this.#follow(Math.max(rows[0]?.index ?? -1, this.#parts.sizeBefore - 1 - overlapEntries))
      // A page may hold nothing and yet not be the last: go on until there is something to see.
      if (rows.length === 0 && page.next !== null) await this.loadOlder()
    } catch (error) {
      if (loading.signal.aborted) return
      this.#set({ phase: 'failed', error: asApiError(error) })
    }
  }

  stop(): void {
    this.#loading.abort()
    this.#stopTail?.()
    this.#cancelFlush?.()
    this.#cancelFlush = undefined
  }

  /** While holding, new events are counted and kept aside, so that the list stays still under the reader's eye. */
  hold(isHolding: boolean): void {
    this.#isHolding = isHolding
    if (!isHolding) this.release()
  }

  /** Shows what was held back. */
  release(): void {
    if (this.#isHeldOver) {
      void this.start()
      return
    }
    if (this.#held.length === 0) return
    const held = asRows(this.#held)
    this.#held = []
    this.#set({ ...this.#trimmed(joinRows(held, this.#state.rows)), held: 0, heldBy: {} })
  }

  async loadOlder(): Promise<void> {
    const { older, phase } = this.#state
    if (phase !== 'ready' || older === 'loading' || older === 'end') return
    const { signal } = this.#loading
    this.#set({ older: 'loading' })
    try {
      for (let pages = 0; pages < emptyPagesMax; pages++) {
        const page = await this.#page(this.#olderRequest(), signal)
        if (signal.aborted) return
        this.#cursor = page.next
        const before = this.#state.rows.length
        const rows = joinRows(this.#state.rows, asRows(page.events))
        this.#set({ rows, older: page.next === null ? 'end' : 'loading' })
        if (rows.length > before || page.next === null) break
      }
      if (this.#state.older !== 'end') this.#set({ older: 'more' })
    } catch (error) {
      if (!signal.aborted) this.#set({ older: 'failed', error: asApiError(error) })
    }
  }

  #page(request: EventsQuery & { limit: number; cursor?: string }, signal: AbortSignal): Promise<EventsPage> {
    return this.#parts.api.events(this.#parts.location, request, signal)
  }

  /** The next older page: by cursor, or by time when the cursor was given up with trimmed rows. */
  #olderRequest(): EventsQuery & { limit: number; cursor?: string } {
    const request = { ...this.#parts.query, limit: olderPageEvents }
    if (this.#cursor !== null) return { ...request, cursor: this.#cursor }
    const last = this.#state.rows.at(-1)
    if (last === undefined) return request
    // Producers' clocks differ a little from the order in the log: overlap, and leave out what is already here.
    return { ...request, to: new Date(parseEventTime(last.event.eventTime) + 5_000).toISOString() }
  }

  #follow(after: number): void {
    if (!this.#parts.isOpen) return
    const { api, location, query, timing } = this.#parts
    this.#stopTail = followTail(
      { api, location, query, after, timing },
      {
        onEvents: (events, covered) => {
          this.#incoming.push(...events)
          if (covered > this.#state.covered) this.#set({ covered })
          this.#cancelFlush ??= timing.after(flushMs, () => this.#flush())
        },
        onCovered: (covered, size) => {
          this.#set({ covered: Math.max(this.#state.covered, covered), size: Math.max(this.#state.size, size) })
        },
        onState: (tail) => this.#set({ tail }),
      },
    )
  }

  #flush(): void {
    this.#cancelFlush = undefined
    const known = new Set(this.#held.map((item) => item.index))
    const incoming = asRows(this.#incoming)
    this.#incoming = []
    const fresh = incoming.filter((item) => !known.has(item.index) && findRow(this.#state.rows, item.index) < 0)
    if (fresh.length === 0) return
    const size = this.#sizeAtLeast(incoming, this.#state.covered)
    if (!this.#isHolding) {
      this.#set({
        ...this.#trimmed(joinRows(fresh, this.#state.rows)),
        size,
        arrived: this.#state.arrived + fresh.length,
      })
      return
    }
    const held = this.#state.held + fresh.length
    if (this.#held.length + fresh.length > heldMax) {
      this.#held = []
      this.#isHeldOver = true
    }
    if (!this.#isHeldOver) this.#held.push(...fresh)
    this.#set({
      held,
      heldBy: countedWith(this.#state.heldBy, fresh),
      size,
      arrived: this.#state.arrived + fresh.length,
    })
  }

  #trimmed(rows: readonly TrailItem[]): Pick<FeedState, 'rows' | 'older'> {
    if (rows.length <= rowsMax) return { rows, older: this.#state.older }
    this.#cursor = null
    return { rows: rows.slice(0, rowsMax), older: 'more' }
  }

  #sizeAtLeast(rows: readonly TrailItem[], covered: number): number {
    return Math.max(this.#state.size, covered, (rows[0]?.index ?? -1) + 1)
  }

  #set(change: Partial<FeedState>): void {
    this.#state = { ...this.#state, ...change }
    for (const listener of this.#listeners) listener()
  }
}

function countedWith(counts: SeverityCounts, items: readonly TrailItem[]): SeverityCounts {
  const sum: Record<string, number> = { ...counts }
  for (const { event } of items) sum[event.severity] = (sum[event.severity] ?? 0) + 1
  return sum
}
