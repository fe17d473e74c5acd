/** `keywitness events receipt`: the proof of one event, as a file that verifies offline. */
import { randomUUID } from 'node:crypto'
import { rename, unlink, writeFile } from 'node:fs/promises'
import type { Command } from 'commander'
import { CliError } from '../cli-error.ts'
import { examples, withTrail, wholeNumber } from '../command-options.ts'
import { Heads } from '../heads.ts'
import { followKeys } from '../key-following.ts'
import { printable } from '../printable.ts'
import { waiting } from '../progress.ts'
import { readReceipt, verifySteps } from '../proof-steps.ts'
import type { Surroundings } from '../surroundings.ts'
import { type TrailApi, type TrailOptions, openTrail } from '../trail-api.ts'
import { checkAndRemember, tellFirstContact, trustedKeys } from '../trusted-log.ts'

interface Options extends TrailOptions {
  readonly output?: string
  readonly wait: number
}

export function addEventsReceipt(events: Command, io: Surroundings): void {
  const command = withTrail(events.command('receipt'))
    .description("write the proof of an event to a file that verifies offline; the log's key and head are remembered")
    .argument('<id>', "the event's id, or its index in the log")
    .option('-o, --output <file>', 'where to write it, - for the output (default: <id>.tlog-proof)')
    .option('--wait <seconds>', 'how long to wait until a checkpoint covers it', wholeNumber(0, 3600), 30)
    .action((id: string, options: Options) => writeReceipt(io, id, options))
  examples(command, 'events receipt 41 -o created.tlog-proof', 'verify created.tlog-proof')
}

async function writeReceipt(io: Surroundings, id: string, options: Options): Promise<void> {
  const trail = await openTrail(io, options)
  const text = await covered(io, trail, id, options.wait)
  const receipt = readReceipt(text, 'what the server gave')
  const { origin } = receipt.claimed
  const heads = Heads.of(io)
  const trusted = await trustedKeys([], await heads.read(origin), () => trail.key())
  const keys = await followKeys(io, heads, trusted, receipt.proof.checkpoint, trail)
  // What does not verify here would not verify for whom it is meant.
  const checkpoint = await verifySteps(receipt, keys.verifiers, () => undefined)
  tellFirstContact(io, origin, keys)
  await checkAndRemember(heads, keys, receipt.proof.checkpoint, checkpoint, trail, 'any')
  if (options.output === '-') {
    io.out.write(text)
    return
  }
  const file = options.output ?? `${id.replaceAll(/[^\w-]/g, '_')}.tlog-proof`
  await writeWhole(file, text)
  io.out.write(`${printable(file)}: entry ${receipt.proof.index} of ${printable(origin)}\n`)
}

/** How long the server is asked to wait at once, seconds: less than a request may take. */
const waitOnceSeconds = 20

/** The receipt, as soon as a checkpoint covers the event. */
async function covered(io: Surroundings, trail: TrailApi, id: string, waitSeconds: number): Promise<string> {
  const end = io.now() + waitSeconds * 1000
  const shown = waiting(io, 'waiting for a checkpoint that covers it')
  try {
    for (;;) {
      const left = Math.floor((end - io.now()) / 1000)
      const answer = await trail.receipt(id, Math.min(waitOnceSeconds, left))
      if (typeof answer === 'string') return answer
      if (io.now() + answer.retryAfterMs > end) {
        throw new CliError(
          'NOT_IN_TIME',
          `no checkpoint covers the event after ${waitSeconds} s`,
          'it is recorded; ask again later, or give a longer --wait',
        )
      }
      await io.wait(answer.retryAfterMs)
    }
  } finally {
    shown.stop()
  }
}

/** Writes beside the file and moves it into place: there is the whole receipt, or what was there before. */
async function writeWhole(file: string, text: string): Promise<void> {
  const temporary = `${file}.${randomUUID()}.tmp`
  try {
    await writeFile(temporary, text, { flag: 'wx' })
    await rename(temporary, file)
  } catch (error) {
    await unlink(temporary).catch(() => undefined)
    throw new CliError('BAD_INPUT', `cannot write ${printable(file)}: ${(error as Error).message}`)
  }
}
