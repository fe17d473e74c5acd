/** `keywitness cert transcript`: what was done to client certificates, and whether the administrators' signatures prove it. */
import type { Command } from 'commander'
import { EventError, checkEvent } from '@keywitness/cadf'
import {
  certificateActions,
  type CommandHistory,
  historyOf,
  isOfCertificates,
  type LoggedEvent,
} from '@keywitness/cadf/transcripts'
import type { EvidenceReport } from '@keywitness/tlog'
import { historyText } from '../cert/history-text.ts'
import { completeness } from '../ceremony/transcript-text.ts'
import { CliError } from '../cli-error.ts'
import { examples, several, withTrail } from '../command-options.ts'
import { connect } from '../connection.ts'
import { verifyFile } from '../evidence-steps.ts'
import { trusting } from '../evidence-trust.ts'
import { formatCount, formatNumberOf, printableJson } from '../printable.ts'
import { paint, type Surroundings } from '../surroundings.ts'
import { paragraph } from '../text-lines.ts'
import { openTrail, type TrailOptions } from '../trail-api.ts'

interface Options extends TrailOptions {
  readonly instance?: string
  readonly from?: string
  readonly to?: string
  readonly key?: readonly string[]
  readonly json?: boolean
}

interface Gathered {
  readonly events: readonly LoggedEvent[]
  /** The evidence that proves them; undefined where only the server's word does. */
  readonly evidence: Evidence | undefined
}

interface Evidence extends Pick<EvidenceReport, 'first' | 'last' | 'isGapless'> {
  readonly file: string
}

/** Events gathered at most: many years of an instance. */
const eventsMax = 100_000
const pageMax = 1_000

export function addCertTranscript(cert: Command, io: Surroundings): void {
  const command = withTrail(cert.command('transcript'))
    .description('what was done to client certificates, key by key, with every signature checked again from the events')
    .argument('[evidence]', 'a file of evidence, which proves the events too; left out, the trail is asked')
    .option('--instance <guid>', "the service instance (KEYWITNESS_INSTANCE, else the server's first; of a file, all)")
    .option('--from <time>', 'of events from this time on; commands of keys from before are then not proved')
    .option('--to <time>', 'of events before this time')
    .option(
      '--key <key>',
      "for a file: the log's verifier key, or a file with it (default: the remembered one)",
      several,
    )
    .option('--json', 'as JSON')
    .action((evidence: string | undefined, options: Options) => showHistory(io, evidence, options))
  examples(command, 'cert transcript', 'cert transcript --from -30d', 'cert transcript certs.evidence --key log.vkey')
}

async function showHistory(io: Surroundings, file: string | undefined, options: Options): Promise<void> {
  const { events, evidence } = file === undefined ? await fromTrail(io, options) : await fromFile(io, file, options)
  const history = await historyOf(events)
  if (options.json === true) io.out.write(`${printableJson({ ...history, evidence: evidence ?? null }, 2)}\n`)
  else if (events.length === 0) io.out.write('No events of the certificate manager.\n')
  else io.out.write(historyText(io, history))
  if (options.json !== true) tellGround(io, evidence)
  demandProved(history)
}

/** What was shown rests on, and what it cannot tell. */
function tellGround(io: Surroundings, evidence: Evidence | undefined): void {
  if (evidence === undefined) {
    const advice =
      'The events are those that the server lists. For proof that they are in the log, and that none is left out, make evidence of the whole time (keywitness evidence make --complete) and give its file here.'
    io.err.write(`${paragraph(io, advice, '').join('\n')}\n`)
    return
  }
  const { file, first } = evidence
  const ground = `the events are proved by ${file}: ${completeness(evidence)}`
  const lines = paragraph(io, ground, '  ', `${paint(io, 'green', '✓')} `)
  if (first !== undefined && first > 0) {
    const begin = `the evidence begins at entry ${formatCount(first)} of the log, not at the first one: what was done before is not in it`
    lines.push(...paragraph(io, begin, '  ', `${paint(io, 'yellow', '!')} `))
  }
  io.out.write(`${lines.join('\n')}\n`)
}

/** @throws CliError when anything that was done is not proved */
function demandProved({ counts: { bad, unknown } }: CommandHistory): void {
  if (bad + unknown === 0) return
  const count = formatNumberOf(bad + unknown, 'command')
  throw new CliError(
    'VERIFICATION_FAILED',
    `${count} that no administrator's signature proves`,
    bad === 0
      ? 'the events that brought their keys are older: take them from the first on, without --from, or with evidence of the whole time'
      : 'somebody has got round the signatures, or the events are not those of one log: find out before you rely on mutual TLS',
  )
}

/** Oldest first: a key is known by the event that brought it. */
async function fromTrail(io: Surroundings, options: Options): Promise<Gathered> {
  const { instance: known } = await connect(io, options)
  const instance = options.instance ?? known
  if (instance === undefined) {
    throw new CliError('BAD_INPUT', 'which service instance?', 'name it with --instance or KEYWITNESS_INSTANCE')
  }
  const trail = await openTrail(io, options)
  const { from, to } = options
  const found: LoggedEvent[] = []
  let cursor: string | undefined
  do {
    const filter = { action: [...certificateActions], instance, from, to, order: 'asc', limit: pageMax, cursor }
    const page = await trail.events(filter)
    for (const { index, event } of page.events) found.push({ index, event: eventIn(event, index) })
    if (found.length > eventsMax) throw tooMany()
    cursor = page.next
  } while (cursor !== undefined)
  return { events: found, evidence: undefined }
}

async function fromFile(io: Surroundings, file: string, { key = [], instance }: Options): Promise<Gathered> {
  const events: LoggedEvent[] = []
  const report = await verifyFile(file, await trusting(io, key), ({ index, event }) => {
    if (event === undefined || !isOfCertificates(event)) return
    if (instance !== undefined && event.requestData['instanceID'] !== instance) return
    if (events.length === eventsMax) throw tooMany()
    events.push({ index, event })
  })
  const { first, last, isGapless } = report
  return { events, evidence: { file, first, last, isGapless } }
}

function eventIn(value: unknown, index: number): LoggedEvent['event'] {
  try {
    return checkEvent(value)
  } catch (error) {
    if (!(error instanceof EventError)) throw error
    throw new CliError('BAD_ANSWER', `the event at index ${index} has a form that this command does not know`)
  }
}

function tooMany(): CliError {
  return new CliError('BAD_INPUT', `there are more than ${eventsMax} such events`, 'choose a shorter time range')
}
