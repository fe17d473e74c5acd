/** `keywitness tke transcript`: what was done to crypto units in a span of time, as a document that its evidence proves. */
import { createHash } from 'node:crypto'
import { createReadStream, existsSync } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import type { Command } from 'commander'
import { isOfCeremony, personText, type ProvedEvent, type Transcript, transcriptOf } from '@keywitness/cadf/transcripts'
import { type EvidenceReport, toBase64 } from '@keywitness/tlog'
import { transcriptHtml } from '../ceremony/transcript-html.ts'
import {
  noSignatures,
  parseSignatures,
  SIGNATURE_FILE_BYTES_MAX,
  signerText,
  verifySignatures,
  withSignature,
} from '../ceremony/transcript-signatures.ts'
import { type TranscriptGround, transcriptText } from '../ceremony/transcript-text.ts'
import { CliError } from '../cli-error.ts'
import { examples, several, withTrail } from '../command-options.ts'
import { writeDocument } from '../document-file.ts'
import { putInPlace } from '../durable-file.ts'
import { verifyFile } from '../evidence-steps.ts'
import { trusting } from '../evidence-trust.ts'
import { readInput } from '../input-file.ts'
import { formatNumberOf, printable } from '../printable.ts'
import { paint, type Surroundings } from '../surroundings.ts'
import { openFolder } from '../tke/session.ts'
import type { TrailOptions } from '../trail-api.ts'
import { writeEvidence } from './evidence-make.ts'

interface Options extends TrailOptions {
  readonly from?: string
  readonly to?: string
  readonly key?: readonly string[]
  readonly output?: string
  readonly force?: boolean
  readonly signatures?: string
  readonly sign?: readonly string[]
  readonly passwordFile?: readonly string[]
}

/** Steps of a document that people read and sign. */
const STEPS_MAX = 10_000

export function addTkeTranscript(tke: Command, io: Surroundings): void {
  const command = withTrail(tke.command('transcript'))
    .description('what was done to crypto units, who signed it, and what they were before and after, with proofs')
    .argument('[evidence]', 'a file of evidence; left out, the evidence of the time range is made beside the document')
    .option('--from <time>', 'of events from this time on: RFC 3339, or relative like -15m, -24h, -7d')
    .option('--to <time>', 'of events before this time')
    .option('--key <key>', "the log's verifier key, or a file with it (default: the remembered one)", several)
    .option('-o, --output <file>', 'where to write it: a page to print (.html) or text (default: text, shown here)')
    .option('--force', 'replace the files')
    .option('--signatures <file>', 'signatures of those present, under the text: they are checked, and made there')
    .option('--sign <key>', 'sign with this signature key; may be given several times', several)
    .option(
      '--password-file <file>',
      'file with the password of the signature key; <n>.sigkey=<file> for one of several',
      several,
    )
    .action((evidence: string | undefined, options: Options) => makeTranscript(io, evidence, options))
  examples(
    command,
    'tke transcript --from 2026-11-26T09:00:00Z --to 2026-11-26T12:00:00Z -o ceremony.html',
    'tke transcript ceremony.html.evidence --key log.vkey',
    'tke transcript ceremony.html.evidence --signatures ceremony.signatures --sign 1',
  )
}

async function makeTranscript(io: Surroundings, given: string | undefined, options: Options): Promise<void> {
  const file = given ?? (await evidenceBeside(io, options))
  const events: ProvedEvent[] = []
  const trust = await trusting(io, options.key ?? [])
  const report = await verifyFile(file, trust, ({ index, leafHash, event }) => {
    if (event === undefined || !isOfCeremony(event)) return
    if (events.length === STEPS_MAX) throw tooLong()
    events.push({ index, leafHash: toBase64(leafHash), event })
  })
  if (events.length === 0) {
    throw new CliError('BAD_INPUT', `${printable(file)} holds no event of crypto units`, 'choose another time range')
  }
  const ground = groundOf(report, await sha256Of(file))
  const transcript = transcriptOf(events)
  const text = transcriptText(transcript, ground)
  if (options.signatures !== undefined || options.sign !== undefined) {
    await tellSignatures(io, options, transcript, text)
    if (options.output === undefined) return
  }
  const { output } = options
  if (output === undefined) {
    io.out.write(text)
    return
  }
  const document = /\.html?$/i.test(output) ? transcriptHtml(transcript, ground) : text
  await writeDocument(output, document, options.force === true)
  const good = paint(io, 'green', '✓')
  io.out.write(
    `${printable(output)}: ${formatNumberOf(transcript.steps.length, 'step')}, ${formatNumberOf(transcript.units.length, 'crypto unit')}\n` +
      `${good} proved by ${printable(file)}: hand both over. Whoever has the log's key makes the same document of it:\n` +
      `  keywitness tke transcript ${printable(file)} --key log.vkey\n`,
  )
  if (transcript.differences.length > 0) {
    io.out.write(`${paint(io, 'yellow', '!')} the units differ in their ${transcript.differences.join(', ')}\n`)
  }
}

/** Adds signatures that are asked for, then checks them all. */
async function tellSignatures(
  io: Surroundings,
  { signatures: path, sign: ids = [], passwordFile = [] }: Options,
  { people }: Transcript,
  text: string,
): Promise<void> {
  if (path === undefined) {
    throw new CliError('BAD_INPUT', 'a signature needs a file to stand in', 'give it with --signatures')
  }
  const isThere = existsSync(path)
  if (!isThere && ids.length === 0) throw new CliError('BAD_INPUT', `there is no ${printable(path)}`)
  let file = isThere
    ? parseSignatures((await readInput(path, SIGNATURE_FILE_BYTES_MAX)).toString('utf8'))
    : noSignatures(text)
  verifySignatures(file, text)
  if (ids.length > 0) {
    const { keys } = await openFolder(io, { passwordFile })
    for (const id of ids) {
      const key = await keys.find(id)
      const signer = await key.open()
      file = withSignature(
        file,
        await signer.certificate(key.description),
        await signer.sign(Buffer.from(text, 'utf8')),
      )
    }
    await putInPlace(path, `${JSON.stringify(file, undefined, 2)}\n`)
  }
  const signed = verifySignatures(file, text)
  const good = paint(io, 'green', '✓')
  for (const signer of signed) io.out.write(`${good} signed by ${printable(signerText(signer, people))}\n`)
  const missing = people.filter(({ ski }) => signed.every((person) => person.ski !== ski))
  for (const person of missing) io.out.write(`  not signed by ${printable(personText(person))}\n`)
}

/** Every event of the range, whatever it is: so that nothing can have been left out. */
async function evidenceBeside(io: Surroundings, options: Options): Promise<string> {
  const { output, from, to } = options
  if (output === undefined || (from === undefined && to === undefined)) {
    throw new CliError(
      'BAD_INPUT',
      'name a file of evidence, or a time range and where to write the document',
      'for example: keywitness tke transcript --from -2h -o ceremony.html',
    )
  }
  const evidence = `${output}.evidence`
  await writeEvidence(io, { ...options, complete: true, output: evidence })
  return evidence
}

function groundOf(report: EvidenceReport, evidence: string): TranscriptGround {
  const { checkpoint, query, entries, first, last, isGapless, note } = report
  return { origin: checkpoint.origin, size: checkpoint.size, note, evidence, query, entries, first, last, isGapless }
}

async function sha256Of(file: string): Promise<string> {
  const digest = createHash('sha256')
  await pipeline(createReadStream(file), digest)
  return digest.digest('hex')
}

function tooLong(): CliError {
  return new CliError(
    'BAD_INPUT',
    `there are more than ${STEPS_MAX} events of crypto units`,
    'choose a shorter time range',
  )
}
