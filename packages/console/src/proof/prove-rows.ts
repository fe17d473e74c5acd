/** Proves in the background that listed events are in the log, from the entries' own bytes and the last verified head. */
import { canonicalJson, parseEntry } from '@keywitness/cadf'
import {
  ProofError,
  TILE_WIDTH,
  fromBase64,
  inclusionProof,
  leafHash,
  parseBundle,
  tileWidth,
  verifyInclusion,
} from '@keywitness/tlog'
import type { LogApi } from '../api/client.ts'
import type { TreeHead } from './check-head.ts'
import { fetchProofNodes } from './tiles.ts'

/** An event as the list shows it. */
export interface ShownRow {
  readonly index: number
  /** The event's canonical JSON. */
  readonly event: string
}

export interface RowsAnswer {
  readonly proven: readonly number[]
  /** The first entry that does not hold. */
  readonly fault?: { readonly index: number; readonly kind: 'not-in-log' | 'row-differs' }
}

/** Entry bundles fetched at most in one round: about a thousand events. */
export const bundlesMax = 4

/** The newest rows that one round takes: those below the head, of at most `bundlesMax` bundles. */
export function chooseRows<Row extends { readonly index: number }>(rows: readonly Row[], size: number): Row[] {
  const covered = rows.filter((row) => row.index < size).sort((a, b) => b.index - a.index)
  const bundles = new Set<number>()
  return covered.filter((row) => {
    const bundle = Math.floor(row.index / TILE_WIDTH)
    if (!bundles.has(bundle) && bundles.size >= bundlesMax) return false
    bundles.add(bundle)
    return true
  })
}

/**
 * For each row: its entry's bytes are fetched and hashed, the hash climbs to the root of `head`, and the entry's event
 * is the one shown.
 *
 * @param head verified by the caller
 * @throws ApiError, TileError, RangeError when something could not be read: that proves nothing either way
 */
export async function proveRows(
  log: Pick<LogApi, 'bundle' | 'tile'>,
  head: TreeHead,
  rows: readonly ShownRow[],
): Promise<RowsAnswer> {
  const chosen = chooseRows(rows, head.size)
  const root = fromBase64(head.root) ?? new Uint8Array()
  const [entries, readNode] = await Promise.all([
    fetchEntries(log, chosen, head.size),
    fetchProofNodes(
      log,
      chosen.map((row) => row.index),
      head.size,
    ),
  ])
  const proven: number[] = []
  for (const row of chosen) {
    const entry = entries.get(row.index)
    if (entry === undefined) throw new RangeError(`entry ${row.index} is not in its bundle`)
    const path = inclusionProof(row.index, head.size, readNode)
    if (!isIncluded(row.index, head.size, entry, path, root)) {
      return { proven, fault: { index: row.index, kind: 'not-in-log' } }
    }
    if (!isShownTruly(entry, row.event)) return { proven, fault: { index: row.index, kind: 'row-differs' } }
    proven.push(row.index)
  }
  return { proven }
}

async function fetchEntries(
  log: Pick<LogApi, 'bundle'>,
  rows: readonly ShownRow[],
  size: number,
): Promise<Map<number, Uint8Array>> {
  const numbers = new Set(rows.map((row) => Math.floor(row.index / TILE_WIDTH)))
  const entries = new Map<number, Uint8Array>()
  await Promise.all(
    [...numbers].map(async (n) => {
      const bundle = parseBundle(await log.bundle(n, tileWidth(0, n, size)))
      for (const [i, entry] of bundle.entries()) entries.set(n * TILE_WIDTH + i, entry)
    }),
  )
  return entries
}

function isIncluded(index: number, size: number, entry: Uint8Array, path: Uint8Array[], root: Uint8Array): boolean {
  try {
    verifyInclusion(index, size, leafHash(entry), path, root)
    return true
  } catch (error) {
    if (error instanceof ProofError) return false
    throw error
  }
}

/** Whether the entry's event, printed canonically, is what the list shows. */
export function isShownTruly(entry: Uint8Array, shown: string): boolean {
  try {
    return canonicalJson(parseEntry(entry).event) === shown
  } catch {
    return false
  }
}
