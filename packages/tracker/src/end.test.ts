/** The end of a log: its final checkpoint covers all of it, nothing can be added, and everything still verifies. */
import { readdirSync } from 'node:fs'
import { parseCheckpoint, parseNote } from '@keywitness/tlog'
import { expect, test } from 'vitest'
import { readEnd, settleEnd } from './end.ts'
import { TrackerError } from './errors.ts'
import { realDisk } from './store/disk.ts'
import { type Fault, FaultDisk } from './testing/fault-disk.ts'
import { deliveries } from './testing/sample-entries.ts'
import { sealAll, testLog, type TestLog } from './testing/test-log.ts'

const options = { segmentEvents: 100 }

function live(log: TestLog, disk = realDisk) {
  const tracker = log.open(options, disk)
  tracker.append(deliveries(1, 250))
  tracker.publish()
  sealAll(tracker, log.folder)
  tracker.append(deliveries(251, 260))
  return tracker
}

function privateHalves(log: TestLog): string[] {
  return readdirSync(log.keyFolder).filter((file) => /\.key/.test(file))
}

test('a log that has ended is covered to its last entry, signs no more, and verifies', async () => {
  const log = testLog()
  const final = live(log).end()
  expect(parseCheckpoint(parseNote(final?.note ?? '').text).size).toBe(260)
  expect(readEnd(log.keyFolder)).toEqual(final)
  expect(privateHalves(log)).toEqual([])
  expect(() => log.open(options)).toThrow(expect.objectContaining({ code: 'ENDED' }))
  const reader = log.reader()
  expect(reader.checkpoint()).toBe(final?.note)
  expect(reader.receipt(259)).toContain('c2sp.org/tlog-proof@v1')
  expect(await log.check()).toMatchObject({ good: true, findings: [], size: 260, covered: 260 })
})

test('a log without entries ends without a checkpoint', () => {
  const log = testLog()
  expect(log.open().end()).toBeUndefined()
})

test.each<Fault>(['lost', 'kept'])('each write of an end that is %s leaves a log that can be ended', async (fault) => {
  const counted = testLog()
  const disk = new FaultDisk(realDisk)
  const before = live(counted, disk)
  const first = disk.writes.length + 1
  before.end()
  const writes = disk.writes.slice(first - 1)
  expect(writes).toEqual(expect.arrayContaining(['replace final-checkpoint', 'remove checkpoint.key']))
  for (const [place, name] of writes.entries()) {
    const log = testLog()
    const tracker = live(log, new FaultDisk(realDisk, { at: first + place, fault }))
    expect(() => tracker.end(), name).toThrow(TrackerError)
    tracker.close()
    const end = settleEnd(log.keyFolder) ?? log.open(options).end()
    expect(end?.size, name).toBe(260)
    expect(privateHalves(log), name).toEqual([])
    expect(await log.check(), name).toMatchObject({ good: true, size: 260, covered: 260 })
    log.closeAll()
  }
})
