/** Pruning: what is old leaves, signed; what is above stays whole, proven and found; nothing else can pass for pruned. */
import { readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openMinimumIndex, parseVerifierKey, verifyLog, verifyReceipt } from '@keywitness/tlog'
import { expect, test } from 'vitest'
import type { Tracker } from './api.ts'
import { sha256Of } from './hash.ts'
import { realDisk } from './store/disk.ts'
import { announcement } from './testing/announcement.ts'
import { longAfter, pruneAll, prunedFirst, prunedIndex, pruneSteps } from './testing/prune-life.ts'
import { deliveries, delivery, producerA, producerB, sampleTime } from './testing/sample-entries.ts'
import { sampleVoice } from './testing/sample-voice.ts'
import { followAll, sealAll, type TestLog, testLog } from './testing/test-log.ts'

const options = { segmentEvents: 100 }

function prunedLog(): { log: TestLog; tracker: Tracker } {
  const log = testLog()
  const tracker = log.open(options)
  for (const step of pruneSteps(log.folder, realDisk)) step.run(tracker)
  return { log, tracker }
}

function segmentFiles(log: TestLog): string[] {
  return readdirSync(join(log.folder, 'segments')).toSorted()
}

function head(log: TestLog) {
  return realDisk.database(join(log.folder, 'head.db'), 'write')
}

test('nothing leaves before its events are old, received long ago, covered and sealed', () => {
  const log = testLog()
  const tracker = log.open(options)
  tracker.append(deliveries(1, 600))
  expect(tracker.prunable(longAfter)).toBeUndefined()
  tracker.publish()
  expect(tracker.prunable(longAfter)).toBeUndefined()
  sealAll(tracker, log.folder)
  // Events of the first 300 seconds are older, but the log received them later.
  expect(tracker.prunable(sampleTime + 300_000)).toBeUndefined()
  expect(tracker.prunable(longAfter)).toBe(512)
  expect(() => tracker.prune({ index: 768, before: longAfter, keepDays: 1 }, sampleVoice)).toThrow(/highest/)
  expect(() => tracker.prune({ index: 300, before: longAfter, keepDays: 1 }, sampleVoice)).toThrow(/highest/)
})

test('one younger event keeps its segment and all behind it', () => {
  const log = testLog()
  const tracker = log.open(options)
  tracker.append([...deliveries(1, 280), delivery(281, { time: Date.UTC(2050, 0, 1) }), ...deliveries(282, 600)])
  tracker.publish()
  sealAll(tracker, log.folder)
  // The third segment has it; the bundle that begins in the second ends before it.
  expect(tracker.prunable(Date.UTC(2040, 0, 1))).toBe(256)
  expect(tracker.prunable(longAfter)).toBe(512)
})

test('the young event behind the last segment keeps the bundle that both share', () => {
  const log = testLog()
  const tracker = log.open(options)
  tracker.append([...deliveries(1, 205), delivery(206, { time: Date.UTC(2050, 0, 1) }), ...deliveries(207, 600)])
  tracker.publish()
  sealAll(tracker, log.folder)
  expect(tracker.prunable(Date.UTC(2040, 0, 1))).toBeUndefined()
})

test('the minimum index is signed, and an event of the log', async () => {
  const { log, tracker } = prunedLog()
  const reader = log.reader()
  const said = reader.minimum()
  expect(said?.index).toBe(prunedIndex)
  expect(await openMinimumIndex(said?.note ?? '', [parseVerifierKey(tracker.key)])).toMatchObject({
    origin: tracker.origin,
    index: prunedIndex,
    keepDays: 30,
  })
  const events = reader.events({ order: 'asc', limit: 1_000, text: 'pruned' }).events
  expect(events.map(({ bytes }) => JSON.parse(`${Buffer.from(bytes)}`).event.target.name)).toEqual([
    `512-${prunedIndex}`,
  ])
})

test('what is below is refused, what is above is given, proven and found', async () => {
  const { log, tracker } = prunedLog()
  followAll(tracker)
  const reader = log.reader()
  const size = reader.size()
  expect(reader.first()).toBe(prunedFirst)
  for (const read of [
    () => reader.entry(prunedFirst - 1),
    () => reader.receipt(0),
    () => reader.bundle(2, 256),
    () => reader.path('tile/entries/000'),
  ]) {
    expect(read).toThrow(expect.objectContaining({ code: 'PRUNED' }))
  }
  expect(reader.range(0, 10, 10)).toEqual([])
  expect(reader.range(0, size, 2).map(({ index }) => index)).toEqual([prunedFirst, prunedFirst + 1])
  expect(reader.bundle(3, size - 768)).toBeDefined()
  expect(reader.tile(0, 0, 256)).toHaveLength(8_192)
  expect(reader.consistency(100, reader.covered())).toBeDefined()
  const receipt = await verifyReceipt(reader.receipt(prunedFirst) ?? '', [parseVerifierKey(tracker.key)])
  expect(receipt.index).toBe(prunedFirst)
  const found = reader.events({ order: 'asc', limit: 1_000 }).events
  expect(found.map(({ index }) => index)).toEqual(
    Array.from({ length: size - prunedFirst }, (_, at) => at + prunedFirst),
  )
  expect(reader.count({})).toMatchObject({ total: size - prunedFirst })
  expect(reader.byId(JSON.parse(`${Buffer.from(deliveries(3, 3)[0]!.bytes)}`).event.id)).toBeUndefined()
})

test('the log verifies from its minimum index on, for its checker and for anybody', async () => {
  const { log, tracker } = prunedLog()
  const reader = log.reader()
  const report = await log.check()
  expect(report).toMatchObject({ good: true, findings: [], size: tracker.size, covered: tracker.covered })
  expect(report.notes).toContain(`entries below ${prunedIndex} were pruned by policy, which the log has signed`)
  const verified = await verifyLog({
    checkpoint: reader.checkpoint() ?? '',
    verifiers: [parseVerifierKey(tracker.key)],
    minimum: prunedIndex,
    readBundle: (n, width) => reader.bundle(n, width) ?? new Uint8Array(),
    readTile: (level, n, width) => reader.tile(level, n, width) ?? new Uint8Array(),
    hash: sha256Of,
  })
  expect(verified).toMatchObject({ ok: true, pruned: prunedIndex, entries: tracker.covered - prunedIndex })
})

/** A log of whose segments none was pruned yet. */
function unprunedLog(): { log: TestLog; tracker: Tracker } {
  const log = testLog()
  const tracker = log.open(options)
  tracker.append(deliveries(1, 600))
  tracker.publish()
  sealAll(tracker, log.folder)
  return { log, tracker }
}

test('a check that the log is pruned under finds nothing wrong, and what is wrong all the same', async () => {
  const { log, tracker } = unprunedLog()
  let pauses = 0
  const pause = (): Promise<void> => {
    pauses += 1
    if (pauses === 2) pruneAll(tracker)
    return Promise.resolve()
  }
  const report = await log.check({ pause })
  expect(report).toMatchObject({ good: true, findings: [] })
  expect(report.notes).toContain('entries below 512 were pruned by policy, which the log has signed')

  const { log: damaged, tracker: prunedUnder } = unprunedLog()
  writeFileSync(join(damaged.keyFolder, 'checkpoint.pub'), 'rubbish')
  const found = await damaged.check({
    pause: () => {
      pruneAll(prunedUnder)
      return Promise.resolve()
    },
  })
  expect(new Set(found.findings.map(({ kind }) => kind))).toEqual(new Set(['bad-key']))
})

test('a question whose segments are pruned under it is answered from what is there then', () => {
  const { log, tracker } = unprunedLog()
  const reader = log.reader()
  const pruning = {
    get cancelled() {
      pruneAll(tracker)
      return false
    },
  }
  const { events } = reader.events({ order: 'asc', limit: 150, outcome: ['success', 'failure'], signal: pruning })
  expect(events.slice(0, 100).map(({ index }) => index)).toEqual(Array.from({ length: 100 }, (_, at) => 500 + at))
})

test('who has read what is pruned keeps none of it on the disk', () => {
  const { log, tracker } = unprunedLog()
  const reader = log.reader()
  expect(reader.count({}).total).toBe(600)
  expect(reader.entry(0).length).toBeGreaterThan(0)
  pruneAll(tracker)
  expect(reader.first()).toBe(500)
  const held = readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/self/fd/${fd}`)]
    } catch {
      return []
    }
  })
  expect(held.filter((file) => file.startsWith(join(log.folder, 'segments')) && file.endsWith('(deleted)'))).toEqual([])
})

test('files of pruned segments are gone, and a repeat of what was in them is still recognised', () => {
  const { log, tracker } = prunedLog()
  expect(segmentFiles(log)[0]).toBe('000000000700-000000000800.db')
  const size = tracker.size
  expect(tracker.append(deliveries(1, 900))).toMatchObject({ appended: 0, duplicates: 900 })
  expect(tracker.size).toBe(size)
})

test('attachments leave with the last entry that names them', async () => {
  const log = testLog()
  const tracker = log.open(options)
  const content = (name: string): Uint8Array => new TextEncoder().encode(JSON.stringify([name]))
  const [old, shared] = [content('old'), content('shared')]
  const naming = (sequence: number, list: Uint8Array) => {
    const sha256 = Buffer.from(sha256Of(list)).toString('hex')
    const first = deliveries(sequence, sequence)[0]!
    const entry = JSON.parse(`${Buffer.from(first.bytes)}`)
    entry.event.responseData.list = { bytes: list.length, count: 1, first: [], sha256 }
    return { ...first, bytes: new TextEncoder().encode(JSON.stringify(entry)), attachments: [list] }
  }
  tracker.append([
    naming(1, old),
    naming(2, shared),
    ...deliveries(3, 549),
    naming(550, shared),
    ...deliveries(551, 600),
  ])
  tracker.publish()
  sealAll(tracker, log.folder)
  pruneAll(tracker)
  const held = (list: Uint8Array) => log.reader().attachment(Buffer.from(sha256Of(list)).toString('hex'))
  expect([held(old), held(shared)]).toEqual([undefined, shared])
})

test('gaps and late numbers around the first entry that is there do not show as damage', async () => {
  const log = testLog()
  const tracker = log.open(options)
  tracker.append([...deliveries(1, 480), ...deliveries(484, 520)])
  tracker.append(deliveries(5, 9, { producer: producerB }))
  tracker.append(deliveries(481, 481))
  tracker.append(deliveries(521, 640))
  tracker.publish()
  sealAll(tracker, log.folder)
  pruneAll(tracker)
  expect(tracker.anomalies(0, 10).map(({ kind, producer }) => [kind, producer])).toEqual([
    ['missing', producerA],
    ['missing', producerB],
    ['late', producerA],
  ])
  tracker.append(deliveries(482, 482))
  expect(await log.check()).toMatchObject({ good: true, findings: [] })
})

test('the announcement of a key outlives its segment', async () => {
  const log = testLog()
  const tracker = log.open(options)
  tracker.append(deliveries(1, 10))
  tracker.publish()
  const prepared = tracker.prepareKey()
  tracker.append([announcement(prepared)])
  tracker.append(deliveries(11, 600))
  tracker.publish()
  sealAll(tracker, log.folder)
  pruneAll(tracker)
  const reader = log.reader()
  expect(() => reader.entry(10)).toThrow(expect.objectContaining({ code: 'PRUNED' }))
  const announced = reader.announcement(prepared.vkey)
  const receipt = await verifyReceipt(announced?.proof ?? '', [parseVerifierKey(prepared.previous)])
  expect(receipt.index).toBe(10)
  expect(await log.check()).toMatchObject({ good: true, findings: [] })
})

test('a key that comes later signs the minimum index, too', async () => {
  const { log, tracker } = prunedLog()
  const prepared = tracker.prepareKey()
  tracker.append([announcement(prepared)])
  tracker.publish()
  const note = log.reader().minimum()?.note ?? ''
  for (const vkey of [prepared.vkey, prepared.previous]) {
    expect(await openMinimumIndex(note, [parseVerifierKey(vkey)])).toMatchObject({ index: prunedIndex })
  }
  tracker.append(deliveries(901, 910))
  tracker.publish()
  tracker.append(deliveries(911, 920))
  tracker.publish()
  expect(tracker.keys[0]?.until).toBeDefined()
  const now = log.reader().minimum()?.note ?? ''
  expect(await openMinimumIndex(now, [parseVerifierKey(prepared.vkey)])).toMatchObject({ index: prunedIndex })
  expect(await log.check()).toMatchObject({ good: true, findings: [] })
})

test('a minimum index that was lowered is found, and the next start raises it again', async () => {
  const { log } = prunedLog()
  log.closeAll()
  const db = head(log)
  db.exec('DELETE FROM minimum_index WHERE minimum > 600')
  db.close()
  const report = await log.check()
  expect(report.findings).toEqual([
    expect.objectContaining({
      kind: 'bad-minimum',
      message: expect.stringContaining(`signed the minimum index ${prunedIndex}`),
    }),
  ])
  expect(log.open(options).minimum).toBe(prunedIndex)
  expect(await log.check()).toMatchObject({ good: true })
})

test('a minimum index that nobody signed hides nothing', async () => {
  const { log } = prunedLog()
  log.closeAll()
  const db = head(log)
  db.exec(`UPDATE minimum_index SET minimum = 896 WHERE minimum = ${prunedIndex}`)
  db.close()
  const files = segmentFiles(log)
  rmSync(join(log.folder, 'segments', files[0]!))
  const kinds = (await log.check()).findings.map(({ kind }) => kind)
  expect(kinds).toEqual(expect.arrayContaining(['bad-minimum', 'bad-segment', 'missing-entry']))
  expect(() => log.open(options)).toThrow(expect.objectContaining({ code: 'CORRUPT' }))
})

test('one that is signed by another key is no minimum index', async () => {
  const { log } = prunedLog()
  const other = prunedLog()
  const note = other.log.reader().minimum()?.note ?? ''
  log.closeAll()
  writeFileSync(join(log.keyFolder, 'minimum-index'), note)
  expect((await log.check()).findings.map(({ kind }) => kind)).toEqual(['bad-minimum'])
})

test('a segment that is missing above the minimum index is missing', async () => {
  const { log } = prunedLog()
  rmSync(join(log.folder, 'segments', segmentFiles(log)[0]!))
  const report = await log.check()
  expect(report.findings[0]).toMatchObject({ kind: 'bad-segment', index: prunedFirst })
})

test('a hash of a pruned entry that was changed is found', async () => {
  const { log } = prunedLog()
  log.closeAll()
  const db = head(log)
  const tile = db.prepare<{ hashes: Uint8Array }>('SELECT hashes FROM tiles WHERE level=0 AND n=1').get()!.hashes
  tile[40]! ^= 1
  db.prepare('UPDATE tiles SET hashes=? WHERE level=0 AND n=1').run(tile)
  db.close()
  expect((await log.check()).good).toBe(false)
})
