/** The frontier of a growing tree: all that is needed to append, in the logarithm of its size. */
import { isCount } from './bytes.ts'
import { ProofError } from './errors.ts'
import { HASH_BYTES, type Hash, nodeHash } from './hash.ts'
import { sha256 } from './sha256.ts'
import { completeSubtrees, foldSubtrees } from './subtrees.ts'

/** Called for every node that an append completes, leaf first, then its ancestors upward. */
export type VisitNode = (level: number, index: number, hash: Uint8Array) => void

/** What a {@link CompactRange} may be told. */
export interface CompactRangeOptions {
  hash?: Hash
  visit?: VisitNode
}

/**
 * A tree of any size, held as the hashes of its complete subtrees, largest first.
 *
 * @example
 * const tree = new CompactRange()
 * tree.append(leafHash(entry))
 * tree.root()
 */
export class CompactRange {
  #size = 0
  #hashes: Uint8Array[] = []
  readonly #hash: Hash
  readonly #visit: VisitNode | undefined

  constructor(options: CompactRangeOptions = {}) {
    this.#hash = options.hash ?? sha256
    this.#visit = options.visit
  }

  /**
   * The frontier that {@link CompactRange.hashes} gave for a tree of `size` leaves.
   *
   * @throws ProofError `SIZE` when the count of hashes is not that of the size, `HASH_LENGTH`
   */
  static from(size: number, hashes: readonly Uint8Array[], options: CompactRangeOptions = {}): CompactRange {
    if (!isCount(size) || completeSubtrees(0, size).length !== hashes.length) {
      throw new ProofError('SIZE', `${hashes.length} hashes are no frontier of ${size} leaves`)
    }
    if (hashes.some((hash) => hash.length !== HASH_BYTES)) {
      throw new ProofError('HASH_LENGTH', `a frontier hash has not ${HASH_BYTES} bytes`)
    }
    const range = new CompactRange(options)
    range.#size = size
    range.#hashes = [...hashes]
    return range
  }

  /** Leaves so far. */
  get size(): number {
    return this.#size
  }

  /**
   * Adds one leaf by its hash.
   *
   * @throws ProofError `HASH_LENGTH`; `SIZE` beyond 2^53 - 1 leaves
   */
  append(leaf: Uint8Array): void {
    if (leaf.length !== HASH_BYTES) throw new ProofError('HASH_LENGTH', `a leaf hash has not ${HASH_BYTES} bytes`)
    if (this.#size === Number.MAX_SAFE_INTEGER) throw new ProofError('SIZE', 'the tree is full')
    let index = this.#size
    let hash = leaf
    this.#visit?.(0, index, hash)
    // Each trailing one bit of the size is a complete left sibling that waits for this leaf's side.
    for (let level = 1; index % 2 === 1; level++) {
      hash = nodeHash(this.#hashes.pop()!, hash, this.#hash)
      index = (index - 1) / 2
      this.#visit?.(level, index, hash)
    }
    this.#hashes.push(hash)
    this.#size += 1
  }

  /** The tree's root at its present size; of an empty tree, {@link emptyRoot}. */
  root(): Uint8Array {
    return foldSubtrees(this.#hashes, this.#hash)
  }

  /** The hashes of the complete subtrees, largest first: what {@link CompactRange.from} takes. */
  hashes(): Uint8Array[] {
    return [...this.#hashes]
  }
}
