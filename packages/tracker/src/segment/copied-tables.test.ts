/** A segment takes the tables of the head's index over, and makes its own where that is no use: the same either way. */
import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { openIndexer } from '../indexer.ts'
import { deliveries } from '../testing/sample-entries.ts'
import { followAll, sealAll, type TestLog, testLog } from '../testing/test-log.ts'

const segmentEvents = 300

/** A log with an index of all of it, in several commits, and nothing sealed yet. */
function followed(): TestLog & { readonly seal: () => void } {
  const log = testLog()
  const tracker = log.open({ segmentEvents })
  tracker.append(deliveries(1, 150, { initiator: 'Ana' }))
  followAll(tracker)
  tracker.append(deliveries(151, 330))
  followAll(tracker)
  tracker.publish()
  return { ...log, seal: () => sealAll(tracker, log.folder) }
}

/** Rows of the tables that a search looks into, and whether full text is sound. */
function contentOf(log: TestLog): object {
  const [file = ''] = readdirSync(join(log.folder, 'segments'))
  const db = new DatabaseSync(join(log.folder, 'segments', file))
  db.exec("INSERT INTO words (words) VALUES ('integrity-check')")
  db.exec("CREATE VIRTUAL TABLE temp.vocabulary USING fts5vocab('main', 'words', 'instance')")
  const rows = Object.fromEntries(
    ['SELECT * FROM event', 'SELECT * FROM minute', 'SELECT * FROM value', 'SELECT term, doc FROM temp.vocabulary'].map(
      (sql) => [
        sql,
        db
          .prepare(sql)
          .all()
          .map((row) => Object.values(row)),
      ],
    ),
  )
  const segment = db.prepare('SELECT first, last, time_min, time_max FROM segment').get()
  const { count } = db.prepare('SELECT count(*) AS count FROM words_data').get() as { count: number }
  db.close()
  return { ...rows, segment, isMerged: count < 20 }
}

function index(log: TestLog): DatabaseSync {
  return new DatabaseSync(join(log.folder, 'index.db'))
}

/** How a segment that is made from the entries alone is. */
function ownContent(): object {
  const log = followed()
  for (const name of readdirSync(log.folder)) if (name.startsWith('index.db')) rmSync(join(log.folder, name))
  log.seal()
  return contentOf(log)
}

test('tables that were taken over are those that the entries make', async () => {
  const log = followed()
  // A value that only the index has shows that the tables come from there.
  const marked = followed()
  const db = index(marked)
  db.exec("INSERT INTO value_0 (code, columns, text) VALUES (77, 1, 'marked')")
  db.close()
  marked.seal()
  expect(JSON.stringify(contentOf(marked))).toContain('marked')
  log.seal()
  expect(contentOf(log)).toEqual(ownContent())
  expect(await log.check()).toMatchObject({ good: true, findings: [] })
})

test.each<[string, (db: DatabaseSync) => void]>([
  ['is not far enough', (db) => db.exec('UPDATE progress SET cursor=299')],
  ['is of another history', (db) => db.exec("UPDATE progress SET leaf=x'00'")],
  ['is cut into other stretches', (db) => db.exec('UPDATE stretches SET last=400 WHERE first=0')],
  ['is of another version', (db) => db.exec('PRAGMA user_version=4')],
  ['lacks a table', (db) => db.exec('DROP TABLE value_0')],
  ['lacks an entry', (db) => db.exec('DELETE FROM event_0 WHERE entry=17')],
])('an index that %s is done without', async (_, change) => {
  const log = followed()
  const db = index(log)
  change(db)
  db.close()
  log.seal()
  expect(contentOf(log)).toEqual(ownContent())
})

test('an index of another thread and that of the writer go on where the other was', () => {
  const log = testLog()
  const tracker = log.open({ segmentEvents: 20 })
  tracker.append(deliveries(1, 30))
  const indexer = openIndexer({ folder: log.folder, segmentEvents: 20 })
  expect(indexer.follow(12)).toBe(12)
  expect(tracker.follow(100)).toBe(18)
  tracker.append(deliveries(31, 50))
  expect(indexer.follow(100)).toBe(20)
  tracker.publish()
  sealAll(tracker, log.folder)
  tracker.append(deliveries(51, 55))
  expect(indexer.follow(100)).toBe(5)
  expect(indexer.cursor).toBe(55)
  indexer.close()
  const reader = log.reader()
  expect(reader.counts()).toMatchObject({ indexed: 55, sealed: 40 })
  expect(reader.events({ limit: 100, initiator: 'IBMid-1' }).events).toHaveLength(
    Array.from({ length: 55 }, (_, at) => at + 1).filter((sequence) => sequence % 3 === 1).length,
  )
})

test('an indexer of a log that is not there is refused', () => {
  const log = testLog()
  expect(() => openIndexer({ folder: log.folder })).toThrow(expect.objectContaining({ code: 'MISSING' }))
})
