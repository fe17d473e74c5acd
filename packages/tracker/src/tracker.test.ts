/** The writer: appending, publishing, restarts, and what it refuses to open. */
import { spawnSync } from 'node:child_process'
import { appendFileSync, copyFileSync, cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { openCheckpoint, parseVerifierKey } from '@keywitness/tlog'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Delivery } from './api.ts'
import { TrackerError } from './errors.ts'
import { deliveries, delivery, producerA, producerB } from './testing/sample-entries.ts'
import { origin, testLog } from './testing/test-log.ts'

/** The code of the TrackerError that a call throws. */
function codeOf(call: () => unknown): string {
  try {
    call()
  } catch (error) {
    if (error instanceof TrackerError) return error.code
    throw error
  }
  return 'no error'
}

test('appended entries get indexes in order and are read back byte for byte', () => {
  const log = testLog()
  const tracker = log.open()
  expect(tracker.append(deliveries(1, 3))).toEqual({ first: 0, appended: 3, duplicates: 0 })
  expect(tracker.append(deliveries(4, 5))).toEqual({ first: 3, appended: 2, duplicates: 0 })
  const reader = log.reader()
  expect(reader.size()).toBe(5)
  for (const [index, { bytes }] of deliveries(1, 5).entries()) expect(reader.entry(index)).toEqual(bytes)
})

test('a second delivery is recognised, also after a restart and beside new entries', () => {
  const log = testLog()
  const first = log.open()
  first.append(deliveries(1, 300))
  first.close()
  const tracker = log.open()
  expect(tracker.append(deliveries(298, 302))).toEqual({ first: 300, appended: 2, duplicates: 3 })
  expect(tracker.append(deliveries(1, 4))).toEqual({ first: 302, appended: 0, duplicates: 4 })
  expect(tracker.lastOf(producerA)).toEqual({ epoch: 1, sequence: 302 })
  expect(tracker.anomalies(0, 10)).toEqual([])
})

test('a number used again with other bytes is kept and recorded', () => {
  const tracker = testLog().open()
  tracker.append(deliveries(1, 3))
  expect(tracker.append([delivery(2, { name: 'another' })])).toEqual({ first: 3, appended: 1, duplicates: 0 })
  expect(tracker.anomalies(0, 10)).toMatchObject([{ kind: 'reused', first: 2, last: 2, index: 3 }])
})

test('skipped numbers are recorded as missing, and as late when they come', async () => {
  const log = testLog()
  const tracker = log.open()
  tracker.append([delivery(1), delivery(4)])
  tracker.append([delivery(2)])
  expect(tracker.anomalies(0, 10)).toMatchObject([
    { kind: 'missing', producer: producerA, first: 2, last: 3, index: 1 },
    { kind: 'late', producer: producerA, first: 2, last: 2, index: 2 },
  ])
  expect(await log.check()).toMatchObject({ good: true, size: 3 })
})

test('any interleaving of deliveries and repeats gives each entry once, in order of first delivery', () => {
  const step = fc.record({
    producer: fc.constantFrom(producerA, producerB),
    back: fc.nat(4),
    count: fc.integer({ min: 1, max: 6 }),
  })
  fc.assert(
    fc.property(fc.array(fc.array(step, { maxLength: 4 }), { maxLength: 8 }), (batches) => {
      const log = testLog()
      const tracker = log.open()
      const last = new Map<string, number>()
      const model: Delivery[] = []
      let duplicates = 0
      for (const steps of batches) {
        const batch = steps.flatMap(({ producer, back, count }) => {
          const from = Math.max(1, (last.get(producer) ?? 0) + 1 - back)
          const run = deliveries(from, from + count - 1, { producer })
          for (const one of run) {
            if (one.sequence <= (last.get(producer) ?? 0)) duplicates += 1
            else model.push(one)
            last.set(producer, Math.max(one.sequence, last.get(producer) ?? 0))
          }
          return run
        })
        const before = tracker.size
        const appended = tracker.append(batch)
        expect(appended.first).toBe(before)
        expect(appended.appended + appended.duplicates).toBe(batch.length)
      }
      expect(tracker.size).toBe(model.length)
      const reader = log.reader()
      expect(reader.range(0, model.length, 1_000).map(({ bytes }) => bytes)).toEqual(model.map(({ bytes }) => bytes))
      expect(tracker.anomalies(0, 10)).toEqual([])
      expect(duplicates).toBe(batches.flat().reduce((sum, { count }) => sum + count, 0) - model.length)
    }),
    { numRuns: 25, seed: 20250619 },
  )
})

test('publish signs growth only, and the note verifies with the public key', async () => {
  const log = testLog()
  const tracker = log.open()
  expect(tracker.publish()).toBeUndefined()
  tracker.append(deliveries(1, 300))
  const note = tracker.publish()
  expect(tracker.publish()).toBeUndefined()
  expect(tracker.covered).toBe(300)
  const { checkpoint } = await openCheckpoint(note!, [parseVerifierKey(tracker.key)])
  expect(checkpoint).toMatchObject({ origin, size: 300 })
  const reader = log.reader()
  expect(reader.checkpoint()).toBe(note)
  expect(reader.key()).toBe(tracker.key)
  expect(readFileSync(join(log.keyFolder, 'signed-head'), 'utf8')).toBe(note)
})

test('old checkpoints go after an hour, but the first of an hour and those asked for stay', () => {
  const log = testLog()
  let now = Date.UTC(2025, 0, 1, 10, 0, 0)
  const tracker = log.open({ clock: { now: () => now } })
  for (let sequence = 1; sequence <= 6; sequence++) {
    tracker.append([delivery(sequence)])
    tracker.publish()
    tracker.keep(3)
    now += 40 * 60_000
  }
  expect(tracker.keep(99)).toBe(false)
  const db = new DatabaseSync(join(log.folder, 'head.db'), { readOnly: true })
  const sizes = db.prepare('SELECT size FROM checkpoints ORDER BY size').all()
  db.close()
  // 10:00, 10:40, 11:20, 12:00, 12:40, 13:20
  expect(sizes.map(({ size }) => size)).toEqual([1, 3, 4, 5, 6])
})

test('all that was appended and published is there after a restart', async () => {
  const log = testLog()
  const first = log.open()
  first.append(deliveries(1, 700))
  const note = first.publish()
  first.append(deliveries(701, 710))
  first.close()
  const tracker = log.open({ create: false })
  expect([tracker.size, tracker.covered]).toEqual([710, 700])
  expect(log.reader().checkpoint()).toBe(note)
  expect(await log.check()).toMatchObject({ good: true, findings: [] })
})

test('a second writer is refused while the first lives, in this process and in another', () => {
  const log = testLog()
  log.open()
  expect(codeOf(() => log.open())).toBe('LOCKED')
  const script = `
    import { openTracker } from ${JSON.stringify(join(import.meta.dirname, 'index.ts'))}
    try { openTracker(${JSON.stringify({ folder: log.folder, keyFolder: log.keyFolder, origin })}) }
    catch (error) { process.stdout.write(error.code) }`
  const child = spawnSync(process.execPath, ['--input-type=module-typescript', '-e', script], { encoding: 'utf8' })
  expect(child.stdout).toBe('LOCKED')
})

test('a missing store is created only when that was asked for', () => {
  const log = testLog()
  expect(codeOf(() => log.open({ create: false }))).toBe('MISSING')
  expect(codeOf(() => log.reader())).toBe('MISSING')
  log.open().close()
  expect(log.open({ create: false }).size).toBe(0)
})

test('a store that was signed and is gone is not begun anew', () => {
  const log = testLog()
  const tracker = log.open()
  tracker.append(deliveries(1, 3))
  tracker.publish()
  tracker.close()
  rmSync(log.folder, { recursive: true })
  expect(codeOf(() => log.open())).toBe('FORKED')
})

test('a store set back to before the signed head is refused, and so is another tree of its size', () => {
  const log = testLog()
  const tracker = log.open()
  tracker.append(deliveries(1, 3))
  tracker.publish()
  tracker.close()
  const backup = `${log.folder}-backup`
  cpSync(log.folder, backup, { recursive: true })
  const again = log.open()
  again.append(deliveries(4, 5))
  again.publish()
  again.close()
  rmSync(log.folder, { recursive: true })
  cpSync(backup, log.folder, { recursive: true })
  rmSync(backup, { recursive: true })
  expect(codeOf(() => log.open())).toBe('FORKED')

  const signedHead = join(log.keyFolder, 'signed-head')
  const kept = readFileSync(signedHead, 'utf8')
  rmSync(signedHead)
  const fork = log.open()
  fork.append([delivery(4), delivery(5, { name: 'other' })])
  fork.close()
  writeFileSync(signedHead, kept)
  expect(codeOf(() => log.open())).toBe('FORKED')
})

test('a lost signed head is known from the newest checkpoint, and written again', () => {
  const log = testLog()
  const tracker = log.open()
  tracker.append(deliveries(1, 3))
  const note = tracker.publish()
  tracker.close()
  rmSync(join(log.keyFolder, 'signed-head'))
  expect(log.open().publish()).toBeUndefined()
  expect(readFileSync(join(log.keyFolder, 'signed-head'), 'utf8')).toBe(note)
})

test('a newer schema is refused by writer and reader, and left as it is', () => {
  const log = testLog()
  log.open().close()
  const file = join(log.folder, 'head.db')
  const db = new DatabaseSync(file)
  db.exec('PRAGMA user_version=99')
  db.close()
  const before = readFileSync(file)
  expect(codeOf(() => log.open())).toBe('NEWER_SCHEMA')
  expect(codeOf(() => log.reader())).toBe('NEWER_SCHEMA')
  expect(readFileSync(file)).toEqual(before)
})

test('a file that is no database is CORRUPT by name', () => {
  const log = testLog()
  log.open().close()
  const file = join(log.folder, 'head.db')
  writeFileSync(file, 'not a database '.repeat(1_000))
  const error = catchError(() => log.open())
  expect(error).toMatchObject({ code: 'CORRUPT', file })
  expect(catchError(() => log.reader())).toMatchObject({ code: 'CORRUPT', file })
})

test('a database of another program is CORRUPT', () => {
  const log = testLog()
  log.open().close()
  const db = new DatabaseSync(join(log.folder, 'head.db'))
  db.exec('PRAGMA application_id=1')
  db.close()
  expect(codeOf(() => log.open())).toBe('CORRUPT')
})

test('a missing or broken key is named, and no other takes its place', () => {
  const log = testLog()
  const tracker = log.open()
  tracker.append(deliveries(1, 2))
  tracker.close()
  const key = join(log.keyFolder, 'checkpoint.key')
  copyFileSync(key, `${key}.backup`)
  writeFileSync(key, 'nonsense')
  expect(codeOf(() => log.open())).toBe('CORRUPT')
  rmSync(key)
  expect(codeOf(() => log.open())).toBe('MISSING')
  copyFileSync(`${key}.backup`, key)
  expect(log.open().size).toBe(2)
})

test('another origin, and a key inside the store, are refused', () => {
  const log = testLog()
  log.open().close()
  expect(codeOf(() => log.open({ origin: 'example.com/other' }))).toBe('BAD_INPUT')
  expect(codeOf(() => log.open({ keyFolder: join(log.folder, 'keys') }))).toBe('BAD_INPUT')
  expect(codeOf(() => log.open({ keyFolder: log.folder }))).toBe('BAD_INPUT')
  expect(codeOf(() => testLog().open({ origin: 'no spaces please' }))).toBe('BAD_INPUT')
})

test('deliveries out of bounds are refused and nothing of the batch is kept', () => {
  const tracker = testLog().open()
  const good = delivery(1)
  const bad: Partial<Delivery>[] = [
    { producer: 'nobody' },
    { epoch: -1 },
    { sequence: 0 },
    { sequence: 1.5 },
    { received: Number.NaN },
    { bytes: new Uint8Array() },
    { bytes: new Uint8Array(65_536) },
  ]
  for (const change of bad) {
    expect(codeOf(() => tracker.append([good, { ...good, sequence: 2, ...change }]))).toBe('BAD_INPUT')
  }
  expect(codeOf(() => tracker.append(Array.from({ length: 10_001 }, () => good)))).toBe('BAD_INPUT')
  expect(tracker.size).toBe(0)
})

test('entries of every size come back, over row and tile borders', async () => {
  const log = testLog()
  const tracker = log.open()
  const sizes = [1, 255, 40_000, 65_535, 65_535, 3]
  const batch = Array.from({ length: 600 }, (_, place) => ({
    ...delivery(place + 1),
    bytes: new Uint8Array(sizes[place % sizes.length]!).fill(place),
  }))
  tracker.append(batch)
  const reader = log.reader()
  for (const index of [0, 3, 255, 256, 257, 511, 512, 599]) expect(reader.entry(index)).toEqual(batch[index]!.bytes)
})

test('after close every call says so', () => {
  const log = testLog()
  const tracker = log.open()
  const reader = log.reader()
  tracker.close()
  tracker.close()
  reader.close()
  expect(codeOf(() => tracker.append([]))).toBe('CLOSED')
  expect(codeOf(() => tracker.publish())).toBe('CLOSED')
  expect(codeOf(() => reader.size())).toBe('CLOSED')
})

test('a writer finds bytes changed among the newest entries when it opens, says so, and goes on with the signed tree', () => {
  const log = testLog()
  const tracker = log.open()
  tracker.append(deliveries(1, 10))
  tracker.close()
  const db = new DatabaseSync(join(log.folder, 'head.db'))
  const { bundle } = db.prepare('SELECT bundle FROM entries').get() as { bundle: Uint8Array }
  bundle[50]! ^= 1
  db.prepare('UPDATE entries SET bundle=?').run(bundle)
  db.close()
  const again = log.open()
  expect(again.altered).toBe(0)
  expect(again.append(deliveries(11, 12))).toEqual({ first: 10, appended: 2, duplicates: 0 })
  again.close()
})

test('a truncated database is CORRUPT for the writer', () => {
  const log = testLog()
  const tracker = log.open()
  tracker.append(deliveries(1, 400))
  tracker.close()
  const file = join(log.folder, 'head.db')
  const content = readFileSync(file)
  writeFileSync(file, content.subarray(0, 40_960))
  appendFileSync(file, Buffer.alloc(content.length - 40_960, 0xff))
  expect(codeOf(() => log.open())).toBe('CORRUPT')
})

function catchError(call: () => unknown): unknown {
  try {
    call()
  } catch (error) {
    return error
  }
  throw new Error('nothing was thrown')
}
