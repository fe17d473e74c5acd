/** The tree as it is stored: any node and any tile, from full tiles and the leaf hashes after them. */
import { HASH_BYTES, type ReadNode, rangeHash, TILE_HEIGHT, TILE_WIDTH } from '@keywitness/tlog'
import { TrackerError } from '../errors.ts'
import { sha256Of, subtreeRoot } from '../hash.ts'
import { EntryRows } from '../head/entry-rows.ts'
import type { Database, Statement } from '../store/disk.ts'

/** Full tiles kept in memory, 8 KiB each. */
const cachedTilesDefault = 64

/** Reads nodes; only complete subtrees of the stored size have a hash. Full tiles never change and may be cached. */
export class StoredTree {
  readonly #file: string
  readonly #rows: EntryRows
  readonly #hashes: Statement<{ hashes: Uint8Array }>
  readonly #roots: Statement<{ root: Uint8Array }>
  readonly #cache = new Map<string, Uint8Array>()
  readonly #cachedMax: number

  /** @param cachedMax full tiles to keep in memory; 0 reads what is on the disk each time */
  constructor(db: Database, cachedMax: number = cachedTilesDefault) {
    this.#cachedMax = cachedMax
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
    const key = `${level}/${n}`
    const full = this.#cache.get(key) ?? this.#hashes.get(level, n)?.hashes
    if (full !== undefined) {
      this.#keep(key, full)
      if (full.length !== TILE_WIDTH * HASH_BYTES) throw this.#corrupt(`tile ${key} has ${full.length} bytes`)
      return full.subarray(0, width * HASH_BYTES)
    }
    const first = n * TILE_WIDTH
    if (level === 0) return this.#rows.leaves(first, width)
    const roots = this.#roots.all(level - 1, first, first + width)
    const hashes = new Uint8Array(width * HASH_BYTES)
    for (const [place, { root }] of roots.entries()) {
      if (root.length !== HASH_BYTES) throw this.#corrupt(`root of tile ${level - 1}/${first + place} is malformed`)
      hashes.set(root, place * HASH_BYTES)
    }
    if (roots.length < width)
      throw this.#corrupt(`a tile between ${level - 1}/${first} and ${first + width} is missing`)
    return hashes
  }

  /** RFC 6962 root of the first `size` leaves. @throws TrackerError CORRUPT */
  root(size: number): Uint8Array {
    return rangeHash(0, size, this.node, sha256Of)
  }

  #keep(key: string, tile: Uint8Array): void {
    this.#cache.delete(key)
    this.#cache.set(key, tile)
    if (this.#cache.size > this.#cachedMax) this.#cache.delete(this.#cache.keys().next().value!)
  }

  #corrupt(what: string): TrackerError {
    return new TrackerError('CORRUPT', `${what} in ${this.#file}`, { file: this.#file })
  }
}
