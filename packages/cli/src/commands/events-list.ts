/** `keywitness events list`: who did what, newest first. */
import { type Command, Option } from 'commander'
import type { RequestOptions } from '../api-client.ts'
import { examples, withTrail, wholeNumber } from '../command-options.ts'
import { type FilterOptions, filterQuery, withFilters } from '../event-filters.ts'
import { type EventLine, eventLine, styleOf } from '../event-text.ts'
import { printableJson } from '../printable.ts'
import { type Surroundings, paint } from '../surroundings.ts'
import { table } from '../table.ts'
import { type ListedEvent, type TrailApi, type TrailOptions, openTrail } from '../trail-api.ts'
import { viewNamed } from './events-views.ts'

interface Options extends TrailOptions, FilterOptions {
  readonly from?: string
  readonly to?: string
  readonly order?: string
  readonly limit: number
  readonly view?: string
  readonly json?: boolean
}

/** The most events one call lists; the API gives them in pages of at most 1,000. */
const eventsMax = 100_000
const pageMax = 1_000

export function addEventsList(events: Command, io: Surroundings): void {
  const command = withFilters(withTrail(events.command('list')))
    .description('who did what, newest first')
    .option('--from <time>', 'not before this time: a day, RFC 3339, or relative like -15m, -24h, -7d')
    .option('--to <time>', 'before this time')
    .option('--view <name>', 'what this saved view finds, and all of the other options; see events views')
    .addOption(new Option('--order <order>', 'newest (desc) or oldest (asc) first').choices(['desc', 'asc']))
    .option('-n, --limit <count>', 'events at most', wholeNumber(1, eventsMax), 50)
    .option('--json', 'as JSON, with all fields')
    .action((options: Options) => listEvents(io, options))
  examples(
    command,
    'events list',
    'events list --severity critical --from -24h',
    'events list --action hs-crypto.secrets.delete --limit 500 --json',
    'events list --view "Refused today" --json',
    'events list --query "initiator:Ana (action:*.delete OR code:4xx) -agent:curl"',
  )
}

/** Times given here count, not those of the view; both queries must hold. */
async function searchOf(trail: TrailApi, options: Options): Promise<NonNullable<RequestOptions['query']>> {
  const { from, to, view } = options
  const filters = filterQuery(options)
  if (view === undefined) return { ...filters, from, to }
  const saved = await viewNamed(trail, view)
  const parts = [saved.query, options.query ?? ''].filter((text) => text.trim() !== '')
  const query = parts.length > 1 ? parts.map((text) => `(${text})`).join(' ') : parts[0]
  return { ...filters, query, from: from ?? saved.from, to: to ?? saved.to }
}

async function listEvents(io: Surroundings, options: Options): Promise<void> {
  const trail = await openTrail(io, options)
  const found: ListedEvent[] = []
  let cursor: string | undefined
  let covered = 0
  const search = await searchOf(trail, options)
  do {
    const { order } = options
    const limit = Math.min(pageMax, options.limit - found.length)
    const page = await trail.events({ ...search, order, limit, cursor })
    found.push(...page.events.slice(0, limit))
    cursor = page.next
    covered = page.covered
  } while (cursor !== undefined && found.length < options.limit)

  if (options.json === true) {
    io.out.write(`${printableJson({ events: found, more: cursor !== undefined, covered }, 2)}\n`)
    return
  }
  const lines = found.map(({ event }) => eventLine(event))
  const time = (line: EventLine): string => (io.out.isTerminal ? line.time.replace(' UTC', '') : line.time)
  const cells = lines.map((line, i) => [time(line), line.severity, line.sentence, line.result, String(found[i]?.index)])
  const columns = [
    { title: 'time (UTC)' },
    { title: 'severity' },
    { title: 'what happened', isWide: true },
    { title: 'result' },
    { title: 'index' },
  ]
  io.out.write(
    table(io, columns, cells, (text, row, column) =>
      column === 1 ? paint(io, styleOf(lines[row]?.severity ?? ''), text) : text,
    ),
  )
  if (!io.out.isTerminal) return
  if (found.length === 0) io.err.write('No events match.\n')
  if (cursor !== undefined)
    io.err.write(`There are more; raise --limit (now ${options.limit}) or narrow the filters.\n`)
}
