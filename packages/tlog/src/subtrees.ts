/** Complete subtrees: how a range of leaves is made of them, and how their hashes fold into one. */
import { isCount } from './bytes.ts'
import { ProofError } from './errors.ts'
import { type Hash, emptyRoot, nodeHash } from './hash.ts'

/** A complete subtree: 2^level leaves, the first of them at index · 2^level. Level 0 is one leaf. */
export interface Subtree {
  readonly level: number
  readonly index: number
}

/** Reads the hash of one complete subtree, 32 bytes. */
export type ReadNode = (level: number, index: number) => Uint8Array

/**
 * The fewest complete subtrees that together are the leaves `from` (included) to `to` (excluded), left to right.
 *
 * @example
 * completeSubtrees(0, 7) // [{ level: 2, index: 0 }, { level: 1, index: 2 }, { level: 0, index: 6 }]
 * @throws ProofError `SIZE` when the range is not one
 */
export function completeSubtrees(from: number, to: number): Subtree[] {
  if (!isCount(from) || !isCount(to) || from > to) throw new ProofError('SIZE', `no range of leaves: ${from} to ${to}`)
  const subtrees: Subtree[] = []
  let at = from
  while (at < to) {
    let level = 0
    let width = 1
    while (at % (2 * width) === 0 && at + 2 * width <= to) {
      width *= 2
      level += 1
    }
    subtrees.push({ level, index: at / width })
    at += width
  }
  return subtrees
}

/** Folds the hashes of a range's complete subtrees, right to left, into the one hash of that range. */
export function foldSubtrees(hashes: readonly Uint8Array[], hash?: Hash): Uint8Array {
  let folded = hashes.at(-1)
  if (folded === undefined) return emptyRoot(hash)
  for (let i = hashes.length - 2; i >= 0; i--) folded = nodeHash(hashes[i]!, folded, hash)
  return folded
}

/**
 * RFC 6962's MTH(D[from:to]) from the hashes of complete subtrees. `from` must be where such a range can begin in a
 * tree: a multiple of the smallest power of two that is not below `to - from`.
 */
export function rangeHash(from: number, to: number, readNode: ReadNode, hash?: Hash): Uint8Array {
  return foldSubtrees(
    completeSubtrees(from, to).map(({ level, index }) => readNode(level, index)),
    hash,
  )
}

/** The largest power of two strictly below `size` (RFC 6962's k), for sizes of 2 and more. */
export function splitPoint(size: number): number {
  let k = 1
  while (2 * k < size) k *= 2
  return k
}
