/** `keywitness verify`: checks a receipt where only the log's public key is known. */
import { readFileSync } from 'node:fs'
import type { Command } from 'commander'
import { type Checkpoint, sameBytes, toBase64 } from '@keywitness/tlog'
import { CliError } from '../cli-error.ts'
import { examples, several, withTrail } from '../command-options.ts'
import { eventPage } from '../event-text.ts'
import { Heads, type RememberedLog } from '../heads.ts'
import { printable, printableJson } from '../printable.ts'
import { entryOf, readReceipt, verifySteps } from '../proof-steps.ts'
import { type Surroundings, paint } from '../surroundings.ts'
import { type TrailOptions, openTrail } from '../trail-api.ts'
import { checkConsistency, givenKeys, trustedKeys } from '../trusted-log.ts'

interface Options extends TrailOptions {
  readonly key?: readonly string[]
  readonly online?: boolean
  readonly json?: boolean
}

/** The largest receipt read, in bytes: an entry, its proof and its checkpoint need far less. */
const receiptBytesMax = 4_000_000

export function addVerify(program: Command, io: Surroundings): void {
  const command = withTrail(program.command('verify'))
    .description('check a receipt, offline: only the public key of the log is needed')
    .argument('<receipt>', 'a .tlog-proof file, - for the input')
    .option('--key <key>', "the log's verifier key, or a file with it (default: the remembered one)", several)
    .option('--online', 'also check, with the server, that it continues the remembered head')
    .option('--json', 'as JSON')
    .action((file: string, options: Options) => verify(io, file, options))
  examples(
    command,
    'verify created.tlog-proof',
    'verify created.tlog-proof --key log.vkey',
    'verify created.tlog-proof --online',
  )
}

async function verify(io: Surroundings, file: string, options: Options): Promise<void> {
  const receipt = readReceipt(readReceiptFile(file), printable(file))
  const { origin } = receipt.claimed
  const remembered = await Heads.of(io).read(origin)
  const keys = await trustedKeys(await givenKeys(options.key ?? []), remembered, () => {
    throw new CliError(
      'BAD_INPUT',
      `no key of ${printable(origin)} is known here`,
      'pass it with --key, from a source you trust (its owner prints it with keywitness log key)',
    )
  })
  const steps: string[] = [`the file claims to prove entry ${receipt.proof.index} of ${printable(origin)}`]
  const tell = (step: string): void => {
    steps.push(step)
    if (options.json !== true) io.out.write(`${paint(io, 'green', '✓')} ${step}\n`)
  }
  const checkpoint = await verifySteps(receipt, keys.verifiers, tell)
  await compareWithHeads(io, remembered, checkpoint, options, tell)

  const entry = entryOf(receipt.entry)
  if (options.json === true) {
    const { index } = receipt.proof
    const head = { size: checkpoint.size, root: toBase64(checkpoint.root) }
    const event = entry?.event ?? null
    io.out.write(`${printableJson({ verified: true, origin, index, checkpoint: head, steps, event }, 2)}\n`)
    return
  }
  const unknown = `The entry is no event in a form that this command knows; its bytes are proved all the same.\n`
  io.out.write(`\n${entry === undefined ? unknown : eventPage(io, entry.event)}`)
}

/** The receipt's tree and the remembered ones must be one log. */
async function compareWithHeads(
  io: Surroundings,
  { heads }: RememberedLog,
  checkpoint: Checkpoint,
  options: Options,
  tell: (step: string) => void,
): Promise<void> {
  const same = heads.find((head) => head.checkpoint.size === checkpoint.size)
  if (same !== undefined && !sameBytes(same.checkpoint.root, checkpoint.root)) {
    throw new CliError(
      'VERIFICATION_FAILED',
      `${printable(checkpoint.origin)} signed two different trees of size ${checkpoint.size}: this one, and ${same.file}`,
      'keep both: together they prove that the log was forked',
    )
  }
  if (same !== undefined) tell('its checkpoint is a head that was verified before')
  if (options.online !== true) return
  const newest = heads.at(-1)
  if (newest === undefined) {
    throw new CliError('BAD_INPUT', 'no head of this log is remembered', 'run keywitness log verify first')
  }
  const [smaller, larger] =
    checkpoint.size <= newest.checkpoint.size ? [checkpoint, newest.checkpoint] : [newest.checkpoint, checkpoint]
  await checkConsistency(smaller, larger, await openTrail(io, options))
  tell(`its checkpoint and the remembered head of size ${newest.checkpoint.size} are of one log`)
}

function readReceiptFile(file: string): string {
  let bytes: Uint8Array
  try {
    bytes = readFileSync(file === '-' ? 0 : file)
  } catch (error) {
    throw new CliError('BAD_INPUT', `cannot read ${printable(file)}: ${(error as Error).message}`)
  }
  if (bytes.length > receiptBytesMax) throw new CliError('BAD_INPUT', `${printable(file)} is too large for a receipt`)
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw new CliError('BAD_INPUT', `${printable(file)} is no receipt: it is not UTF-8`)
  }
}
