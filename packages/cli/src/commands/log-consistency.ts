/** `keywitness log consistency`: that one head of the log continues another, computed here from a proof. */
import { readFileSync } from 'node:fs'
import type { Command } from 'commander'
import { type Checkpoint, NoteError, parseCheckpoint, parseNote, parseVerifierKey, toBase64 } from '@keywitness/tlog'
import { CliError } from '../cli-error.ts'
import { examples, several, withTrail } from '../command-options.ts'
import { Heads } from '../heads.ts'
import { followKeys } from '../key-following.ts'
import { checkpointOf, logKeys } from '../log-api.ts'
import { formatCount, printable, printableJson } from '../printable.ts'
import { type Surroundings, paint } from '../surroundings.ts'
import { type TrailApi, type TrailOptions, openTrail } from '../trail-api.ts'
import {
  checkAndRemember,
  checkConsistency,
  givenKeys,
  openTrusted,
  type TrustedKeys,
  tellFirstContact,
  trustedKeys,
} from '../trusted-log.ts'

interface Options extends TrailOptions {
  readonly key?: readonly string[]
  readonly json?: boolean
}

export function addLogConsistency(log: Command, io: Surroundings): void {
  const command = withTrail(log.command('consistency'))
    .description('prove that a head of the log continues an earlier one: nothing before it was changed or removed')
    .argument('<from>', 'size of a kept checkpoint, or a file with a checkpoint')
    .argument('<to>', 'the same, of the later one')
    .option('--key <key>', "the log's verifier key, or a file with it (default: the remembered one)", several)
    .option('--json', 'as JSON')
    .action((from: string, to: string, options: Options) => consistency(io, from, to, options))
  examples(command, 'log consistency 120000 240000', 'log consistency mailed-checkpoint.txt 240000')
}

async function consistency(io: Surroundings, from: string, to: string, options: Options): Promise<void> {
  const trail = await openTrail(io, options)
  const { origin } = await trail.info()
  const heads = Heads.of(io)
  const trusted = await trustedKeys(await givenKeys(options.key ?? []), await heads.read(origin), () => trail.key())
  const notes = [await noteOf(trail, from), await noteOf(trail, to)]
  const [earlier = '', later = ''] = notes.toSorted((a, b) => claimedIn(a).size - claimedIn(b).size)
  const keys = await followKeys(io, heads, trusted, later, trail)
  const larger = { note: later, checkpoint: await openTrusted(later, keys, origin) }
  const smaller = { checkpoint: await openTrusted(earlier, await withFormerKeys(keys, trail), origin) }
  tellFirstContact(io, origin, keys)
  await checkConsistency(smaller.checkpoint, larger.checkpoint, trail)
  await checkAndRemember(heads, keys, larger.note, larger.checkpoint, trail, 'any')
  const [a, b] = [smaller.checkpoint, larger.checkpoint]
  if (options.json === true) {
    const head = ({ size, root }: Checkpoint) => ({ size, root: toBase64(root) })
    io.out.write(`${printableJson({ verified: true, origin, from: head(a), to: head(b) }, 2)}\n`)
    return
  }
  const good = paint(io, 'green', '✓')
  io.out.write(
    `${good} both checkpoints are signed by a key of ${printable(origin)}\n` +
      `${good} the log of ${formatCount(b.size)} entries begins with the ${formatCount(a.size)} of the other: ` +
      'nothing was changed or removed\n',
  )
}

/** What a note says, nothing verified: which of the two is the later one. */
function claimedIn(note: string): Checkpoint {
  return parseCheckpoint(parseNote(note).text)
}

/**
 * Keys that signed the log before those that are trusted. Their word alone is worth nothing here; that the earlier
 * checkpoint is one of this log is what the proof shows, from a tree that a trusted key has signed.
 */
async function withFormerKeys(keys: TrustedKeys, trail: TrailApi): Promise<TrustedKeys> {
  const former = (await logKeys(trail)).map(({ key }) => key).filter((key) => !keys.texts.includes(key))
  return { ...keys, verifiers: [...keys.verifiers, ...former.map((key) => parseVerifierKey(key))] }
}

/** The note of a kept size, or the one in a file. */
async function noteOf(trail: TrailApi, named: string): Promise<string> {
  if (/^\d{1,15}$/.test(named)) return await checkpointOf(trail, Number(named))
  try {
    const note = readFileSync(named, 'utf8')
    parseCheckpoint(parseNote(note).text)
    return note
  } catch (error) {
    const why = error instanceof NoteError ? 'holds no checkpoint' : 'cannot be read'
    throw new CliError('BAD_INPUT', `${printable(named)} ${why}: ${printable((error as Error).message)}`)
  }
}
