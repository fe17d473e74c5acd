/** What is remembered is what would be read: whatever is written, by whichever way, and whatever is taken back. */
import fc from 'fast-check'
import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { memoryStore, openStore } from './open.ts'
import { Remembering } from './remembering.ts'
import type { Store } from './store.ts'

/** A schema of its own: a trigger, a chain of foreign keys, a table apart. */
const schema = `
  CREATE TABLE owners (id INTEGER PRIMARY KEY, name TEXT);
  CREATE TABLE things (id INTEGER PRIMARY KEY, owner INTEGER REFERENCES owners ON DELETE CASCADE, size INTEGER);
  CREATE TABLE parts (id INTEGER PRIMARY KEY, thing INTEGER REFERENCES things ON DELETE CASCADE);
  CREATE TABLE totals (owner INTEGER PRIMARY KEY, total INTEGER);
  CREATE TABLE apart (id INTEGER PRIMARY KEY);
  CREATE TRIGGER counted AFTER INSERT ON things BEGIN
    INSERT INTO totals VALUES (new.owner, 1) ON CONFLICT DO UPDATE SET total = total + 1;
  END;`

const questions = [
  'SELECT name FROM owners WHERE id = ?',
  'SELECT count(*) AS count, sum(size) AS size FROM things WHERE owner = ?',
  'SELECT count(*) AS count FROM parts p JOIN things t ON t.id = p.thing WHERE t.owner = ?',
  'SELECT total FROM totals WHERE owner = ?',
  'SELECT count(*) AS count FROM apart WHERE id <> ?',
] as const

const statements = [
  "INSERT OR IGNORE INTO owners VALUES (?, 'one')",
  "UPDATE owners SET name = name || 'x' WHERE id = ?",
  'DELETE FROM owners WHERE id = ?',
  'INSERT INTO things (owner, size) SELECT id, 5 FROM owners WHERE id = ?',
  'INSERT INTO parts (thing) SELECT id FROM things WHERE owner = ?',
  'INSERT OR REPLACE INTO apart VALUES (?)',
  "WITH one AS (SELECT ? AS id) UPDATE owners SET name = 'with' WHERE id IN (SELECT id FROM one)",
] as const

/** As a store asks. */
function asked(memory: Remembering, sql: string, params: readonly SQLInputValue[], read: () => unknown): unknown {
  const known = memory.known(sql, params)
  if (known !== undefined) return known.answer
  const answer = read() as object | undefined
  memory.learn(sql, params, answer)
  return answer
}

function remembering() {
  const db = new DatabaseSync(':memory:')
  db.exec(`PRAGMA foreign_keys=ON; ${schema}`)
  const memory = new Remembering(db)
  let reads = 0
  return {
    write: (sql: string, id: number): void => {
      if (Number(db.prepare(sql).run(id).changes) > 0) memory.changed(sql)
    },
    fresh: (sql: string, id: number): unknown => db.prepare(sql).get(id),
    ask: (sql: string, id: number): unknown =>
      asked(memory, sql, [id], () => {
        reads += 1
        return db.prepare(sql).get(id)
      }),
    get reads() {
      return reads
    },
  }
}

test('after any writes every question is answered as if it were read', () => {
  const id = fc.integer({ min: 1, max: 3 })
  const step = fc.oneof(
    fc.record({ sql: fc.constantFrom(...statements), id }),
    fc.record({ sql: fc.constantFrom(...questions), id }),
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const it = remembering()
      for (const { sql, id: of } of steps) {
        if (sql.startsWith('SELECT')) it.ask(sql, of)
        else it.write(sql, of)
        for (const question of questions) expect(it.ask(question, of)).toEqual(it.fresh(question, of))
      }
      for (const sql of questions) for (const of of [1, 2, 3]) expect(it.ask(sql, of)).toEqual(it.fresh(sql, of))
    }),
  )
})

test('a row is read once until something is written to one of its tables, and writes elsewhere do not matter', () => {
  const it = remembering()
  it.write(statements[0], 1)
  const first = it.ask(questions[0], 1)
  it.write(statements[5], 1)
  expect(it.ask(questions[0], 1)).toBe(first)
  expect(it.reads).toBe(1)
  it.write(statements[1], 1)
  expect(it.ask(questions[0], 1)).toEqual({ name: 'onex' })
  expect(it.reads).toBe(2)
})

test('what is asked by bytes is read each time', () => {
  const db = new DatabaseSync(':memory:')
  db.exec(schema)
  const memory = new Remembering(db)
  let reads = 0
  for (const _ of [1, 2]) asked(memory, questions[0], [new Uint8Array(1)], () => (reads += 1))
  expect(reads).toBe(2)
})

test('each list of parameters has its own answer, as a text or as a number, and however many are asked for', () => {
  const db = new DatabaseSync(':memory:')
  db.exec(schema)
  const memory = new Remembering(db)
  const both = 'SELECT * FROM owners WHERE id = ? AND name = ?'
  const ask = (params: readonly SQLInputValue[]): unknown => asked(memory, both, params, () => ({ params }))
  const lists = [
    [1, 'a'],
    ['1', 'a'],
    ['a', 1],
    ['a', '1'],
    ['', 'a1'],
    ['a1', ''],
    ...Array.from({ length: 3_000 }, (_, at) => [`${at % 7}`, `${at}`]),
  ]
  for (const _ of [1, 2]) for (const params of lists) expect(ask(params)).toEqual({ params })
})

let folder: string
let store: Store
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'keywitness-remember-'))
  store = openStore(folder)
})
afterEach(() => {
  store.close()
  rmSync(folder, { recursive: true, force: true })
})

test('all rows of a statement are read once until one of its tables is written to', () => {
  const ids = 'SELECT id FROM key_rings WHERE instance = ? ORDER BY id'
  store.run(addRing, ['a'])
  const first = store.rememberedAll(ids, 'i')
  expect(first).toEqual([{ id: 'a' }])
  expect(store.rememberedAll(ids, 'i')).toBe(first)
  store.run(addRing, ['b'])
  expect(store.rememberedAll(ids, 'i')).toEqual([{ id: 'a' }, { id: 'b' }])
  const many = 'SELECT id, instance FROM key_rings WHERE instance = ?'
  for (let count = 0; count < 600; count++) store.run(addRing, [`ring-${count}`])
  expect(store.rememberedAll(many, 'i')).not.toBe(store.rememberedAll(many, 'i'))
})

const addRing = "INSERT INTO key_rings (instance, id, created_at, created_by) VALUES ('i', ?, 0, 'me')"
const rings = 'SELECT count(*) AS count FROM key_rings WHERE instance = ?'

test('what a savepoint or a whole transaction takes back was never so', () => {
  store.exec('BEGIN IMMEDIATE')
  store.exec('SAVEPOINT call')
  store.run(addRing, ['a'])
  expect(store.remembered(rings, 'i')).toEqual({ count: 1 })
  store.exec('ROLLBACK TO call; RELEASE call')
  expect(store.remembered(rings, 'i')).toEqual({ count: 0 })
  store.run(addRing, ['b'])
  expect(store.remembered(rings, 'i')).toEqual({ count: 1 })
  store.rollBack()
  expect(store.remembered(rings, 'i')).toEqual({ count: 0 })
})

test('reading leaves no transaction open when the loop has turned, and none in the way of writing before', async () => {
  expect(store.get(rings, 'i')).toEqual({ count: 0 })
  expect(store.run(addRing, ['a'])).toBe(1)
  expect(store.get(rings, 'i')).toEqual({ count: 1 })
  store.exec('BEGIN IMMEDIATE')
  store.exec('COMMIT')
  expect(store.all('SELECT id FROM key_rings')).toEqual([{ id: 'a' }])
  await new Promise((resolve) => setImmediate(resolve))
  const other = new DatabaseSync(store.file)
  // Only a log that nobody reads is emptied.
  expect(other.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get()).toMatchObject({ busy: 0, log: 0 })
  other.prepare(addRing).run('b')
  other.close()
  expect(store.get(rings, 'i')).toEqual({ count: 2 })
})

test('every table of the schema is known, so that no write is taken for one to all of them', () => {
  const known = memoryStore()
  const named = known.all<{ name: string }>("SELECT name FROM sqlite_schema WHERE type = 'table'")
  expect(named.length).toBeGreaterThan(20)
  known.run(addRing, ['a'])
  const first = known.remembered('SELECT count(*) AS count FROM identities WHERE id <> ?', '')
  known.run(addRing, ['b'])
  expect(known.remembered('SELECT count(*) AS count FROM identities WHERE id <> ?', '')).toBe(first)
  known.close()
})
