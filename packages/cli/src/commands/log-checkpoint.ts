/** `keywitness log checkpoint`: the newest signed head of the log, checked against the remembered one. */
import type { Command } from 'commander'
import { examples, several, withTrail } from '../command-options.ts'
import { Heads } from '../heads.ts'
import { followKeys } from '../key-following.ts'
import { formatCount, printable } from '../printable.ts'
import { type Surroundings, paint } from '../surroundings.ts'
import { type TrailOptions, openTrail } from '../trail-api.ts'
import { checkAndRemember, givenKeys, openTrusted, tellFirstContact, trustedKeys } from '../trusted-log.ts'

interface Options extends TrailOptions {
  readonly key?: readonly string[]
}

export function addLogCheckpoint(log: Command, io: Surroundings): void {
  const command = withTrail(log.command('checkpoint'))
    .description('the newest signed head of the log, checked against the remembered one, and then remembered')
    .option('--key <key>', "the log's verifier key, or a file with it (default: the remembered one)", several)
    .action((options: Options) => checkpoint(io, options))
  examples(command, 'log checkpoint', 'log checkpoint > head.txt', 'log verify --head head.txt')
}

async function checkpoint(io: Surroundings, options: Options): Promise<void> {
  const trail = await openTrail(io, options)
  const { origin } = await trail.info()
  const heads = Heads.of(io)
  const trusted = await trustedKeys(await givenKeys(options.key ?? []), await heads.read(origin), () => trail.key())
  const note = await trail.checkpoint()
  const keys = await followKeys(io, heads, trusted, note, trail)
  const head = await openTrusted(note, keys, origin)
  tellFirstContact(io, origin, keys)
  const before = (await checkAndRemember(heads, keys, note, head, trail)).heads.at(-1)
  // The note is the output, byte for byte, so that it can be kept or mailed; what was checked goes beside it.
  io.out.write(note)
  const good = paint(io, 'green', '✓', io.err)
  io.err.write(`${good} signed by the key of ${printable(origin)}\n`)
  if (before === undefined) return
  io.err.write(`${good} continues the head of size ${formatCount(before.checkpoint.size)} verified before\n`)
}
