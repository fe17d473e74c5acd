/** What tells how whole a log is, and what keeps it: checkpoints, verifications, continuity, retention, holds, proposals, keys. */
import type { Calls } from './client.ts'
import { ApiError, networkError } from './problem.ts'
import { linesOf } from './lines.ts'
import type { Part } from './types.ts'

interface CheckpointGlance {
  readonly size: number
  /** RFC 3339, as are all times here. */
  readonly signedAt: string
}

export interface OpenVerification {
  readonly id: string
  readonly state: 'waiting' | 'running'
  readonly startedAt: string | null
  readonly entriesDone: number
  readonly entriesTotal: number
}

/** How a tracker is; asking leaves no event. */
export interface TrackerStatus {
  readonly location: string
  readonly origin: string
  readonly size: number
  readonly covered: number
  /** Events that wait to come into the log. */
  readonly undelivered: number
  readonly openHolds: number
  readonly openProposals: number
  /** The events are kept by another server, which has the rest of the status. */
  readonly remote?: { readonly url: string; readonly location: string }
  /** Why the other server cannot be reached. */
  readonly trouble?: string | null
  /** Whether the log takes nothing at the moment. */
  readonly isFailing?: boolean
  readonly checkpoint?: CheckpointGlance | null
  readonly verification?: {
    readonly last: {
      readonly id: string
      readonly state: 'good' | 'bad' | 'failed'
      readonly startedAt: string
      readonly endedAt: string
      readonly size: number | null
      readonly findingsTotal: number
    } | null
    readonly open: OpenVerification | null
  }
  readonly oddities?: Oddities
  readonly retention?: { readonly days: number }
  readonly minimumIndex?: number
}

/** How often each was seen; `altered`: the first entry whose bytes were found changed. */
export interface Oddities {
  readonly missing: number
  readonly late: number
  readonly reused: number
  readonly epochs: number
  readonly opening: number
  readonly forged: number
  readonly lateDated: number
  readonly futureDated: number
  readonly repeats: number
  readonly altered: number | null
}

export interface ListedCheckpoint extends CheckpointGlance {
  /** Base64. */
  readonly root: string
  /** The signed note, verbatim. */
  readonly note: string
}

export interface Finding {
  readonly kind: string
  readonly message: string
  readonly index?: number
}

export interface Verification {
  readonly id: string
  readonly state: 'waiting' | 'running' | 'good' | 'bad' | 'failed'
  readonly trigger: 'schedule' | 'request'
  readonly startedAt: string | null
  readonly endedAt?: string
  readonly entriesDone?: number
  readonly entriesTotal?: number
  readonly size?: number | null
  readonly root?: string | null
  readonly findings?: readonly Finding[]
  readonly findingsTotal?: number
  readonly reason?: string | null
}

export interface Found<Place> {
  readonly count: number
  /** The first of them. */
  readonly places: readonly Place[]
}

interface NumbersAt {
  readonly first: number
  readonly last: number
  readonly index: number
}

interface EventAt {
  readonly index: number
  readonly time: string
}

interface Silence {
  readonly seconds: number
  readonly after: EventAt
  readonly before?: EventAt
}

export interface ProducerReport {
  readonly producer: string
  readonly kind: 'tracker' | 'service'
  readonly events: number
  readonly first: number
  readonly last: number
  readonly missing: Found<NumbersAt>
  readonly late: Found<NumbersAt>
  readonly reused: Found<NumbersAt>
  readonly earlier: Found<NumbersAt>
  readonly missingEpochs: Found<NumbersAt>
  readonly contradictions: Found<NumbersAt>
  readonly lateDated: Found<EventAt>
  readonly futureDated: Found<EventAt>
  readonly epochs: { readonly count: number }
  readonly longestSilence?: Silence
  readonly heartbeats: {
    readonly everySeconds?: number
    readonly recorded: number
    readonly missed: Found<Silence>
    readonly stops: Found<Silence>
  }
}

export interface ContinuityReport {
  readonly origin: string
  readonly size: number
  readonly covered: number
  readonly looked: { readonly from: number; readonly to: number; readonly isWhole: boolean }
  readonly firstTime?: string
  readonly lastTime?: string
  readonly unreadable: number
  readonly repeats: number
  readonly producers: readonly ProducerReport[]
  readonly checkpoints: {
    readonly stored: number
    readonly kept: number
    readonly longestUncovered?: { readonly seconds: number; readonly index: number }
  }
  readonly reconciliation: {
    readonly compared: number
    readonly agreeing: number
    readonly differing: Found<{ readonly producer: string; readonly first: number; readonly last: number }>
    readonly notCompared: number
  }
}

export interface Progress {
  readonly done: number
  readonly total: number
}

export interface Retention {
  /** 0: for ever. */
  readonly retentionDays: number
  /** Events before this time may leave; null when all are kept. */
  readonly before: string | null
  readonly minimumIndex: number
}

interface Person {
  readonly id: string
  readonly name: string
}

export interface Hold {
  readonly id: string
  readonly reason: string
  readonly query: string
  readonly first: number
  readonly last: number | null
  readonly placedBy: Person
  readonly placedAt: string
  readonly state: 'open' | 'released'
  readonly releasedBy: string | null
  readonly releasedAt: string | null
  readonly copiedTo: number
  readonly eventsCopied: number
  readonly files: number
}

export interface NewHold {
  readonly reason: string
  readonly query?: string
  readonly tz?: string
  readonly first?: number
  readonly last?: number
}

export type NewProposal =
  | { readonly kind: 'tracker-removal' }
  | { readonly kind: 'retention'; readonly retentionDays: number }
  | { readonly kind: 'hold-release'; readonly hold: string }

export interface Proposal {
  readonly id: string
  readonly kind: NewProposal['kind']
  readonly hold?: string
  /** What will happen, in words. */
  readonly says: string
  readonly proposedBy: Person
  readonly proposedAt: string
  readonly expiresAt: string
  readonly state: 'open' | 'approved' | 'withdrawn' | 'lapsed'
  readonly endedBy: string | null
  readonly endedAt: string | null
}

/** A moment in the life of a key: the size of the log then, and the time. */
interface KeyMoment {
  readonly size: number
  readonly time: string
}

export interface LogKey {
  /** Verifier key, one line. */
  readonly key: string
  readonly id: string
  readonly state: 'current' | 'retiring' | 'retired'
  readonly from: KeyMoment
  readonly until: KeyMoment | null
  /** Index of the event that announced it; null of the first. */
  readonly announced: number | null
  readonly overlapUntil: string | null
}

/** Another server that delivers its events to this tracker. */
export interface Producer {
  readonly producer: string
  readonly identity: string
  readonly boundAt: string
  readonly releasedAt?: string
}

export interface IntegrityApi {
  status(signal?: AbortSignal): Promise<TrackerStatus>
  /** Largest first. */
  checkpoints(after: string | null, signal?: AbortSignal, limit?: number): Promise<Part<ListedCheckpoint>>
  /** The signed note of a size. */
  checkpoint(size: number, signal?: AbortSignal): Promise<string>
  verifications(signal?: AbortSignal): Promise<readonly Verification[]>
  verify(): Promise<{ readonly id: string }>
  /**
   * @param from relative, such as `-7d`; the whole log when not given
   * @throws ApiError with the code that the server gave at the end
   */
  continuity(
    from: string | undefined,
    told: (progress: Progress) => void,
    signal: AbortSignal,
  ): Promise<ContinuityReport>
  retention(signal?: AbortSignal): Promise<Retention>
  keepLonger(retentionDays: number): Promise<void>
  holds(signal?: AbortSignal): Promise<readonly Hold[]>
  hold(hold: NewHold): Promise<Hold>
  proposals(signal?: AbortSignal): Promise<readonly Proposal[]>
  propose(proposal: NewProposal): Promise<Proposal>
  end(id: string, how: 'approve' | 'withdraw'): Promise<Proposal>
  keys(signal?: AbortSignal): Promise<readonly LogKey[]>
  producers(signal?: AbortSignal): Promise<readonly Producer[]>
}

export function createIntegrityApi({ send, read }: Calls, location: string): IntegrityApi {
  const tracker = `/v1/trackers/${encodeURIComponent(location)}`
  const get = <T>(path: string, signal?: AbortSignal): Promise<T> =>
    read<T>(`${tracker}${path}`, { cache: 'no-store', signal: signal ?? null })
  const write = <T>(method: string, path: string, body: object = {}): Promise<T> =>
    read<T>(`${tracker}${path}`, {
      method,
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    })
  return {
    status: (signal) => get('/status', signal),
    async checkpoints(after, signal, limit = 100) {
      const on = after === null ? '' : `&before=${encodeURIComponent(after)}`
      const path = `/log/checkpoints?limit=${limit}${on}`
      const answer = await get<{ checkpoints: readonly ListedCheckpoint[]; next: number | null }>(path, signal)
      return { items: answer.checkpoints, next: answer.next === null ? null : String(answer.next) }
    },
    checkpoint: async (size, signal) =>
      (await send(`${tracker}/log/checkpoints/${size}`, { cache: 'no-store', signal: signal ?? null })).text(),
    verifications: async (signal) =>
      (await get<{ verifications: readonly Verification[] }>('/log/verifications?limit=100', signal)).verifications,
    verify: () => write('POST', '/log/verifications'),
    async continuity(from, told, signal) {
      const query = from === undefined ? '' : `?from=${encodeURIComponent(from)}`
      const headers = { Accept: 'application/x-ndjson' }
      const { body } = await send(`${tracker}/continuity${query}`, { headers, cache: 'no-store', signal })
      if (body === null) throw networkError(new Error('the answer has no body'))
      return reportIn(body, told)
    },
    retention: (signal) => get('/retention', signal),
    keepLonger: async (retentionDays) => void (await write('PUT', '/retention', { retentionDays })),
    holds: async (signal) => (await get<{ holds: readonly Hold[] }>('/holds?limit=200', signal)).holds,
    hold: (hold) => write('POST', '/holds', hold),
    proposals: async (signal) =>
      (await get<{ proposals: readonly Proposal[] }>('/proposals?limit=200', signal)).proposals,
    propose: (proposal) => write('POST', '/proposals', proposal),
    end: (id, how) => write('POST', `/proposals/${encodeURIComponent(id)}/${how}`),
    keys: async (signal) => (await get<{ keys: readonly LogKey[] }>('/log/keys', signal)).keys,
    producers: async (signal) => (await get<{ producers: readonly Producer[] }>('/producers', signal)).producers,
  }
}

interface ContinuityLine {
  readonly progress?: Progress
  readonly report?: ContinuityReport
  readonly error?: { readonly code: string }
}

/** @throws ApiError when the lines end without a report */
async function reportIn(
  body: ReadableStream<Uint8Array>,
  told: (progress: Progress) => void,
): Promise<ContinuityReport> {
  for await (const text of linesOf(body)) {
    const line = lineIn(text)
    if (line.progress !== undefined) told(line.progress)
    if (line.report !== undefined) return line.report
    if (line.error !== undefined) {
      throw new ApiError({ status: 503, code: line.error.code, message: 'The report was not finished.' })
    }
  }
  throw networkError(new Error('the answer ended before the report'))
}

function lineIn(text: string): ContinuityLine {
  try {
    return JSON.parse(text) as ContinuityLine
  } catch {
    throw new ApiError({ status: 200, code: 'NOT_JSON', message: 'A line of the answer was not JSON.' })
  }
}
