/** The check beside a writer at work: it holds no view of the head while it reads what is sealed, and misses nothing. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { announcement } from '../testing/announcement.ts'
import { deliveries } from '../testing/sample-entries.ts'
import { sealAll, testLog } from '../testing/test-log.ts'
import { fsck } from './fsck.ts'

test('while sealed entries are checked, the write-ahead log can be emptied, sealing and a change of key go on', async () => {
  const log = testLog()
  const tracker = log.open({ segmentEvents: 5_000 })
  tracker.append(deliveries(1, 10_000))
  tracker.publish()
  sealAll(tracker, log.folder)
  tracker.append(deliveries(10_001, 14_000))
  tracker.follow(1_000)
  tracker.publish()
  const other = new DatabaseSync(join(log.folder, 'head.db'))
  let pauses = 0
  const pause = async (): Promise<void> => {
    pauses += 1
    const { busy } = other.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get() as { busy: number }
    expect(busy).toBe(0)
    if (pauses === 1) {
      tracker.append([announcement(tracker.prepareKey())])
      tracker.append(deliveries(14_001, 15_500))
      tracker.publish()
      sealAll(tracker, log.folder)
    }
    tracker.append(deliveries(tracker.size, tracker.size + 20))
    tracker.follow(3_000)
    tracker.publish()
  }
  const report = await fsck({ folder: log.folder, keyFolder: log.keyFolder, pause })
  other.close()
  expect(pauses).toBeGreaterThan(3)
  expect(report).toMatchObject({ good: true, findings: [], segments: 3, size: tracker.size, covered: tracker.covered })
})

test('a damaged register of keys is named', async () => {
  const log = testLog()
  const tracker = log.open()
  tracker.append(deliveries(1, 5))
  tracker.append([announcement(tracker.prepareKey())])
  tracker.publish()
  log.closeAll()
  writeFileSync(join(log.keyFolder, 'keys.json'), '{"format":1,"keys":[]}')
  const report = await log.check()
  expect(report.good).toBe(false)
  expect(report.findings[0]).toMatchObject({ kind: 'bad-key', message: expect.stringContaining('keys.json') })
})
