/** `keywitness events tail`: events as they happen. */
import type { Command } from 'commander'
import { CliError } from '../cli-error.ts'
import { examples, withTrail, wholeNumber } from '../command-options.ts'
import { type FilterOptions, filterQuery, withFilters } from '../event-filters.ts'
import { eventLine, styleOf } from '../event-text.ts'
import { printable, printableJson } from '../printable.ts'
import { serverSentEvents } from '../server-sent-events.ts'
import { type Surroundings, paint } from '../surroundings.ts'
import { type ListedEvent, type TrailApi, type TrailOptions, openTrail, parsePage } from '../trail-api.ts'

interface Options extends TrailOptions, FilterOptions {
  readonly after?: number
  readonly count?: number
  readonly json?: boolean
}

/** How long nothing may come: the server says every 15 s that it is still there. In milliseconds. */
const silenceMs = 45_000

/** Reconnections in a row without anything coming in between. */
const attemptsMax = 10

export function addEventsTail(events: Command, io: Surroundings): void {
  const command = withFilters(withTrail(events.command('tail')))
    .description('events as they happen, until interrupted')
    .option(
      '--after <index>',
      'begin after this entry of the log, instead of now',
      wholeNumber(0, Number.MAX_SAFE_INTEGER),
    )
    .option('-n, --count <count>', 'end after this many events', wholeNumber(1, Number.MAX_SAFE_INTEGER))
    .option('--json', 'as JSON, one event on a line')
    .action((options: Options) => tailEvents(io, options))
  examples(
    command,
    'events tail',
    'events tail --severity critical --json',
    'events tail --query "code:[401, 403]"',
    'events tail --after 1000 --count 10',
  )
}

async function tailEvents(io: Surroundings, options: Options): Promise<void> {
  const trail = await openTrail(io, options)
  let last = options.after === undefined ? undefined : String(options.after)
  let left = options.count ?? Infinity
  for (let attempt = 0; left > 0;) {
    try {
      for await (const piece of pieces(trail, options, last)) {
        attempt = 0
        for (const listed of piece.events.slice(0, left)) io.out.write(lineOf(io, listed, options.json === true))
        left -= Math.min(left, piece.events.length)
        last = piece.id ?? last
        if (left === 0) return
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
  options: Options,
  last: string | undefined,
): AsyncGenerator<{ events: readonly ListedEvent[]; id: string | undefined }> {
  const silent = new AbortController()
  const timer = setTimeout(() => silent.abort(), silenceMs)
  try {
    const { body } = await trail.tail(filterQuery(options), last, silent.signal)
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

function lineOf(io: Surroundings, { index, event }: ListedEvent, isJson: boolean): string {
  if (isJson) return `${printableJson({ index, event })}\n`
  const { time, severity, sentence, result } = eventLine(event)
  const mark = paint(io, styleOf(severity), severity.padEnd(8))
  return `${paint(io, 'dim', time)}  ${mark}  ${sentence}  ${paint(io, 'dim', `${result}  #${index}`)}\n`
}
