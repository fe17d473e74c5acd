/** The live tail: one stream at a time, resumed where it broke off, never an event lost and none given twice. */
import type { Timing } from '../proof/witness.ts'
import type { Api } from './client.ts'
import { ApiError, networkError } from './problem.ts'
import { type ServerSentEvent, readEvents } from './sse.ts'
import type { EventsQuery, TrailItem } from './types.ts'

export type TailState =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'live' }
  /** Broken; the next attempt is at `retryAt` (milliseconds since the epoch). */
  | { readonly kind: 'reconnecting'; readonly retryAt: number; readonly error: ApiError }
  /** Refused for good: signed out, or not allowed. */
  | { readonly kind: 'refused'; readonly error: ApiError }

export interface TailHandlers {
  readonly onEvents: (events: readonly TrailItem[], covered: number) => void
  readonly onCovered: (covered: number, size: number) => void
  readonly onState: (state: TailState) => void
}

export interface TailParts {
  readonly api: Pick<Api, 'tail'>
  readonly location: string
  readonly query: EventsQuery
  /** Index of the last event one has; -1 for none. */
  readonly after: number
  readonly timing: Timing
}

/** A stream that says nothing for three heartbeats is dead. */
export const silenceMsMax = 45_000
const retryMsMin = 1_000
const retryMsMax = 30_000

/** Follows until the returned function is called, or the server refuses for good. */
export function followTail(parts: TailParts, handlers: TailHandlers): () => void {
  const stopping = new AbortController()
  let after = parts.after
  let failures = 0

  async function follow(): Promise<void> {
    while (!stopping.signal.aborted) {
      if (failures === 0) handlers.onState({ kind: 'connecting' })
      const error = await stream()
      if (stopping.signal.aborted) return
      if (error?.kind === 'unauthenticated' || error?.kind === 'forbidden' || error?.kind === 'missing') {
        return handlers.onState({ kind: 'refused', error })
      }
      failures += 1
      const pause = Math.max((error?.retryAfter ?? 0) * 1000, Math.min(retryMsMax, retryMsMin * 2 ** (failures - 1)))
      handlers.onState({
        kind: 'reconnecting',
        retryAt: parts.timing.now() + pause,
        error: error ?? networkError(new Error('the stream ended')),
      })
      await wait(pause)
    }
  }

  /** Reads one stream to its end; gives the error that ended it, if one did. */
  async function stream(): Promise<ApiError | undefined> {
    const current = new AbortController()
    const abort = (): void => current.abort()
    stopping.signal.addEventListener('abort', abort)
    let cancelSilence = parts.timing.after(silenceMsMax, abort)
    const heard = (): void => {
      cancelSilence()
      cancelSilence = parts.timing.after(silenceMsMax, abort)
    }
    try {
      const body = await parts.api.tail(parts.location, parts.query, after, current.signal)
      failures = 0
      handlers.onState({ kind: 'live' })
      for await (const event of readEvents(body, heard)) {
        if (stopping.signal.aborted) return undefined
        take(event)
      }
      return undefined
    } catch (error) {
      return error instanceof ApiError ? error : networkError(error)
    } finally {
      cancelSilence()
      stopping.signal.removeEventListener('abort', abort)
      current.abort()
    }
  }

  function take(event: ServerSentEvent): void {
    if (event.type === 'events') {
      const data = JSON.parse(event.data) as { events: readonly TrailItem[]; covered: number }
      const fresh = data.events.filter((item) => item.index > after)
      after = Math.max(after, Number(event.lastId) || 0, ...fresh.map((item) => item.index))
      handlers.onEvents(fresh, data.covered)
    } else if (event.type === 'covered') {
      const data = JSON.parse(event.data) as { covered: number; size: number }
      handlers.onCovered(data.covered, data.size)
    }
    // `end` needs no answer: the stream closes, and following resumes behind the last event.
  }

  function wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = parts.timing.after(ms, resolve)
      stopping.signal.addEventListener('abort', () => {
        cancel()
        resolve()
      })
    })
  }

  void follow()
  return () => stopping.abort()
}
