/** `keywitness events context`: what happened around one event. */
import { type Command, Option } from 'commander'
import { examples, wholeNumber, withTrail } from '../command-options.ts'
import { eventLine, styleOf } from '../event-text.ts'
import { printableJson } from '../printable.ts'
import { paint, type Surroundings } from '../surroundings.ts'
import { table } from '../table.ts'
import { openTrail, parsePage, type TrailOptions } from '../trail-api.ts'

interface Options extends TrailOptions {
  readonly by: string
  readonly before: number
  readonly after: number
  readonly json?: boolean
}

const kinds = ['request', 'key', 'initiator', 'instance', 'target', 'log']

export function addEventsContext(events: Command, io: Surroundings): void {
  const command = withTrail(events.command('context'))
    .description('what happened around one event, oldest first')
    .argument('<id>', "the event's id, or its index in the log")
    .addOption(new Option('--by <kind>', 'what they have in common; log: nothing').choices(kinds).default('request'))
    .option('--before <count>', 'events before it', wholeNumber(0, 100), 10)
    .option('--after <count>', 'events after it', wholeNumber(0, 100), 10)
    .option('--json', 'as JSON, with all fields')
    .action((id: string, options: Options) => showContext(io, id, options))
  examples(command, 'events context 41', 'events context 41 --by key --before 50 --after 0')
}

async function showContext(io: Surroundings, id: string, options: Options): Promise<void> {
  const { by, before, after } = options
  const trail = await openTrail(io, options)
  const answer = await trail.summary(`events/${encodeURIComponent(id)}/context`, { by, before, after })
  if (options.json === true) return io.out.write(`${printableJson(answer, 2)}\n`)
  const found = parsePage(answer).events
  const middle = (answer as { index?: unknown }).index
  const lines = found.map(({ event }) => eventLine(event))
  const cells = lines.map(({ time, severity, sentence, result }, row) => {
    const index = found[row]?.index
    return [index === middle ? '→' : '', time, severity, sentence, result, String(index)]
  })
  const columns = ['', 'time (UTC)', 'severity', 'what happened', 'result', 'index'].map((title) =>
    title === 'what happened' ? { title, isWide: true } : { title },
  )
  io.out.write(
    table(io, columns, cells, (text, row, column) =>
      column === 2 ? paint(io, styleOf(lines[row]?.severity ?? ''), text) : text,
    ),
  )
}
