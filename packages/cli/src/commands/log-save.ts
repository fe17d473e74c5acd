/** `keywitness log save`: the log's files into a folder, as C2SP tlog-tiles lays them out, verified on the way. */
import { hash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Command } from 'commander'
import { entriesPath, type LogReport, platformHash, tilePath, toBase64, verifyLog } from '@keywitness/tlog'
import { CliError } from '../cli-error.ts'
import { examples, several, withTrail } from '../command-options.ts'
import { Heads } from '../heads.ts'
import { followKeys } from '../key-following.ts'
import { aboveMinimum, minimumOf, minimumText, type SignedMinimum } from '../minimum-index.ts'
import { formatCount, printable } from '../printable.ts'
import { logProgress } from '../progress.ts'
import { type Surroundings, paint } from '../surroundings.ts'
import { type TrailOptions, openTrail } from '../trail-api.ts'
import { checkAndRemember, givenKeys, openTrusted, tellFirstContact, trustedKeys } from '../trusted-log.ts'

interface Options extends TrailOptions {
  readonly key?: readonly string[]
}

/** Bundles asked for ahead of the one being hashed. */
const readAhead = 8

export function addLogSave(log: Command, io: Surroundings): void {
  const command = withTrail(log.command('save'))
    .description(
      'copy the whole log into a folder of its files, verified on the way; what is there already is read from there',
    )
    .argument('<folder>', 'where to; it is made')
    .option('--key <key>', "the log's verifier key, or a file with it (default: the remembered one)", several)
    .action((folder: string, options: Options) => save(io, folder, options))
  examples(command, 'log save ./log-copy', 'log save /mnt/archive/us-south --key log.vkey')
}

async function save(io: Surroundings, folder: string, options: Options): Promise<void> {
  const trail = await openTrail(io, options)
  const { origin } = await trail.info()
  const heads = Heads.of(io)
  const trusted = await trustedKeys(await givenKeys(options.key ?? []), await heads.read(origin), () => trail.key())
  const note = await trail.checkpoint()
  const keys = await followKeys(io, heads, trusted, note, trail)
  const checkpoint = await openTrusted(note, keys, origin)
  tellFirstContact(io, origin, keys)
  const knownHeads = (await heads.read(origin)).heads.map((head) => head.checkpoint)
  const bar = logProgress(io)
  /** A file of one name never changes: it is fetched once, and none that is there is ever replaced. */
  const kept = async (path: string, fetched: () => Promise<Uint8Array>): Promise<Uint8Array> => {
    const file = join(folder, path)
    if (existsSync(file)) return new Uint8Array(await readFile(file))
    const bytes = await fetched()
    await put(file, bytes)
    return bytes
  }
  const verify = (above: SignedMinimum | undefined): Promise<LogReport> =>
    verifyLog({
      checkpoint: note,
      verifiers: keys.verifiers,
      heads: knownHeads,
      hash: platformHash(hash),
      readAhead,
      ...(above === undefined
        ? {}
        : { minimum: above.index, hasBundle: (n: number) => existsSync(join(folder, entriesPath(n))) }),
      // A copy: the bytes are hashed in place.
      readBundle: async (n, width) => (await kept(entriesPath(n, width), () => trail.bundle(n, width))).slice(),
      readTile: (level, n, width) => kept(tilePath(level, n, width), () => trail.tile(level, n, width)),
      progress: ({ entries, size, bytes }) => bar.update(entries, size, bytes),
    })
  const { report, minimum } = await aboveMinimum(() => minimumOf(trail, keys, checkpoint), verify).finally(() =>
    bar.stop(),
  )
  if (!report.ok) {
    throw new CliError(
      'VERIFICATION_FAILED',
      `the copy is not what was signed: ${printable(report.faults[0]?.message ?? '')}`,
      `remove the file at fault from ${printable(folder)} to have it fetched again, or see keywitness log verify`,
    )
  }
  if (minimum !== undefined) await put(join(folder, 'minimum-index'), new TextEncoder().encode(minimum.note))
  // The checkpoint comes last: until it is there, the folder is the log of the checkpoint before.
  await put(join(folder, 'checkpoint'), new TextEncoder().encode(note))
  await checkAndRemember(heads, keys, note, checkpoint, trail)
  const good = paint(io, 'green', '✓')
  if (minimum !== undefined) io.out.write(`${good} ${minimumText(minimum)}\n`)
  io.out.write(
    `${good} ${printable(folder)}: ${formatCount(checkpoint.size)} entries of ${printable(origin)}, root ${toBase64(checkpoint.root)}\n`,
  )
}

/** Writes beside the file and moves it into place. */
async function put(file: string, bytes: Uint8Array): Promise<void> {
  try {
    await mkdir(dirname(file), { recursive: true })
    await writeFile(`${file}.new`, bytes)
    await rename(`${file}.new`, file)
  } catch (error) {
    throw new CliError('BAD_INPUT', `cannot write ${printable(file)}: ${(error as Error).message}`)
  }
}
