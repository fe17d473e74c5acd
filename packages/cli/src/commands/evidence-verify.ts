/** `keywitness evidence verify`: checks a file of evidence where only the log's public key is known, and says what is in it. */
import type { Command } from 'commander'
import { type EvidenceReport, sameBytes, toBase64 } from '@keywitness/tlog'
import { CliError } from '../cli-error.ts'
import { examples, several } from '../command-options.ts'
import { eventLine } from '../event-text.ts'
import { type FoundEvent, verifyFile } from '../evidence-steps.ts'
import { trusting } from '../evidence-trust.ts'
import { Heads } from '../heads.ts'
import { formatCount, printable, printableJson } from '../printable.ts'
import { type Surroundings, paint } from '../surroundings.ts'
import { table } from '../table.ts'

interface Options {
  readonly key?: readonly string[]
  readonly list?: boolean
  readonly json?: boolean
}

/** Events shown unless all are asked for. */
const shownMax = 20

export function addEvidenceVerify(evidence: Command, io: Surroundings): void {
  const command = evidence
    .command('verify')
    .description('check a file of evidence, offline: only the public key of the log is needed')
    .argument('<file>', 'a file that keywitness evidence make wrote')
    .option('--key <key>', "the log's verifier key, or a file with it (default: the remembered one)", several)
    .option('--list', 'show every event')
    .option('--json', 'as JSON; with --list all events')
    .action((file: string, options: Options) => verify(io, file, options))
  examples(command, 'evidence verify key.evidence', 'evidence verify key.evidence --key log.vkey --list')
}

/** What is gathered while a file is read. */
interface Gathered {
  readonly found: FoundEvent[]
  readonly severities: Map<string, number>
  /** Entries in a form that this command does not know. */
  unknown: number
}

async function verify(io: Surroundings, file: string, options: Options): Promise<void> {
  const gathered: Gathered = { found: [], severities: new Map(), unknown: 0 }
  const trust = await trusting(io, options.key ?? [])
  const report = await verifyFile(file, trust, (one) => {
    if (gathered.found.length < shownMax) gathered.found.push(one)
    if (one.event === undefined) gathered.unknown += 1
    else gathered.severities.set(one.event.severity, (gathered.severities.get(one.event.severity) ?? 0) + 1)
  })
  await compareWithHeads(io, report)
  // Nothing of a file is shown before all of it holds; to show all of it, it is read once more: it may be of any size.
  const each = (show: (one: FoundEvent) => void): Promise<unknown> => verifyFile(file, trust, show)
  const isListed = options.list === true
  if (options.json === true) {
    const json = printableJson(reportJson(report, gathered), 2)
    if (isListed) await listJson(io, json, each)
    else io.out.write(`${json}\n`)
    return
  }
  io.out.write(reportText(io, file, report, gathered))
  if (isListed) await each((one) => io.out.write(`${cellsOf(one).join('  ')}\n`))
  else io.out.write(listing(io, gathered, report.entries))
}

/** The report with all events as its last member, one a line. */
async function listJson(
  io: Surroundings,
  json: string,
  each: (show: (one: FoundEvent) => void) => Promise<unknown>,
): Promise<void> {
  io.out.write(`${json.slice(0, -2)},\n  "events": [`)
  let before = ''
  await each(({ index, event }) => {
    io.out.write(`${before}\n    ${printableJson({ index, event: event ?? null })}`)
    before = ','
  })
  io.out.write('\n  ]\n}\n')
}

/** A log that signed another tree of this size is forked, whatever else holds. */
async function compareWithHeads(io: Surroundings, { checkpoint }: EvidenceReport): Promise<void> {
  const { heads } = await Heads.of(io).read(checkpoint.origin)
  const same = heads.find((head) => head.checkpoint.size === checkpoint.size)
  if (same === undefined || sameBytes(same.checkpoint.root, checkpoint.root)) return
  throw new CliError(
    'VERIFICATION_FAILED',
    `${printable(checkpoint.origin)} signed two different trees of size ${checkpoint.size}: this one, and ${same.file}`,
    'keep both: together they prove that the log was forked',
  )
}

function reportText(io: Surroundings, file: string, report: EvidenceReport, gathered: Gathered): string {
  const { checkpoint, entries, attachments, missing, verified } = report
  const { origin, size, root } = checkpoint
  const good = paint(io, 'green', '✓')
  const lines = [
    `${good} the checkpoint of ${printable(origin)}, size ${formatCount(size)}, is signed by ${verified.map(printable).join(', ')}`,
    `${good} ${plural(entries, 'entry', 'entries')}, hashed again, lead with the hashes between them to the signed root ${toBase64(root)}`,
  ]
  if (attachments > 0) lines.push(`${good} ${plural(attachments, 'attachment')} that they name`)
  lines.push(`${good} no byte of ${printable(file)} was changed since it was made`)
  const mark = paint(io, 'yellow', '!')
  if (missing.length > 0)
    lines.push(`${mark} ${plural(missing.length, 'attachment')} that they name the log had no longer`)
  lines.push('', ...scope(report), '')
  const counts = [...gathered.severities]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([severity, count]) => `${formatCount(count)} ${printable(severity)}`)
  if (gathered.unknown > 0) counts.push(`${formatCount(gathered.unknown)} in a form that this command does not know`)
  if (counts.length > 0) lines.push(counts.join(', '))
  return `${lines.join('\n')}\n`
}

/** What the file proves, and what it does not. */
function scope({ query, first, last, isGapless, entries }: EvidenceReport): string[] {
  const asked = `Asked for, by its maker's word: ${printable(query)}`
  if (first === undefined || last === undefined) {
    return [asked, 'It holds no event. That none matched is its maker’s word: nothing here proves it.']
  }
  if (isGapless) {
    const range = entries === 1 ? `Index ${first}` : `Every index from ${first} to ${last} is here`
    return [
      asked,
      `${range}: proved to be in the log, ${entries === 1 ? 'in this place' : 'in this order, with none left out between them'}.`,
    ]
  }
  return [
    asked,
    `Proved: these events are in the log. Not proved: that no other between index ${first} and ${last} matched.`,
  ]
}

/** Time, severity, sentence, result and index of an event, safe to print. */
function cellsOf({ index, event }: FoundEvent): string[] {
  const line = eventLine(event)
  return [line.time, line.severity, line.sentence, line.result, String(index)]
}

function listing(io: Surroundings, { found }: Gathered, entries: number): string {
  const rows = found.map(cellsOf)
  const columns = [
    { title: 'time (UTC)' },
    { title: 'severity' },
    { title: 'what happened', isWide: true },
    { title: 'result' },
    { title: 'index' },
  ]
  const rest = entries - found.length
  return `${rows.length === 0 ? '' : table(io, columns, rows)}${rest > 0 ? `… and ${formatCount(rest)} more; --list shows all\n` : ''}`
}

function reportJson(report: EvidenceReport, { severities, unknown }: Gathered): object {
  const { origin, size, root } = report.checkpoint
  return {
    verified: true,
    origin,
    checkpoint: { size, root: toBase64(root) },
    signedBy: report.verified,
    query: report.query,
    entries: report.entries,
    first: report.first ?? null,
    last: report.last ?? null,
    gapless: report.isGapless,
    attachments: report.attachments,
    missing: report.missing,
    severities: Object.fromEntries(severities),
    unknownForm: unknown,
  }
}

function plural(count: number, one: string, many = `${one}s`): string {
  return count === 1 ? `one ${one}` : `${formatCount(count)} ${many}`
}
