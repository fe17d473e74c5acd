/** `keywitness log minimum-index`: which entries left the log by its retention, as the log has signed it. */
import type { Command } from 'commander'
import { CliError } from '../cli-error.ts'
import { examples, several, withTrail } from '../command-options.ts'
import { Heads } from '../heads.ts'
import { followKeys } from '../key-following.ts'
import { minimumOf, minimumText } from '../minimum-index.ts'
import { printableJson } from '../printable.ts'
import type { Surroundings } from '../surroundings.ts'
import { openTrail, type TrailOptions } from '../trail-api.ts'
import { givenKeys, openTrusted, tellFirstContact, trustedKeys } from '../trusted-log.ts'

interface Options extends TrailOptions {
  readonly key?: readonly string[]
  readonly json?: boolean
  readonly note?: boolean
}

export function addLogMinimumIndex(log: Command, io: Surroundings): void {
  const command = withTrail(log.command('minimum-index'))
    .description('which entries left the log by its retention, as the log has signed it')
    .option('--key <key>', "the log's verifier key, or a file with it (default: the remembered one)", several)
    .option('--note', 'the signed note itself')
    .option('--json', 'as JSON')
    .action((options: Options) => show(io, options))
  examples(command, 'log minimum-index', 'log minimum-index --note > minimum-index')
}

async function show(io: Surroundings, options: Options): Promise<void> {
  const trail = await openTrail(io, options)
  const { origin } = await trail.info()
  const heads = Heads.of(io)
  const given = await givenKeys(options.key ?? [])
  const trusted = await trustedKeys(given, await heads.read(origin), () => trail.key())
  const note = await trail.checkpoint()
  const keys = await followKeys(io, heads, trusted, note, trail)
  const checkpoint = await openTrusted(note, keys, origin)
  tellFirstContact(io, origin, keys)
  const minimum = await minimumOf(trail, keys, checkpoint)
  if (options.note === true) {
    if (minimum === undefined) throw new CliError('REFUSED', 'nothing was pruned: there is no minimum index')
    io.out.write(minimum.note)
    return
  }
  if (options.json === true) {
    const { index = 0, keepDays = null, time } = minimum ?? {}
    const signedAt = time === undefined ? null : new Date(time).toISOString()
    io.out.write(`${printableJson({ minimumIndex: index, retentionDays: keepDays, signedAt }, 2)}\n`)
    return
  }
  io.out.write(minimum === undefined ? 'nothing was pruned: every entry is there\n' : `${minimumText(minimum)}\n`)
}
