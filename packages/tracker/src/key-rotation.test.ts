/** A change of the log's key: who vouches, who signs when, what is destroyed, and what is not mistaken for one. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openKeyChange, parseVerifierKey } from '@keywitness/tlog'
import { expect, test } from 'vitest'
import { signedBy } from './checkpoint-key.ts'
import { announcement } from './testing/announcement.ts'
import { deliveries } from './testing/sample-entries.ts'
import { type TestLog, testLog } from './testing/test-log.ts'

/** A log of ten entries whose clock stands still until it is told to go on. */
function stoppedLog() {
  const log = testLog()
  const clock = { time: Date.UTC(2025, 5, 19, 13) }
  const open = () => log.open({ clock: { now: () => clock.time } })
  const tracker = open()
  tracker.append(deliveries(1, 10))
  tracker.publish()
  return { log, clock, tracker, open }
}

const privateFiles = (log: TestLog): string[] => readdirSync(log.keyFolder).filter((name) => name.includes('.key'))

test('both keys sign through the overlap, in this order, then the new one alone, and the old one is destroyed', async () => {
  const { log, clock, tracker } = stoppedLog()
  const old = tracker.key
  const prepared = tracker.prepareKey()
  expect(prepared.previous).toBe(old)
  expect(tracker.key).toBe(old)
  tracker.append([announcement(prepared, { overlapSeconds: 60 })])
  expect(tracker.key).toBe(prepared.vkey)
  const both = tracker.publish() ?? ''
  expect(signedBy(both, [old, prepared.vkey])).toEqual([old, prepared.vkey])
  expect(
    both
      .split('\n')
      .slice(-3, -1)
      .map((line) => Buffer.from(line.split(' ')[2] ?? '', 'base64').readUInt32BE()),
  ).toEqual([old, prepared.vkey].map((vkey) => parseVerifierKey(vkey).keyId))
  clock.time += 59_000
  tracker.append(deliveries(11, 12))
  expect(signedBy(tracker.publish() ?? '', [old])).toEqual([old])
  clock.time += 2_000
  tracker.append(deliveries(13, 14))
  expect(signedBy(tracker.publish() ?? '', [old, prepared.vkey])).toEqual([prepared.vkey])
  expect(tracker.keys).toEqual([
    {
      vkey: old,
      from: { size: 0, time: 0 },
      until: { size: 13, time: clock.time },
      overlapUntil: clock.time - 1_000,
    },
    { vkey: prepared.vkey, from: { size: 11, time: clock.time - 61_000 }, announced: 10 },
  ])
  expect(privateFiles(log)).toHaveLength(1)
  expect(await log.check()).toMatchObject({ good: true, findings: [] })
  expect(log.reader().key()).toBe(prepared.vkey)
})

test('a check under which the key changes, begins to sign or ends, finds nothing wrong', async () => {
  const { log, clock, tracker } = stoppedLog()
  const steps = [
    () => tracker.append([announcement(tracker.prepareKey(), { overlapSeconds: 60 })]),
    () => {
      clock.time += 61_000
      tracker.append(deliveries(11, 12))
      tracker.publish()
      tracker.publish()
    },
  ]
  for (const step of steps) {
    let isDone = false
    const report = await log.check({
      progress: () => {
        if (isDone) return
        isDone = true
        step()
      },
    })
    expect(isDone).toBe(true)
    expect(report).toMatchObject({ good: true, findings: [] })
  }
  expect(tracker.keys[0]?.until).toBeDefined()
})

test('the old key does not stop before both have covered the announcement, however short the overlap', async () => {
  const { log, tracker, clock } = stoppedLog()
  const old = tracker.key
  const prepared = tracker.prepareKey()
  tracker.append([announcement(prepared)])
  clock.time += 3_600_000
  expect(signedBy(tracker.publish() ?? '', [old, prepared.vkey])).toHaveLength(2)
  // Nothing grows, and still it ends.
  expect(tracker.publish()).toBeUndefined()
  expect(tracker.keys[0]?.until?.size).toBe(11)
  expect(
    log
      .reader()
      .checkpoints(100, 10)
      .map(({ size }) => size),
  ).toContain(11)
  expect(await log.check()).toMatchObject({ good: true })
})

test('who trusts the old key learns the new one from the log', async () => {
  const { log, tracker } = stoppedLog()
  const trusted = parseVerifierKey(tracker.key)
  const prepared = tracker.prepareKey()
  tracker.append([announcement(prepared)])
  tracker.publish()
  tracker.append(deliveries(11, 20))
  tracker.publish()
  const found = log.reader().announcement(prepared.vkey)
  expect(found?.index).toBe(10)
  expect((await openKeyChange(prepared.vkey, prepared.voucher, [trusted])).keyId).toBe(
    parseVerifierKey(prepared.vkey).keyId,
  )
})

test('a prepared key is the same until it is announced, also after a restart, and signs nothing', () => {
  const { log, tracker, open } = stoppedLog()
  const prepared = tracker.prepareKey()
  expect(tracker.prepareKey()).toEqual(prepared)
  tracker.append(deliveries(11, 11))
  expect(signedBy(tracker.publish() ?? '', [prepared.vkey])).toEqual([])
  log.closeAll()
  expect(open().prepareKey()).toEqual(prepared)
})

test('an entry that announces it otherwise changes nothing', () => {
  const { tracker } = stoppedLog()
  const old = tracker.key
  const prepared = tracker.prepareKey()
  const stranger = stoppedLog().tracker.prepareKey()
  tracker.append([
    announcement(prepared, { outcome: 'failure' }),
    announcement({ ...prepared, voucher: stranger.voucher }, { sequence: 2 }),
    announcement({ ...prepared, previous: stranger.vkey }, { sequence: 3 }),
    announcement(stranger, { sequence: 4 }),
  ])
  expect(tracker.key).toBe(old)
  expect(tracker.keys).toHaveLength(1)
  tracker.append([announcement(prepared, { sequence: 5 })])
  expect(tracker.key).toBe(prepared.vkey)
  expect(tracker.keys[1]?.announced).toBe(14)
})

test('while two keys sign no third is made', () => {
  const { tracker } = stoppedLog()
  tracker.append([announcement(tracker.prepareKey(), { overlapSeconds: 3_600 })])
  expect(() => tracker.prepareKey()).toThrow('two sign')
  expect(tracker.size).toBe(11)
})

test('keys change again and again, and every checkpoint stays verifiable', { timeout: 60_000 }, async () => {
  const { log, tracker } = stoppedLog()
  for (let round = 1; round <= 4; round++) {
    tracker.append([announcement(tracker.prepareKey(), { sequence: round })])
    tracker.keep(Number((tracker.publish() ?? '').split('\n')[1]))
    tracker.append(deliveries(round * 10 + 1, round * 10 + 10))
    tracker.keep(Number((tracker.publish() ?? '').split('\n')[1]))
  }
  expect(tracker.keys).toHaveLength(5)
  expect(privateFiles(log)).toHaveLength(1)
  expect(await log.check()).toMatchObject({ good: true, checkpoints: 9, findings: [] })
})

test('a checkpoint of the wrong keys is named: one of two missing, or one that has stopped', async () => {
  const { log, tracker } = stoppedLog()
  const old = tracker.key
  tracker.append([announcement(tracker.prepareKey())])
  const both = tracker.publish() ?? ''
  tracker.append(deliveries(11, 12))
  const alone = tracker.publish() ?? ''
  log.closeAll()
  const { DatabaseSync } = await import('node:sqlite')
  const head = new DatabaseSync(join(log.folder, 'head.db'))
  const put = (size: number, note: string) => head.prepare('UPDATE checkpoints SET note=? WHERE size=?').run(note, size)
  put(11, both.split('\n').toSpliced(4, 1).join('\n'))
  expect((await log.check()).findings).toMatchObject([
    { kind: 'bad-checkpoint', index: 11, message: expect.stringContaining(`not signed by ${old}`) },
  ])
  put(11, both)
  put(13, alone.replace(/\n— .*\n$/, `\n${both.split('\n')[4]}\n`))
  expect((await log.check()).findings).toMatchObject([{ kind: 'bad-checkpoint', index: 13 }])
  head.close()
})

test('a register that is older than what was signed is refused, and costs no key', () => {
  const { log, tracker, open } = stoppedLog()
  tracker.append([announcement(tracker.prepareKey())])
  tracker.publish()
  tracker.append(deliveries(11, 12))
  tracker.publish()
  const older = readFileSync(join(log.keyFolder, 'keys.json'))
  tracker.append([announcement(tracker.prepareKey(), { sequence: 2, overlapSeconds: 3_600 })])
  tracker.publish()
  log.closeAll()
  const files = privateFiles(log)
  const newer = readFileSync(join(log.keyFolder, 'keys.json'))
  writeFileSync(join(log.keyFolder, 'keys.json'), older)
  expect(open).toThrow('does not know')
  expect(privateFiles(log)).toEqual(files)
  writeFileSync(join(log.keyFolder, 'keys.json'), newer)
  expect(open().keys).toHaveLength(3)
})

test('keys whose register is gone are not begun anew', () => {
  const { log, tracker, open } = stoppedLog()
  tracker.append([announcement(tracker.prepareKey())])
  tracker.publish()
  tracker.publish()
  log.closeAll()
  writeFileSync(join(log.keyFolder, 'keys.json'), '{}')
  expect(open).toThrow('not a register')
})
