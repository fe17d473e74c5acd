/** RFC 6962 trees with known nodes and roots, and proofs against a recursion written straight from the RFC. */
import { readFileSync } from 'node:fs'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { fastHash } from '../test/memory-log.ts'
import {
  CompactRange,
  ProofError,
  completeSubtrees,
  consistencyProof,
  emptyRoot,
  inclusionProof,
  leafHash,
  nodeHash,
  rangeHash,
  rootFromInclusion,
  toHex,
  verifyConsistency,
  verifyInclusion,
} from './index.ts'

const VECTORS = new URL('../../../vectors/tlog/rfc6962-trees.json', import.meta.url)
const trees = JSON.parse(readFileSync(VECTORS, 'utf8')) as { leaves: string[]; nodes: string[][]; roots: string[] }
const leaves = trees.leaves.map((hex) => leafHash(Buffer.from(hex, 'hex')))

/** RFC 6962 section 2.1, word for word. */
function naiveRoot(hashes: readonly Uint8Array[]): Uint8Array {
  if (hashes.length === 0) return emptyRoot()
  if (hashes.length === 1) return hashes[0]!
  const k = 2 ** Math.ceil(Math.log2(hashes.length) - 1)
  return nodeHash(naiveRoot(hashes.slice(0, k)), naiveRoot(hashes.slice(k)), fastHash)
}

/** RFC 6962 section 2.1.1. */
function naivePath(m: number, hashes: readonly Uint8Array[]): Uint8Array[] {
  if (hashes.length <= 1) return []
  const k = 2 ** Math.ceil(Math.log2(hashes.length) - 1)
  return m < k
    ? [...naivePath(m, hashes.slice(0, k)), naiveRoot(hashes.slice(k))]
    : [...naivePath(m - k, hashes.slice(k)), naiveRoot(hashes.slice(0, k))]
}

/** RFC 6962 section 2.1.2. */
function naiveSubproof(m: number, hashes: readonly Uint8Array[], whole: boolean): Uint8Array[] {
  if (m === hashes.length) return whole ? [] : [naiveRoot(hashes)]
  const k = 2 ** Math.ceil(Math.log2(hashes.length) - 1)
  return m <= k
    ? [...naiveSubproof(m, hashes.slice(0, k), whole), naiveRoot(hashes.slice(k))]
    : [...naiveSubproof(m - k, hashes.slice(k), false), naiveRoot(hashes.slice(0, k))]
}

function grow(hashes: readonly Uint8Array[]): {
  tree: CompactRange
  node: (level: number, index: number) => Uint8Array
} {
  const nodes = new Map<string, Uint8Array>()
  const tree = new CompactRange({ hash: fastHash, visit: (level, index, hash) => nodes.set(`${level} ${index}`, hash) })
  for (const hash of hashes) tree.append(hash)
  return { tree, node: (level, index) => nodes.get(`${level} ${index}`)! }
}

const someHashes = fc
  .array(fc.uint8Array({ minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 70 })
  .map((entries) => entries.map((entry) => leafHash(entry, fastHash)))

test('the known trees of sizes 0 to 8 have their roots', () => {
  const tree = new CompactRange()
  expect(toHex(tree.root())).toBe(trees.roots[0])
  for (const [i, leaf] of leaves.entries()) {
    tree.append(leaf)
    expect(tree.size).toBe(i + 1)
    expect(toHex(tree.root())).toBe(trees.roots[i + 1])
  }
})

test('every completed node of the known tree is visited once, with its hash', () => {
  const visited: string[] = []
  const tree = new CompactRange({ visit: (level, index, hash) => visited.push(`${level} ${index} ${toHex(hash)}`) })
  for (const leaf of leaves) tree.append(leaf)
  const expected = trees.nodes.flatMap((row, level) => row.map((hash, index) => `${level} ${index} ${hash}`))
  expect(visited.toSorted()).toEqual(expected.toSorted())
})

test('trees, inclusion and consistency proofs are those of the naive recursion', () => {
  fc.assert(
    fc.property(someHashes, fc.nat(), fc.nat(), (hashes, a, b) => {
      const size = hashes.length
      const { tree, node } = grow(hashes)
      const root = tree.root()
      expect(root).toEqual(naiveRoot(hashes))

      const index = a % size
      const path = inclusionProof(index, size, node, fastHash)
      expect(path).toEqual(naivePath(index, hashes))
      verifyInclusion(index, size, hashes[index]!, path, root)

      const from = 1 + (b % size)
      const proof = consistencyProof(from, size, node, fastHash)
      expect(proof).toEqual(from === size ? [] : naiveSubproof(from, hashes, true))
      verifyConsistency(from, size, naiveRoot(hashes.slice(0, from)), root, proof)
    }),
  )
})

test('a tree taken up again from its frontier goes on as if never left', () => {
  fc.assert(
    fc.property(someHashes, fc.nat(), (hashes, cut) => {
      const at = cut % (hashes.length + 1)
      const before = grow(hashes.slice(0, at)).tree
      const after = CompactRange.from(before.size, before.hashes(), { hash: fastHash })
      for (const hash of hashes.slice(at)) after.append(hash)
      expect(after.root()).toEqual(naiveRoot(hashes))
    }),
  )
})

test('a flipped bit anywhere in a proof, leaf or root is found', () => {
  fc.assert(
    fc.property(someHashes, fc.nat(), fc.nat(), fc.nat(255), (hashes, a, place, bit) => {
      const size = hashes.length
      const index = a % size
      const { tree, node } = grow(hashes)
      const parts = [hashes[index]!, tree.root(), ...inclusionProof(index, size, node, fastHash)]
      const broken = parts.map((part) => part.slice())
      broken[place % parts.length]![bit >> 3]! ^= 1 << (bit & 7)
      const [leaf, root, ...proof] = broken
      expect(() => verifyInclusion(index, size, leaf!, proof, root!)).toThrow(ProofError)
    }),
  )
})

test('a range hash of any complete or right-edge subtree is the naive one', () => {
  const hashes = Array.from({ length: 45 }, (_, i) => leafHash(Uint8Array.of(i)))
  const { node } = grow(hashes)
  for (const [from, to] of [
    [0, 45],
    [32, 45],
    [40, 45],
    [44, 45],
    [0, 32],
    [8, 16],
    [0, 0],
  ] as const) {
    expect(rangeHash(from, to, node)).toEqual(naiveRoot(hashes.slice(from, to)))
  }
})

test('a range is cut into the fewest complete subtrees', () => {
  expect(completeSubtrees(0, 7)).toEqual([
    { level: 2, index: 0 },
    { level: 1, index: 2 },
    { level: 0, index: 6 },
  ])
  expect(completeSubtrees(3, 12)).toEqual([
    { level: 0, index: 3 },
    { level: 2, index: 1 },
    { level: 2, index: 2 },
  ])
  expect(completeSubtrees(5, 5)).toEqual([])
  expect(completeSubtrees(0, Number.MAX_SAFE_INTEGER)).toHaveLength(53)
})

test('proofs near the largest size there can be stay exact', () => {
  const size = Number.MAX_SAFE_INTEGER
  const node = (level: number, index: number): Uint8Array => leafHash(Buffer.from(`${level} ${index}`), fastHash)
  for (const index of [0, 2 ** 32, 2 ** 52 - 1, 2 ** 52, size - 1]) {
    const path = inclusionProof(index, size, node, fastHash)
    expect(() => rootFromInclusion(index, size, node(0, index), path.slice(1), fastHash)).toThrow(ProofError)
    expect(rootFromInclusion(index, size, node(0, index), path, fastHash)).toHaveLength(32)
  }
})

test.each([
  ['SIZE', () => verifyInclusion(0, 1.5, leaves[0]!, [], leaves[0]!)],
  ['SIZE', () => verifyInclusion(0, -1, leaves[0]!, [], leaves[0]!)],
  ['INDEX', () => verifyInclusion(1, 1, leaves[0]!, [], leaves[0]!)],
  ['INDEX', () => verifyInclusion(-1, 1, leaves[0]!, [], leaves[0]!)],
  ['INDEX', () => verifyInclusion(0, 0, leaves[0]!, [], emptyRoot())],
  ['HASH_LENGTH', () => verifyInclusion(0, 1, leaves[0]!.subarray(1), [], leaves[0]!)],
  ['HASH_LENGTH', () => verifyInclusion(0, 1, leaves[0]!, [], leaves[0]!.subarray(1))],
  ['HASH_LENGTH', () => verifyInclusion(0, 2, leaves[0]!, [leaves[1]!.subarray(1)], leaves[0]!)],
  ['PROOF_LENGTH', () => verifyInclusion(0, 1, leaves[0]!, [leaves[1]!], leaves[0]!)],
  ['PROOF_LENGTH', () => verifyInclusion(0, 4, leaves[0]!, [leaves[1]!], leaves[0]!)],
  ['ROOT_MISMATCH', () => verifyInclusion(0, 1, leaves[0]!, [], leaves[1]!)],
  ['SIZE', () => verifyConsistency(2, 1, leaves[0]!, leaves[0]!, [])],
  ['SIZE', () => consistencyProof(2, 1, () => leaves[0]!)],
  ['PROOF_LENGTH', () => verifyConsistency(0, 3, emptyRoot(), leaves[0]!, [leaves[0]!])],
  ['PROOF_LENGTH', () => verifyConsistency(3, 3, leaves[0]!, leaves[0]!, [leaves[0]!])],
  ['PROOF_LENGTH', () => verifyConsistency(3, 5, leaves[0]!, leaves[0]!, [])],
  ['ROOT_MISMATCH', () => verifyConsistency(3, 3, leaves[0]!, leaves[1]!, [])],
  ['ROOT_MISMATCH', () => verifyConsistency(0, 3, leaves[0]!, leaves[1]!, [])],
  ['ROOT_MISMATCH', () => verifyConsistency(0, 0, emptyRoot(), leaves[1]!, [])],
  ['HASH_LENGTH', () => verifyConsistency(1, 2, leaves[0]!.subarray(1), leaves[1]!, [leaves[0]!])],
  ['HASH_LENGTH', () => nodeHash(leaves[0]!, leaves[0]!.subarray(2))],
  ['HASH_LENGTH', () => new CompactRange().append(new Uint8Array(31))],
  ['SIZE', () => CompactRange.from(3, [leaves[0]!])],
  ['SIZE', () => CompactRange.from(-1, [])],
  ['HASH_LENGTH', () => CompactRange.from(1, [new Uint8Array(33)])],
  ['SIZE', () => completeSubtrees(3, 2)],
] as const)('%s is thrown (case %#)', (code, act) => {
  let thrown: unknown
  try {
    act()
  } catch (error) {
    thrown = error
  }
  expect(thrown).toBeInstanceOf(ProofError)
  expect(thrown).toMatchObject({ code })
})
