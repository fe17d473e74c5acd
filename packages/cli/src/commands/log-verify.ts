/** `keywitness log verify`: the whole log, computed again from its bytes, against its signed checkpoint and the past. */
import { hash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { Command } from 'commander'
import { type Checkpoint, type LogReport, type MinimumIndex, platformHash, toBase64, verifyLog } from '@keywitness/tlog'
import { CliError } from '../cli-error.ts'
import { examples, several, withTrail } from '../command-options.ts'
import { Heads } from '../heads.ts'
import { followKeys } from '../key-following.ts'
import { aboveMinimum, minimumOf, minimumText } from '../minimum-index.ts'
import { formatBytes, formatCount, printable, printableJson } from '../printable.ts'
import { logProgress } from '../progress.ts'
import { type Surroundings, paint } from '../surroundings.ts'
import { type TrailApi, type TrailOptions, openTrail } from '../trail-api.ts'
import {
  type TrustedKeys,
  checkAndRemember,
  givenKeys,
  openTrusted,
  tellFirstContact,
  trustedKeys,
  wentBack,
} from '../trusted-log.ts'

interface Options extends TrailOptions {
  readonly key?: readonly string[]
  readonly head?: readonly string[]
  readonly json?: boolean
}

/** Bundles asked for ahead of the one being hashed. */
const readAhead = 8

export function addLogVerify(log: Command, io: Surroundings): void {
  const command = withTrail(log.command('verify'))
    .description('compute the whole log again from its bytes, against its signed checkpoint and what was seen before')
    .option('--key <key>', "the log's verifier key, or a file with it (default: the remembered one)", several)
    .option('--head <file>', 'a checkpoint kept elsewhere that the log must continue; may be repeated', several)
    .option('--json', 'as JSON')
    .action((options: Options) => verify(io, options))
  examples(command, 'log verify', 'log verify --key log.vkey --head mailed-checkpoint.txt', 'log verify --json')
}

async function verify(io: Surroundings, options: Options): Promise<void> {
  const trail = await openTrail(io, options)
  const { origin } = await trail.info()
  const heads = Heads.of(io)
  const remembered = await heads.read(origin)
  const trusted = await trustedKeys(await givenKeys(options.key ?? []), remembered, () => trail.key())
  const note = await trail.checkpoint()
  const keys = await followKeys(io, heads, trusted, note, trail)
  const checkpoint = await openTrusted(note, keys, origin)
  tellFirstContact(io, origin, keys)

  const others = await readHeads(options.head ?? [], keys, origin)
  const newest = remembered.heads.at(-1)
  const seen = [...remembered.heads.map((head) => head.checkpoint), ...others]
  const { report, minimum } = await aboveMinimum(
    () => minimumOf(trail, keys, checkpoint),
    (above) => compute(io, trail, { checkpoint: note, minimum: above?.index ?? 0 }, keys, seen),
  )
  const before = seen.length === 0 ? undefined : Math.max(...seen.map(({ size }) => size))
  if (options.json === true) io.out.write(`${printableJson(reportJson(report, checkpoint, before, minimum), 2)}\n`)
  else io.out.write(reportText(io, report, checkpoint, before, minimum))

  if (newest !== undefined && checkpoint.size < newest.checkpoint.size) {
    throw wentBack(checkpoint, newest.checkpoint.size, newest.file)
  }
  if (!report.ok) {
    throw new CliError(
      'VERIFICATION_FAILED',
      `the log ${printable(origin)} is not what was signed: ${count(report)}`,
      'keep the store as it is and the checkpoints you have; what was remembered is unchanged',
    )
  }
  await checkAndRemember(heads, keys, note, checkpoint, trail)
}

/** Checkpoints from elsewhere: they must be signed by the log as well. */
async function readHeads(files: readonly string[], keys: TrustedKeys, origin: string): Promise<Checkpoint[]> {
  return Promise.all(
    files.map(async (file) => {
      const note = await readFile(file, 'utf8').catch((error: Error) => {
        throw new CliError('BAD_INPUT', `cannot read ${printable(file)}: ${error.message}`)
      })
      return openTrusted(note, keys, origin)
    }),
  )
}

async function compute(
  io: Surroundings,
  trail: TrailApi,
  log: { readonly checkpoint: string; readonly minimum: number },
  keys: TrustedKeys,
  heads: readonly Checkpoint[],
): Promise<LogReport> {
  const bar = logProgress(io)
  try {
    return await verifyLog({
      ...log,
      verifiers: keys.verifiers,
      heads,
      hash: platformHash(hash),
      readAhead,
      readBundle: (n, width) => trail.bundle(n, width),
      readTile: (level, n, width) => trail.tile(level, n, width),
      progress: ({ entries, size, bytes }) => bar.update(entries, size, bytes),
    })
  } finally {
    bar.stop()
  }
}

function count({ faults, moreFaults }: LogReport): string {
  const total = faults.length + moreFaults
  return total === 1 ? 'one fault' : `${total} faults`
}

function reportText(
  io: Surroundings,
  report: LogReport,
  checkpoint: Checkpoint,
  before: number | undefined,
  minimum: MinimumIndex | undefined,
): string {
  const { origin, size, root } = checkpoint
  const good = paint(io, 'green', '✓')
  const lines = [`${good} the checkpoint of ${printable(origin)}, size ${formatCount(size)}, is signed by its key`]
  if (minimum !== undefined) lines.push(`${good} ${minimumText(minimum)}; their hashes are there`)
  if (report.ok) {
    const read = `${formatCount(report.entries)} entries, ${formatBytes(report.bytes)}`
    lines.push(
      `${good} ${read}, hashed again: they lead to the signed root ${toBase64(root)}`,
      `${good} ${report.tiles === 1 ? 'the stored hash tile agrees' : `${formatCount(report.tiles)} stored hash tiles agree`}`,
    )
    if (before !== undefined) lines.push(`${good} it continues the head of size ${formatCount(before)} verified before`)
  } else {
    const bad = paint(io, 'red', '✗')
    lines.push(...report.faults.map(({ message }) => `${bad} ${printable(message)}`))
    if (report.moreFaults > 0) lines.push(`${bad} and ${formatCount(report.moreFaults)} more`)
  }
  return `${lines.join('\n')}\n`
}

function reportJson(
  report: LogReport,
  checkpoint: Checkpoint,
  before: number | undefined,
  minimum: MinimumIndex | undefined,
): object {
  const { ok, entries, bytes, tiles, faults, moreFaults, firstBadIndex, root } = report
  return {
    verified: ok,
    origin: checkpoint.origin,
    checkpoint: { size: checkpoint.size, root: toBase64(checkpoint.root) },
    computedRoot: root === undefined ? null : toBase64(root),
    minimumIndex: minimum?.index ?? 0,
    entries,
    bytes,
    tiles,
    continues: before ?? null,
    firstBadIndex: firstBadIndex ?? null,
    faults,
    moreFaults,
  }
}
