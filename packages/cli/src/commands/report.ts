/** `keywitness report`: an auditor's report as files, to the byte those of the console at the same checkpoint. */
import { hash } from 'node:crypto'
import type { Command } from 'commander'
import {
  drawSample,
  type NowFound,
  type NowPart,
  type Report,
  reportCsv,
  reportCsvName,
  type ReportEvent,
  reportEventOfEntry,
  type ReportKind,
  reportPeriod,
  reports,
  type ReportTable,
  type SampleDraw,
  sampleNumber,
  sampleReport,
} from '@keywitness/cadf'
import { type EvidenceReport, toBase64 } from '@keywitness/tlog'
import { memberOf, Refused } from '../api-client.ts'
import { shellWord } from '../choice.ts'
import { CliError } from '../cli-error.ts'
import { examples, several, wholeNumber, withTrail } from '../command-options.ts'
import { writeDocument } from '../document-file.ts'
import { verifyFile } from '../evidence-steps.ts'
import { trusting } from '../evidence-trust.ts'
import { formatCount, formatNumberOf, printable } from '../printable.ts'
import {
  edgesOf,
  nowReader,
  reportEvents,
  reportGround,
  reportGroups,
  type ReportGround,
  type ReportQuestion,
} from '../report-online.ts'
import { paint, type Surroundings } from '../surroundings.ts'
import { table } from '../table.ts'
import { openTrail, type TrailApi, type TrailOptions } from '../trail-api.ts'
import { writeEvidence } from './evidence-make.ts'

interface Options extends TrailOptions {
  readonly from?: string
  readonly to?: string
  readonly size?: number
  readonly output?: string
  readonly table?: string
  readonly evidence?: boolean
  readonly provedOnly?: boolean
  readonly force?: boolean
  readonly seed?: string
  readonly draws: number
  readonly fromEvidence?: string
  readonly key?: readonly string[]
  readonly signedAt?: string
}

/** As many as the console draws. */
const drawsMax = 60
const drawsUsual = 25
const sampleId = 'sample'

export function addReport(program: Command, io: Surroundings): void {
  const command = withTrail(program.command('report'))
    .description('a report for auditors as CSV files: to the byte those of the console at the same checkpoint')
    .argument('[report]', 'its number or name; left out, the reports there are')
    .option('--from <day>', 'the first day, in UTC: 2026-10-01')
    .option('--to <day>', 'the day after the last one: 2027-01-01')
    .option(
      '--size <size>',
      'up to the checkpoint of this size (default: the newest)',
      wholeNumber(1, Number.MAX_SAFE_INTEGER),
    )
    .option('-o, --output <file>', 'where to write it: NAME.csv gives NAME-<table>.csv for each of its tables')
    .option('--table <table>', 'this table alone, into the file itself')
    .option('--evidence', 'the events with their proofs as well, into NAME.evidence')
    .option('--proved-only', 'leave out what tells how things stand, which no checkpoint proves')
    .option('--force', 'replace the files')
    .option('--seed <seed>', 'of the sample: what decides which events are drawn (default: the size)')
    .option('--draws <count>', 'of the sample: how many events', wholeNumber(1, drawsMax), drawsUsual)
    .option('--from-evidence <file>', 'make it of a file of evidence, which is verified first, without a server')
    .option(
      '--key <key>',
      "of evidence: the log's verifier key, or a file with it (default: the remembered one)",
      several,
    )
    .option('--signed-at <time>', 'of evidence: when its checkpoint was signed, where the period was not over then')
    .action((name: string | undefined, options: Options) => makeReport(io, name, options))
  examples(
    command,
    'report',
    'report key-lifecycle --from 2026-10-01 --to 2027-01-01 -o keys.csv --evidence',
    'report 14 --from 2026-10-01 --to 2027-01-01 --seed "Q4 2026" -o sample.csv',
    'report 1 --from-evidence keys.evidence --key log.vkey -o again.csv',
  )
}

async function makeReport(io: Surroundings, name: string | undefined, options: Options): Promise<void> {
  if (name === undefined) return listReports(io)
  const id = reportId(name)
  if (options.output === undefined)
    throw new CliError('BAD_INPUT', 'say where to write it', 'for example: -o report.csv')
  const files =
    options.fromEvidence === undefined ? await fromServer(io, id, options) : await fromEvidence(io, id, options)
  await writeTables(io, options, options.output, files)
}

function listReports(io: Surroundings): void {
  const all = [...reports.map(({ id, number, clauses }) => ({ id, number, clauses })), sampleEntry]
  const rows = all
    .toSorted((one, other) => one.number - other.number)
    .map(({ id, number, clauses }) => [String(number), id, clauses.join(' · ')])
  io.out.write(table(io, [{ title: 'number' }, { title: 'report' }, { title: 'helps to answer', isWide: true }], rows))
}

const sampleEntry = {
  id: sampleId,
  number: sampleNumber,
  clauses: sampleReport({ seed: '', first: 0, last: 0, count: 1 }, [0]).clauses,
}

/** @throws CliError `BAD_INPUT` */
function reportId(name: string): string {
  const found = [...reports, sampleEntry].find(({ id, number }) => id === name || String(number) === name)
  if (found !== undefined) return found.id
  throw new CliError('BAD_INPUT', `there is no report ${printable(name)}`, 'keywitness report lists them')
}

function kindOf(id: string): ReportKind {
  const kind = reports.find((each) => each.id === id)
  if (kind === undefined) throw new CliError('BAD_INPUT', `the report ${id} cannot be made this way`)
  return kind
}

interface Made {
  readonly report: Report
  /** Its tables of how things stand; each part that was not allowed, or could not be read, by name with why. */
  readonly now: readonly ReportTable[]
  readonly lacking: readonly string[]
  /** Lines about what it stands on. */
  readonly told: readonly string[]
  readonly isPartial: boolean
}

async function fromServer(io: Surroundings, id: string, options: Options): Promise<Made> {
  const period = periodOf(options)
  const trail = await openTrail(io, options)
  const ground = await reportGround(io, trail, options.size)
  const { size, origin } = ground.checkpoint
  const kind = id === sampleId ? await drawnReport(trail, period, size, options) : kindOf(id)
  const question: ReportQuestion = id === sampleId ? { query: kind.query } : { query: kind.query, ...period }
  const { report, isPartial } = await reportOf(io, trail, kind, question, ground)
  const parts = options.provedOnly === true ? [] : (kind.now ?? [])
  const now = await readParts(io, trail, parts, { ...period, size })
  if (options.evidence === true) {
    const output = `${baseOf(options.output ?? '')}.evidence`
    const isForced = options.force === true
    await writeEvidence(io, { ...trailOptions(options), ...question, size, output, ...(isForced && { force: true }) })
  }
  const good = paint(io, 'green', '✓')
  const again = `--location ${shellWord(trail.location)} --from ${period.from} --to ${period.to} --size ${size}`
  return {
    report,
    ...now,
    isPartial,
    told: [
      `${good} the checkpoint of ${printable(origin)}, size ${formatCount(size)}, is signed by its key`,
      'The same files again, byte for byte:',
      `  keywitness report ${id} ${again} --proved-only -o again.csv`,
    ],
  }
}

async function reportOf(
  io: Surroundings,
  trail: TrailApi,
  kind: ReportKind,
  question: ReportQuestion,
  { checkpoint: { size }, signedAt }: ReportGround,
): Promise<{ readonly report: Report; readonly isPartial: boolean }> {
  if (kind.groups !== undefined) {
    const found = await reportGroups(trail, question, kind.groups, size)
    return { report: kind.groups.make(found), isPartial: !found.isComplete || found.others > 0 }
  }
  const events = await reportEvents(io, trail, question, size)
  return { report: kind.make(events, reportPeriod(question.from, question.to, signedAt)), isPartial: false }
}

/** The sample's report is of what is drawn. @throws CliError `BAD_INPUT` when there is nothing to draw from */
async function drawnReport(
  trail: TrailApi,
  period: Required<Omit<ReportQuestion, 'query'>>,
  size: number,
  { seed = String(size), draws }: Options,
): Promise<ReportKind> {
  const edges = await edgesOf(trail, period, size)
  if (edges === undefined) throw new CliError('BAD_INPUT', 'the period has no event to draw', 'choose another period')
  const draw: SampleDraw = { seed, ...edges, count: draws }
  return sampleReport(
    draw,
    drawSample(draw, (bytes) => hash('sha256', bytes, 'buffer')),
  )
}

/** What one may not see is said to be lacking; the rest stands. */
async function readParts(
  io: Surroundings,
  trail: TrailApi,
  parts: readonly NowPart[],
  question: { readonly from: string; readonly to: string; readonly size: number },
): Promise<Pick<Made, 'now' | 'lacking'>> {
  const ask = nowReader(io, trail)
  const now: ReportTable[] = []
  const lacking: string[] = []
  for (const part of parts) {
    try {
      const found = await part.read(ask, { location: trail.location, ...question })
      now.push(...found.tables)
      lacking.push(...lacksOf(part, found))
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      lacking.push(`${part.id}: ${error.message}`)
    }
  }
  return { now, lacking }
}

const lacksOf = ({ id }: NowPart, { lacks }: NowFound): string[] =>
  lacks.map(({ code, what }) => `${id}: ${code}${what === '' ? '' : ` (${printable(what)})`}`)

/** A file of evidence holds all that the events tell: no server is asked. */
async function fromEvidence(io: Surroundings, id: string, options: Options): Promise<Made> {
  const file = options.fromEvidence ?? ''
  const kind = kindOf(id)
  const events: ReportEvent[] = []
  const trust = await trusting(io, options.key ?? [])
  const proved = await verifyFile(file, trust, ({ index, entry, leafHash }) => {
    events.push(reportEventOfEntry(entry, { index, leafHash: toBase64(leafHash) }))
  })
  const { from, to } = askedOf(proved, kind, file)
  const report = kind.make(events, reportPeriod(from, to, options.signedAt))
  const good = paint(io, 'green', '✓')
  const { origin, size } = proved.checkpoint
  return {
    report,
    now: [],
    lacking: [],
    isPartial: false,
    told: [
      `${good} ${formatNumberOf(events.length, 'event')}, each proved by ${printable(file)}, up to the checkpoint of ${printable(origin)}, size ${formatCount(size)}`,
    ],
  }
}

/** That the evidence is of this report's question, by its maker's word. @throws CliError `BAD_INPUT` */
function askedOf({ query }: EvidenceReport, kind: ReportKind, file: string): Partial<ReportQuestion> {
  const asked: unknown = JSON.parse(query)
  if (memberOf(asked, 'query') !== kind.query) {
    throw new CliError('BAD_INPUT', `${printable(file)} is evidence of another question than that of ${kind.id}`)
  }
  const [from, to] = ['from', 'to'].map((name) => memberOf(asked, name))
  return { ...(typeof from === 'string' && { from }), ...(typeof to === 'string' && { to }) }
}

async function writeTables(io: Surroundings, options: Options, output: string, made: Made): Promise<void> {
  const { report, now, lacking, told, isPartial } = made
  const all = [...report.tables, ...now]
  const chosen = options.table === undefined ? all : all.filter(({ id }) => id === options.table)
  if (chosen.length === 0) {
    const names = all.map(({ id }) => id).join(', ')
    throw new CliError('BAD_INPUT', `the report has no table ${printable(options.table ?? '')}`, `it has ${names}`)
  }
  for (const each of chosen) {
    const isCut = isPartial && each.asOf === undefined
    const path = options.table === undefined ? `${baseOf(output)}-${reportCsvName(each, isCut)}` : output
    await writeDocument(path, reportCsv(each), options.force === true)
    const about = each.asOf === undefined ? '' : `, as of ${each.asOf}, proved by nothing`
    io.out.write(`${printable(path)}: ${formatNumberOf(each.rows.length, 'row')}${about}\n`)
  }
  for (const line of told) io.out.write(`${line}\n`)
  if (isPartial) io.out.write(`${paint(io, 'yellow', '!')} partial: there were more than the server counts\n`)
  for (const lack of lacking) io.out.write(`${paint(io, 'yellow', '!')} lacking: ${lack}\n`)
}

const baseOf = (output: string): string => output.replace(/\.csv$/i, '')

/** Whole days in UTC, as the console has them. @throws CliError `BAD_INPUT` */
function periodOf({ from, to }: Options): { readonly from: string; readonly to: string } {
  if (from === undefined || to === undefined) {
    throw new CliError('BAD_INPUT', 'say from which day to which', 'for example: --from 2026-10-01 --to 2027-01-01')
  }
  const [begin, end] = [dayOf(from), dayOf(to)]
  if (begin < end) return { from: begin, to: end }
  throw new CliError('BAD_INPUT', 'the day of --to must lie after that of --from: it is no longer in the report')
}

function dayOf(text: string): string {
  const day = /^(\d{4}-\d\d-\d\d)(?:T00:00:00Z)?$/.exec(text)?.[1]
  const time = new Date(`${day}T00:00:00Z`)
  if (day !== undefined && !Number.isNaN(time.getTime()) && time.toISOString().startsWith(day))
    return `${day}T00:00:00Z`
  throw new CliError('BAD_INPUT', `${printable(text)} is no day`, 'for example: 2026-10-01')
}

function trailOptions({ url, apiKeyFile, location }: Options): TrailOptions {
  return {
    ...(url !== undefined && { url }),
    ...(apiKeyFile !== undefined && { apiKeyFile }),
    ...(location !== undefined && { location }),
  }
}
