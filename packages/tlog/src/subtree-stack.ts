/** A tree rebuilt from left to right out of complete subtrees of any size, held as its frontier. */
import { ProofError } from './errors.ts'
import { type Hash, nodeHash } from './hash.ts'
import { type Subtree, foldSubtrees } from './subtrees.ts'

export class SubtreeStack {
  readonly #hash: Hash | undefined
  readonly #subtrees: (Subtree & { readonly hash: Uint8Array })[] = []
  #size = 0

  constructor(hash?: Hash) {
    this.#hash = hash
  }

  /** Leaves so far. */
  get size(): number {
    return this.#size
  }

  /**
   * Adds the complete subtree that begins at the present size.
   *
   * @throws ProofError `INDEX` when it begins elsewhere; `HASH_LENGTH`
   */
  push({ level, index }: Subtree, hash: Uint8Array): void {
    const width = 2 ** level
    if (index * width !== this.#size) throw new ProofError('INDEX', `leaf ${index * width} does not come next`)
    this.#size += width
    let top = { level, index, hash }
    for (let left = this.#subtrees.at(-1); left !== undefined; left = this.#subtrees.at(-1)) {
      if (left.level !== top.level || top.index % 2 === 0) break
      this.#subtrees.pop()
      const parent = nodeHash(left.hash, top.hash, this.#hash)
      top = { level: top.level + 1, index: (top.index - 1) / 2, hash: parent }
    }
    this.#subtrees.push(top)
  }

  /** RFC 6962 root of the leaves so far. */
  root(): Uint8Array {
    return foldSubtrees(
      this.#subtrees.map(({ hash }) => hash),
      this.#hash,
    )
  }
}
