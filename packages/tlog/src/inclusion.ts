/** Inclusion proofs: that an entry is in the tree of a given root (RFC 6962 section 2.1.1, RFC 9162 section 2.1.3). */
import { isCount, sameBytes } from './bytes.ts'
import { ProofError } from './errors.ts'
import { HASH_BYTES, type Hash, nodeHash } from './hash.ts'
import { type ReadNode, type Subtree, completeSubtrees, foldSubtrees, splitPoint } from './subtrees.ts'

/** For each hash of a proof, in the proof's order, the complete subtrees whose fold it is: see {@link foldSubtrees}. */
export type ProofPath = readonly (readonly Subtree[])[]

/**
 * Which nodes the inclusion proof of `index` in a tree of `size` is made of, from the leaf's sibling upward.
 *
 * @throws ProofError `SIZE`; `INDEX` when the index is not below the size
 */
export function inclusionPath(index: number, size: number): ProofPath {
  if (!isCount(size)) throw new ProofError('SIZE', `no tree size: ${size}`)
  if (!isCount(index) || index >= size) throw new ProofError('INDEX', `entry ${index} is not in a tree of ${size}`)
  const path: Subtree[][] = []
  let from = 0
  let to = size
  while (to - from > 1) {
    const middle = from + splitPoint(to - from)
    if (index < middle) {
      path.push(completeSubtrees(middle, to))
      to = middle
    } else {
      path.push(completeSubtrees(from, middle))
      from = middle
    }
  }
  return path.toReversed()
}

/** Reads the nodes of a path and folds them into the proof's hashes. */
export function readPath(path: ProofPath, readNode: ReadNode, hash?: Hash): Uint8Array[] {
  return path.map((subtrees) =>
    foldSubtrees(
      subtrees.map(({ level, index }) => readNode(level, index)),
      hash,
    ),
  )
}

/** The inclusion proof of entry `index` in a tree of `size`: errors as {@link inclusionPath}. */
export function inclusionProof(index: number, size: number, readNode: ReadNode, hash?: Hash): Uint8Array[] {
  return readPath(inclusionPath(index, size), readNode, hash)
}

/**
 * The root that a leaf and its proof lead to (RFC 9162 section 2.1.3.2).
 *
 * @throws ProofError `SIZE`, `INDEX`, `HASH_LENGTH`; `PROOF_LENGTH` when the proof is too short or too long
 */
export function rootFromInclusion(
  index: number,
  size: number,
  leaf: Uint8Array,
  proof: readonly Uint8Array[],
  hash?: Hash,
): Uint8Array {
  if (!isCount(size)) throw new ProofError('SIZE', `no tree size: ${size}`)
  if (!isCount(index) || index >= size) throw new ProofError('INDEX', `entry ${index} is not in a tree of ${size}`)
  if (leaf.length !== HASH_BYTES) throw new ProofError('HASH_LENGTH', `a leaf hash has not ${HASH_BYTES} bytes`)
  let fn = index
  let sn = size - 1
  let root = leaf
  for (const sibling of proof) {
    if (sn === 0) throw new ProofError('PROOF_LENGTH', `the proof has more hashes than a tree of ${size} needs`)
    if (fn % 2 === 1 || fn === sn) {
      root = nodeHash(sibling, root, hash)
      while (fn % 2 === 0 && fn !== 0) {
        fn /= 2
        sn = Math.floor(sn / 2)
      }
    } else {
      root = nodeHash(root, sibling, hash)
    }
    fn = Math.floor(fn / 2)
    sn = Math.floor(sn / 2)
  }
  if (sn !== 0) throw new ProofError('PROOF_LENGTH', `the proof has fewer hashes than a tree of ${size} needs`)
  return root
}

/**
 * Checks that the leaf with hash `leaf` is entry `index` of the tree of `size` with this root.
 *
 * @throws ProofError as {@link rootFromInclusion}, and `ROOT_MISMATCH`
 */
export function verifyInclusion(
  index: number,
  size: number,
  leaf: Uint8Array,
  proof: readonly Uint8Array[],
  root: Uint8Array,
  hash?: Hash,
): void {
  if (root.length !== HASH_BYTES) throw new ProofError('HASH_LENGTH', `a root has not ${HASH_BYTES} bytes`)
  if (!sameBytes(rootFromInclusion(index, size, leaf, proof, hash), root)) {
    throw new ProofError('ROOT_MISMATCH', `the proof of entry ${index} does not lead to the root of size ${size}`)
  }
}
