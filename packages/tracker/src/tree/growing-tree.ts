/** The tree as its writer grows it: the open tile's leaf hashes, and the frontier of the full tiles before it. */
import { CompactRange, HASH_BYTES, TILE_HEIGHT, TILE_WIDTH } from '@keywitness/tlog'
import { sha256Of, subtreeRoot } from '../hash.ts'

/** A hash tile that became full. */
export interface FullTile {
  readonly level: number
  readonly n: number
  /** Hash of the tile's subtree. */
  readonly root: Uint8Array
  /** Its 256 hashes; only at level 0, those of higher tiles are the roots of the 256 tiles below. */
  readonly hashes?: Uint8Array
}

const none: readonly FullTile[] = []

export class GrowingTree {
  /** Leaf hashes of the open tile. */
  readonly #open: Buffer
  #openWidth: number
  /** A tree whose leaves are the roots of the full level-0 tiles. */
  readonly #tiles: CompactRange
  #completed: FullTile[] = []

  /**
   * @param tileRoots frontier of `tileCount` full tiles, as `CompactRange` takes it
   * @param open leaf hashes after the full tiles, fewer than 256
   */
  constructor(tileCount: number, tileRoots: readonly Uint8Array[], open: Uint8Array) {
    this.#open = Buffer.alloc(TILE_WIDTH * HASH_BYTES)
    this.#open.set(open)
    this.#openWidth = open.length / HASH_BYTES
    this.#tiles = CompactRange.from(tileCount, tileRoots, {
      hash: sha256Of,
      visit: (level, n, root) => {
        // Every eighth level of the tree is a level of tiles.
        if (level > 0 && level % TILE_HEIGHT === 0) this.#completed.push({ level: level / TILE_HEIGHT, n, root })
      },
    })
  }

  get size(): number {
    return this.#tiles.size * TILE_WIDTH + this.#openWidth
  }

  /** A copy that can grow while this one stays: what a failed commit falls back to. */
  fork(): GrowingTree {
    return new GrowingTree(this.#tiles.size, this.#tiles.hashes(), this.#open.subarray(0, this.#openWidth * HASH_BYTES))
  }

  /** Adds the leaf hash at `offset` of `leaves`; returns the tiles it completed, lowest level first. */
  append(leaves: Buffer, offset: number): readonly FullTile[] {
    leaves.copy(this.#open, this.#openWidth * HASH_BYTES, offset, offset + HASH_BYTES)
    this.#openWidth += 1
    if (this.#openWidth < TILE_WIDTH) return none
    const root = subtreeRoot(this.#open)
    this.#completed = [{ level: 0, n: this.#tiles.size, root, hashes: new Uint8Array(this.#open) }]
    this.#tiles.append(root)
    this.#openWidth = 0
    return this.#completed
  }

  /** RFC 6962 root of the present size. */
  root(): Uint8Array {
    const open = new CompactRange({ hash: sha256Of })
    for (let i = 0; i < this.#openWidth; i++) open.append(this.#open.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES))
    // Complete subtrees of the whole are those of the full tiles followed by those of the open one.
    return CompactRange.from(this.size, [...this.#tiles.hashes(), ...open.hashes()], { hash: sha256Of }).root()
  }
}
