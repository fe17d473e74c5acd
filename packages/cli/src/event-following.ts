/** Events as they happen, through any number of broken connections. */
import { CliError } from './cli-error.ts'
import type { RequestOptions } from './api-client.ts'
import { printable } from './printable.ts'
import { serverSentEvents } from './server-sent-events.ts'
import type { Surroundings } from './surroundings.ts'
import { type ListedEvent, parsePage, type TrailApi } from './trail-api.ts'

/** How long nothing may come: the server says every 15 s that it is still there. In milliseconds. */
const silenceMs = 45_000

/** Reconnections in a row without anything coming in between. */
const attemptsMax = 10

/**
 * Pieces of events until the user interrupts, or the reader stops.
 *
 * @param after index of the entry that they begin after; now when undefined
 * @throws CliError when the server cannot be reached again and again, or refuses
 */
export async function* followEvents(
  io: Surroundings,
  trail: TrailApi,
  query: RequestOptions['query'],
  after: number | undefined,
): AsyncGenerator<readonly ListedEvent[]> {
  let last = after === undefined ? undefined : String(after)
  for (let attempt = 0; ;) {
    try {
      for await (const piece of pieces(trail, query, last)) {
        attempt = 0
        last = piece.id ?? last
        yield piece.events
      }
    } catch (error) {
      if (io.signal.aborted) return
      if (!(error instanceof CliError) || !isPassing(error) || attempt >= attemptsMax) throw error
      io.err.write(`${printable(error.message)}; trying again\n`)
    }
    attempt += 1
    try {
      await io.wait(Math.min(5_000, 100 * 2 ** attempt))
    } catch {
      return
    }
  }
}

function isPassing(error: CliError): boolean {
  return error.code === 'UNREACHABLE' || (error.code === 'REFUSED' && /\((429|502|503|504)\b/.test(error.message))
}

/** One connection's pieces of events, until the server ends it. */
async function* pieces(
  trail: TrailApi,
  query: RequestOptions['query'],
  last: string | undefined,
): AsyncGenerator<{ events: readonly ListedEvent[]; id: string | undefined }> {
  const silent = new AbortController()
  const timer = setTimeout(() => silent.abort(), silenceMs)
  try {
    const { body } = await trail.tail(query, last, silent.signal)
    for await (const { type, data, id } of serverSentEvents(body ?? new ReadableStream(), () => timer.refresh())) {
      if (type === 'end') return
      if (type === 'events') yield { events: parsePage(JSON.parse(data)).events, id }
    }
  } catch (error) {
    if (error instanceof CliError) throw error
    if (error instanceof SyntaxError) throw new CliError('BAD_ANSWER', 'the tail sent something that is not JSON')
    throw new CliError('UNREACHABLE', silent.signal.aborted ? 'the tail fell silent' : 'the tail was cut off')
  } finally {
    clearTimeout(timer)
  }
}
