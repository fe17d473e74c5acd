/** Verifies a whole log from a folder of its files (c2sp.org/tlog-tiles), and that it continues heads kept elsewhere. */
import { hash } from 'node:crypto'
import { join } from 'node:path'
import {
  HASH_BYTES,
  type MinimumIndex,
  NotStored,
  NoteError,
  type NoteVerifier,
  TILE_WIDTH,
  type TreeHead,
  encodeBundle,
  entriesPath,
  openCheckpoint,
  openMinimumIndex,
  parseBundle,
  platformHash,
  tilePath,
  toBase64,
  verifyLog,
} from '@keywitness/tlog'
import { Failure } from './failure.ts'
import { readIfThere, readText } from './files.ts'
import { printable } from './printable.ts'

export interface LogQuestion {
  readonly folder: string
  /** File with the checkpoint; the folder's own when undefined. */
  readonly checkpoint: string | undefined
  /** Files with checkpoints kept elsewhere, which the log must continue. */
  readonly heads: readonly string[]
}

export async function verifyLogFolder(
  { folder, checkpoint, heads }: LogQuestion,
  keys: readonly NoteVerifier[],
  tell: (step: string) => void,
): Promise<void> {
  const note = readText(checkpoint ?? join(folder, 'checkpoint'))
  const earlier: TreeHead[] = []
  for (const file of heads) earlier.push(await headIn(file, keys))
  const minimum = await minimumIn(join(folder, 'minimum-index'), keys)
  const report = await verifyLog({
    checkpoint: note,
    verifiers: keys,
    heads: earlier,
    minimum: minimum?.index ?? 0,
    hasBundle: (n) => readIfThere(join(folder, entriesPath(n))) !== undefined,
    hash: platformHash(hash),
    readBundle: (n, width) => bundle(folder, n, width),
    readTile: (level, n, width) => tile(folder, level, n, width),
  })
  if (!report.ok) {
    const more = report.moreFaults > 0 ? [`and ${report.moreFaults} more`] : []
    throw new Failure('failed', [...report.faults.map(({ message }) => printable(message)), ...more].join('\n  '))
  }
  const { origin, size, root } = report.checkpoint!
  tell(
    `the checkpoint of ${printable(origin)}, size ${size}, is signed by ${report.verified.map(printable).join(', ')}`,
  )
  if (minimum !== undefined && minimum.origin !== origin) {
    throw new Failure('failed', `the minimum index is that of ${printable(minimum.origin)}`)
  }
  if (report.pruned > 0) {
    const policy = `kept at least ${minimum?.keepDays} days`
    tell(`entries below ${minimum?.index} were pruned by policy (${policy}), which the log has signed`)
  }
  tell(`${report.entries} entries, ${report.bytes} bytes, hashed again: they lead to the signed root ${toBase64(root)}`)
  tell(`${report.tiles} stored hash tiles agree`)
  for (const head of earlier) tell(`it continues the head of size ${head.size}`)
}

/** What the log has signed of its pruning; undefined when it has not pruned. */
async function minimumIn(file: string, keys: readonly NoteVerifier[]): Promise<MinimumIndex | undefined> {
  if (readIfThere(file) === undefined) return undefined
  try {
    return await openMinimumIndex(readText(file), keys)
  } catch (error) {
    if (!(error instanceof NoteError)) throw error
    throw new Failure('failed', `the minimum index in ${printable(file)} does not hold: ${printable(error.message)}`)
  }
}

async function headIn(file: string, keys: readonly NoteVerifier[]): Promise<TreeHead> {
  try {
    return (await openCheckpoint(readText(file), keys)).checkpoint
  } catch (error) {
    if (!(error instanceof NoteError)) throw error
    throw new Failure('failed', `the checkpoint in ${printable(file)} does not hold: ${printable(error.message)}`)
  }
}

/** A wider tile may have taken the place of a partial one: its beginning is the same. */
function tile(folder: string, level: number, n: number, width: number): Uint8Array {
  const found = asWide(folder, (wide) => tilePath(level, n, wide), width)
  return found.subarray(0, width * HASH_BYTES)
}

function bundle(folder: string, n: number, width: number): Uint8Array {
  const found = asWide(folder, (wide) => entriesPath(n, wide), width)
  try {
    const entries = parseBundle(found)
    return entries.length > width ? encodeBundle(entries.slice(0, width)) : found
  } catch {
    // What is no bundle is told by who reads it.
    return found
  }
}

function asWide(folder: string, path: (width: number) => string, width: number): Uint8Array {
  const widths = [width, TILE_WIDTH, ...Array.from({ length: TILE_WIDTH - 1 - width }, (_, more) => width + 1 + more)]
  for (const wide of widths) {
    const found = readIfThere(join(folder, path(wide)))
    if (found !== undefined) return found
  }
  throw new NotStored(`${path(width)} is not there`)
}
