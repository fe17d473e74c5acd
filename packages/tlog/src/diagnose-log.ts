/** Turns the differences of a pass over the log into named faults. */
import { alignEntries } from './align-entries.ts'
import { sameBytes, toHex } from './bytes.ts'
import { findSwap } from './find-swap.ts'
import { HASH_BYTES } from './hash.ts'
import type { LogFault } from './log-fault.ts'
import { type PassResult, type PassSource, type Suspect, attempt } from './log-pass.ts'
import { foldSubtrees } from './subtrees.ts'
import { TileFolder } from './tile-folder.ts'
import { TILE_WIDTH, tilePath } from './tile.ts'
import type { TrustedTiles } from './trusted-tiles.ts'

/** The hashes of a tile as a list of views. */
function hashesOf(tile: Uint8Array): Uint8Array[] {
  return Array.from({ length: tile.length / HASH_BYTES }, (_, i) => tile.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES))
}

/** Entries that one hash of a tile level stands for. */
function span(level: number): number {
  return TILE_WIDTH ** level
}

/** Searches for a swapped pair in one diagnosis: each costs up to half a second. */
const SWAP_SEARCHES_MAX = 8

/** A leaf tile whose truth is known and whose entries differ from it. */
interface Stretch {
  readonly n: number
  readonly found: Uint8Array[]
  readonly wanted: Uint8Array[]
}

/** An entry that is another than it was, by both hashes. */
interface Changed {
  readonly index: number
  readonly found: string
  readonly wanted: string
}

/** One diagnosis. */
class Diagnosis {
  readonly #source: PassSource
  readonly #pass: PassResult
  readonly #root: Uint8Array
  readonly #tiles: TrustedTiles
  readonly #changed: Changed[] = []
  #swapSearches = 0
  readonly faults: LogFault[] = []

  constructor(source: PassSource, pass: PassResult, root: Uint8Array, tiles: TrustedTiles) {
    this.#source = source
    this.#pass = pass
    this.#root = root
    this.#tiles = tiles
  }

  async run(): Promise<LogFault[]> {
    await this.#judgeLeaves()
    await this.#judgeUpperTiles()
    this.faults.sort((a, b) => (a.index ?? Infinity) - (b.index ?? Infinity))
    this.#judgeRoot()
    return this.faults
  }

  /** Names what happened to entries, bundle by bundle; neighbouring bundles together, for shifts run across them. */
  async #judgeLeaves(): Promise<void> {
    let run: Stretch[] = []
    for (const suspect of this.#pass.suspects) {
      if (suspect.level !== 0) continue
      const truth = await this.#tiles.tile(0, suspect.n)
      this.#judgeTile(suspect, truth)
      // With whole bundles left out before it, the last one's shift against the truth is not known.
      if (suspect.width < TILE_WIDTH && this.#pass.moreSuspects > 0) continue
      if (this.#judgeBundle(suspect, truth)) {
        this.#align(run)
        run = []
        continue
      }
      if (truth === undefined) {
        await this.#rewritten(0, suspect.n, suspect)
        continue
      }
      if (sameBytes(suspect.computed, truth) && suspect.found === suspect.width) continue
      if (run.length > 0 && run.at(-1)!.n !== suspect.n - 1) {
        this.#align(run)
        run = []
      }
      const found = hashesOf(suspect.computed).slice(0, suspect.found)
      run.push({ n: suspect.n, found, wanted: hashesOf(truth) })
    }
    this.#align(run)
    this.#judgeChanged()
  }

  /** Entries that changed, but for those that stand in each other's place in stretches far apart. */
  #judgeChanged(): void {
    const byWanted = new Map(this.#changed.map((entry) => [entry.wanted, entry]))
    for (const { index, found, wanted } of this.#changed) {
      const other = byWanted.get(found)
      if (other?.found !== wanted) {
        this.faults.push({ kind: 'CHANGED', index, count: 1, message: `entry ${index} was changed` })
      } else if (other.index > index) this.#swapped(index, other.index)
    }
  }

  #align(run: readonly Stretch[]): void {
    const first = run[0]
    if (first === undefined) return
    const found = run.flatMap((stretch) => stretch.found)
    const wanted = run.flatMap((stretch) => stretch.wanted)
    for (const { kind, at, count, other, foundAt } of alignEntries(found, wanted)) {
      const index = first.n * TILE_WIDTH + at
      if (kind === 'SWAPPED') this.#swapped(index, first.n * TILE_WIDTH + (other ?? at))
      else if (kind === 'CHANGED') {
        this.#changed.push({ index, found: toHex(found[foundAt ?? at]!), wanted: toHex(wanted[at]!) })
      } else if (kind === 'MISSING') {
        const message = `${range(index, count)} ${count === 1 ? 'is' : 'are'} missing`
        this.faults.push({ kind, index, count, message })
      } else {
        const message = `${count === 1 ? 'an entry was' : `${count} entries were`} put in before entry ${index}`
        this.faults.push({ kind, index, count, message })
      }
    }
  }

  #swapped(index: number, other: number): void {
    this.faults.push({ kind: 'SWAPPED', index, other, message: `entries ${index} and ${other} were swapped` })
  }

  /** Reports a bundle that could not be read to its end. True when its entries cannot be judged further. */
  #judgeBundle(suspect: Suspect, truth: Uint8Array | undefined): boolean {
    const { bundleProblem, n, width, found } = suspect
    if (bundleProblem === undefined) return false
    const index = n * TILE_WIDTH + found
    const { kind, why } = bundleProblem
    if (kind === 'MISSING') {
      // Where the truth is known the entries are aligned with it, which names the missing one.
      if (truth === undefined) this.faults.push({ kind, index, count: width - found, message: why })
      return false
    }
    if (kind === 'EXTRA') {
      this.faults.push({ kind, index, count: 1, message: `after entry ${index - 1} ${why}` })
      return false
    }
    const which = kind === 'MALFORMED' ? `entry ${index}` : range(index, width - found)
    this.faults.push({ kind, index, count: width - found, message: `${which} cannot be read: ${why}` })
    return true
  }

  /** Reports a stored tile that is not there or not true. */
  #judgeTile(suspect: Suspect, truth: Uint8Array | undefined): void {
    const { level, n, width, stored, tileProblem } = suspect
    const path = tilePath(level, n, width)
    const first = n * TILE_WIDTH * span(level)
    if (tileProblem !== undefined) {
      this.faults.push({ kind: tileProblem.kind, path, index: first, message: tileProblem.why })
    } else if (truth !== undefined && stored !== undefined && !sameBytes(stored, truth)) {
      const at = hashesOf(truth).findIndex(
        (hash, i) => !sameBytes(hash, stored.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES)),
      )
      const index = first + at * span(level)
      this.faults.push({ kind: 'TILE', path, index, message: `${path} holds a wrong hash for entry ${index}` })
    }
  }

  /** Above the leaves: bad stored tiles, and subtrees whose entries and stored hashes were changed alike. */
  async #judgeUpperTiles(): Promise<void> {
    for (const suspect of this.#pass.suspects) {
      if (suspect.level === 0) continue
      const truth = await this.#tiles.tile(suspect.level, suspect.n)
      this.#judgeTile(suspect, truth)
      if (truth === undefined) continue
      const wanted = hashesOf(truth)
      for (const [i, computed] of hashesOf(suspect.computed).entries()) {
        if (sameBytes(computed, wanted[i]!)) continue
        const child = suspect.n * TILE_WIDTH + i
        const below = this.#tiles.suspect(suspect.level - 1, child)
        if (below === undefined && this.#pass.moreSuspects === 0) await this.#rewritten(suspect.level - 1, child)
      }
    }
  }

  /** A full tile of which neither account is true: perhaps two entries and their hashes were swapped together. */
  async #rewritten(level: number, n: number, suspect?: Suspect): Promise<void> {
    const index = n * TILE_WIDTH * span(level)
    const count = TILE_WIDTH * span(level)
    const wanted = level === 0 ? await this.#tiles.slot(0, n) : undefined
    if (wanted !== undefined && suspect?.bundleProblem === undefined && this.#swapSearches < SWAP_SEARCHES_MAX) {
      this.#swapSearches += 1
      const tile = suspect?.computed ?? (await attempt(() => this.#source.readTile(0, n, TILE_WIDTH))).bytes
      const leaves = tile === undefined ? [] : hashesOf(tile)
      const pair = findSwap(leaves, (root) => sameBytes(root, wanted), this.#source.hash)
      if (pair !== undefined) return this.#swapped(index + pair[0], index + pair[1])
    }
    const message = `among ${range(index, count)} some were changed together with their hashes`
    this.faults.push({ kind: 'REWRITTEN', index, count, message })
  }

  /** Whether a part of the tree's right edge is in neither account. */
  #isEdgeLost(): boolean {
    const { size } = this.#source
    const last = this.#tiles.suspect(0, Math.floor(size / TILE_WIDTH))
    return last !== undefined && last.found < last.width && last.stored === undefined
  }

  /** When no account leads to the signed root the change is in both of them, at or above the right edge. */
  #judgeRoot(): void {
    // Where entries are gone together with their hashes there is nothing that could lead to the root.
    if (this.#tiles.edge !== undefined || this.#isEdgeLost()) return
    const { size, hash } = this.#source
    const folder = new TileFolder(hash)
    const levels = [...this.#pass.edge.keys()].sort((a, b) => b - a)
    const upper = levels
      .filter((level) => level > 0)
      .flatMap((level) => folder.frontier(this.#pass.edge.get(level)!, this.#pass.edge.get(level)!.length / HASH_BYTES))
    const leaves = this.#pass.edge.get(0)
    const accepts = (root: Uint8Array): boolean => sameBytes(foldSubtrees([...upper, root], hash), this.#root)
    const pair = leaves === undefined ? undefined : findSwap(hashesOf(leaves), accepts, hash)
    const first = size - (size % TILE_WIDTH)
    if (pair !== undefined) return this.#swapped(first + pair[0], first + pair[1])
    const from = this.#pass.provenSize
    const message =
      from > 0
        ? `the entries from ${from} on do not lead to the signed root`
        : 'the entries do not lead to the signed root'
    this.faults.push({ kind: 'ROOT', index: from, count: size - from, message })
  }
}

function range(index: number, count: number): string {
  return count === 1 ? `entry ${index}` : `entries ${index} to ${index + count - 1}`
}

/** The faults that a pass implies, in the order of the log: none when the entries lead to the root and tiles agree. */
export async function diagnoseLog(
  source: PassSource,
  pass: PassResult,
  root: Uint8Array,
  tiles: TrustedTiles,
): Promise<LogFault[]> {
  const holds = pass.root !== undefined && sameBytes(pass.root, root)
  if (holds && pass.suspects.length === 0) return []
  return new Diagnosis(source, pass, root, tiles).run()
}
