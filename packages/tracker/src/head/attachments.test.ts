/** Attachments: kept once, with the entry that names them or not at all; what is done to them is found. */
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { type ActivityEvent, entryBytes } from '@keywitness/cadf'
import { expect, test } from 'vitest'
import type { Delivery } from '../api.ts'
import { sha256Of } from '../hash.ts'
import { deliveries, producerA, sampleEvent, sampleTime } from '../testing/sample-entries.ts'
import { sealAll, testLog, type TestLog } from '../testing/test-log.ts'

const hex = (content: Uint8Array): string => Buffer.from(sha256Of(content)).toString('hex')
const listOf = (word: string): Uint8Array => Buffer.from(JSON.stringify(Array.from({ length: 2_000 }, () => word)))

/** A delivery whose event names the content, which comes with it unless told otherwise. */
function naming(sequence: number, content: Uint8Array, attachments = [content]): Delivery {
  const digest = { bytes: content.length, count: 2_000, first: [], sha256: hex(content) }
  const event: ActivityEvent = { ...sampleEvent(sequence), requestData: { newValue: { addresses: digest } } }
  const bytes = entryBytes(event, { id: producerA, epoch: 1 }, sequence)
  return { producer: producerA, epoch: 1, sequence, bytes, received: sampleTime, attachments }
}

test('an attachment is read back after its entry was sealed, and nothing else is', () => {
  const log = testLog()
  const tracker = log.open({ segmentEvents: 100 })
  const content = listOf('10.0.0.0/8')
  tracker.append([...deliveries(1, 99), naming(100, content), ...deliveries(101, 300)])
  tracker.publish()
  sealAll(tracker, log.folder)
  const reader = log.reader()
  expect(Buffer.from(reader.attachment(hex(content)) ?? [])).toEqual(content)
  expect(reader.attachment('00'.repeat(32))).toBeUndefined()
  expect(() => reader.attachment('x')).toThrow(expect.objectContaining({ code: 'BAD_INPUT' }))
})

test('the same content is kept once, however often it comes', async () => {
  const log = testLog()
  const tracker = log.open()
  const content = listOf('a')
  tracker.append([naming(1, content), naming(2, content)])
  tracker.append([naming(2, content), naming(3, content)])
  tracker.publish()
  log.closeAll()
  const head = new DatabaseSync(join(log.folder, 'head.db'))
  expect(head.prepare('SELECT newest FROM attachments').all()).toEqual([{ newest: 2 }])
  head.close()
  expect((await log.check()).good).toBe(true)
})

test.each([
  ['an empty attachment', [new Uint8Array()]],
  ['an attachment over 4 MiB', [new Uint8Array(4 * 1024 * 1024 + 1)]],
  ['seventeen attachments', Array.from({ length: 17 }, (_, n) => Uint8Array.of(n))],
])('%s is refused with its whole batch', (_, attachments) => {
  const tracker = testLog().open()
  expect(() => tracker.append([...deliveries(1, 2), naming(3, listOf('a'), attachments)])).toThrow(
    expect.objectContaining({ code: 'BAD_INPUT' }),
  )
  expect(tracker.size).toBe(0)
})

/** A log with one attachment whose store was changed. */
async function tampered(sql: string): Promise<{ log: TestLog; findings: [string, number | undefined][] }> {
  const log = testLog()
  const tracker = log.open()
  tracker.append([...deliveries(1, 4), naming(5, listOf('a'))])
  tracker.publish()
  log.closeAll()
  const head = new DatabaseSync(join(log.folder, 'head.db'))
  head.exec(sql)
  head.close()
  const { findings } = await log.check()
  return { log, findings: findings.map(({ kind, index }) => [kind, index]) }
}

test('a changed attachment is named, and not handed out', async () => {
  const { log, findings } = await tampered('UPDATE attachments SET content=CAST(\'["b"]\' AS BLOB)')
  expect(findings).toEqual([['changed-attachment', 4]])
  expect(() => log.reader().attachment(hex(listOf('a')))).toThrow(expect.objectContaining({ code: 'CORRUPT' }))
})

test('a removed attachment is named, and so is one that no entry names', async () => {
  expect((await tampered('DELETE FROM attachments')).findings).toEqual([['missing-attachment', 4]])
  const hash = hex(Buffer.from('x'))
  const planted = await tampered(`INSERT INTO attachments VALUES (x'${hash}', x'78', 0)`)
  expect(planted.findings).toEqual([['extra-attachment', undefined]])
})

test('a log from before there were attachments is checked, read and opened', async () => {
  const log = testLog()
  const tracker = log.open()
  tracker.append(deliveries(1, 5))
  tracker.publish()
  log.closeAll()
  const head = new DatabaseSync(join(log.folder, 'head.db'))
  head.exec('DROP TABLE attachments; DROP TABLE own_producer; DROP TABLE minimum_index; DROP TABLE kept_entries')
  head.exec('ALTER TABLE producers DROP COLUMN repeats; ALTER TABLE producers DROP COLUMN event_time')
  head.exec('PRAGMA user_version=1')
  head.close()
  expect((await log.check()).findings).toEqual([])
  expect(log.reader().attachment('00'.repeat(32))).toBeUndefined()
  log.open().append([naming(6, listOf('a'))])
  expect(log.reader().attachment(hex(listOf('a')))).toBeDefined()
})
