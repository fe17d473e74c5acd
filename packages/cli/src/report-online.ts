/** What a report is made from, over the published API: the events of its question at one checkpoint, which is proved. */
import {
  type FoundGroups,
  foundGroups,
  groupsMax,
  type NowReader,
  queryBelow,
  type ReportEvent,
  reportEventOfLine,
  type ReportKind,
} from '@keywitness/cadf'
import type { Checkpoint } from '@keywitness/tlog'
import { CliError } from './cli-error.ts'
import { openExport } from './export-api.ts'
import { proveCheckpoint } from './export-proof.ts'
import { listedCheckpoint } from './log-api.ts'
import { formatCount } from './printable.ts'
import type { Surroundings } from './surroundings.ts'
import type { TrailApi } from './trail-api.ts'

/** Both RFC 3339; left out where the query names its events. */
export interface ReportQuestion {
  readonly query: string
  readonly from?: string
  readonly to?: string
}

/** What a report stands on. */
export interface ReportGround {
  readonly checkpoint: Checkpoint
  /** RFC 3339, by the server's word; undefined when it does not say. */
  readonly signedAt: string | undefined
}

/** A machine holds them; the console stops at a hundred thousand. */
const eventsMax = 1_000_000

/** The newest checkpoint, or the kept one of this size, proved to be the log's. @throws CliError */
export async function reportGround(io: Surroundings, trail: TrailApi, size: number | undefined): Promise<ReportGround> {
  const note = await trail.client.text(`${trail.path}/log/checkpoint${size === undefined ? '' : `s/${size}`}`)
  const { checkpoint } = await proveCheckpoint(io, trail, note)
  return { checkpoint, signedAt: (await listedCheckpoint(trail, checkpoint.size))?.signedAt }
}

/** Every event of a question, oldest first. @throws CliError */
export function reportEvents(
  io: Surroundings,
  trail: TrailApi,
  question: ReportQuestion,
  size: number,
): Promise<ReportEvent[]> {
  return trail.client.patiently(async () => {
    const { body } = await openExport(trail, { format: 'jsonl', ...question, size }, io.signal)
    const events: ReportEvent[] = []
    const decoder = new TextDecoder()
    let rest = ''
    try {
      for await (const chunk of body) {
        const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
        rest = lines.pop() ?? ''
        for (const line of lines) events.push(reportEventOfLine(line))
        if (events.length > eventsMax) throw tooMany()
      }
    } catch (error) {
      if (error instanceof CliError) throw error
      if (error instanceof SyntaxError) throw new CliError('BAD_ANSWER', error.message)
      throw new CliError('UNREACHABLE', `the connection broke: ${(error as Error).message}`, 'try again')
    }
    if (rest !== '') throw new CliError('UNREACHABLE', 'the answer ended within a line', 'try again')
    return events
  })
}

/** The counts that stand for events of which there may be too many. */
export async function reportGroups(
  trail: TrailApi,
  { query, ...period }: ReportQuestion,
  { by }: NonNullable<ReportKind['groups']>,
  size: number,
): Promise<FoundGroups> {
  const asked = { query: queryBelow(query, size), ...period, by: by.join(','), values: groupsMax }
  return foundGroups(await trail.client.patiently(() => trail.summary('groups', asked)))
}

/** The first and the last index of a period, below the size; undefined when there is no event. */
export async function edgesOf(
  trail: TrailApi,
  period: Omit<ReportQuestion, 'query'>,
  size: number,
): Promise<{ readonly first: number; readonly last: number } | undefined> {
  const query = queryBelow('', size)
  const [first, last] = await Promise.all(
    ['asc', 'desc'].map(async (order) => (await trail.events({ query, ...period, order, limit: 1 })).events[0]?.index),
  )
  return first === undefined || last === undefined ? undefined : { first, last }
}

/** Asks for how things stand; a long answer is waited for, since some are made while one waits. */
export function nowReader(io: Surroundings, { client }: TrailApi): NowReader {
  return (path, query = {}) => client.patiently(() => client.dated(path, { query, stream: io.signal }))
}

function tooMany(): CliError {
  const most = formatCount(eventsMax)
  return new CliError('BAD_INPUT', `there are more than ${most} events`, 'choose a shorter period')
}
