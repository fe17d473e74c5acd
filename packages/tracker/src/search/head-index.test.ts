/** The index of the head: lost, damaged, of another history, lying, it changes no answer. */
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { all, expected, indexesOf, mixedLog } from '../testing/mixed-log.ts'
import { deliveries, sampleTime, uuidOf } from '../testing/sample-entries.ts'
import { followAll, testLog } from '../testing/test-log.ts'

test('an index that was deleted or is no database changes no answer, and comes back', () => {
  const log = mixedLog()
  const answers = (): unknown => [
    indexesOf(log.read, { initiator: 'IBMid-2' }),
    indexesOf(log.read, { text: 'failure' }),
    indexesOf(log.reader(), { keyId: uuidOf('key', 3) }),
    log.read.minutes(0, sampleTime * 2, 100),
  ]
  const before = answers()
  for (const name of readdirSync(log.folder)) if (name.startsWith('index.db')) rmSync(join(log.folder, name))
  expect(log.read.counts().indexed).toBe(60)
  expect(answers()).toEqual(before)
  for (const name of ['index.db', 'index.db-wal']) writeFileSync(join(log.folder, name), 'rubbish '.repeat(2_000))
  expect(answers()).toEqual(before)
})

test('the follower begins a deleted or damaged index anew', () => {
  const log = testLog()
  const tracker = log.open({ segmentEvents: 20 })
  tracker.append(deliveries(1, 30))
  followAll(tracker)
  const reader = log.reader()
  for (const name of readdirSync(log.folder)) if (name.startsWith('index.db')) rmSync(join(log.folder, name))
  tracker.append(deliveries(31, 35))
  followAll(tracker)
  expect(reader.counts().indexed).toBe(35)
  tracker.close()
  writeFileSync(join(log.folder, 'index.db'), 'rubbish '.repeat(2_000))
  const again = log.open({ segmentEvents: 20 })
  followAll(again)
  expect(reader.counts().indexed).toBe(35)
  expect(indexesOf(reader, { initiator: 'IBMid-1' })).toHaveLength(12)
})

test('an index of another history of the log is begun anew', () => {
  const log = testLog()
  const first = log.open()
  first.append(deliveries(1, 20))
  followAll(first)
  log.closeAll()
  const keptIndex = readFileSync(join(log.folder, 'index.db'))
  rmSync(log.folder, { recursive: true })
  const tracker = log.open()
  tracker.append(deliveries(1, 20, { initiator: 'another' }))
  writeFileSync(join(log.folder, 'index.db'), keptIndex)
  tracker.append(deliveries(21, 22))
  followAll(tracker)
  expect(indexesOf(log.reader(), { initiator: 'another' })).toHaveLength(20)
  expect(indexesOf(log.reader(), { initiator: 'IBMid-1' })).toEqual([21])
})

/** Makes the index one of an earlier version, with a full-text table that only that version had. */
function makeOlder(file: string, also = ''): void {
  const db = new DatabaseSync(file, { defensive: false })
  db.exec(`PRAGMA user_version=4; CREATE VIRTUAL TABLE "old ""words""" USING fts5(text); ${also}`)
  db.close()
}

test('an index of another version is emptied in its place, under those who read it', () => {
  const log = testLog()
  const tracker = log.open()
  tracker.append(deliveries(1, 20))
  followAll(tracker)
  tracker.close()
  const file = join(log.folder, 'index.db')
  makeOlder(file)
  const { ino } = statSync(file)
  const early = new DatabaseSync(file, { readOnly: true })
  expect(early.prepare('SELECT cursor FROM progress').get()).toEqual({ cursor: 20 })
  const reader = log.reader()
  expect(indexesOf(reader, { initiator: 'IBMid-1' })).toHaveLength(7)
  expect(reader.counts().indexed).toBe(0)

  followAll(log.open())
  expect(statSync(file).ino).toBe(ino)
  expect(early.prepare('SELECT cursor FROM progress').get()).toEqual({ cursor: 20 })
  expect(early.prepare("SELECT count(*) AS n FROM sqlite_schema WHERE name LIKE 'old%'").get()).toEqual({ n: 0 })
  early.close()
  expect(reader.counts().indexed).toBe(20)
  expect(indexesOf(reader, { initiator: 'IBMid-1' })).toHaveLength(7)
})

test('an index that cannot be emptied is made anew', () => {
  const log = testLog()
  const tracker = log.open()
  tracker.append(deliveries(1, 20))
  followAll(tracker)
  tracker.close()
  const file = join(log.folder, 'index.db')
  // A module that no SQLite has.
  const unknown =
    "INSERT INTO sqlite_schema VALUES ('table', 'strange', 'strange', 0, 'CREATE VIRTUAL TABLE strange USING none')"
  makeOlder(file, `PRAGMA writable_schema=ON; ${unknown}`)
  const { ino } = statSync(file)
  const another = log.open()
  followAll(another)
  expect(log.reader().counts().indexed).toBe(20)
  expect(statSync(file).ino).not.toBe(ino)
})

test('a journal that lies beside the index keeps no reader from its answer', () => {
  const log = mixedLog()
  const before = indexesOf(log.read, { initiator: 'IBMid-2' })
  const folder = log.folder
  log.closeAll()
  writeFileSync(join(folder, 'index.db-journal'), Buffer.alloc(1_024, 1))
  expect(indexesOf(log.reader(), { initiator: 'IBMid-2' })).toEqual(before)
})

test('one call of follow goes over the border of two stretches', () => {
  const log = testLog()
  const tracker = log.open({ segmentEvents: 10 })
  tracker.append(deliveries(1, 45))
  expect(tracker.follow(37)).toBe(37)
  expect(tracker.follow(100)).toBe(8)
  expect(tracker.follow(100)).toBe(0)
})

test('an index that lies changes no answer: the entries decide', () => {
  const log = mixedLog()
  const db = new DatabaseSync(join(log.folder, 'index.db'))
  db.exec('UPDATE event_60 SET initiator=(SELECT initiator FROM event_60 WHERE entry=61), time=time+3600000')
  db.close()
  const initiator = all[61]!.fields.initiator!
  const found = indexesOf(log.read, { initiator }).filter((index) => index >= 60)
  expect(found).toEqual(expected((fields) => fields.initiator === initiator).filter((index) => index >= 60))
})

test('the index is what finds: an event that it does not name is not found by what it should name', () => {
  const log = mixedLog()
  const { id, initiator, action } = all[61]!.fields
  const questions = { id: { query: `id:${id}` }, initiator: { initiator: initiator! }, action: { action: action! } }
  const found = (): boolean[] => [
    ...Object.values(questions).map((filter) => indexesOf(log.read, filter).includes(61)),
    log.read.byId(id!) !== undefined,
    indexesOf(log.read, { text: id! }).includes(61),
  ]
  expect(found()).toEqual([true, true, true, true, true])
  const db = new DatabaseSync(join(log.folder, 'index.db'))
  db.exec('UPDATE event_60 SET id=1, initiator=1, action=1 WHERE entry=61')
  db.close()
  expect(found()).toEqual([false, false, false, false, false])
})
