/** `keywitness evidence make`: the events that match, with all that proves them, in one file that verifies offline. */
import type { Command } from 'commander'
import { type EvidenceReport, toBase64 } from '@keywitness/tlog'
import { type ChoiceOptions, choiceQuery, withChoice } from '../choice.ts'
import { CliError } from '../cli-error.ts'
import { examples, withTrail } from '../command-options.ts'
import { verifyFile } from '../evidence-steps.ts'
import { isPassing, openExport, pauseMs } from '../export-api.ts'
import { proveCheckpoint } from '../export-proof.ts'
import { PartialFile, type PartialState } from '../partial-file.ts'
import { formatBytes, formatCount, printable, printableJson } from '../printable.ts'
import { logProgress } from '../progress.ts'
import { type Surroundings, paint } from '../surroundings.ts'
import { openTrail } from '../trail-api.ts'
import { wholeRange } from '../whole-range.ts'

interface Options extends ChoiceOptions {
  readonly complete?: boolean
  readonly output: string
  readonly force?: boolean
  readonly json?: boolean
}

/** Times a file that a break cut is begun anew. */
const triesMax = 4

export function addEvidenceMake(evidence: Command, io: Surroundings): void {
  const command = withChoice(withTrail(evidence.command('make')))
    .description('write the events that match, with all that proves them, to a file that verifies offline')
    .requiredOption('-o, --output <file>', 'where to write it')
    .option('--complete', 'every event of the range, whatever it is: proves that none of it is left out')
    .option('--force', 'replace the file')
    .option('--json', 'what was written, as JSON')
    .action((options: Options) => makeEvidence(io, options))
  examples(
    command,
    'evidence make --key-id fadedbee-0000-4000-8000-1234567890ab -o key.evidence',
    'evidence make --complete --from 2026-11-01T00:00:00Z --to 2026-12-01T00:00:00Z -o november.evidence',
    'evidence make --first 1000 --last 1999 -o range.evidence',
  )
}

async function makeEvidence(io: Surroundings, options: Options): Promise<void> {
  const { bytes, report } = await writeEvidence(io, options)
  tell(io, options, bytes, report)
}

/** Makes the file; it holds, or it is not there. @throws CliError */
export async function writeEvidence(
  io: Surroundings,
  options: Pick<Options, 'complete' | 'output' | 'force'> & ChoiceOptions,
): Promise<{ readonly bytes: number; readonly report: EvidenceReport }> {
  const file = new PartialFile(options.output)
  if (options.force !== true) await file.checkFree()
  const choice = options.complete === true ? await wholeRange(io, options) : options
  const bar = logProgress(io)
  let report: EvidenceReport
  try {
    const { note } = await download(io, choice, file, (done, size) => bar.update(done, size, file.bytes))
    bar.stop()
    // What does not verify here would not verify for whom it is meant.
    const { keys } = await proveCheckpoint(io, await openTrail(io, options), note)
    report = await verifyFile(
      file.growing,
      () => keys.verifiers,
      () => undefined,
    )
    await file.finish()
  } catch (error) {
    await file.discard()
    throw error
  } finally {
    bar.stop()
  }
  return { bytes: file.bytes, report }
}

function tell(io: Surroundings, { output, json }: Options, bytes: number, report: EvidenceReport): void {
  const { origin, size, root } = report.checkpoint
  if (json === true) {
    const { entries, first, last, isGapless, attachments, missing } = report
    const head = { origin, size, root: toBase64(root) }
    const indexes = { first: first ?? null, last: last ?? null, gapless: isGapless }
    io.out.write(
      `${printableJson({ file: output, bytes, entries, ...indexes, attachments, missing, checkpoint: head }, 2)}\n`,
    )
    return
  }
  const name = printable(output)
  const good = paint(io, 'green', '✓')
  io.out.write(
    `${name}: ${formatCount(report.entries)} events, ${formatBytes(bytes)}\n` +
      `${good} it holds, up to the checkpoint of ${printable(origin)}, size ${formatCount(size)}\n` +
      `Whoever has the log's key (keywitness log key) verifies it offline:\n` +
      `  keywitness evidence verify ${name} --key log.vkey\n`,
  )
}

/** A file that is proved as a whole is made as a whole: after a break it begins anew, from the same checkpoint. */
async function download(
  io: Surroundings,
  options: ChoiceOptions,
  file: PartialFile,
  progress: (done: number, size: number) => void,
): Promise<PartialState> {
  const query = choiceQuery(options, 'evidence')
  let state: PartialState | undefined
  for (let tries = 1; ; tries++) {
    try {
      const trail = await openTrail(io, options)
      const same = state === undefined ? {} : { size: Number(state.note.split('\n')[1]), now: state.now }
      const opened = await openExport(trail, { ...query, ...same }, io.signal)
      state = { query, note: opened.note, now: opened.now }
      await file.begin(state)
      for await (const chunk of opened.body) {
        await file.write(chunk)
        const index = /^entry(?:64)? (\d+) /.exec(file.lastLine ?? '')?.[1]
        if (index !== undefined) progress(Number(index) + 1, opened.checkpoint.size)
      }
      if (!file.isWhole) throw new CliError('UNREACHABLE', 'the answer ended within a line')
      return state
    } catch (error) {
      await file.close()
      if (io.signal.aborted) throw new CliError('INTERRUPTED', 'interrupted')
      if (!isPassing(error, state !== undefined) || tries >= triesMax) {
        throw error instanceof CliError || !(error instanceof Error)
          ? error
          : new CliError('UNREACHABLE', `the connection broke: ${error.message}`, 'try again')
      }
      await io.wait(pauseMs(error, tries))
    }
  }
}
