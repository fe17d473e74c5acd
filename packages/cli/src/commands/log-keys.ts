/** `keywitness log keys` and `log rotate-key`: the keys that sign and signed the log, and changing the key. */
import type { Command } from 'commander'
import { parseVerifierKey } from '@keywitness/tlog'
import { CliError } from '../cli-error.ts'
import { examples, withTrail, wholeNumber } from '../command-options.ts'
import { Heads } from '../heads.ts'
import { type ListedKey, logKeys, rotateKey } from '../log-api.ts'
import { printable, printableJson } from '../printable.ts'
import { printList } from '../resource-output.ts'
import type { Surroundings } from '../surroundings.ts'
import { type TrailOptions, openTrail } from '../trail-api.ts'

interface Options extends TrailOptions {
  readonly json?: boolean
}

export function addLogKeys(log: Command, io: Surroundings): void {
  const command = withTrail(log.command('keys'))
    .description('every key of the log, oldest first: what it signed, and whether it is trusted here')
    .option('--json', 'as JSON')
    .action((options: Options) => keys(io, options))
  examples(command, 'log keys', 'log keys --json')
}

export function addLogRotateKey(log: Command, io: Surroundings): void {
  const command = withTrail(log.command('rotate-key'))
    .description(
      'change the key of the log: the old key vouches for a new one, both sign while they overlap, then the old one is destroyed',
    )
    .option('--overlap <hours>', 'how long both keys sign', wholeNumber(1, 8_760), 168)
    .option('--json', 'as JSON')
    .action((options: Options & { readonly overlap: number }) => rotate(io, options))
  examples(command, 'log rotate-key', 'log rotate-key --overlap 720')
}

async function keys(io: Surroundings, options: Options): Promise<void> {
  const listed = await logKeys(await openTrail(io, options))
  const name = listed[0] === undefined ? undefined : nameOf(listed[0].key)
  const trusted = name === undefined ? [] : (await Heads.of(io).read(name)).keys
  const shown = listed.map((key) => ({ ...key, trusted: trusted.includes(key.key) }))
  printList(io, options.json, 'keys', shown, [
    { title: 'id' },
    { title: 'state' },
    { title: 'from size', of: ({ from }) => String(from.size) },
    { title: 'since', of: ({ from }) => from.time },
    { title: 'last size', of: ({ until }) => (until === null ? '' : String(until.size)) },
    { title: 'until', of: untilOf },
    { title: 'trusted', of: ({ trusted: isTrusted }) => (isTrusted ? 'yes' : 'no') },
    { title: 'key', isWide: true },
  ])
}

function untilOf({ until, overlapUntil }: ListedKey): string {
  return until?.time ?? overlapUntil ?? ''
}

function nameOf(vkey: string): string {
  try {
    return parseVerifierKey(vkey).name
  } catch (error) {
    throw new CliError('BAD_ANSWER', `the server's verifier key is none: ${(error as Error).message}`)
  }
}

async function rotate(io: Surroundings, options: Options & { readonly overlap: number }): Promise<void> {
  const overlapSeconds = options.overlap * 3_600
  const { key, previousKey } = await rotateKey(await openTrail(io, options), overlapSeconds)
  if (options.json === true) {
    io.out.write(`${printableJson({ key, previousKey, overlapSeconds }, 2)}\n`)
    return
  }
  io.out.write(
    `${printable(key)}\n` +
      `signs the log from the event of this change on, beside ${printable(previousKey)}\n` +
      `for ${options.overlap === 1 ? 'an hour' : `${options.overlap} hours`}, then alone; the old private key is destroyed.\n` +
      'Who trusts the old key learns the new one by proof; give it to those who keep keys on paper.\n',
  )
}
