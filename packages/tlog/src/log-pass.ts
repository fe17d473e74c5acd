/** The one pass over a whole log: every entry hashed, every tile compared, and what differs kept for a diagnosis. */
import { sameBytes } from './bytes.ts'
import { NotStored } from './errors.ts'
import { HASH_BYTES, type Hash, type HashInto, hashInto } from './hash.ts'
import type { LogProgress, ReadBytes, TreeHead } from './log-fault.ts'
import { foldSubtrees } from './subtrees.ts'
import { TileFolder } from './tile-folder.ts'
import { TILE_WIDTH, entriesPath, tileLevelSize, tilePath, tileWidth } from './tile.ts'

/** Differing full tiles and bundles kept for the diagnosis; more are only counted. The few at the edge are all kept. */
const SUSPECTS_MAX = 64

/** A tile for which the log's two accounts, entries and stored hashes, differ or are not both there. */
export interface Suspect {
  readonly level: number
  readonly n: number
  readonly width: number
  /** What the entries say; where an entry is missing, what is stored, or zeroes. */
  readonly computed: Uint8Array
  /** What is stored; absent when it could not be read or has not its length. */
  readonly stored?: Uint8Array
  /** Entries found in the bundle (level 0), else the tile's width. */
  readonly found: number
  /** Why the bundle was not read to its end. */
  readonly bundleProblem?: { readonly kind: 'UNREADABLE' | 'MALFORMED' | 'EXTRA' | 'MISSING'; readonly why: string }
  /** Why there is no stored tile. */
  readonly tileProblem?: { readonly kind: 'UNREADABLE' | 'TILE'; readonly why: string }
}

/** What the pass found. */
export interface PassResult {
  /** Root computed from the entries alone; absent when an entry is missing. */
  readonly root?: Uint8Array
  readonly pruned: number
  readonly entries: number
  readonly bytes: number
  readonly tiles: number
  readonly suspects: readonly Suspect[]
  readonly moreSuspects: number
  /** Computed frontier tile of every tile level, for the levels that have a partial one. */
  readonly edge: ReadonlyMap<number, Uint8Array>
  /** Heads whose root the entries have. Above the first entry that is not there, none can be told. */
  readonly heldHeads: readonly TreeHead[]
  /** The size of the largest head whose root the entries have; 0 for none. */
  readonly provenSize: number
}

/** What the pass reads. */
export interface PassSource {
  readonly size: number
  readonly heads: readonly TreeHead[]
  /** Bundles wholly below are not read: their stored leaf hashes are taken, and the root decides. */
  readonly minimum: number
  hasBundle(n: number): boolean
  readonly hash: Hash
  readonly readAhead: number
  readBundle(n: number, width: number): ReadBytes
  readTile(level: number, n: number, width: number): ReadBytes
  progress(progress: LogProgress): void
}

/** A resource, or the reason why the log does not give it. */
export type Reading = { readonly bytes: Uint8Array } | { readonly bytes?: undefined; readonly why: string }

/** In place of a bundle that nobody asks for. */
const pruned: Reading = { why: 'pruned' }

/** Turns a reader's {@link NotStored} into a value; any other error stays one. */
export async function attempt(read: () => ReadBytes): Promise<Reading> {
  try {
    return { bytes: await read() }
  } catch (error) {
    if (error instanceof NotStored) return { why: error.message }
    throw error
  }
}

/** Whether a bundle lies wholly below the minimum index, and is not there all the same. */
function isPruned(source: PassSource, n: number): boolean {
  return (n + 1) * TILE_WIDTH <= Math.min(source.minimum, source.size) && !source.hasBundle(n)
}

/** One tile level under computation: the hashes since its last full tile. */
interface Level {
  readonly tile: Uint8Array
  count: number
  full: number
}

/** Runs the pass. Errors of the readers other than {@link NotStored} end it and are thrown. */
export class LogPass {
  readonly #source: PassSource
  readonly #folder: TileFolder
  readonly #levels: Level[] = []
  readonly #leaves = new Uint8Array(TILE_WIDTH * HASH_BYTES)
  readonly #hashInto: HashInto
  readonly #suspects: Suspect[] = []
  readonly #heldHeads: TreeHead[] = []
  readonly #heads: TreeHead[]
  #complete = true
  #pruned = 0
  #entries = 0
  #bytes = 0
  #tiles = 0
  #moreSuspects = 0
  #provenSize = 0

  constructor(source: PassSource) {
    this.#source = source
    this.#folder = new TileFolder(source.hash)
    this.#hashInto = hashInto(source.hash)
    this.#heads = source.heads.filter((head) => head.size > 0 && head.size <= source.size)
    this.#heads.sort((a, b) => a.size - b.size)
    for (let level = 1; tileLevelSize(level, source.size) > 0; level++) {
      this.#levels.push({ tile: new Uint8Array(TILE_WIDTH * HASH_BYTES), count: 0, full: 0 })
    }
  }

  async run(): Promise<PassResult> {
    const { size, readAhead } = this.#source
    const bundles = Math.ceil(size / TILE_WIDTH)
    const ahead: Promise<[Reading, Reading]>[] = []
    for (let n = 0, asked = 0; n < bundles; n++) {
      for (; asked < bundles && asked <= n + readAhead; asked++) ahead.push(this.#ask(asked))
      const [bundle, tile] = await ahead.shift()!
      await this.#takeBundle(n, bundle, tile)
      this.#source.progress({ entries: Math.min(size, (n + 1) * TILE_WIDTH), size, bytes: this.#bytes })
    }
    const root = this.#complete ? this.#rootAt(size, Math.floor(size / TILE_WIDTH)) : undefined
    const edge = await this.#finishLevels()
    return {
      ...(root === undefined ? {} : { root }),
      pruned: this.#pruned,
      entries: this.#entries,
      bytes: this.#bytes,
      tiles: this.#tiles,
      suspects: this.#suspects,
      moreSuspects: this.#moreSuspects,
      edge,
      heldHeads: this.#heldHeads,
      provenSize: this.#provenSize,
    }
  }

  /** Asks for a bundle and its leaf tile. A failure waits until its turn comes: nothing is rejected unseen. */
  #ask(n: number): Promise<[Reading, Reading]> {
    const source = this.#source
    const width = tileWidth(0, n, source.size)
    const bundle = isPruned(source, n) ? pruned : attempt(() => source.readBundle(n, width))
    const both = Promise.all([bundle, attempt(() => source.readTile(0, n, width))])
    both.catch(() => undefined)
    return both
  }

  async #takeBundle(n: number, bundle: Reading, tile: Reading): Promise<void> {
    const width = tileWidth(0, n, this.#source.size)
    const leaves = this.#leaves.subarray(0, width * HASH_BYTES)
    if (bundle === pruned) return await this.#takePruned(n, leaves, tile)
    const { found, problem } =
      bundle.bytes === undefined
        ? { found: 0, problem: { kind: 'UNREADABLE' as const, why: `${entriesPath(n, width)}: ${bundle.why}` } }
        : this.#hashEntries(bundle.bytes, width)
    if (found < width) {
      this.#complete = false
      if (tile.bytes?.length === leaves.length) leaves.set(tile.bytes.subarray(found * HASH_BYTES), found * HASH_BYTES)
      else leaves.fill(0, found * HASH_BYTES)
    }
    this.#entries += found
    this.#compare({ level: 0, n, width, computed: leaves, found }, tile, problem)
    this.#checkHeads(n, width)
    if (width === TILE_WIDTH) await this.#push(1, this.#folder.subtree(leaves))
  }

  /** What stands for a pruned bundle: its stored hashes, which lead to the signed root or do not. */
  async #takePruned(n: number, leaves: Uint8Array, tile: Reading): Promise<void> {
    this.#pruned += TILE_WIDTH
    if (tile.bytes?.length === leaves.length) leaves.set(tile.bytes)
    else {
      this.#complete = false
      leaves.fill(0)
    }
    this.#compare({ level: 0, n, width: TILE_WIDTH, computed: leaves, found: TILE_WIDTH }, tile)
    this.#checkHeads(n, TILE_WIDTH)
    await this.#push(1, this.#folder.subtree(leaves))
  }

  /** Hashes up to `width` entries of a bundle into the leaf tile. */
  #hashEntries(bundle: Uint8Array, width: number): { found: number; problem?: Suspect['bundleProblem'] } {
    let at = 0
    for (let found = 0; found < width; found++) {
      if (at === bundle.length) {
        return { found, problem: { kind: 'MISSING', why: `the bundle ends after ${found} of ${width} entries` } }
      }
      const start = at + 2
      const length = (bundle[at]! << 8) | (bundle[at + 1] ?? 0)
      if (start + length > bundle.length) {
        return { found, problem: { kind: 'MALFORMED', why: `the bundle is cut off in its entry ${found}` } }
      }
      // The byte before an entry is the low one of its length: it serves as the leaf prefix while the entry is hashed,
      // which spares copying every entry, and is put back.
      bundle[start - 1] = 0
      this.#hashInto(bundle.subarray(start - 1, start + length), this.#leaves, found * HASH_BYTES)
      bundle[start - 1] = length
      this.#bytes += length
      at = start + length
    }
    if (at === bundle.length) return { found: width }
    return { found: width, problem: { kind: 'EXTRA', why: `the bundle has more than its ${width} entries` } }
  }

  /** Compares a computed tile with the stored one and keeps it when they differ. */
  #compare(
    tile: Pick<Suspect, 'level' | 'n' | 'width' | 'computed' | 'found'>,
    reading: Reading,
    bundleProblem?: Suspect['bundleProblem'],
  ): void {
    this.#tiles += 1
    const path = tilePath(tile.level, tile.n, tile.width)
    let tileProblem: Suspect['tileProblem']
    if (reading.bytes === undefined) tileProblem = { kind: 'UNREADABLE', why: `${path}: ${reading.why}` }
    else if (reading.bytes.length !== tile.computed.length) {
      tileProblem = { kind: 'TILE', why: `${path} has ${reading.bytes.length} bytes, not ${tile.computed.length}` }
    } else if (bundleProblem === undefined && sameBytes(reading.bytes, tile.computed)) return
    if (this.#suspects.length >= SUSPECTS_MAX && tile.width === TILE_WIDTH) {
      this.#moreSuspects += 1
      return
    }
    this.#suspects.push({
      ...tile,
      computed: tile.computed.slice(),
      ...(tileProblem === undefined && reading.bytes !== undefined ? { stored: reading.bytes.slice() } : {}),
      ...(bundleProblem === undefined ? {} : { bundleProblem }),
      ...(tileProblem === undefined ? {} : { tileProblem }),
    })
  }

  /** Adds the hash of a full tile of the level below; a tile that it fills is compared and goes up itself. */
  async #push(level: number, hash: Uint8Array): Promise<void> {
    const at = this.#levels[level - 1]!
    at.tile.set(hash, at.count * HASH_BYTES)
    at.count += 1
    if (at.count < TILE_WIDTH) return
    const n = at.full
    const reading = await attempt(() => this.#source.readTile(level, n, TILE_WIDTH))
    this.#compare({ level, n, width: TILE_WIDTH, computed: at.tile, found: TILE_WIDTH }, reading)
    at.count = 0
    at.full += 1
    await this.#push(level + 1, this.#folder.subtree(at.tile))
  }

  /** Compares the partial tiles at the right edge. Level 0 had its turn with its bundle. */
  async #finishLevels(): Promise<Map<number, Uint8Array>> {
    const edge = new Map<number, Uint8Array>()
    const leaves = this.#source.size % TILE_WIDTH
    if (leaves > 0) edge.set(0, this.#leaves.slice(0, leaves * HASH_BYTES))
    for (const [i, { tile, count, full }] of this.#levels.entries()) {
      if (count === 0) continue
      const level = i + 1
      const computed = tile.slice(0, count * HASH_BYTES)
      edge.set(level, computed)
      const reading = await attempt(() => this.#source.readTile(level, full, count))
      this.#compare({ level, n: full, width: count, computed, found: count }, reading)
    }
    return edge
  }

  /** The root at a size within bundle `n`, or at its end, before the bundle's hash has gone up. */
  #rootAt(size: number, n: number): Uint8Array {
    const upper = this.#levels.toReversed().flatMap(({ tile, count }) => this.#folder.frontier(tile, count))
    const leaves = size - n * TILE_WIDTH
    const lower = leaves > 0 ? this.#folder.frontier(this.#leaves, leaves) : []
    return foldSubtrees([...upper, ...lower], this.#source.hash)
  }

  /** Judges the heads that lie in this bundle, while every entry so far was found. */
  #checkHeads(n: number, width: number): void {
    while (this.#heads[0] !== undefined && this.#heads[0].size <= n * TILE_WIDTH + width) {
      const head = this.#heads.shift()!
      if (!this.#complete) continue
      if (!sameBytes(this.#rootAt(head.size, n), head.root)) continue
      this.#heldHeads.push(head)
      this.#provenSize = head.size
    }
  }
}
