/** Exports over the published API: one answer of any size, named by the checkpoint it stands on. */
import { type Checkpoint, NoteError, fromBase64, parseCheckpoint, parseNote } from '@keywitness/tlog'
import { Refused, type RequestOptions } from './api-client.ts'
import { CliError } from './cli-error.ts'
import { checkpointOf } from './log-api.ts'
import type { TrailApi } from './trail-api.ts'

export type ExportFormat = 'jsonl' | 'csv' | 'cadf' | 'evidence'

/** An export's answer: its body is unread. */
export interface OpenExport {
  readonly body: AsyncIterable<Uint8Array>
  /** The note of its checkpoint, and what the note claims; nothing of it is verified. */
  readonly note: string
  readonly checkpoint: Checkpoint
  /** What relative times counted from, RFC 3339. */
  readonly now: string
}

/** @throws CliError `REFUSED`, `UNREACHABLE`, `BAD_ANSWER` */
export async function openExport(
  trail: TrailApi,
  query: NonNullable<RequestOptions['query']>,
  signal: AbortSignal,
): Promise<OpenExport> {
  const response = await trail.client.open(`${trail.path}/export`, { stream: signal, query })
  const { headers } = response
  const now = headers.get('keywitness-now')
  const size = Number(headers.get('keywitness-checkpoint-size') ?? Number.NaN)
  if (!Number.isSafeInteger(size) || now === null || response.body === null) {
    throw new CliError('BAD_ANSWER', 'the server answered an export in another form than this command knows')
  }
  const note = fromBase64(headers.get('keywitness-checkpoint') ?? '')
  // A note that many have signed is too long for a header.
  const text =
    note === undefined || note.length === 0 ? await checkpointOf(trail, size) : new TextDecoder().decode(note)
  try {
    const checkpoint = parseCheckpoint(parseNote(text).text)
    return { body: response.body as AsyncIterable<Uint8Array>, note: text, checkpoint, now }
  } catch (error) {
    if (!(error instanceof NoteError)) throw error
    throw new CliError('BAD_ANSWER', `the checkpoint of the export is none: ${error.message}`)
  }
}

/**
 * Whether it makes sense to try again: a connection that broke, a server that is busy, and where the credentials have been
 * good before, a token that has expired.
 */
export function isPassing(error: unknown, wasGood: boolean): boolean {
  if (error instanceof Refused) return [408, 429, 502, 503, 504, ...(wasGood ? [401] : [])].includes(error.status)
  // What a body throws when its connection breaks is an error of the platform.
  return error instanceof CliError ? error.code === 'UNREACHABLE' : error instanceof Error
}

/** How long to pause before the next try, milliseconds; longer each time in a row. */
export function pauseMs(error: unknown, tries: number): number {
  const asked = error instanceof Refused ? error.retryAfterMs : undefined
  return Math.min(30_000, asked ?? 100 * 2 ** tries)
}
