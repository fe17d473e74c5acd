/** Consistency proofs: that one tree is a prefix of another (RFC 6962 section 2.1.2, RFC 9162 section 2.1.4). */
import { isCount, sameBytes } from './bytes.ts'
import { ProofError } from './errors.ts'
import { HASH_BYTES, type Hash, emptyRoot, nodeHash } from './hash.ts'
import { type ProofPath, readPath } from './inclusion.ts'
import { type ReadNode, type Subtree, completeSubtrees, splitPoint } from './subtrees.ts'

/** @throws ProofError `SIZE` when the two are no sizes, or the first is the larger */
function checkSizes(from: number, to: number): void {
  if (!isCount(from) || !isCount(to)) throw new ProofError('SIZE', `no tree sizes: ${from} and ${to}`)
  if (from > to) throw new ProofError('SIZE', `a tree of ${to} cannot continue a larger one of ${from}`)
}

/**
 * Which nodes the consistency proof between the trees of size `from` and `to` is made of, in the proof's order.
 *
 * @throws ProofError `SIZE`
 */
export function consistencyPath(from: number, to: number): ProofPath {
  checkSizes(from, to)
  if (from === 0 || from === to) return []
  const path: Subtree[][] = []
  let start = 0
  let end = to
  // RFC 6962's SUBPROOF: `known` while the subtree at hand is the whole old tree, whose root the verifier has.
  let known = true
  while (from !== end) {
    const middle = start + splitPoint(end - start)
    if (from <= middle) {
      path.push(completeSubtrees(middle, end))
      end = middle
    } else {
      path.push(completeSubtrees(start, middle))
      start = middle
      known = false
    }
  }
  if (!known) path.push(completeSubtrees(start, from))
  return path.toReversed()
}

/** The consistency proof between the trees of size `from` and `to`: errors as {@link consistencyPath}. */
export function consistencyProof(from: number, to: number, readNode: ReadNode, hash?: Hash): Uint8Array[] {
  return readPath(consistencyPath(from, to), readNode, hash)
}

/** The case in which nothing has to be recomputed: an empty old tree, or one tree twice. */
function verifyTrivial(
  from: number,
  rootFrom: Uint8Array,
  rootTo: Uint8Array,
  proof: readonly Uint8Array[],
  hash?: Hash,
): void {
  if (proof.length !== 0) throw new ProofError('PROOF_LENGTH', 'this proof must be empty')
  const expected = from === 0 ? emptyRoot(hash) : rootTo
  if (!sameBytes(rootFrom, expected)) throw new ProofError('ROOT_MISMATCH', `the root of size ${from} is another`)
}

/**
 * Checks that the tree of size `from` with root `rootFrom` is a prefix of the tree of size `to` with root `rootTo`
 * (RFC 9162 section 2.1.4.2).
 *
 * @throws ProofError `SIZE`, `HASH_LENGTH`, `PROOF_LENGTH`, `ROOT_MISMATCH`
 */
export function verifyConsistency(
  from: number,
  to: number,
  rootFrom: Uint8Array,
  rootTo: Uint8Array,
  proof: readonly Uint8Array[],
  hash?: Hash,
): void {
  checkSizes(from, to)
  if (rootFrom.length !== HASH_BYTES || rootTo.length !== HASH_BYTES) {
    throw new ProofError('HASH_LENGTH', `a root has not ${HASH_BYTES} bytes`)
  }
  if (from === to && from === 0 && !sameBytes(rootTo, emptyRoot(hash))) {
    throw new ProofError('ROOT_MISMATCH', 'a tree without entries has another root')
  }
  if (from === 0 || from === to) return verifyTrivial(from, rootFrom, rootTo, proof, hash)

  let fn = from - 1
  let sn = to - 1
  while (fn % 2 === 1) {
    fn = (fn - 1) / 2
    sn = Math.floor(sn / 2)
  }
  // When the old tree is one complete subtree (fn is 0 here) its root starts the proof, and is left out of it.
  const path = fn === 0 ? [rootFrom, ...proof] : proof
  const seed = path[0]
  if (seed === undefined) throw new ProofError('PROOF_LENGTH', `no proof from size ${from} to ${to}`)
  let oldRoot = seed
  let newRoot = seed
  for (const sibling of path.slice(1)) {
    if (sn === 0) throw new ProofError('PROOF_LENGTH', `the proof has more hashes than sizes ${from} and ${to} need`)
    if (fn % 2 === 1 || fn === sn) {
      oldRoot = nodeHash(sibling, oldRoot, hash)
      newRoot = nodeHash(sibling, newRoot, hash)
      while (fn % 2 === 0 && fn !== 0) {
        fn /= 2
        sn = Math.floor(sn / 2)
      }
    } else {
      newRoot = nodeHash(newRoot, sibling, hash)
    }
    fn = Math.floor(fn / 2)
    sn = Math.floor(sn / 2)
  }
  if (sn !== 0) throw new ProofError('PROOF_LENGTH', `the proof has fewer hashes than sizes ${from} and ${to} need`)
  if (!sameBytes(oldRoot, rootFrom)) throw new ProofError('ROOT_MISMATCH', `the proof leaves the root of size ${from}`)
  if (!sameBytes(newRoot, rootTo)) throw new ProofError('ROOT_MISMATCH', `the proof leaves the root of size ${to}`)
}
