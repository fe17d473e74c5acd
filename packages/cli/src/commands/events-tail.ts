/** `keywitness events tail`: events as they happen. */
import type { Command } from 'commander'
import { examples, withTrail, wholeNumber } from '../command-options.ts'
import { type FilterOptions, filterQuery, withFilters } from '../event-filters.ts'
import { followEvents } from '../event-following.ts'
import { eventLine, styleOf } from '../event-text.ts'
import { printableJson } from '../printable.ts'
import { type Surroundings, paint } from '../surroundings.ts'
import { type ListedEvent, type TrailOptions, openTrail } from '../trail-api.ts'

interface Options extends TrailOptions, FilterOptions {
  readonly after?: number
  readonly count?: number
  readonly json?: boolean
}

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
  let left = options.count ?? Infinity
  for await (const events of followEvents(io, trail, filterQuery(options), options.after)) {
    for (const listed of events.slice(0, left)) io.out.write(lineOf(io, listed, options.json === true))
    left -= Math.min(left, events.length)
    if (left === 0) return
  }
}

function lineOf(io: Surroundings, { index, event }: ListedEvent, isJson: boolean): string {
  if (isJson) return `${printableJson({ index, event })}\n`
  const { time, severity, sentence, result } = eventLine(event)
  const mark = paint(io, styleOf(severity), severity.padEnd(8))
  return `${paint(io, 'dim', time)}  ${mark}  ${sentence}  ${paint(io, 'dim', `${result}  #${index}`)}\n`
}
