/** `keywitness events count|histogram|facets|groups`: what a search finds, summed up. */
import { type Command, Option } from 'commander'
import { memberOf } from '../api-client.ts'
import { CliError } from '../cli-error.ts'
import { examples, several, wholeNumber, withTrail } from '../command-options.ts'
import { type FilterOptions, filterQuery, withFilters } from '../event-filters.ts'
import { styleOf } from '../event-text.ts'
import { printable, printableJson } from '../printable.ts'
import { paint, type Style, type Surroundings } from '../surroundings.ts'
import { table } from '../table.ts'
import { openTrail, type TrailApi, type TrailOptions } from '../trail-api.ts'

interface Options extends TrailOptions, FilterOptions {
  readonly from?: string
  readonly to?: string
  readonly json?: boolean
}

/** Characters of the longest bar of a histogram. */
const barMax = 40

export function addEventsSummaries(events: Command, io: Surroundings): void {
  const summary = (name: string, description: string): Command =>
    withFilters(withTrail(events.command(name)))
      .description(description)
      .option('--from <time>', 'not before this time: a day, RFC 3339, or relative like -15m, -24h, -7d')
      .option('--to <time>', 'before this time')
      .option('--json', 'as JSON')

  const count = summary('count', 'how many events match').action((options: Options) => countEvents(io, options))
  examples(count, 'events count --from -24h', 'events count --query "action:*.unwrap code:403"')

  const histogram = summary('histogram', 'when they happened, and how bad it was')
    .option('--interval <width>', 'width of a bucket: 15s, 5m, 1h, 1d, … or auto', 'auto')
    .addOption(new Option('--by <field>', 'what is told apart').choices(['severity', 'outcome']).default('severity'))
    .action((options: Options & HistogramOptions) => showHistogram(io, options))
  examples(
    histogram,
    'events histogram --from -24h --interval 1h',
    'events histogram --query "action:*.delete" --by outcome --tz Europe/Berlin',
  )

  const facets = summary('facets', 'the most frequent values of fields')
    .option('--field <name>', 'this field of the query language; may be repeated', several)
    .option('-n, --values <count>', 'values at most', wholeNumber(1, 100), 10)
    .action((options: Options & FacetsOptions) => showFacets(io, options))
  examples(
    facets,
    'events facets --from -7d --field initiator --field action',
    'events facets --query outcome:failure --field reason',
  )

  const groups = summary('groups', 'the most frequent combinations of the values of fields, such as who used which key')
    .requiredOption('--by <name>', 'this field of the query language; may be repeated, three at most', several)
    .option('-n, --values <count>', 'combinations at most', wholeNumber(1, 1_000), 100)
    .action((options: Options & GroupsOptions) => showGroups(io, options))
  examples(
    groups,
    'events groups --by key --by initiator --query "action:[*.wrap, *.unwrap]" --from -90d',
    'events groups --by initiator --by action --by outcome --from -7d --json',
  )
}

interface GroupsOptions {
  readonly by: readonly string[]
  readonly values: number
}

interface HistogramOptions {
  readonly interval: string
  readonly by: string
}

interface FacetsOptions {
  readonly field?: readonly string[]
  readonly values: number
}

async function countEvents(io: Surroundings, options: Options): Promise<void> {
  const answer = await ask(await openTrail(io, options), 'count', options, {})
  if (options.json === true) return io.out.write(`${printableJson(answer, 2)}\n`)
  io.out.write(`${counted(answer)}\n`)
}

async function showHistogram(io: Surroundings, options: Options & HistogramOptions): Promise<void> {
  const { interval, by } = options
  const answer = await ask(await openTrail(io, options), 'histogram', options, { interval, by })
  if (options.json === true) return io.out.write(`${printableJson(answer, 2)}\n`)
  const buckets = listOf(answer, 'buckets').map((bucket) => {
    const counts = Object.entries(memberOf(bucket, 'counts') ?? {}).map(
      ([value, count]) => [value, Number(count)] as const,
    )
    const total = counts.reduce((sum, [, count]) => sum + count, 0)
    return { from: String(memberOf(bucket, 'from')), counts, total }
  })
  const values = by === 'severity' ? ['critical', 'warning', 'normal'] : ['failure', 'success', 'pending', 'unknown']
  const most = Math.max(1, ...buckets.map(({ total }) => total))
  const cells = buckets.map(({ from, counts, total }) => [
    printable(timeText(from)),
    String(total),
    values.map((value) => barOf(value, counts, most)).join(''),
  ])
  const columns = [{ title: 'from (UTC)' }, { title: 'events' }, { title: values.join(', ') }]
  io.out.write(
    table(
      io,
      columns,
      io.out.isTerminal ? cells : buckets.map(({ from, counts }) => plainRow(from, counts, values)),
      (text, row, column) =>
        column === 2 && io.out.isTerminal ? paintedBar(io, buckets[row]?.counts ?? [], values, most) : text,
    ),
  )
  if (io.out.isTerminal) io.err.write(`${counted(answer)}\n`)
}

async function showFacets(io: Surroundings, options: Options & FacetsOptions): Promise<void> {
  const { field, values } = options
  const answer = await ask(await openTrail(io, options), 'facets', options, { field, values })
  if (options.json === true) return io.out.write(`${printableJson(answer, 2)}\n`)
  const rows = listOf(answer, 'facets').flatMap((facet) => {
    const name = String(memberOf(facet, 'field'))
    const found = listOf(facet, 'values').map((value) => {
      return [name, String(memberOf(value, 'count')), timeAt(value, 'newest'), called(value)]
    })
    const rest = [
      [name, String(memberOf(facet, 'others')), '', '(other values)'],
      [name, String(memberOf(facet, 'missing')), '', '(none)'],
    ].filter(([, count]) => count !== '0')
    return [...found, ...rest].map((row) => row.map(printable))
  })
  const columns = [{ title: 'field' }, { title: 'events' }, { title: 'newest (UTC)' }, { title: 'value', isWide: true }]
  io.out.write(table(io, columns, rows))
  if (io.out.isTerminal) io.err.write(`${counted(answer)}\n`)
}

async function showGroups(io: Surroundings, options: Options & GroupsOptions): Promise<void> {
  const { by, values } = options
  const answer = await ask(await openTrail(io, options), 'groups', options, { by: by.join(','), values })
  if (options.json === true) return io.out.write(`${printableJson(answer, 2)}\n`)
  const found = listOf(answer, 'rows').map((row) => [
    String(memberOf(row, 'count')),
    timeAt(row, 'first'),
    timeAt(row, 'newest'),
    ...listOf(row, 'values').map(called),
  ])
  const rest = [
    [String(memberOf(answer, 'others')), '', '', '(other values)'],
    [String(memberOf(answer, 'missing')), '', '', '(none)'],
  ].filter(([count]) => count !== '0')
  const cells = [...found, ...rest.map((row) => [...row, ...by.slice(1).map(() => '')])]
  const columns = [
    { title: 'events' },
    { title: 'first (UTC)' },
    { title: 'newest (UTC)' },
    ...by.map((title) => ({ title: printable(title), isWide: true })),
  ]
  io.out.write(
    table(
      io,
      columns,
      cells.map((row) => row.map(printable)),
    ),
  )
  if (io.out.isTerminal) io.err.write(`${counted(answer)}\n`)
}

/** A value, with what people call it. */
function called(value: unknown): string {
  const label = memberOf(value, 'name')
  const text = String(memberOf(value, 'value'))
  return typeof label === 'string' ? `${label} (${text})` : text
}

function timeAt(found: unknown, end: 'first' | 'newest'): string {
  return timeText(memberOf(memberOf(found, end), 'time'))
}

async function ask(trail: TrailApi, what: string, options: Options, more: object): Promise<unknown> {
  const { from, to } = options
  return await trail.summary(what, { ...filterQuery(options), from, to, ...more })
}

/** `2026-11-25 10:00:00`; the empty text where no time is known. */
function timeText(time: unknown): string {
  return typeof time === 'string' ? time.replace(/^(.{10})T(.{8}).*$/, '$1 $2') : ''
}

/** `12,345 events`, or that there are at least so many. */
function counted(answer: unknown): string {
  const count = memberOf(answer, 'count')
  if (typeof count !== 'number') throw new CliError('BAD_ANSWER', 'the server answered a count that is none')
  const events = `${count.toLocaleString('en')} ${count === 1 ? 'event' : 'events'}`
  if (memberOf(answer, 'isComplete') === true) return events
  return `at least ${events}: the newest ones were counted until the time for it was over; narrow the time or the query`
}

function listOf(value: unknown, name: string): readonly unknown[] {
  const list = memberOf(value, name)
  if (!Array.isArray(list)) throw new CliError('BAD_ANSWER', `the server answered without ${name}`)
  return list
}

type Counts = readonly (readonly [value: string, count: number])[]

function plainRow(from: string, counts: Counts, values: readonly string[]): string[] {
  const by = new Map(counts)
  return [printable(from), ...values.map((value) => String(by.get(value) ?? 0))]
}

/** A part of a bar: as long as its share of the longest bar, and visible when there is anything. */
function barOf(value: string, counts: Counts, most: number): string {
  const count = new Map(counts).get(value) ?? 0
  return '█'.repeat(count === 0 ? 0 : Math.max(1, Math.round((count / most) * barMax)))
}

const outcomeStyle: Readonly<Record<string, Style>> = { failure: 'red', success: 'green' }

function paintedBar(io: Surroundings, counts: Counts, values: readonly string[], most: number): string {
  return values.map((value) => paint(io, outcomeStyle[value] ?? styleOf(value), barOf(value, counts, most))).join('')
}
