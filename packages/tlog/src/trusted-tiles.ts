/** Decides which account of a tile is true, the entries' or the stored one, by what the signed root commits to. */
import { sameBytes } from './bytes.ts'
import { HASH_BYTES } from './hash.ts'
import { type PassResult, type PassSource, type Suspect, attempt } from './log-pass.ts'
import { completeSubtrees, foldSubtrees } from './subtrees.ts'
import { TileFolder } from './tile-folder.ts'
import { TILE_HEIGHT, TILE_WIDTH, tileLevelSize, tileWidth } from './tile.ts'

/** The right edge of the tree as it truly was: by tile level, the partial tile's hashes. */
type Edge = ReadonlyMap<number, Uint8Array>

/** The tiles of a log whose entries and stored hashes disagree. */
export class TrustedTiles {
  readonly #source: PassSource
  readonly #suspects: ReadonlyMap<string, Suspect>
  readonly #folder: TileFolder
  /** Absent when no choice between the two accounts leads to the signed root. */
  readonly edge: Edge | undefined

  constructor(source: PassSource, pass: PassResult, root: Uint8Array) {
    this.#source = source
    this.#suspects = new Map(pass.suspects.map((suspect) => [`${suspect.level} ${suspect.n}`, suspect]))
    this.#folder = new TileFolder(source.hash)
    this.edge = this.#findEdge(pass, root)
  }

  /** The differing tile, or undefined where both accounts agree. */
  suspect(level: number, n: number): Suspect | undefined {
    return this.#suspects.get(`${level} ${n}`)
  }

  /**
   * The tile that the signed root commits to, or undefined when neither account is it. Where the right edge itself
   * cannot be trusted, the stored hashes are taken for true, so that a changed entry still has a name.
   */
  async tile(level: number, n: number): Promise<Uint8Array | undefined> {
    const width = tileWidth(level, n, this.#source.size)
    const suspect = this.suspect(level, n)
    if (width < TILE_WIDTH) return this.edge?.get(level) ?? suspect?.stored ?? this.#stored(level, n, width)
    const wanted = await this.slot(level, n)
    if (wanted === undefined) return undefined
    const accounts = suspect === undefined ? [await this.#stored(level, n, width)] : [suspect.stored, suspect.computed]
    return accounts.find((tile) => tile !== undefined && sameBytes(this.#folder.subtree(tile), wanted))
  }

  /** What the signed root commits to as the hash of a full tile; undefined when that is lost. */
  async slot(level: number, n: number): Promise<Uint8Array | undefined> {
    const parent = await this.tile(level + 1, Math.floor(n / TILE_WIDTH))
    const at = (n % TILE_WIDTH) * HASH_BYTES
    return parent?.slice(at, at + HASH_BYTES)
  }

  /** The root that the signed tree had at an earlier size; undefined when the hashes for it are lost. */
  async rootAt(size: number): Promise<Uint8Array | undefined> {
    const hashes: Uint8Array[] = []
    for (const { level, index } of completeSubtrees(0, size)) {
      const tileLevel = Math.floor(level / TILE_HEIGHT)
      const count = 2 ** (level % TILE_HEIGHT)
      const first = index * count
      const from = first % TILE_WIDTH
      const tile = await this.tile(tileLevel, Math.floor(first / TILE_WIDTH))
      if (tile === undefined || tile.length < (from + count) * HASH_BYTES) return undefined
      hashes.push(this.#folder.subtree(tile, from, count))
    }
    return foldSubtrees(hashes, this.#source.hash)
  }

  /** A stored tile that both accounts agreed on in the pass. */
  async #stored(level: number, n: number, width: number): Promise<Uint8Array | undefined> {
    const reading = await attempt(() => this.#source.readTile(level, n, width))
    return reading.bytes?.length === width * HASH_BYTES ? reading.bytes : undefined
  }

  /** Tries both accounts of each partial tile that differs, at most 2^7 choices, until the signed root comes out. */
  #findEdge(pass: PassResult, root: Uint8Array): Edge | undefined {
    const { size, hash } = this.#source
    const levels = [...pass.edge.keys()].sort((a, b) => b - a)
    const accounts = levels.map((level): Uint8Array[] => {
      const stored = this.suspect(level, Math.floor(tileLevelSize(level, size) / TILE_WIDTH))?.stored
      const computed = pass.edge.get(level)!
      return stored === undefined || sameBytes(stored, computed) ? [computed] : [computed, stored]
    })
    const frontiers = accounts.map((tiles) =>
      tiles.map((tile) => this.#folder.frontier(tile, tile.length / HASH_BYTES)),
    )
    const choices = accounts.reduce((count, tiles) => count * tiles.length, 1)
    for (let choice = 0; choice < choices; choice++) {
      let rest = choice
      const picked = accounts.map((tiles) => {
        const pick = rest % tiles.length
        rest = Math.floor(rest / tiles.length)
        return pick
      })
      const hashes = picked.flatMap((pick, i) => frontiers[i]![pick]!)
      if (sameBytes(foldSubtrees(hashes, hash), root)) {
        return new Map(levels.map((level, i) => [level, accounts[i]![picked[i]!]!]))
      }
    }
    return undefined
  }
}
