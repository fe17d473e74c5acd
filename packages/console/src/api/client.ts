/** The one client of the public API: small typed calls over `fetch`, authenticated by the session cookie. */
import { fromBase64, tilePath } from '@keywitness/tlog'
import { type AlertsApi, createAlertsApi } from './alerts-api.ts'
import { ApiError, errorOf, networkError } from './problem.ts'
import { ServerClock } from './server-clock.ts'
import type { EventDetail, EventsPage, EventsQuery, Instance, Session, Tracker } from './types.ts'

/** A credential the sign-in page has in hand. */
export type Credential = { readonly link: string } | { readonly apikey: string }

interface EventsPageRequest extends EventsQuery {
  readonly limit?: number
  readonly cursor?: string
  readonly order?: 'asc' | 'desc'
}

/** A key of the log as the server lists it: its own word. */
export interface ListedKey {
  /** Verifier key, one line. */
  readonly key: string
  readonly id: string
  /** Index of the event that announced it; null for the first. */
  readonly announced: number | null
}

/** Reads of the log that need no knowledge of events: what verification works from. */
export interface LogApi {
  /** The verifier key, one line. */
  key(): Promise<string>
  /** The newest signed checkpoint, as the note's text. */
  checkpoint(): Promise<string>
  /** The signed note of the minimum index; undefined when nothing was pruned. */
  minimumIndex(): Promise<string | undefined>
  consistency(from: number, to: number): Promise<Uint8Array[]>
  /** Every key the log ever had, oldest first, as the server lists them. */
  keys(): Promise<readonly ListedKey[]>
  /** The `.tlog-proof` of the event that announced a key. */
  announcement(keyId: string): Promise<string>
  tile(level: number, n: number, width: number): Promise<Uint8Array>
}

/** How pages with an API of their own call it; `send` fails with an ApiError on whatever is not a success. */
export interface Calls {
  readonly send: (path: string, init?: RequestInit) => Promise<Response>
  /** The answer's JSON. */
  readonly read: <T>(path: string, init?: RequestInit) => Promise<T>
}

export interface Api {
  readonly calls: Calls
  /** The server's time, by its answers. */
  readonly clock: ServerClock
  /** Who is signed in; undefined when nobody is. */
  session(signal?: AbortSignal): Promise<Session | undefined>
  signIn(credential: Credential): Promise<Session>
  signOut(): Promise<void>
  trackers(signal?: AbortSignal): Promise<readonly Tracker[]>
  /** The instances that one may see, all of them. */
  instances(signal?: AbortSignal): Promise<readonly Instance[]>
  events(location: string, request: EventsPageRequest, signal?: AbortSignal): Promise<EventsPage>
  /** @param id an event's UUID, or its index in the log */
  event(location: string, id: string, signal?: AbortSignal): Promise<EventDetail>
  /** What an event names by its SHA-256, unchecked. */
  attachment(location: string, id: string, sha256: string): Promise<Uint8Array<ArrayBuffer>>
  /** The `.tlog-proof` of one event, as text. */
  receipt(location: string, id: string, signal?: AbortSignal): Promise<string>
  /** The body of the live stream: server-sent events of everything after `after`. */
  tail(location: string, query: EventsQuery, after: number, signal: AbortSignal): Promise<ReadableStream<Uint8Array>>
  log(location: string): LogApi
  alerts(location: string): AlertsApi
}

/** The header that tells our own page's requests from those another site could make a browser send. */
const consoleHeader = 'X-Keywitness-Console'

export interface ApiOptions {
  /** Prefix of every path; empty in the browser. */
  readonly base?: string
  /** Called when a call other than the session's own finds that nobody is signed in any more. */
  readonly onUnauthenticated?: () => void
  /** Called when something that was to be done is refused for want of a right: what is known of the rights may be old. */
  readonly onForbidden?: () => void
}

/** @param request `fetch`, or a stand-in */
export function createApi(request: typeof fetch, options: ApiOptions = {}): Api {
  const { base = '', onUnauthenticated, onForbidden } = options
  const clock = new ServerClock()
  async function send(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers)
    headers.set(consoleHeader, '1')
    let response: Response
    try {
      response = await request(base + path, { credentials: 'same-origin', ...init, headers })
    } catch (cause) {
      if (init.signal?.aborted === true) throw cause
      throw networkError(cause)
    }
    clock.observe(response.headers)
    if (response.ok) return response
    const error = await errorOf(response)
    if (error.kind === 'unauthenticated' && path !== sessionPath) onUnauthenticated?.()
    if (error.kind === 'forbidden' && (init.method ?? 'GET') !== 'GET') onForbidden?.()
    throw error
  }
  async function read<T>(path: string, init?: RequestInit): Promise<T> {
    const response = await send(path, init)
    // The server's answers are typed by the published API; a body that is not JSON is an error like any other.
    try {
      return (await response.json()) as T
    } catch {
      throw new ApiError({ status: response.status, code: 'NOT_JSON', message: 'The answer was not JSON.' })
    }
  }
  function post(path: string, body: unknown): Promise<Session> {
    return read<Session>(path, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    })
  }
  const alerts = new Map<string, AlertsApi>()
  const trackerPath = (location: string): string => `/v1/trackers/${encodeURIComponent(location)}`

  return {
    calls: { send, read },
    clock,
    async session(signal) {
      try {
        return await read<Session>(sessionPath, withSignal(signal))
      } catch (error) {
        if (error instanceof ApiError && error.kind === 'unauthenticated') return undefined
        throw error
      }
    },
    signIn: (credential) => post(sessionPath, credential),
    async signOut() {
      await send(sessionPath, { method: 'DELETE' })
    },
    async trackers(signal) {
      const answer = await read<{ trackers: readonly Tracker[] }>('/v1/trackers', withSignal(signal))
      return answer.trackers
    },
    async instances(signal) {
      const all: Instance[] = []
      for (let after: string | null = ''; after !== null && all.length < instancesMax;) {
        const query = after === '' ? '' : `&after=${encodeURIComponent(after)}`
        const page: InstancesPage = await read(`/v1/instances?limit=200${query}`, withSignal(signal))
        all.push(...page.instances)
        after = page.next
      }
      return all
    },
    events(location, page, signal) {
      const params = queryParams(page)
      params.set('limit', String(page.limit ?? 200))
      if (page.cursor !== undefined) params.set('cursor', page.cursor)
      if (page.order !== undefined) params.set('order', page.order)
      return read<EventsPage>(`${trackerPath(location)}/events?${params}`, withSignal(signal))
    },
    event: (location, id, signal) =>
      read<EventDetail>(`${trackerPath(location)}/events/${encodeURIComponent(id)}`, withSignal(signal)),
    async attachment(location, id, sha256) {
      const response = await send(`${trackerPath(location)}/events/${encodeURIComponent(id)}/attachments/${sha256}`)
      return new Uint8Array(await response.arrayBuffer())
    },
    async receipt(location, id, signal) {
      const response = await send(`${trackerPath(location)}/events/${encodeURIComponent(id)}/receipt`, {
        cache: 'no-store',
        ...withSignal(signal),
      })
      return response.text()
    },
    async tail(location, query, after, signal) {
      const params = queryParams(query)
      params.set('after', String(after))
      const response = await send(`${trackerPath(location)}/tail?${params}`, {
        headers: { Accept: 'text/event-stream' },
        cache: 'no-store',
        signal,
      })
      if (response.body === null) throw networkError(new Error('the stream has no body'))
      return response.body
    },
    // One for each location: what depends on it is not made anew at every call.
    alerts(location) {
      const made = alerts.get(location) ?? createAlertsApi({ send, read }, trackerPath(location))
      alerts.set(location, made)
      return made
    },
    log(location) {
      const path = `${trackerPath(location)}/log`
      const file = async (name: string): Promise<Uint8Array> =>
        new Uint8Array(await (await send(`${path}/${name}`, { cache: 'no-store' })).arrayBuffer())
      return {
        key: async () => (await (await send(`${path}/key`, { cache: 'no-store' })).text()).trim(),
        checkpoint: async () => (await send(`${path}/checkpoint`, { cache: 'no-store' })).text(),
        async minimumIndex() {
          try {
            return await (await send(`${path}/minimum-index`, { cache: 'no-store' })).text()
          } catch (error) {
            if (error instanceof ApiError && error.kind === 'missing') return undefined
            throw error
          }
        },
        async consistency(from, to) {
          const answer = await read<{ hashes: readonly string[] }>(`${path}/consistency?from=${from}&to=${to}`)
          return answer.hashes.map((text) => {
            const bytes = fromBase64(text)
            if (bytes === undefined)
              throw new ApiError({ status: 200, code: 'NOT_BASE64', message: 'A hash is not base64.' })
            return bytes
          })
        },
        keys: async () => (await read<{ keys: readonly ListedKey[] }>(`${path}/keys`)).keys,
        announcement: async (id) =>
          (await send(`${path}/keys/${encodeURIComponent(id)}/announcement`, { cache: 'no-store' })).text(),
        tile: (level, n, width) => file(tilePath(level, n, width)),
      }
    },
  }
}

/** The query string of a list or tail; several values of one member are joined by commas. */
export function queryParams(query: EventsQuery): URLSearchParams {
  const params = new URLSearchParams()
  const { action, outcome, severity, ...single } = query
  for (const [name, values] of Object.entries({ action, outcome, severity })) {
    if (values !== undefined && values.length > 0) params.set(name, values.join(','))
  }
  for (const name of singleMembers) {
    const value = single[name]
    if (value !== undefined && value !== '') params.set(name, value)
  }
  return params
}

interface InstancesPage {
  readonly instances: readonly Instance[]
  readonly next: string | null
}

/** More nobody finds in a list; whoever has more is served by the command line. */
const instancesMax = 2_000

const sessionPath = '/v1/session'

const singleMembers = [
  'from',
  'to',
  'initiator',
  'target',
  'instance',
  'correlationId',
  'keyId',
  'reasonCode',
  'text',
  'query',
  'tz',
] as const

function withSignal(signal: AbortSignal | undefined): RequestInit {
  return signal === undefined ? {} : { signal }
}
