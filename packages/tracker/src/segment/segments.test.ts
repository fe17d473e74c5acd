/** Sealing: what is proved and served before is proved and served after. */
import { appendFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Worker } from 'node:worker_threads'
import { openCheckpoint, parseVerifierKey, verifyConsistency, verifyLog, verifyReceipt } from '@keywitness/tlog'
import { expect, test } from 'vitest'
import type { Segment } from '../api.ts'
import { TrackerError } from '../errors.ts'
import { sha256Of } from '../hash.ts'
import { deliveries, delivery, sampleEvent } from '../testing/sample-entries.ts'
import { followAll, sealAll, testLog } from '../testing/test-log.ts'
import { buildSegment } from './build.ts'

test('a log of three segments and a head is whole, and every receipt verifies with the public key alone', async () => {
  const log = testLog()
  const tracker = log.open({ segmentEvents: 100 })
  tracker.append(deliveries(1, 340))
  tracker.publish()
  sealAll(tracker, log.folder)
  tracker.append(deliveries(341, 345))
  expect([tracker.size, tracker.covered, tracker.sealed]).toEqual([345, 340, 300])
  const reader = log.reader()
  const verifier = parseVerifierKey(reader.key())
  for (const index of [0, 99, 100, 255, 256, 299, 300, 339]) {
    const receipt = await verifyReceipt(reader.receipt(index) ?? '', [verifier])
    expect(receipt).toMatchObject({ index, checkpoint: { size: 340 } })
    expect(receipt.entry).toEqual(delivery(index + 1).bytes)
  }
  expect(reader.receipt(340)).toBe(undefined)
  expect(await log.check()).toMatchObject({ good: true, size: 345, covered: 340, segments: 3, findings: [] })
})

test('the tiles and bundles of a sealed log verify as a whole', async () => {
  const log = testLog()
  const tracker = log.open({ segmentEvents: 150 })
  for (let sequence = 1; sequence <= 801; sequence += 100) tracker.append(deliveries(sequence, sequence + 99))
  const note = tracker.publish()!
  sealAll(tracker, log.folder)
  const reader = log.reader()
  const report = await verifyLog({
    checkpoint: note,
    verifiers: [parseVerifierKey(reader.key())],
    readBundle: (n, width) => reader.bundle(n, width)!,
    readTile: (level, n, width) => reader.tile(level, n, width)!,
    hash: sha256Of,
  })
  expect(report).toMatchObject({ ok: true, entries: 900, faults: [] })
})

test('tiles of every published size are served, and nothing beyond the newest', () => {
  const log = testLog()
  const tracker = log.open({ segmentEvents: 200 })
  tracker.append(deliveries(1, 600))
  tracker.publish()
  sealAll(tracker, log.folder)
  tracker.append(deliveries(601, 610))
  const reader = log.reader()
  const full = reader.tile(0, 0, 256)!
  expect(full).toHaveLength(256 * 32)
  expect(reader.tile(0, 0, 17)).toEqual(full.slice(0, 17 * 32))
  expect(reader.tile(0, 2, 88)).toHaveLength(88 * 32)
  expect(reader.tile(1, 0, 2)).toHaveLength(64)
  expect(reader.bundle(2, 88)).toBeDefined()
  for (const [level, n, width] of [
    [0, 2, 89],
    [0, 2, 256],
    [0, 3, 1],
    [1, 0, 3],
    [2, 0, 1],
    [63, 0, 1],
    [0, -1, 1],
  ] as const) {
    expect(reader.tile(level, n, width)).toBeUndefined()
  }
  expect(reader.bundle(2, 98)).toBeUndefined()
  expect(reader.path('tile/0/000')).toEqual(full)
  expect(reader.path('tile/entries/002.p/88')).toEqual(reader.bundle(2, 88))
  expect(reader.path('checkpoint')).toEqual(new TextEncoder().encode(reader.checkpoint()))
  for (const path of ['tile/0/1', 'tile/entries/002.p/98', '../head.db', '']) expect(reader.path(path)).toBeUndefined()
})

test('what is handed out for verification is what is on the disk now, not what was read before', () => {
  const log = testLog()
  const tracker = log.open({ segmentEvents: 100 })
  tracker.append(deliveries(1, 356))
  tracker.publish()
  sealAll(tracker, log.folder)
  const reader = log.reader()
  const bundles = (): (Uint8Array | undefined)[] => [reader.bundle(0, 100), reader.bundle(1, 100)]
  const before = bundles()
  expect(reader.events({ limit: 1_000 }).events).toHaveLength(356)
  expect(bundles()).toEqual(before)

  const head = new DatabaseSync(join(log.folder, 'head.db'))
  const row = head.prepare('SELECT first, bundle FROM entries WHERE first >= 300').get() as {
    first: number
    bundle: Uint8Array
  }
  row.bundle[40]! ^= 1
  head.prepare('UPDATE entries SET bundle=? WHERE first=?').run(row.bundle, row.first)
  head.close()
  const segment = new DatabaseSync(join(log.folder, 'segments', '000000000000-000000000100.db'))
  segment.exec('UPDATE blocks SET packed=zeroblob(10) WHERE first=0')
  segment.close()
  expect(reader.bundle(1, 100)).not.toEqual(before[1])
  expect(codeOf(() => reader.bundle(0, 100))).toBe('CORRUPT')
})

test('consistency between any two published sizes can be shown', async () => {
  const log = testLog()
  const tracker = log.open({ segmentEvents: 50 })
  const roots = new Map<number, Uint8Array>()
  const verifier = parseVerifierKey(tracker.key)
  for (const sequence of [1, 41, 200, 256, 290]) {
    tracker.append(deliveries(tracker.size + 1, sequence))
    const { checkpoint } = await openCheckpoint(tracker.publish()!, [verifier])
    roots.set(checkpoint.size, checkpoint.root)
    sealAll(tracker, log.folder)
  }
  const reader = log.reader()
  for (const [from, rootFrom] of roots) {
    for (const [to, rootTo] of [...roots].filter(([size]) => size >= from)) {
      verifyConsistency(from, to, rootFrom, rootTo, reader.consistency(from, to)!)
    }
  }
  expect(reader.consistency(41, 1)).toBeUndefined()
  expect(reader.consistency(1, 291)).toBeUndefined()
})

test('the worker thread builds what adopt takes', async () => {
  const log = testLog()
  const tracker = log.open({ segmentEvents: 30 })
  tracker.append(deliveries(1, 40))
  tracker.publish()
  const worker = new Worker(new URL('../seal-worker.ts', import.meta.url), {
    workerData: { folder: log.folder, range: tracker.sealable() },
  })
  const segment = await new Promise<Segment>((resolve, reject) => {
    worker.once('message', resolve)
    worker.once('error', reject)
  })
  tracker.adopt(segment)
  expect(tracker.sealed).toBe(30)
  expect(await log.check()).toMatchObject({ good: true, segments: 1 })
})

test('only covered entries are sealed, one range after the other', () => {
  const log = testLog()
  const tracker = log.open({ segmentEvents: 10 })
  tracker.append(deliveries(1, 25))
  expect(tracker.sealable()).toBeUndefined()
  tracker.publish()
  expect(tracker.sealable()).toEqual({ from: 0, to: 10 })
  const first = buildSegment({ folder: log.folder }, { from: 0, to: 10 })
  const second = buildSegment({ folder: log.folder }, { from: 10, to: 20 })
  expect(codeOf(() => tracker.adopt(second))).toBe('BAD_INPUT')
  tracker.adopt(first)
  expect(codeOf(() => tracker.adopt(first))).toBe('BAD_INPUT')
  tracker.adopt(second)
  expect(tracker.sealable()).toBeUndefined()
})

test('a segment that was changed after it was built, or is of another log, is not adopted', async () => {
  const log = testLog()
  const tracker = log.open({ segmentEvents: 10 })
  tracker.append(deliveries(1, 15))
  tracker.publish()
  const segment = buildSegment({ folder: log.folder }, tracker.sealable()!)
  const file = join(log.folder, 'segments', segment.file)
  const content = readFileSync(file)
  appendFileSync(file, 'x')
  expect(codeOf(() => tracker.adopt(segment))).toBe('CORRUPT')

  const other = testLog()
  const otherTracker = other.open({ segmentEvents: 10 })
  otherTracker.append(deliveries(101, 115))
  otherTracker.publish()
  const foreign = buildSegment({ folder: other.folder }, otherTracker.sealable()!)
  writeFileSync(file, readFileSync(join(other.folder, 'segments', foreign.file)))
  expect(codeOf(() => tracker.adopt(foreign))).toBe('CORRUPT')

  writeFileSync(file, content)
  tracker.adopt(segment)
  expect(await log.check()).toMatchObject({ good: true })
})

test('what a crash left in the segments folder is removed at the next start', () => {
  const log = testLog()
  const tracker = log.open({ segmentEvents: 10 })
  tracker.append(deliveries(1, 25))
  tracker.publish()
  sealAll(tracker, log.folder)
  tracker.close()
  const folder = join(log.folder, 'segments')
  writeFileSync(join(folder, '000000000020-000000000030.db'), 'orphan')
  writeFileSync(join(folder, '000000000020-000000000030.db.part'), 'draft')
  writeFileSync(join(folder, 'notes.txt'), 'not ours')
  log.open({ segmentEvents: 10 })
  expect(readdirSync(folder)).toEqual(['000000000000-000000000010.db', '000000000010-000000000020.db', 'notes.txt'])
})

test('sealing frees the space of the head for new entries', () => {
  const log = testLog()
  const tracker = log.open({ segmentEvents: 1_000 })
  const pages = (): number => {
    const db = new DatabaseSync(join(log.folder, 'head.db'), { readOnly: true })
    const { page_count: count } = db.prepare('PRAGMA page_count').get() as { page_count: number }
    db.close()
    return count
  }
  const batchOf = (round: number): void => {
    tracker.append(deliveries(round * 1_000 + 1, (round + 1) * 1_000))
    tracker.publish()
    sealAll(tracker, log.folder)
  }
  batchOf(0)
  batchOf(1)
  const before = pages()
  for (let round = 2; round < 6; round++) batchOf(round)
  // 24 KiB of tiles for each thousand entries stay; the megabyte of entries does not.
  expect(pages() - before).toBeLessThan(4 * 6)
})

test('a change of the segment size between starts loses no answer', () => {
  const log = testLog()
  const first = log.open({ segmentEvents: 40 })
  first.append(deliveries(1, 60))
  first.publish()
  followAll(first)
  first.close()
  const tracker = log.open({ segmentEvents: 25 })
  sealAll(tracker, log.folder)
  const reader = log.reader()
  const ids = (): number[] =>
    Array.from({ length: 60 }, (_, place) => reader.byId(sampleEvent(place + 1).id)?.index ?? -1)
  const expected = Array.from({ length: 60 }, (_, place) => place)
  expect(ids()).toEqual(expected)
  followAll(tracker)
  expect(ids()).toEqual(expected)
  expect(reader.counts()).toMatchObject({ sealed: 50, indexed: 60 })
})

test('a missing segment file is named', () => {
  const log = testLog()
  const tracker = log.open({ segmentEvents: 10 })
  tracker.append(deliveries(1, 25))
  tracker.publish()
  sealAll(tracker, log.folder)
  rmSync(join(log.folder, 'segments', '000000000010-000000000020.db'))
  const reader = log.reader()
  expect(reader.entry(5)).toEqual(delivery(6).bytes)
  expect(codeOf(() => reader.entry(15))).toBe('MISSING')
})

function codeOf(call: () => unknown): string {
  try {
    call()
  } catch (error) {
    if (error instanceof TrackerError) return error.code
    throw error
  }
  return 'no error'
}
