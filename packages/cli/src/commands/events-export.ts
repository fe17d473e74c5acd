/** `keywitness events export`: every event that matches, up to a checkpoint, in a file; broken off, it goes on. */
import { writeFile } from 'node:fs/promises'
import { type Command, Option } from 'commander'
import { type Checkpoint, toBase64 } from '@keywitness/tlog'
import { memberOf } from '../api-client.ts'
import { CliError } from '../cli-error.ts'
import { type ChoiceOptions, choiceQuery, choiceWords, shellWord, withChoice } from '../choice.ts'
import { examples, withTrail } from '../command-options.ts'
import { type ExportFormat, isPassing, openExport, pauseMs } from '../export-api.ts'
import { proveCheckpoint } from '../export-proof.ts'
import { PartialFile, type PartialState } from '../partial-file.ts'
import { formatBytes, formatCount, printable, printableJson } from '../printable.ts'
import { type Progress, logProgress } from '../progress.ts'
import { type Surroundings, paint } from '../surroundings.ts'
import { openTrail } from '../trail-api.ts'

interface Options extends ChoiceOptions {
  readonly format: Exclude<ExportFormat, 'evidence'>
  readonly output: string
  readonly resume?: boolean
  readonly force?: boolean
  readonly json?: boolean
}

/** Tries in a row that bring nothing. */
const triesMax = 8

export function addEventsExport(events: Command, io: Surroundings): void {
  const command = withChoice(withTrail(events.command('export')))
    .description('write every event that matches to a file, oldest first, up to a signed checkpoint')
    .addOption(
      new Option('--format <format>', 'lines of JSON, comma-separated values, or strict CADF')
        .choices(['jsonl', 'csv', 'cadf'])
        .default('jsonl'),
    )
    .requiredOption('-o, --output <file>', 'where to write it')
    .option('--resume', 'go on with an export into this file that was broken off')
    .option('--force', 'replace the file, or what is left of an export that was broken off')
    .option('--json', 'what was written, as JSON')
    .action((options: Options) => exportEvents(io, options))
  examples(
    command,
    'events export --format csv --from -7d -o week.csv',
    'events export --severity critical --format cadf -o critical.jsonl',
    'events export --format csv --from -7d -o week.csv --resume',
  )
}

async function exportEvents(io: Surroundings, options: Options): Promise<void> {
  const file = new PartialFile(options.output)
  const query = choiceQuery(options, options.format)
  if (options.resume !== true && options.force !== true) await file.checkFree()
  let state: PartialState | undefined
  if (options.resume === true) {
    state = await file.resume()
    if (canonical(state.query) !== canonical(query)) {
      await file.close()
      throw new CliError('BAD_INPUT', 'what is there was asked for with other options', 'repeat those, or pass --force')
    }
  }
  const { done, checkpoint } = await fetchProven(io, options, file, query, state).catch(async (error: unknown) => {
    throw io.signal.aborted ? await interrupted(file) : error
  })
  const rows = (await file.countLines()) - (options.format === 'csv' ? 1 : 0)
  await file.finish()
  await writeFile(`${options.output}.checkpoint`, done.note)
  const { origin, size, root } = checkpoint
  if (options.json === true) {
    const head = { origin, size, root: toBase64(root) }
    const told = { file: options.output, format: options.format, rows, bytes: file.bytes, checkpoint: head }
    io.out.write(`${printableJson({ ...told, checkpointFile: `${options.output}.checkpoint` }, 2)}\n`)
    return
  }
  const name = printable(options.output)
  const good = paint(io, 'green', '✓')
  const same = choiceWords(options, done.now, size)
  io.out.write(
    `${name}: ${formatCount(rows)} events, ${formatBytes(file.bytes)}\n` +
      `${good} the checkpoint of ${printable(origin)}, size ${formatCount(size)}, is signed by its key: ${name}.checkpoint\n` +
      `Each row has its index and leaf hash. The same file again, byte for byte, and the same events with their proofs:\n` +
      `  keywitness events export ${same} --format ${options.format} -o again.${options.format}\n` +
      `  keywitness evidence make ${same} -o ${shellWord(`${options.output}.evidence`)}\n`,
  )
}

/** Fetches what is missing, and proves the checkpoint it stands on. */
async function fetchProven(
  io: Surroundings,
  options: Options,
  file: PartialFile,
  query: ReturnType<typeof choiceQuery>,
  begun: PartialState | undefined,
): Promise<{ readonly done: PartialState; readonly checkpoint: Checkpoint }> {
  const bar = logProgress(io)
  let done: PartialState
  try {
    done = await download(io, options, file, query, begun, bar)
  } finally {
    bar.stop()
    await file.close()
  }
  const { checkpoint } = await proveCheckpoint(io, await openTrail(io, options), done.note)
  return { done, checkpoint }
}

/** Fetches until the last row is there, through any number of breaks. */
async function download(
  io: Surroundings,
  options: Options,
  file: PartialFile,
  query: ReturnType<typeof choiceQuery>,
  begun: PartialState | undefined,
  bar: Progress,
): Promise<PartialState> {
  let state = begun
  for (let tries = 0; ;) {
    const had = file.bytes
    try {
      const trail = await openTrail(io, options)
      const after = indexOf(file.lastLine)
      const size = state === undefined ? undefined : sizeIn(state.note)
      const more = { ...(size === undefined ? {} : { size }), ...(state === undefined ? {} : { now: state.now }) }
      const going = after === undefined ? {} : { after }
      const opened = await openExport(trail, { ...query, ...more, ...going }, io.signal)
      if (after === undefined || state === undefined) {
        state = { query, note: opened.note, now: opened.now }
        await file.begin(state)
      }
      for await (const chunk of opened.body) {
        await file.write(chunk)
        bar.update((indexOf(file.lastLine) ?? -1) + 1, opened.checkpoint.size, file.bytes)
      }
      if (!file.isWhole) throw new CliError('UNREACHABLE', 'the answer ended within a row')
      return state
    } catch (error) {
      file.forgetRest()
      if (io.signal.aborted) throw error
      tries = file.bytes > had ? 1 : tries + 1
      if (!isPassing(error, state !== undefined) || tries > triesMax) throw toldOf(error)
      await io.wait(pauseMs(error, tries))
    }
  }
}

/** Rows that came are kept; a file that waits for its first row would only stand in the way of the next try. */
async function interrupted(file: PartialFile): Promise<CliError> {
  if (file.bytes > 0) {
    const advice = `What came so far is in ${printable(file.growing)}: go on with --resume.`
    return new CliError('INTERRUPTED', 'interrupted', advice)
  }
  await file.discardBegun()
  return new CliError('INTERRUPTED', 'interrupted', 'No row has come yet: nothing was written.')
}

function toldOf(error: unknown): unknown {
  if (error instanceof CliError || !(error instanceof Error)) return error
  return new CliError('UNREACHABLE', `the connection broke: ${error.message}`, 'go on with --resume')
}

/** The index that a row names; undefined where it names none (the line of column names). */
function indexOf(line: string | undefined): number | undefined {
  const digits = /^\{"index":(\d+),|^(\d+),/
    .exec(line ?? '')
    ?.slice(1)
    .find((found) => found !== undefined)
  if (digits !== undefined) return Number(digits)
  return line?.startsWith('{"typeURI":') === true ? indexOfTags(line) : undefined
}

/** A strict CADF record has its index among its tags; what an event says elsewhere is not asked. */
function indexOfTags(line: string): number | undefined {
  const tags = memberOf(JSON.parse(line), 'tags')
  const tag = Array.isArray(tags) ? tags.find((one: unknown) => String(one).startsWith('log_index?value=')) : undefined
  return tag === undefined ? undefined : Number(String(tag).slice('log_index?value='.length))
}

function sizeIn(note: string): number {
  return Number(note.split('\n')[1])
}

/** One text for what was asked, whatever the order of its parts. */
function canonical(query: Readonly<Record<string, unknown>>): string {
  return JSON.stringify(Object.entries(query).toSorted(([a], [b]) => (a < b ? -1 : 1)))
}
