/** The roots of a range of leaves that may begin anywhere: what a segment must have in common with the tree. */
import { HASH_BYTES, nodeHash } from '@keywitness/tlog'
import { sha256Of } from '../hash.ts'

interface Subtree {
  level: number
  index: number
  hash: Uint8Array
}

/** Adds leaves in order; holds the complete subtrees of the range so far, as tlog's `completeSubtrees` names them. */
export class RangeRoots {
  readonly #stack: Subtree[] = []
  #next: number

  constructor(from: number) {
    this.#next = from
  }

  /** Adds the next leaf hash; it is copied. */
  append(leaf: Uint8Array): void {
    let node: Subtree = { level: 0, index: this.#next, hash: leaf.slice() }
    this.#next += 1
    for (let left = this.#stack.at(-1); isSibling(left, node); left = this.#stack.at(-1)) {
      this.#stack.pop()
      node = { level: node.level + 1, index: (node.index - 1) / 2, hash: nodeHash(left.hash, node.hash, sha256Of) }
    }
    this.#stack.push(node)
  }

  /** The hashes, left to right, as one byte string. */
  bytes(): Uint8Array {
    const bytes = new Uint8Array(this.#stack.length * HASH_BYTES)
    for (const [place, { hash }] of this.#stack.entries()) bytes.set(hash, place * HASH_BYTES)
    return bytes
  }
}

function isSibling(left: Subtree | undefined, right: Subtree): left is Subtree {
  return left !== undefined && left.level === right.level && right.index % 2 === 1 && left.index === right.index - 1
}
