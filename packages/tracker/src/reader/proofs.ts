/** What a published log hands out for verification: tiles, entry bundles, receipts, consistency proofs, from the disk. */
import {
  completeSubtrees,
  consistencyProof,
  encodeBundle,
  formatProof,
  inclusionProof,
  parsePath,
  TILE_WIDTH,
  TileError,
  tileWidth,
} from '@keywitness/tlog'
import type { StoredEntry } from '../api.ts'
import { TrackerError } from '../errors.ts'
import type { LogKey } from '../key-api.ts'
import { sha256Of } from '../hash.ts'
import type { StoredTree } from '../tree/stored-tree.ts'
import type { CheckpointRows } from './kept-checkpoints.ts'
import type { LogEntries, LogView } from './log-entries.ts'

/** The highest level of tiles that any log of ours can have: 256^7 leaves are more than indexes there are. */
const tileLevelMax = 6

export interface ProofParts {
  readonly view: LogView
  readonly tree: StoredTree
  readonly entries: LogEntries
  /** The newest checkpoint's note; undefined while nothing is published. */
  readonly note: string | undefined
}

/** A hash tile of the published tree, full or as wide as asked; undefined when the tree has no such tile. */
export function tileOf({ view, tree }: ProofParts, level: number, n: number, width: number): Uint8Array | undefined {
  if (!Number.isSafeInteger(level) || level < 0 || level > tileLevelMax) return undefined
  if (!isServed(level, n, width, view.covered)) return undefined
  return tree.tile(level, n, width)
}

/** An entry bundle of the published log; undefined when it has no such bundle. */
export function bundleOf({ view, entries }: ProofParts, n: number, width: number): Uint8Array | undefined {
  if (!isServed(0, n, width, view.covered)) return undefined
  const from = n * TILE_WIDTH
  if (from < view.minimum) {
    throw new TrackerError('PRUNED', `entries below ${view.minimum} were pruned by policy, which the log has signed`)
  }
  return encodeBundle(Array.from(entries.fromDisk(view, from, from + width), ({ bytes }) => bytes))
}

/** What a C2SP path names; undefined when the published log has nothing there. */
export function resourceOf(parts: ProofParts, path: string): Uint8Array | undefined {
  if (path === 'checkpoint') return parts.note === undefined ? undefined : new TextEncoder().encode(parts.note)
  try {
    const { level, n, width } = parsePath(path)
    return level === 'entries' ? bundleOf(parts, n, width) : tileOf(parts, level, n, width)
  } catch (error) {
    if (error instanceof TileError) return undefined
    throw error
  }
}

/** The proof file of an entry that the newest checkpoint covers, with the entry's bytes as `extra`. */
export function receiptOf({ view, tree, entries, note }: ProofParts, index: number): string | undefined {
  if (note === undefined || index >= view.covered) return undefined
  const hashes = inclusionProof(index, view.covered, tree.node, sha256Of)
  const [stored] = entries.fromDisk(view, index, index + 1)
  return formatProof({ index, hashes, checkpoint: note, ...(stored === undefined ? {} : { extra: stored.bytes }) })
}

/**
 * The proof file of the entry that announced a key, at the first stored checkpoint that this key and the one before it
 * have signed.
 */
export function announcementOf(
  { view, tree, entries }: ProofParts,
  keys: readonly LogKey[],
  vkey: string,
  checkpoints: CheckpointRows,
  kept: (index: number) => readonly StoredEntry[],
): { readonly index: number; readonly proof: string } | undefined {
  const place = keys.findIndex((key) => key.vkey === vkey)
  const index = keys[place]?.announced
  if (index === undefined) return undefined
  const signed = checkpoints.between(index + 1, keys[place - 1]?.until?.size ?? view.covered)
  if (signed === undefined) return undefined
  const hashes = inclusionProof(index, signed.size, tree.node, sha256Of)
  const [stored] = index < view.first ? kept(index) : entries.fromDisk(view, index, index + 1)
  const proof = { index, hashes, checkpoint: signed.note, ...(stored === undefined ? {} : { extra: stored.bytes }) }
  return { index, proof: formatProof(proof) }
}

/** Hashes of the proof that one published tree continues another; undefined when they are no two published sizes. */
export function consistencyOf({ view, tree }: ProofParts, from: number, to: number): Uint8Array[] | undefined {
  const areSizes = Number.isSafeInteger(from) && Number.isSafeInteger(to) && from >= 0 && from <= to
  if (!areSizes || to > view.covered) return undefined
  return consistencyProof(from, to, tree.node, sha256Of)
}

/** Hashes of the complete subtrees of a covered range; undefined when it is none. */
export function subtreesOf({ view, tree }: ProofParts, from: number, to: number): Uint8Array[] | undefined {
  const isRange = Number.isSafeInteger(from) && Number.isSafeInteger(to) && from >= 0 && from <= to
  if (!isRange || to > view.covered) return undefined
  return completeSubtrees(from, to).map(({ level, index }) => tree.node(level, index))
}

/** Any width up to what the tree has: narrower ones were those of smaller trees. */
function isServed(level: number, n: number, width: number, size: number): boolean {
  if (!Number.isSafeInteger(n) || n < 0 || !Number.isSafeInteger(width) || width < 1) return false
  return width <= tileWidth(level, n, size)
}
