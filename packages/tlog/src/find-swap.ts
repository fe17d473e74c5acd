/** Finds the two leaves whose exchange explains another root: for a store in which the hashes were swapped as well. */
import { type Hash, nodeHash } from './hash.ts'
import { splitPoint } from './subtrees.ts'

/** The hashes of a subtree over leaves `from` to `to`, kept so that an exchange recomputes only two paths. */
interface Branch {
  readonly from: number
  readonly to: number
  readonly hash: Uint8Array
  readonly left?: Branch
  readonly right?: Branch
}

function build(leaves: readonly Uint8Array[], from: number, to: number, hash: Hash): Branch {
  if (to - from === 1) return { from, to, hash: leaves[from]! }
  const middle = from + splitPoint(to - from)
  const left = build(leaves, from, middle, hash)
  const right = build(leaves, middle, to, hash)
  return { from, to, hash: nodeHash(left.hash, right.hash, hash), left, right }
}

function exchanged(branch: Branch, i: number, leafI: Uint8Array, j: number, leafJ: Uint8Array, hash: Hash): Uint8Array {
  const holds = (place: number): boolean => place >= branch.from && place < branch.to
  if (!holds(i) && !holds(j)) return branch.hash
  if (branch.left === undefined || branch.right === undefined) return holds(i) ? leafJ : leafI
  return nodeHash(
    exchanged(branch.left, i, leafI, j, leafJ, hash),
    exchanged(branch.right, i, leafI, j, leafJ, hash),
    hash,
  )
}

/**
 * The pair of leaves (at most 256 of them) whose exchange gives a root that `accepts` takes, neighbours tried first.
 * At most 32,640 trials of about 20 hashes each.
 */
export function findSwap(
  leaves: readonly Uint8Array[],
  accepts: (root: Uint8Array) => boolean,
  hash: Hash,
): readonly [number, number] | undefined {
  if (leaves.length < 2) return undefined
  const tree = build(leaves, 0, leaves.length, hash)
  for (let distance = 1; distance < leaves.length; distance++) {
    for (let i = 0; i + distance < leaves.length; i++) {
      const j = i + distance
      if (accepts(exchanged(tree, i, leaves[i]!, j, leaves[j]!, hash))) return [i, j]
    }
  }
  return undefined
}
