/** `keywitness log continuity`: how complete the log is, entry by entry. */
import type { Command } from 'commander'
import { memberOf } from '../api-client.ts'
import { CliError } from '../cli-error.ts'
import { examples, withTrail } from '../command-options.ts'
import { type Line, countOf, duration, findingsOf, linesOf, listOf, textOf, within } from '../continuity-report.ts'
import { formatCount, printable, printableJson } from '../printable.ts'
import { logProgress } from '../progress.ts'
import { type Surroundings, paint } from '../surroundings.ts'
import { table } from '../table.ts'
import { type TrailOptions, openTrail } from '../trail-api.ts'

interface Options extends TrailOptions {
  readonly from?: string
  readonly to?: string
  readonly json?: boolean
}

/** A server that says nothing for so long is gone. */
const silenceMs = 60_000
/** Starts of each producer that the table shows; the JSON has up to a hundred. */
const epochsShown = 10
/** The longest line taken, in characters: a report lists few places of each finding. */
const lineMax = 16_000_000

export function addLogContinuity(log: Command, io: Surroundings): void {
  const command = withTrail(log.command('continuity'))
    .description('how complete the log is: numbers, starts, times, heartbeats, checkpoints, counts')
    .option('--from <time>', 'events from this time on: RFC 3339, or relative like -24h, -7d')
    .option('--to <time>', 'events before this time')
    .option('--json', 'the whole report as JSON')
    .action((options: Options) => continuity(io, options))
  examples(command, 'log continuity', 'log continuity --from -7d', 'log continuity --json')
}

async function continuity(io: Surroundings, options: Options): Promise<void> {
  const report = await examined(io, options)
  const producers = listOf(report, 'producers')
  const all = [...producers.flatMap(findingsOf), ...linesOf(report)]
  if (options.json === true) io.out.write(`${printableJson(report, 2)}\n`)
  else io.out.write(reportText(io, report, producers))
  const faults = all.filter(({ mark }) => mark === 'fault')
  if (faults.length > 0) {
    throw new CliError(
      'VERIFICATION_FAILED',
      `the log ${textOf(report, 'origin')} is not complete: ${faults.map(({ text }) => text.split(':')[0]).join(', ')}`,
      'each is an event of the log that says what it means: keywitness events list --severity critical',
    )
  }
}

/** Has the server read its log, and shows how far it is. */
async function examined(io: Surroundings, { from, to, ...options }: Options): Promise<unknown> {
  const trail = await openTrail(io, options)
  const silent = new AbortController()
  const timer = setTimeout(() => silent.abort(), silenceMs)
  const bar = logProgress(io)
  try {
    const { body } = await trail.client.open(`${trail.path}/continuity`, {
      query: { from, to },
      headers: { accept: 'application/x-ndjson' },
      stream: silent.signal,
    })
    for await (const line of linesIn(body ?? new ReadableStream())) {
      timer.refresh()
      const said: unknown = JSON.parse(line)
      const progress = memberOf(said, 'progress')
      if (progress !== undefined) {
        bar.update(countOf(progress, 'done'), countOf(progress, 'total'), countOf(progress, 'bytes'))
      }
      const error = textOf(said, 'error', 'code')
      if (error !== '') throw new CliError('REFUSED', `the server gave up: ${error}`, 'try again, or a shorter time')
      const report = memberOf(said, 'report')
      if (report !== undefined) return report
    }
    throw new CliError('UNREACHABLE', 'the answer was cut off', 'try again')
  } catch (error) {
    if (error instanceof CliError) throw error
    if (error instanceof SyntaxError) throw new CliError('BAD_ANSWER', 'the server sent something that is not JSON')
    throw new CliError('UNREACHABLE', silent.signal.aborted ? 'the server fell silent' : 'the answer was cut off')
  } finally {
    clearTimeout(timer)
    bar.stop()
  }
}

async function* linesIn(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let rest = ''
  for await (const chunk of body as unknown as AsyncIterable<Uint8Array>) {
    rest += decoder.decode(chunk, { stream: true })
    if (rest.length > lineMax) throw new CliError('BAD_ANSWER', `the server sent a line over ${lineMax} characters`)
    for (let end = rest.indexOf('\n'); end !== -1; end = rest.indexOf('\n')) {
      yield rest.slice(0, end)
      rest = rest.slice(end + 1)
    }
  }
}

function reportText(io: Surroundings, report: unknown, producers: readonly unknown[]): string {
  const [from, to] = [countOf(report, 'looked', 'from'), countOf(report, 'looked', 'to')]
  const size = formatCount(countOf(report, 'size'))
  const looked = `${formatCount(to - from)} of ${size} entries looked at`
  const between = to > from ? `, ${formatCount(from)} to ${formatCount(to - 1)}` : ''
  const isWhole = within(report, 'looked', 'isWhole') === true
  const head = `${printable(textOf(report, 'origin'))}: ${looked}${between}${isWhole ? '' : ' (not all that were asked for)'}`
  const [first, last] = [textOf(report, 'firstTime'), textOf(report, 'lastTime')]
  const times = first === '' ? '' : `events of ${first} to ${last}\n`
  const findings = producers.flatMap((producer) =>
    findingsOf(producer).map(({ mark, text }) => ({ mark, text: `${nameOf(producer)}: ${text}` })),
  )
  const lines = [...findings, ...linesOf(report)].map((line) => `${marked(io, line)}\n`)
  const tables = [producersTable(io, producers), epochsTable(io, producers)].filter((text) => text !== '')
  return `${head}\n${times}\n${tables.join('\n')}\n${lines.join('')}`
}

function nameOf(producer: unknown): string {
  return `${textOf(producer, 'kind')} ${textOf(producer, 'producer').slice(0, 8)}`
}

function producersTable(io: Surroundings, producers: readonly unknown[]): string {
  const columns = [
    'producer',
    'of the',
    'events',
    'numbers',
    'starts',
    'missing',
    'late',
    'twice',
    'longest silence',
    'heartbeats',
  ]
  const cells = producers.map((producer) => {
    const beats = countOf(producer, 'heartbeats', 'recorded')
    const missed = countOf(producer, 'heartbeats', 'missed', 'count')
    return [
      textOf(producer, 'producer'),
      textOf(producer, 'kind'),
      formatCount(countOf(producer, 'events')),
      `${formatCount(countOf(producer, 'first'))} to ${formatCount(countOf(producer, 'last'))}`,
      formatCount(countOf(producer, 'epochs', 'count')),
      formatCount(countOf(producer, 'missing', 'count')),
      formatCount(countOf(producer, 'late', 'count')),
      formatCount(countOf(producer, 'reused', 'count')),
      silenceOf(producer),
      missed === 0 ? formatCount(beats) : `${formatCount(beats)}, ${formatCount(missed)} missed`,
    ]
  })
  return table(
    io,
    columns.map((title) => ({ title })),
    cells,
  )
}

function silenceOf(producer: unknown): string {
  const silence = within(producer, 'longestSilence')
  if (silence === undefined) return ''
  return `${duration(countOf(silence, 'seconds'))} after entry ${formatCount(countOf(silence, 'after', 'index'))}`
}

/** The newest starts of each producer. */
function epochsTable(io: Surroundings, producers: readonly unknown[]): string {
  const cells = producers.flatMap((producer) =>
    listOf(producer, 'epochs', 'places')
      .slice(-epochsShown)
      .map((epoch) => [
        nameOf(producer),
        formatCount(countOf(epoch, 'epoch')),
        textOf(epoch, 'opened', 'time'),
        formatCount(countOf(epoch, 'events')),
        `${formatCount(countOf(epoch, 'first'))} to ${formatCount(countOf(epoch, 'last'))}`,
      ]),
  )
  if (cells.length === 0) return ''
  const columns = ['of the', 'start', 'at', 'events', 'numbers']
  return table(
    io,
    columns.map((title) => ({ title })),
    cells,
  )
}

function marked(io: Surroundings, { mark, text }: Line): string {
  if (mark === 'good') return `${paint(io, 'green', '✓')} ${text}`
  return mark === 'fault' ? `${paint(io, 'red', '✗')} ${text}` : `${paint(io, 'yellow', '!')} ${text}`
}
