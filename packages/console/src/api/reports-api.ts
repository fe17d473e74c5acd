/** What reports are made from: exports of a tracker at one named checkpoint. Each export is two events of the trail. */
import { type FoundGroups, foundGroups, groupsMax, type NowReader, queryBelow } from '@keywitness/cadf'
import type { Calls } from './client.ts'
import type { EventsPage } from './types.ts'

/** The same question gives the same bytes, whenever it is asked. */
export interface ReportQuestion {
  /** In the query language. */
  readonly query: string
  /** RFC 3339; `to` is exclusive. Both left out where the query names its events. */
  readonly from?: string
  readonly to?: string
  /** Of the checkpoint that it stands on. */
  readonly size: number
}

/** A checkpoint as the log lists it: what it says of itself, and when it was signed (RFC 3339). */
export interface ListedCheckpoint {
  readonly size: number
  /** Base64. */
  readonly root: string
  readonly signedAt: string
  /** The signed note, verbatim. */
  readonly note: string
}

export interface ReportsApi {
  /** The note of the newest checkpoint. Not recorded. */
  newest(signal?: AbortSignal): Promise<string>
  /** The checkpoint of a size; undefined when none is kept. Not recorded. */
  checkpoint(size: number, signal?: AbortSignal): Promise<ListedCheckpoint | undefined>
  /** Lines of JSON, oldest first. */
  events(question: ReportQuestion, signal?: AbortSignal): Promise<Response>
  /** Counts instead of events. */
  groups(question: ReportQuestion, by: readonly string[], signal?: AbortSignal): Promise<FoundGroups>
  /** The checkpoints that are kept, from a size downwards. Not recorded. */
  checkpoints(below: number, limit: number, signal?: AbortSignal): Promise<readonly ListedCheckpoint[]>
  /** Asks for how things stand. */
  now(signal?: AbortSignal): NowReader
  /** Lowest or highest index of the question's events; undefined when there is none. */
  edge(question: ReportQuestion, order: 'asc' | 'desc', signal?: AbortSignal): Promise<number | undefined>
  /** The same events with their proofs, in one file. */
  evidence(question: ReportQuestion, signal?: AbortSignal): Promise<Response>
}

export function createReportsApi({ send, read }: Calls, location: string): ReportsApi {
  const path = `/v1/trackers/${encodeURIComponent(location)}`
  const paramsOf = ({ query, from, to }: ReportQuestion): URLSearchParams =>
    new URLSearchParams({ query, ...(from !== undefined && { from }), ...(to !== undefined && { to }) })
  /** What takes no size of a checkpoint: only events below it. */
  const within = (question: ReportQuestion): URLSearchParams =>
    paramsOf({ ...question, query: queryBelow(question.query, question.size) })
  const ask = (format: string, question: ReportQuestion, signal?: AbortSignal): Promise<Response> => {
    const params = paramsOf(question)
    params.set('format', format)
    params.set('size', String(question.size))
    return send(`${path}/export?${params}`, { cache: 'no-store', signal: signal ?? null })
  }
  const checkpoints: ReportsApi['checkpoints'] = async (below, limit, signal) => {
    const at = `${path}/log/checkpoints?limit=${limit}&before=${below}`
    return (await read<{ checkpoints: readonly ListedCheckpoint[] }>(at, { signal: signal ?? null })).checkpoints
  }
  return {
    async newest(signal) {
      const response = await send(`${path}/log/checkpoint`, { cache: 'no-store', signal: signal ?? null })
      return response.text()
    },
    async checkpoint(size, signal) {
      return (await checkpoints(size + 1, 1, signal)).find((each) => each.size === size)
    },
    checkpoints,
    events: (question, signal) => ask('jsonl', question, signal),
    async groups(question, by, signal) {
      const params = within(question)
      params.set('by', by.join(','))
      params.set('values', String(groupsMax))
      return foundGroups(await read<unknown>(`${path}/groups?${params}`, { signal: signal ?? null }))
    },
    now:
      (signal) =>
      async (asked, query = {}) => {
        const response = await send(`${asked}?${new URLSearchParams(query)}`, {
          cache: 'no-store',
          signal: signal ?? null,
        })
        const at = Date.parse(response.headers.get('Date') ?? '')
        const body: unknown = await response.json()
        return { body, at: new Date(Number.isNaN(at) ? Date.now() : at).toISOString() }
      },
    async edge(question, order, signal) {
      const params = within(question)
      params.set('order', order)
      params.set('limit', '1')
      const page = await read<EventsPage>(`${path}/events?${params}`, { signal: signal ?? null })
      return page.events[0]?.index
    },
    evidence: (question, signal) => ask('evidence', question, signal),
  }
}
