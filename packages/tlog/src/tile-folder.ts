/** Folds the hashes of a tile, which lie side by side, into the hashes of larger subtrees without copying each pair. */
import { HASH_BYTES, type Hash, type HashInto, hashInto } from './hash.ts'
import { TILE_WIDTH } from './tile.ts'

/** One scratch tile for many folds. */
export class TileFolder {
  readonly #into: HashInto
  readonly #scratch = new Uint8Array(1 + TILE_WIDTH * HASH_BYTES)

  constructor(hash: Hash) {
    this.#into = hashInto(hash)
  }

  /** The hash of the complete subtree over `count` (a power of two) hashes of a tile, from position `from` on. */
  subtree(tile: Uint8Array, from = 0, count: number = TILE_WIDTH): Uint8Array {
    const scratch = this.#scratch
    scratch.set(tile.subarray(from * HASH_BYTES, (from + count) * HASH_BYTES), 1)
    for (let pairs = count / 2; pairs >= 1; pairs /= 2) {
      for (let i = 0; i < pairs; i++) {
        // The byte before a pair belongs to the pair before it, which is done with: it becomes the node prefix.
        const at = 2 * HASH_BYTES * i
        scratch[at] = 1
        this.#into(scratch.subarray(at, at + 1 + 2 * HASH_BYTES), scratch, 1 + HASH_BYTES * i)
      }
    }
    return scratch.slice(1, 1 + HASH_BYTES)
  }

  /** The hashes of the complete subtrees that the first `count` hashes of a tile make, largest first. */
  frontier(tile: Uint8Array, count: number): Uint8Array[] {
    const hashes: Uint8Array[] = []
    for (let width = TILE_WIDTH, from = 0; width >= 1; width /= 2) {
      if (count - from < width) continue
      hashes.push(this.subtree(tile, from, width))
      from += width
    }
    return hashes
  }
}
