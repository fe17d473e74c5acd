/** What is counted by values is right in stretches whose dictionary is missing or not whole. */
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import type { TrackerReader } from '../api.ts'
import { indexFile } from '../head/schema.ts'
import { mixedLog } from '../testing/mixed-log.ts'
import { makeOlder } from '../testing/older-segment.ts'
import { sampleTime } from '../testing/sample-entries.ts'
import { incompleteCode } from './schema.ts'

const edges = Array.from({ length: 14 }, (_, at) => sampleTime + at * 10_000)
const fields = ['action', 'outcome', 'severity', 'initiator', 'key', 'code']

function counted(read: TrackerReader): object {
  const histograms = [
    read.histogram({}, edges, 'severity'),
    read.histogram({ query: 'action:*.wrap' }, edges, 'outcome'),
  ]
  return [
    read.facets({}, fields, 100),
    read.facets({ outcome: 'failure' }, fields, 100),
    ...histograms.map((one) => ({ ...one, buckets: one.buckets.map((values) => new Map(values)) })),
  ]
}

function change(file: string, act: (db: DatabaseSync) => void): void {
  const db = new DatabaseSync(file, { timeout: 5_000 })
  act(db)
  db.close()
}

test.each([1, 2] as const)('events of segments of format %d are found and counted by their values', (format) => {
  const log = mixedLog()
  const [before, entries] = [counted(log.read), log.read.range(0, 1_000, 1_000)]
  makeOlder(log.folder, format)
  const reader = log.reader()
  expect(counted(reader)).toEqual(before)
  expect(reader.range(0, 1_000, 1_000)).toEqual(entries)
  expect(reader.events({ limit: 1_000 }).events.toReversed()).toEqual(entries)
  for (const { index, bytes } of entries) expect(reader.entry(index)).toEqual(bytes)
})

test('events are counted by their values where one code would have to stand for two texts', () => {
  const log = mixedLog()
  const before = counted(log.read)
  change(join(log.folder, indexFile), (db) => {
    const sql = "SELECT name FROM sqlite_schema WHERE name GLOB 'value_[0-9]*' AND type='table'"
    const tables = db.prepare(sql).all() as { name: string }[]
    expect(tables.length).toBeGreaterThan(0)
    for (const { name } of tables) {
      db.exec(`DELETE FROM ${name} WHERE text IN ('success', 'failure')`)
      db.prepare(`INSERT INTO ${name} VALUES (?, 0, '', '')`).run(incompleteCode)
    }
  })
  expect(counted(log.reader())).toEqual(before)
})
