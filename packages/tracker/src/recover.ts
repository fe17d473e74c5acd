/** Recovery: what the log is, read from the store. The same function runs at each start and after a failed write. */
import { completeSubtrees, HASH_BYTES, sameBytes, TILE_HEIGHT, TILE_WIDTH } from '@keywitness/tlog'
import { TrackerError } from './errors.ts'
import { leafHashInto } from './hash.ts'
import { EntryRows } from './head/entry-rows.ts'
import { readRegister, type RegisteredSegment } from './segment/register.ts'
import { refuseFork, type SignedHead } from './signed-head.ts'
import type { Database } from './store/disk.ts'
import { GrowingTree } from './tree/growing-tree.ts'
import { StoredTree } from './tree/stored-tree.ts'

export interface Recovered {
  readonly tree: GrowingTree
  readonly segments: readonly RegisteredSegment[]
  /** The first of the newest entries whose bytes are not those that were hashed, if one was found. */
  readonly altered: number | undefined
}

/**
 * Reads the log's state. There is nothing to repair: a batch is in the store as a whole or not at all.
 *
 * @param verifyNewest how many of the newest entries' bytes to hash again
 * @throws TrackerError CORRUPT; FORKED when the tree does not continue the signed head
 */
export function recover(db: Database, signed: SignedHead | undefined, verifyNewest: number): Recovered {
  const segments = readRegister(db)
  const rows = new EntryRows(db)
  const stored = new StoredTree(db)
  const sealed = segments.at(-1)?.last ?? 0
  const size = Math.max(sealed, rows.end() ?? 0)
  checkHead(db, sealed, size)
  refuseFork(stored, size, signed)
  const altered = firstAltered(rows, stored, Math.max(sealed, size - verifyNewest), size)

  const tileCount = Math.floor(size / TILE_WIDTH)
  const tileRoots = completeSubtrees(0, tileCount).map(({ level, index }) => stored.node(level + TILE_HEIGHT, index))
  const open = rows.leaves(tileCount * TILE_WIDTH, size - tileCount * TILE_WIDTH)
  return { tree: new GrowingTree(tileCount, tileRoots, open), segments, altered }
}

/** The head must hold every entry from the last sealed tile on. */
function checkHead(db: Database, sealed: number, size: number): void {
  const head = db
    .prepare<{ first: number | null; held: number }>('SELECT min(first) AS first, total(count) AS held FROM entries')
    .get()
  const expected = sealed - (sealed % TILE_WIDTH)
  const first = head?.first ?? expected
  if (first !== expected || (head?.held ?? 0) !== size - expected) {
    const message = `${db.file} holds ${head?.held ?? 0} entries from ${first} on, not ${size - expected} from ${expected}`
    throw new TrackerError('CORRUPT', message, { file: db.file })
  }
}

/**
 * Bytes that were altered are evidence, not a reason to stop: the tree they were hashed into is the signed one, and goes on.
 */
function firstAltered(rows: EntryRows, stored: StoredTree, from: number, to: number): number | undefined {
  const computed = Buffer.alloc(HASH_BYTES)
  let tile: Uint8Array = new Uint8Array()
  for (const { index, bytes } of rows.range(from, to)) {
    const n = Math.floor(index / TILE_WIDTH)
    const at = (index % TILE_WIDTH) * HASH_BYTES
    if (at === 0 || index === from) tile = stored.tile(0, n, Math.min(TILE_WIDTH, to - n * TILE_WIDTH))
    leafHashInto(bytes, computed, 0)
    if (!sameBytes(computed, tile.subarray(at, at + HASH_BYTES))) return index
  }
  return undefined
}
