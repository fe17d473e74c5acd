/** Full verification: a whole log passes, and whatever is done to a log is found and named. */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { MemoryLog, newKey } from '../test/memory-log.ts'
import { type LogFault, NotStored, emptyRoot, verifyLog } from './index.ts'

/** What of a fault the tests compare: the message is for people. */
function named(faults: readonly LogFault[]): Omit<LogFault, 'message'>[] {
  return faults.map(({ message: _message, ...rest }) => rest)
}

const sizes = [1, 2, 255, 256, 257, 700, 65_536, 66_049]

function swap<T>(list: T[], a: number, b: number): void {
  const first = list[a]!
  list[a] = list[b]!
  list[b] = first
}

function change(log: MemoryLog, index: number): void {
  const entry = log.entries[index]!.slice()
  entry[3]! ^= 1
  log.entries[index] = entry
}

test.each(sizes)('a whole log of %i entries verifies from its bytes', async (size) => {
  const log = new MemoryLog(size)
  const seen: number[] = []
  const report = await verifyLog(log.options({ progress: ({ entries }) => seen.push(entries) }))
  expect(report).toMatchObject({ ok: true, entries: size, faults: [], moreFaults: 0, verified: [log.origin] })
  expect(report.root).toEqual(log.head().root)
  expect(report.bytes).toBe(log.entries.reduce((bytes, entry) => bytes + entry.length, 0))
  expect(seen.at(-1)).toBe(size)
})

test('the portable hash verifies the same', async () => {
  const { hash: _hash, ...options } = new MemoryLog(300).options()
  expect(await verifyLog(options)).toMatchObject({ ok: true })
})

test('an empty log verifies', async () => {
  const log = new MemoryLog(0)
  expect(await verifyLog(log.options())).toMatchObject({ ok: true, entries: 0, root: emptyRoot() })
})

test('the bytes that were read are as before afterwards', async () => {
  const log = new MemoryLog(300)
  const bundle = log.bundle(0, 256)
  const before = bundle.slice()
  await verifyLog(log.options({ readBundle: (n, width) => (n === 0 ? bundle : log.bundle(n, width)) }))
  expect(bundle).toEqual(before)
})

test.each(sizes)('one changed byte in a log of %i names its entry', async (size) => {
  for (const index of new Set([0, Math.floor(size / 2), size - 1])) {
    const log = new MemoryLog(size)
    const options = log.options()
    change(log, index)
    const report = await verifyLog(options)
    expect(named(report.faults)).toEqual([{ kind: 'CHANGED', index, count: 1 }])
    expect(report).toMatchObject({ ok: false, firstBadIndex: index })
    expect(report.root).not.toEqual(log.head().root)
  }
})

test('several changed entries are named in order, up to the bound', async () => {
  const log = new MemoryLog(700)
  const options = log.options({ faultsMax: 3 })
  for (const index of [3, 4, 300, 699]) change(log, index)
  const report = await verifyLog(options)
  expect(report.faults.map(({ index }) => index)).toEqual([3, 4, 300])
  expect(report.moreFaults).toBe(1)
})

test.each([
  [2, 0, 1],
  [300, 7, 8],
  [300, 7, 200],
  [300, 260, 299],
  [700, 10, 400],
  [700, 108, 512],
])('in a log of %i the swapped pair %i and %i is named', async (size, a, b) => {
  const log = new MemoryLog(size)
  const options = log.options()
  swap(log.entries, a, b)
  const report = await verifyLog(options)
  expect(named(report.faults)).toEqual([{ kind: 'SWAPPED', index: a, other: b }])
})

test.each([
  [10, 2, 3],
  [10, 0, 9],
  [300, 260, 290],
  [700, 3, 4],
  [700, 20, 200],
])('in a log of %i the pair %i and %i is named though its leaf hashes were swapped too', async (size, a, b) => {
  const log = new MemoryLog(size)
  const options = log.options()
  swap(log.entries, a, b)
  swap(log.nodes[0]!, a, b)
  const report = await verifyLog(options)
  expect(named(report.faults)).toEqual([{ kind: 'SWAPPED', index: a, other: b }])
})

test.each([
  [10, 0],
  [10, 5],
  [10, 9],
  [300, 5],
  [700, 255],
  [700, 256],
  [20_000, 1000],
])('in a log of %i the missing entry %i is named, not all that moved up', async (size, index) => {
  const log = new MemoryLog(size)
  const options = log.options()
  log.entries.splice(index, 1)
  const report = await verifyLog(options)
  expect(named(report.faults)).toEqual([{ kind: 'MISSING', index, count: 1 }])
  expect(report.ok).toBe(false)
})

test('the only entry of the last bundle gone is a bundle that cannot be read', async () => {
  const log = new MemoryLog(257)
  const options = log.options()
  log.entries.pop()
  expect(named((await verifyLog(options)).faults)).toEqual([{ kind: 'UNREADABLE', index: 256, count: 1 }])
})

test('several missing entries in a row are named together', async () => {
  const log = new MemoryLog(700)
  const options = log.options()
  log.entries.splice(100, 5)
  expect(named((await verifyLog(options)).faults)).toEqual([{ kind: 'MISSING', index: 100, count: 5 }])
})

test.each([
  [10, 0],
  [10, 5],
  [300, 5],
  [700, 256],
])('in a log of %i the entry put in before %i is named', async (size, index) => {
  const log = new MemoryLog(size)
  const options = log.options()
  log.entries.splice(index, 0, Uint8Array.of(1, 2, 3))
  expect(named((await verifyLog(options)).faults)).toEqual([{ kind: 'EXTRA', index, count: 1 }])
})

test('a bundle with an entry beyond its width is named', async () => {
  const log = new MemoryLog(10)
  const readBundle = (n: number, width: number): Uint8Array => new Uint8Array([...log.bundle(n, width), 0, 1, 7])
  const report = await verifyLog(log.options({ readBundle }))
  expect(named(report.faults)).toEqual([{ kind: 'EXTRA', index: 10, count: 1 }])
})

test('a bundle that is cut off is named at the entry in which it ends', async () => {
  const log = new MemoryLog(300)
  const readBundle = (n: number, width: number): Uint8Array =>
    n === 1 ? log.bundle(n, width).subarray(0, -3) : log.bundle(n, width)
  const report = await verifyLog(log.options({ readBundle }))
  expect(named(report.faults)).toEqual([{ kind: 'MALFORMED', index: 299, count: 1 }])
  expect(report.root).toBeUndefined()
})

test('a bundle that the log cannot give is named, the rest is verified', async () => {
  const log = new MemoryLog(700)
  const options = log.options({
    readBundle: (n, width) => {
      if (n === 1) throw new NotStored('404')
      return log.bundle(n, width)
    },
  })
  change(log, 600)
  const report = await verifyLog(options)
  expect(named(report.faults)).toEqual([
    { kind: 'UNREADABLE', index: 256, count: 256 },
    { kind: 'CHANGED', index: 600, count: 1 },
  ])
  expect(report.entries).toBe(700 - 256)
})

test('the last bundle and its tile both gone leave nothing else to say', async () => {
  const log = new MemoryLog(80)
  const gone = (): never => {
    throw new NotStored('500')
  }
  const heads = [new MemoryLog(40).head()]
  const report = await verifyLog(log.options({ heads, readBundle: gone, readTile: gone }))
  expect(report.faults.map(({ kind }) => kind)).toEqual(['UNREADABLE', 'UNREADABLE'])
  expect(report.faults.map(({ message }) => message)).toContain(
    'entries 0 to 79 cannot be read: tile/entries/000.p/80: 500',
  )
})

test('a bundle and its tile both gone leave the rest verified', async () => {
  const log = new MemoryLog(700)
  const gone = (): never => {
    throw new NotStored('404')
  }
  const report = await verifyLog(
    log.options({
      readBundle: (n, width) => (n === 1 ? gone() : log.bundle(n, width)),
      readTile: (level, n, width) => (level === 0 && n === 1 ? gone() : log.tile(level, n, width)),
    }),
  )
  expect(report.faults.map(({ kind }) => kind)).toEqual(['UNREADABLE', 'UNREADABLE'])
})

test.each([
  [300, 0, 0, 5, 5],
  [300, 0, 1, 3, 259],
  [300, 1, 0, 0, 0],
  [70_000, 0, 100, 9, 25_609],
  [70_000, 1, 0, 2, 512],
  [70_000, 1, 1, 0, 65_536],
  [70_000, 2, 0, 0, 0],
])('in a log of %i a wrong hash in tile %i/%i is named', async (size, level, n, position, index) => {
  const log = new MemoryLog(size)
  const readTile = (l: number, number: number, width: number): Uint8Array => {
    const tile = log.tile(l, number, width)
    if (l === level && number === n) tile[32 * position]! ^= 1
    return tile
  }
  const report = await verifyLog(log.options({ readTile }))
  expect(named(report.faults)).toMatchObject([{ kind: 'TILE', index }])
  expect(report.faults[0]!.path).toContain(`tile/${level}/`)
  expect(report.firstBadIndex).toBeUndefined()
})

test('a tile of another length is named', async () => {
  const log = new MemoryLog(300)
  const readTile = (level: number, n: number, width: number): Uint8Array => log.tile(level, n, width).subarray(1)
  const report = await verifyLog(log.options({ readTile }))
  expect(report.faults.map(({ kind }) => kind)).toEqual(['TILE', 'TILE', 'TILE'])
})

test('a bad entry and a bad tile elsewhere are told apart', async () => {
  const log = new MemoryLog(700)
  const options = log.options({
    readTile: (level, n, width) => {
      const tile = log.tile(level, n, width)
      if (level === 0 && n === 2) tile[0]! ^= 1
      return tile
    },
  })
  change(log, 300)
  expect(named((await verifyLog(options)).faults)).toMatchObject([
    { kind: 'CHANGED', index: 300 },
    { kind: 'TILE', index: 512 },
  ])
})

test('an entry changed together with its leaf hash is found, with the stretch it must lie in', async () => {
  const log = new MemoryLog(700)
  const options = log.options()
  change(log, 300)
  const truth = log.nodes
  log.rehash(0)
  expect(truth[8]).toBeDefined()
  const report = await verifyLog(options)
  expect(named(report.faults)).toEqual([{ kind: 'REWRITTEN', index: 256, count: 256 }])
})

test('a log rewritten from its entries up does not have the signed root', async () => {
  const log = new MemoryLog(700)
  const options = log.options()
  change(log, 300)
  log.rehash(9)
  const report = await verifyLog(options)
  expect(named(report.faults)).toEqual([{ kind: 'ROOT', index: 0, count: 700 }])
  expect(report.ok).toBe(false)
})

test('heads seen before bound where a rewritten log was changed', async () => {
  const heads = [100, 256, 600].map((size) => new MemoryLog(size).head())
  const log = new MemoryLog(700)
  const options = log.options({ heads })
  expect(await verifyLog(options)).toMatchObject({ ok: true })
  change(log, 300)
  log.rehash(9)
  const report = await verifyLog(options)
  expect(named(report.faults)).toEqual([
    { kind: 'ROOT', index: 256, count: 444 },
    { kind: 'HEAD', index: 600 },
  ])
})

test('heads that the signed tree has are no fault of an entry that was changed or is gone', async () => {
  const heads = [100, 256, 511, 600, 700].map((size) => new MemoryLog(size).head())
  for (const tamper of [(log: MemoryLog) => change(log, 70), (log: MemoryLog) => void log.entries.splice(70, 1)]) {
    const log = new MemoryLog(700)
    const options = log.options({ heads })
    tamper(log)
    expect((await verifyLog(options)).faults.map(({ index }) => index)).toEqual([70])
  }
})

test('a changed entry does not hide that the signed tree has another head', async () => {
  const other = new MemoryLog(299)
  other.append(Uint8Array.of(1))
  const log = new MemoryLog(700)
  const options = log.options({ heads: [other.head()] })
  change(log, 70)
  expect(named((await verifyLog(options)).faults)).toEqual([
    { kind: 'CHANGED', index: 70, count: 1 },
    { kind: 'HEAD', index: 300 },
  ])
})

test('a tree smaller than a head seen before is a fault: the newest events were removed', async () => {
  const before = new MemoryLog(301).head()
  const log = new MemoryLog(300)
  const report = await verifyLog(log.options({ heads: [before] }))
  expect(named(report.faults)).toEqual([{ kind: 'HEAD', index: 301 }])
})

test('a head of no entries is continued by every log, unless it has another root', async () => {
  const log = new MemoryLog(3)
  expect(await verifyLog(log.options({ heads: [{ size: 0, root: emptyRoot() }] }))).toMatchObject({ ok: true })
  const report = await verifyLog(log.options({ heads: [{ size: 0, root: new Uint8Array(32) }] }))
  expect(named(report.faults)).toEqual([{ kind: 'HEAD', index: 0 }])
})

test('another tree of a size seen before is a fault', async () => {
  const log = new MemoryLog(300)
  const other = new MemoryLog(299)
  other.append(Uint8Array.of(1))
  const report = await verifyLog(log.options({ heads: [other.head()] }))
  expect(named(report.faults)).toEqual([{ kind: 'HEAD', index: 300 }])
})

test.each([
  ['another key', (log: MemoryLog) => ({ checkpoint: log.checkpoint(), verifiers: [newKey(log.origin).verifier] })],
  ['a changed size', (log: MemoryLog) => ({ checkpoint: log.checkpoint().replace('\n10\n', '\n11\n') })],
  ['no checkpoint', () => ({ checkpoint: 'Not found\n' })],
])('with %s the signature is the fault and nothing else is read', async (_what, more) => {
  const log = new MemoryLog(10)
  const readBundle = (): never => {
    throw new Error('not to be read')
  }
  const report = await verifyLog(log.options({ readBundle, ...more(log) }))
  expect(report.ok).toBe(false)
  expect(report.faults.map(({ kind }) => kind)).toEqual(['SIGNATURE'])
  expect(report.checkpoint).toBeUndefined()
})

test('a reader’s own failure ends the verification as it is', async () => {
  const log = new MemoryLog(3000)
  const readBundle = async (n: number, width: number): Promise<Uint8Array> => {
    if (n > 2) throw new TypeError('connection lost')
    return log.bundle(n, width)
  }
  await expect(verifyLog(log.options({ readBundle }))).rejects.toThrow('connection lost')
})

test('any one thing done to any log is found', async () => {
  const log = fc.integer({ min: 2, max: 600 })
  const deed = fc.constantFrom('change', 'swap', 'remove', 'insert', 'tile')
  await fc.assert(
    fc.asyncProperty(log, deed, fc.nat(), fc.nat(), async (size, what, a, b) => {
      const victim = new MemoryLog(size)
      const options = victim.options()
      const i = a % size
      const j = (i + 1 + (b % (size - 1))) % size
      if (what === 'change') change(victim, i)
      if (what === 'swap') swap(victim.entries, i, j)
      if (what === 'remove') victim.entries.splice(i, 1)
      if (what === 'insert') victim.entries.splice(i, 0, Uint8Array.of(9))
      if (what === 'tile') victim.nodes[0]![i] = victim.nodes[0]![j]!
      const report = await verifyLog(options)
      expect(report.ok).toBe(false)
      // When what was removed was all of the last bundle, that bundle cannot be read as well.
      expect(report.faults).toHaveLength(
        what === 'remove' && size % 256 === 1 && i < 256 * Math.floor(size / 256) ? 2 : 1,
      )
      expect(report.faults[0]!.index).toBe(what === 'swap' ? Math.min(i, j) : i)
    }),
    { numRuns: 80 },
  )
})
