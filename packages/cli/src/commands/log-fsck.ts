/** `keywitness log fsck`: the store itself, checked from its files, where the server does not run or is not believed. */
import { existsSync, readdirSync, statSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import type { Command } from 'commander'
import type { Finding, FsckReport } from '@keywitness/tracker'
import { CliError } from '../cli-error.ts'
import { examples } from '../command-options.ts'
import { formatCount, printable, printableJson } from '../printable.ts'
import { logProgress } from '../progress.ts'
import { type Surroundings, paint } from '../surroundings.ts'
import { givenKeys } from '../trusted-log.ts'

interface Options {
  readonly keyFolder?: string
  readonly key?: string
  readonly search: boolean
  readonly json?: boolean
}

/** A tracker's files. */
interface Place {
  readonly folder: string
  /** Where its keys and the highest signed head lie; undefined when that is not known. */
  readonly keyFolder: string | undefined
}

export function addLogFsck(log: Command, io: Surroundings): void {
  const command = log
    .command('fsck')
    .description(
      'check the files of a store, offline or beside a running server: every byte, and what search would hide',
    )
    .argument('<folder>', "a server's data folder, or the folder of one tracker")
    .option('--key-folder <folder>', "the tracker's folder in checkpoints/ (default: beside a data folder's trackers/)")
    .option('--key <key>', "the log's verifier key, or a file with it, instead of the key folder's own word")
    .option('--no-search', 'leave out the search tables, which take most of the time')
    .option('--json', 'as JSON')
    .action((folder: string, options: Options) => check(io, folder, options))
  examples(command, 'log fsck ./data', 'log fsck /mnt/copy/trackers/a1/us-south --key log.vkey --no-search')
}

async function check(io: Surroundings, folder: string, options: Options): Promise<void> {
  const places = placesIn(resolve(folder), options)
  const [verifierKey] = options.key === undefined ? [] : await givenKeys([options.key])
  const reports: { readonly place: Place; readonly report: FsckReport }[] = []
  for (const place of places) {
    const report = await checkOne(io, place, verifierKey, options)
    reports.push({ place, report })
    if (options.json !== true) io.out.write(reportText(io, place, report))
  }
  if (options.json === true) {
    const trackers = reports.map(({ place, report }) => ({ folder: place.folder, ...report }))
    io.out.write(`${printableJson({ good: reports.every(({ report }) => report.good), trackers }, 2)}\n`)
  }
  const bad = reports.filter(({ report }) => !report.good)
  if (bad.length === 0) return
  throw new CliError(
    'VERIFICATION_FAILED',
    bad.length === 1
      ? `the store ${printable(bad[0]!.place.folder)} is not sound`
      : `${bad.length} stores are not sound`,
    'keep it as it is; restore from a copy, and find out who could write to the disk',
  )
}

async function checkOne(
  io: Surroundings,
  { folder, keyFolder }: Place,
  verifierKey: string | undefined,
  options: Options,
): Promise<FsckReport> {
  // Only this command opens stores: no other waits for what that takes to load.
  const { fsck, TrackerError } = await import('@keywitness/tracker')
  const bar = logProgress(io)
  try {
    return await fsck({
      folder,
      ...(keyFolder === undefined ? {} : { keyFolder }),
      ...(verifierKey === undefined ? {} : { verifierKey }),
      ...(options.search ? {} : { searchEntries: 0 }),
      progress: (done, total) => bar.update(done, total, 0),
    })
  } catch (error) {
    if (!(error instanceof TrackerError)) throw error
    const code = error.code === 'CORRUPT' ? 'VERIFICATION_FAILED' : 'BAD_INPUT'
    throw new CliError(code, printable(error.message))
  } finally {
    bar.stop()
  }
}

/** The trackers of a data folder, or the one that the folder is. */
function placesIn(folder: string, options: Options): Place[] {
  const given = options.keyFolder === undefined ? undefined : resolve(options.keyFolder)
  if (given !== undefined && !existsSync(given)) {
    throw new CliError('BAD_INPUT', `there is no folder ${printable(given)}`)
  }
  if (existsSync(join(folder, 'head.db'))) return [{ folder, keyFolder: given ?? keyFolderOf(folder) }]
  const trackers = join(folder, 'trackers')
  const found = foldersIn(trackers).flatMap((account) => foldersIn(account))
  if (found.length === 0) {
    throw new CliError('BAD_INPUT', `${printable(folder)} is no data folder and no tracker's folder: it has no head.db`)
  }
  if (given !== undefined) throw new CliError('BAD_INPUT', '--key-folder goes with the folder of one tracker')
  return found.map((path) => ({ folder: path, keyFolder: keyFolderOf(path) }))
}

/** Where the keys of `<data>/trackers/<account>/<location>` lie. */
function keyFolderOf(folder: string): string | undefined {
  const account = dirname(folder)
  if (basename(dirname(account)) !== 'trackers') return undefined
  const path = join(dirname(dirname(account)), 'checkpoints', basename(account), basename(folder))
  return existsSync(path) ? path : undefined
}

function foldersIn(folder: string): string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .toSorted()
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isDirectory())
}

function reportText(io: Surroundings, { folder }: Place, report: FsckReport): string {
  const { origin, size, covered, root, segments, checkpoints, findings, findingsTotal, notes } = report
  const mark = report.good ? paint(io, 'green', '✓') : paint(io, 'red', '✗')
  const head = `${mark} ${printable(origin)}: ${formatCount(size)} entries, ${formatCount(covered)} covered, ${segments} segments, ${checkpoints} checkpoints`
  const lines = [
    printable(folder),
    head,
    ...(root === undefined ? [] : [`  root ${root}`]),
    ...findings.map(findingLine),
    ...(findingsTotal > findings.length ? [`  and ${formatCount(findingsTotal - findings.length)} more`] : []),
    ...notes.map((note) => `  note: ${printable(note)}`),
  ]
  return `${lines.join('\n')}\n`
}

function findingLine({ kind, message }: Finding): string {
  return `  ${kind}: ${printable(message)}`
}
