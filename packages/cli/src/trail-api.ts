/** The trail of one tracker over the published API, its answers parsed. */
import { attachedBytesMax } from '@keywitness/cadf'
import { NotStored, entriesPath, fromBase64, tilePath } from '@keywitness/tlog'
import { type ApiClient, Refused, type RequestOptions, memberOf } from './api-client.ts'
import { CliError } from './cli-error.ts'
import { type ServerOptions, connect } from './connection.ts'
import type { Surroundings } from './surroundings.ts'

/** One tracker as the server lists it. */
export interface TrackerInfo {
  readonly location: string
  readonly origin: string
  /** Entries in the log, and how many of them the newest checkpoint covers. */
  readonly size: number
  readonly covered: number
}

/** One event of a list; the event is as it came, unchecked. */
export interface ListedEvent {
  readonly index: number
  readonly event: unknown
}

export interface EventPage {
  readonly events: readonly ListedEvent[]
  readonly next: string | undefined
  readonly covered: number
}

export interface StoredEvent {
  readonly index: number
  readonly event: unknown
  /** The entry's exact bytes. */
  readonly entry: Uint8Array
  readonly covered: boolean
}

/** Options of every command about the trail. */
export interface TrailOptions extends ServerOptions {
  readonly location?: string
}

/** The largest tile or entry bundle taken, in bytes: 256 entries of 65,535 bytes and their lengths. */
const bundleBytesMax = 256 * 65_537

function bad(what: string): never {
  throw new CliError('BAD_ANSWER', `the server answered ${what} in another form than this command knows`)
}

function count(value: unknown, what: string): number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : bad(what)
}

/** Every tracker the caller may read. */
export async function listTrackers(client: ApiClient): Promise<TrackerInfo[]> {
  const trackers = memberOf(await client.json('/v1/trackers'), 'trackers')
  if (!Array.isArray(trackers)) return bad('the list of trackers')
  return trackers.map((tracker: unknown) => {
    const location = memberOf(tracker, 'location')
    const origin = memberOf(tracker, 'origin')
    if (typeof location !== 'string' || typeof origin !== 'string') return bad('the list of trackers')
    const size = count(memberOf(tracker, 'size'), 'a tracker')
    return { location, origin, size, covered: count(memberOf(tracker, 'covered'), 'a tracker') }
  })
}

/**
 * The tracker a command is about: the one named, or the only one there is.
 *
 * @throws CliError as `connect`, and `BAD_INPUT` when there are several
 */
export async function openTrail(io: Surroundings, options: TrailOptions): Promise<TrailApi> {
  const { client, location: known } = await connect(io, options)
  const named = options.location ?? known
  if (named !== undefined) return new TrailApi(client, named)
  const trackers = await listTrackers(client)
  const only = trackers.length === 1 ? trackers[0] : undefined
  if (only !== undefined) return new TrailApi(client, only.location)
  const names = trackers.map(({ location }) => location).join(', ')
  throw new CliError(
    'BAD_INPUT',
    trackers.length === 0 ? 'there is no tracker you may read' : `there are several trackers: ${names}`,
    trackers.length === 0 ? 'ask an administrator for the role Auditor' : 'name one with --location',
  )
}

export class TrailApi {
  readonly client: ApiClient
  readonly location: string
  /** Path of the tracker's own resources. */
  readonly path: string

  constructor(client: ApiClient, location: string) {
    this.client = client
    this.location = location
    this.path = `/v1/trackers/${encodeURIComponent(location)}`
  }

  /** @throws CliError `REFUSED` when the caller may not read it or there is none */
  async info(): Promise<TrackerInfo> {
    const found = (await listTrackers(this.client)).find(({ location }) => location === this.location)
    if (found !== undefined) return found
    throw new CliError('REFUSED', `there is no tracker ${this.location} you may read`, 'see keywitness status')
  }

  async events(query: RequestOptions['query']): Promise<EventPage> {
    return parsePage(await this.client.json(`${this.path}/events`, query === undefined ? {} : { query }))
  }

  /** What a search finds, summed up: `count`, `histogram`, `facets`, `groups`, `events/<id>/context`. */
  summary(what: string, query: NonNullable<RequestOptions['query']>): Promise<unknown> {
    return this.client.json(`${this.path}/${what}`, { query })
  }

  /** One event by its id or its index in the log. */
  async event(id: string): Promise<StoredEvent> {
    const answer = await this.client.json(`${this.path}/events/${encodeURIComponent(id)}`)
    const base64 = memberOf(answer, 'entry')
    const entry = typeof base64 === 'string' ? fromBase64(base64) : undefined
    const covered = memberOf(answer, 'covered')
    if (entry === undefined || typeof covered !== 'boolean') return bad('an event')
    return { index: count(memberOf(answer, 'index'), 'an event'), event: memberOf(answer, 'event'), entry, covered }
  }

  /** The content that an event names by its SHA-256, unchecked. */
  attachment(id: string, sha256: string): Promise<Uint8Array> {
    const path = `${this.path}/events/${encodeURIComponent(id)}/attachments/${sha256}`
    return this.client.bytes(path, { bytesMax: attachedBytesMax })
  }

  /**
   * The text of a `.tlog-proof`, or in how many milliseconds to ask again: the server waits `waitSeconds` for the
   * checkpoint that covers the event before it says so.
   */
  async receipt(id: string, waitSeconds = 0): Promise<string | { readonly retryAfterMs: number }> {
    const path = `${this.path}/events/${encodeURIComponent(id)}/receipt`
    try {
      return await this.client.text(path, waitSeconds === 0 ? {} : { query: { wait: waitSeconds } })
    } catch (error) {
      if (!(error instanceof Refused) || error.reason !== 'NOT_COVERED') throw error
      return { retryAfterMs: Math.min(5_000, Math.max(100, error.retryAfterMs ?? 1_000)) }
    }
  }

  /** The stream of events after an index; the answer's body is unread. */
  tail(query: RequestOptions['query'], lastEventId: string | undefined, signal: AbortSignal): Promise<Response> {
    return this.client.open(`${this.path}/tail`, {
      stream: signal,
      headers: { accept: 'text/event-stream', ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }) },
      ...(query === undefined ? {} : { query }),
    })
  }

  /** The log's current verifier key, one line. */
  async key(): Promise<string> {
    return (await this.client.text(`${this.path}/log/key`, { bytesMax: 10_000 })).trim()
  }

  /** The newest signed checkpoint. */
  checkpoint(): Promise<string> {
    return this.client.text(`${this.path}/log/checkpoint`, { bytesMax: 1_000_000 })
  }

  /** The signed note of the minimum index; undefined when nothing was pruned. */
  async minimumIndex(): Promise<string | undefined> {
    try {
      return await this.client.text(`${this.path}/log/minimum-index`, { bytesMax: 1_000_000 })
    } catch (error) {
      if (error instanceof Refused && error.status === 404) return undefined
      throw error
    }
  }

  async consistency(from: number, to: number): Promise<Uint8Array[]> {
    const answer = memberOf(await this.client.json(`${this.path}/log/consistency`, { query: { from, to } }), 'hashes')
    if (!Array.isArray(answer)) return bad('a consistency proof')
    return answer.map((hash: unknown) => (typeof hash === 'string' ? fromBase64(hash) : undefined) ?? bad('a proof'))
  }

  bundle(n: number, width: number): Promise<Uint8Array> {
    return this.#resource(entriesPath(n, width))
  }

  tile(level: number, n: number, width: number): Promise<Uint8Array> {
    return this.#resource(tilePath(level, n, width))
  }

  /** What the server does not have, or fails to give again and again, is a fault of the log, not of the network. */
  async #resource(path: string): Promise<Uint8Array> {
    const url = `${this.path}/log/${path}`
    try {
      return await this.client.patiently(() => this.client.bytes(url, { bytesMax: bundleBytesMax }))
    } catch (error) {
      const isOfLog = error instanceof Refused && [404, 409, 410, 422, 500].includes(error.status)
      throw isOfLog ? new NotStored(error.message) : error
    }
  }
}

/** One page of events, as a list or a piece of a tail holds it. */
export function parsePage(answer: unknown): EventPage {
  const events = memberOf(answer, 'events')
  const next = memberOf(answer, 'next')
  if (!Array.isArray(events)) return bad('a list of events')
  return {
    events: events.map((item: unknown) => ({
      index: count(memberOf(item, 'index'), 'an event'),
      event: memberOf(item, 'event'),
    })),
    next: typeof next === 'string' ? next : undefined,
    covered: count(memberOf(answer, 'covered') ?? 0, 'a list of events'),
  }
}
