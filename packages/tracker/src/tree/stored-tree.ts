/** The tree as it is stored: any node and any tile, from full tiles and the leaf hashes after them. */
import { HASH_BYTES, type ReadNode, rangeHash, TILE_HEIGHT, TILE_WIDTH } from '@keywitness/tlog'
import { TrackerError } from '../errors.ts'
import { sha256Of, subtreeRoot } from '../hash.ts'
import { EntryRows } from '../head/entry-rows.ts'
import type { Database, Statement } from '../store/disk.ts'

/**
 * Reads nodes; only complete subtrees of the stored size have a hash. Nothing is kept in memory: a cache would hide from
 * whoever verifies that something was altered on the disk.
 */
export class StoredTree {
  readonly #file: string
  readonly #rows: EntryRows
  readonly #hashes: Statement<{ hashes: Uint8Array }>
  readonly #roots: Statement<{ root: Uint8Array }>

  constructor(db: Database) {
    this.#file = db.file
    this.#rows = new EntryRows(db)
    this.#hashes = db.prepare('SELECT hashes FROM tiles WHERE level=? AND n=?')
    this.#roots = db.prepare('SELECT root FROM tiles WHERE level=? AND n>=? AND n<? ORDER BY n')
  }

  /**
   * The hash of a complete subtree.
   *
   * @throws TrackerError CORRUPT when what it is made of is not stored
   */
  readonly node: ReadNode = (level, index) => {
    const tileLevel = Math.floor(level / TILE_HEIGHT)
    const width = 2 ** (level % TILE_HEIGHT)
    const start = index * width
    const n = Math.floor(start / TILE_WIDTH)
    const at = start % TILE_WIDTH
    const tile = this.tile(tileLevel, n, at + width)
    return subtreeRoot(tile.subarray(at * HASH_BYTES, (at + width) * HASH_BYTES))
  }

  /**
   * The first `width` hashes of a tile.
   *
   * @throws TrackerError CORRUPT when they are not stored
   */
  tile(level: number, n: number, width: number): Uint8Array {
    const full = this.#hashes.get(level, n)?.hashes
    if (full !== undefined) {
      if (full.length !== TILE_WIDTH * HASH_BYTES) throw this.#corrupt(`tile ${level}/${n} has ${full.length} bytes`)
      return full.slice(0, width * HASH_BYTES)
    }
    const first = n * TILE_WIDTH
    if (level === 0) return this.#rows.leaves(first, width)
    const roots = this.#roots.all(level - 1, first, first + width)
    const hashes = new Uint8Array(width * HASH_BYTES)
    for (const [place, { root }] of roots.entries()) {
      if (root.length !== HASH_BYTES) throw this.#corrupt(`root of tile ${level - 1}/${first + place} is malformed`)
      hashes.set(root, place * HASH_BYTES)
    }
    if (roots.length < width) {
      throw this.#corrupt(`a tile between ${level - 1}/${first} and ${first + width} is missing`)
    }
    return hashes
  }

  /** RFC 6962 root of the first `size` leaves. @throws TrackerError CORRUPT */
  root(size: number): Uint8Array {
    return rangeHash(0, size, this.node, sha256Of)
  }

  #corrupt(what: string): TrackerError {
    return new TrackerError('CORRUPT', `${what} in ${this.#file}`, { file: this.#file })
  }
}
