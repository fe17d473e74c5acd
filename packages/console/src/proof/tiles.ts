/** Nodes of a log's tree read from its hash tiles (c2sp.org/tlog-tiles): fetched first, then folded without waiting. */
import {
  CompactRange,
  HASH_BYTES,
  type ReadNode,
  TILE_HEIGHT,
  TILE_WIDTH,
  inclusionPath,
  tileWidth,
} from '@keywitness/tlog'
import type { LogApi } from '../api/client.ts'

/**
 * Fetches every hash tile that the inclusion proofs of `indexes` in a tree of `size` need, and gives a reader over
 * them. Nothing read here is trusted: a proof made of it is verified against the signed root.
 *
 * @throws ApiError; RangeError when a tile has not the length its path promises
 */
export async function fetchProofNodes(
  log: Pick<LogApi, 'tile'>,
  indexes: readonly number[],
  size: number,
): Promise<ReadNode> {
  const wanted = new Map<string, { level: number; n: number }>()
  for (const index of indexes) {
    for (const node of inclusionPath(index, size).flat()) {
      const place = placeOf(node.level, node.index)
      wanted.set(`${place.level}/${place.n}`, place)
    }
  }
  const tiles = new Map<string, Uint8Array>()
  await Promise.all(
    [...wanted].map(async ([name, { level, n }]) => {
      const width = tileWidth(level, n, size)
      const bytes = await log.tile(level, n, width)
      if (bytes.length !== width * HASH_BYTES) throw new RangeError(`tile ${name} has ${bytes.length} bytes`)
      tiles.set(name, bytes)
    }),
  )
  return (level, index) => {
    const place = placeOf(level, index)
    const tile = tiles.get(`${place.level}/${place.n}`)
    if (tile === undefined) throw new RangeError(`node ${level}/${index} was not fetched`)
    const complete = new CompactRange()
    for (let i = place.offset; i < place.offset + place.count; i++) {
      complete.append(tile.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES))
    }
    return complete.root()
  }
}

/** In which tile a node is: `count` neighbouring hashes from `offset`, which fold to it. */
function placeOf(level: number, index: number): { level: number; n: number; offset: number; count: number } {
  const tileLevel = Math.floor(level / TILE_HEIGHT)
  const count = 2 ** (level % TILE_HEIGHT)
  const first = index * count
  return { level: tileLevel, n: Math.floor(first / TILE_WIDTH), offset: first % TILE_WIDTH, count }
}
