/** `keywitness log key`: the public key that verifies the log's checkpoints, and which key is trusted here. */
import type { Command } from 'commander'
import { parseVerifierKey } from '@keywitness/tlog'
import { CliError } from '../cli-error.ts'
import { examples, several, withTrail } from '../command-options.ts'
import { Heads } from '../heads.ts'
import { printable } from '../printable.ts'
import type { Surroundings } from '../surroundings.ts'
import { type TrailOptions, openTrail } from '../trail-api.ts'
import { givenKeys } from '../trusted-log.ts'

interface Options extends TrailOptions {
  readonly trust?: readonly string[]
}

export function addLogKey(log: Command, io: Surroundings): void {
  const command = withTrail(log.command('key'))
    .description("the public key that verifies the log's checkpoints and receipts")
    .option('--trust <key>', 'instead: trust this key, or the keys in this file, for the log they name', several)
    .action((options: Options) => key(io, options))
  examples(command, 'log key > log.vkey', 'verify event.tlog-proof --key log.vkey', 'log key --trust log.vkey')
}

async function key(io: Surroundings, options: Options): Promise<void> {
  const heads = Heads.of(io)
  if (options.trust !== undefined) {
    for (const vkey of await givenKeys(options.trust)) {
      await heads.trust(vkey)
      io.out.write(`trusted for ${printable(parseVerifierKey(vkey).name)}\n`)
    }
    return
  }
  const trail = await openTrail(io, options)
  const text = await trail.key()
  let name: string
  try {
    name = parseVerifierKey(text).name
  } catch (error) {
    throw new CliError('BAD_ANSWER', `the server's verifier key is none: ${(error as Error).message}`)
  }
  io.out.write(`${text}\n`)
  const { keys } = await heads.read(name)
  if (keys.length === 0 || keys.includes(text)) return
  io.err.write(
    `This is not the key that is trusted here for ${printable(name)}:\n  ${keys.join('\n  ')}\n` +
      'If the owner of the log confirms the new one, trust it with keywitness log key --trust <key>\n',
  )
}
