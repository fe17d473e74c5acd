/** The growing and the stored tree against the plain one of RFC 6962. */
import { CompactRange, completeSubtrees, HASH_BYTES, leafHash, nodeHash } from '@keywitness/tlog'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { leafHashInto, sha256Of, subtreeRoot } from '../hash.ts'
import { openHeadForReading } from '../head/open-head.ts'
import { realDisk } from '../store/disk.ts'
import { deliveries } from '../testing/sample-entries.ts'
import { sealAll, testLog } from '../testing/test-log.ts'
import { type FullTile, GrowingTree } from './growing-tree.ts'
import { RangeRoots } from './range-roots.ts'
import { StoredTree } from './stored-tree.ts'

function leafOf(number: number): Buffer {
  const leaf = Buffer.alloc(HASH_BYTES)
  leafHashInto(Buffer.from(`entry ${number}`), leaf, 0)
  return leaf
}

test('a leaf hash is RFC 6962’s', () => {
  for (const size of [1, 55, 64, 1_200, 65_535]) {
    const entry = new Uint8Array(size).fill(size)
    const target = new Uint8Array(40)
    leafHashInto(entry, target, 4)
    expect(target.subarray(4, 36)).toEqual(leafHash(entry))
  }
})

test('a subtree’s root is the fold of its leaves', () => {
  const leaves = Array.from({ length: 4 }, (_, n) => new Uint8Array(leafOf(n)))
  expect(subtreeRoot(leaves[0]!)).toEqual(leaves[0])
  expect(subtreeRoot(Buffer.concat(leaves))).toEqual(
    nodeHash(nodeHash(leaves[0]!, leaves[1]!), nodeHash(leaves[2]!, leaves[3]!)),
  )
})

test('the growing tree has the roots of the plain one, and forks leave it as it was', () => {
  const plain = new CompactRange({ hash: sha256Of })
  let growing = new GrowingTree(0, [], new Uint8Array())
  expect(growing.root()).toEqual(plain.root())
  for (let number = 0; number < 600; number++) {
    const before = growing
    const root = before.root()
    growing = before.fork()
    growing.append(leafOf(number), 0)
    plain.append(leafOf(number))
    expect(growing.root()).toEqual(plain.root())
    expect([before.size, before.root()]).toEqual([number, root])
  }
})

test('full tiles of all levels are named as they fill', () => {
  const tree = new GrowingTree(0, [], new Uint8Array())
  const tiles: Pick<FullTile, 'level' | 'n'>[] = []
  const leaf = leafOf(1)
  for (let number = 0; number < 65_536; number++)
    tiles.push(...tree.append(leaf, 0).map(({ level, n }) => ({ level, n })))
  expect(tiles).toHaveLength(257)
  expect(tiles.slice(-2)).toEqual([
    { level: 0, n: 255 },
    { level: 1, n: 0 },
  ])
})

test('roots of a range are the tree’s nodes, wherever it begins and ends', () => {
  fc.assert(
    fc.property(fc.nat(70), fc.nat(70), (from, count) => {
      const nodes = new Map<string, Uint8Array>()
      const tree = new CompactRange({
        hash: sha256Of,
        visit: (level, index, hash) => nodes.set(`${level}/${index}`, new Uint8Array(hash)),
      })
      for (let number = 0; number < from + count; number++) tree.append(leafOf(number))
      const range = new RangeRoots(from)
      for (let number = from; number < from + count; number++) range.append(leafOf(number))
      const expected = completeSubtrees(from, from + count).map(({ level, index }) => nodes.get(`${level}/${index}`)!)
      expect(Buffer.from(range.bytes())).toEqual(Buffer.concat(expected))
    }),
    { seed: 3 },
  )
})

test('any node and any root of the stored tree can be read, also of sealed and of open tiles', () => {
  const log = testLog()
  const tracker = log.open({ segmentEvents: 500 })
  const sent = deliveries(1, 1_100)
  tracker.append(sent)
  tracker.publish()
  sealAll(tracker, log.folder)
  const db = openHeadForReading(realDisk, log.folder)
  const stored = new StoredTree(db)
  const plain = new CompactRange({
    hash: sha256Of,
    visit: (level, index, hash) => expect(stored.node(level, index)).toEqual(new Uint8Array(hash)),
  })
  for (const { bytes } of sent) {
    plain.append(leafHash(bytes, sha256Of))
    expect(plain.size % 100 === 0 ? stored.root(plain.size) : plain.root()).toEqual(plain.root())
  }
  expect(() => stored.node(0, 1_100)).toThrow('missing')
  db.close()
})
