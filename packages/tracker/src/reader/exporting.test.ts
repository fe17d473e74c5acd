/** What an export reads: a bounded look at a time, and the hashes that stand for what lies between its events. */
import { CompactRange, completeSubtrees, leafHash, parseCheckpoint, parseNote, rangeHash } from '@keywitness/tlog'
import { expect, test } from 'vitest'
import { sha256Of } from '../hash.ts'
import { mixedLog, size } from '../testing/mixed-log.ts'

test('a slice at a time finds what one long look finds, whether it finds something or nothing', () => {
  const { read } = mixedLog()
  const found: number[] = []
  let looks = 0
  for (let after = -1; after < size - 1; looks++) {
    const { events, scannedTo } = read.since(after, { limit: 100, outcome: 'failure', slices: 1 })
    expect(scannedTo).toBeGreaterThan(after)
    found.push(...events.map(({ index }) => index))
    after = scannedTo
  }
  expect(looks).toBeGreaterThan(1)
  expect(found).toEqual(read.since(-1, { limit: 100, outcome: 'failure' }).events.map(({ index }) => index))
})

test('the hashes of any covered range are those of the tree, and of what is not covered there are none', () => {
  const { read } = mixedLog()
  const covered = read.covered()
  const nodes = new Map<string, Uint8Array>()
  const tree = new CompactRange({ hash: sha256Of, visit: (level, index, hash) => nodes.set(`${level}/${index}`, hash) })
  for (let index = 0; index < covered; index++) tree.append(leafHash(read.entry(index), sha256Of))
  for (const [from, to] of [
    [0, covered],
    [1, covered],
    [7, 61],
    [59, 60],
    [33, 33],
  ] as const) {
    const expected = completeSubtrees(from, to).map(({ level, index }) => nodes.get(`${level}/${index}`))
    expect(read.subtrees(from, to)).toEqual(expected)
  }
  const { root } = parseCheckpoint(parseNote(read.checkpoint() ?? '').text)
  const hashes = read.subtrees(0, covered) ?? []
  const places = completeSubtrees(0, covered)
  const node = (level: number, index: number) =>
    hashes[places.findIndex((place) => place.level === level && place.index === index)]!
  expect(rangeHash(0, covered, node, sha256Of)).toEqual(root)
  expect(read.subtrees(0, covered + 1)).toBeUndefined()
  expect(read.subtrees(5, 4)).toBeUndefined()
})
