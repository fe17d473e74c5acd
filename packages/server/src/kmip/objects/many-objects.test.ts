/** Costs stay flat as objects grow: what each question reads, in adapters of a few objects and of many. */
import type { SQLInputValue } from 'node:sqlite'
import { afterEach, beforeAll, expect, test } from 'vitest'
import { Turns } from '../../keys/turns.ts'
import { spyingReader } from '../../testing/spying-reader.ts'
import type { Reader } from '../../store/store.ts'
import { attributeValue } from '../attributes/attribute-set.ts'
import { kmipStore } from '../management/store.ts'
import { type KmipHouse, openKmipHouse } from '../testing/kmip-house.ts'
import { aesKey, attribute } from '../testing/messages.ts'
import type { Item } from '../ttlv/item.ts'
import { keyFor } from './found-by.ts'
import { objectTypes } from './kmip-object.ts'
import { type ObjectStore, objectStore, type Place } from './object-store.ts'
import { sweepJob } from './sweep.ts'
import { fillAdapter, firstSeconds, machineOf, nameOf, nameValue } from './testing/many-objects.ts'

const few = 200
const many = 4_000

let small: KmipHouse
let large: KmipHouse
beforeAll(async () => {
  small = await openKmipHouse()
  large = await openKmipHouse()
  for (const house of [small, large]) house.time = (firstSeconds + 100_000) * 1_000
  fillAdapter(small.store, small.client.adapter, few)
  fillAdapter(large.store, large.client.adapter, many)
})

/** Reads of every house's store while a test runs: statements, and the rows that they gave. */
const reads: { sql: string; rows: number }[] = []
const restore: (() => void)[] = []
afterEach(() => {
  for (const undo of restore.splice(0)) undo()
})

/** Spies on a house's store and answers what was read while `work` ran. */
async function readBy(house: KmipHouse, work: () => Promise<unknown>): Promise<{ sql: string; rows: number }[]> {
  reads.length = 0
  const { get, all } = house.store
  const store = house.store as { get: Reader['get']; all: Reader['all'] }
  store.get = <Row>(sql: string, ...params: SQLInputValue[]) => {
    const row = get<Row>(sql, ...params)
    reads.push({ sql, rows: row === undefined ? 0 : 1 })
    return row
  }
  store.all = <Row>(sql: string, ...params: SQLInputValue[]) => {
    const rows = all<Row>(sql, ...params)
    reads.push({ sql, rows: rows.length })
    return rows
  }
  restore.push(() => Object.assign(store, { get, all }))
  await work()
  for (const undo of restore.splice(0)) undo()
  return [...reads]
}

const rowsOf = (seen: readonly { rows: number }[]): number => seen.reduce((sum, { rows }) => sum + rows, 0)

const { text, date, enumeration, integer } = attributeValue
const questions: readonly (readonly [string, readonly (readonly [string, Item])[]])[] = [
  ['a name', [['Name', nameValue(nameOf(77))]]],
  ['an attribute of its own', [['x-Identifier', text(machineOf(77))]]],
  [
    'an attribute that all have and one of its own',
    [
      ['x-Product', text('VMware vSphere')],
      ['x-Identifier', text(machineOf(77))],
    ],
  ],
  ['a name that nothing has', [['Name', nameValue('nobody')]]],
  ['an attribute that nothing has', [['x-Product', text('another')]]],
  ['a type that nothing has', [['Object Type', enumeration(objectTypes.OpaqueObject)]]],
]

test.each(questions)('Locate by %s reads as much of many objects as of few', async (_, wanted) => {
  const ask = (house: KmipHouse) => () =>
    house.client.ask(
      'Locate',
      wanted.map(([name, value]) => attribute(name, value)),
    )
  const ofFew = await readBy(small, ask(small))
  const ofMany = await readBy(large, ask(large))
  expect(ofFew.length).toBeGreaterThan(0)
  expect(ofMany).toEqual(ofFew)
})

test.each<readonly [string, readonly (readonly [string, Item])[]]>([
  ['nothing', []],
  ['a type that most have', [['Object Type', enumeration(objectTypes.SymmetricKey)]]],
  ['an attribute that all have', [['x-Product', text('VMware vSphere')]]],
])('Locate by %s reads what it answers, and counts the others', async (_, wanted) => {
  const payload = wanted.map(([name, value]) => attribute(name, value))
  const fields = await large.client.ask('Locate', payload)
  const seen = await readBy(large, () => large.client.ask('Locate', payload))
  expect(fields.length).toBe(1 + 1_000)
  // The totals are read too.
  expect(rowsOf(seen)).toBeLessThan(1_000 + 20)
})

test.each<readonly [string, readonly (readonly [string, Item])[], number]>([
  ['a mask', [['Cryptographic Usage Mask', integer(8)]], many - Math.ceil(many / 3)],
  ['a state', [['State', enumeration(2)]], many],
  [
    'a range of dates',
    [
      ['Initial Date', date(firstSeconds + 10)],
      ['Initial Date', date(firstSeconds + 29)],
    ],
    20,
  ],
])('Locate by %s looks at all, a piece in each turn, and finds what there is', async (_, wanted, found) => {
  const payload = wanted.map(([name, value]) => attribute(name, value))
  const seen = await readBy(large, () => large.client.ask('Locate', payload))
  expect(Math.max(...seen.map(({ rows }) => rows))).toBe(500)
  expect(rowsOf(seen)).toBeGreaterThanOrEqual(many)
  const fields = await large.client.ask('Locate', payload)
  expect(fields[0]?.value).toBe(found)
})

test('while one walks, the loop goes on: another is answered in between', async () => {
  const order: string[] = []
  let now = 0
  // Each look at the clock takes long: every piece of a walk spends its turn.
  const turns = new Turns(() => (now += 50))
  const walk = async (): Promise<void> => {
    for (let piece = 0; piece < 5; piece++) await turns.take(() => order.push('walk'))
  }
  const other = async (): Promise<void> => {
    await new Promise((resolve) => setImmediate(resolve))
    order.push('other')
  }
  await Promise.all([walk(), other()])
  expect(order.indexOf('other')).toBeLessThan(order.lastIndexOf('walk'))
})

test('Create reads and changes as much beside many objects as beside few', async () => {
  const create = (house: KmipHouse) => () => house.client.ask('Create', aesKey())
  const ofFew = await readBy(small, create(small))
  const ofMany = await readBy(large, create(large))
  expect(ofMany).toEqual(ofFew)
})

/** A step that walks a table or an index, or sorts. Constant rows and pieces that were found by an index are neither. */
function walks(plan: readonly string[]): string[] {
  return plan.filter((step) => /^SCAN (?!s$|CONSTANT|json_each|\(subquery)|TEMP B-TREE/.test(step))
}

function planOf(reader: Reader, sql: string): string[] {
  const highest = Math.max(0, ...[...sql.matchAll(/\?(\d+)/g)].map((match) => Number(match[1])))
  const params: SQLInputValue[] = Array.from({ length: highest }, () => null)
  return reader.all<{ detail: string }>(`EXPLAIN QUERY PLAN ${sql}`, ...params).map(({ detail }) => detail)
}

function statementsOf(reader: Reader, work: (spy: Reader) => void): string[] {
  const seen: string[] = []
  work(spyingReader(reader, seen))
  return seen
}

const slice = { before: Number.MAX_SAFE_INTEGER, limit: 10 }
const ofTypes = (place: Place) => ({ place, types: 0xffff })
const ofValue = (place: Place) => ({ place, key: keyFor(place, 'x-Product', text('VMware vSphere')) as Buffer })

test.each<readonly [string, (objects: ObjectStore, place: Place) => unknown]>([
  ['finding an object', (objects, place) => objects.find(place, 'id')],
  ['finding a name', (objects, place) => objects.named(place, 'name')],
  ['passing over the living', (objects, place) => objects.pass(ofTypes(place), slice)],
  ['passing over those with a value', (objects, place) => objects.pass(ofValue(place), slice)],
  ['identifiers of the living', (objects, place) => objects.ids(ofTypes(place), slice)],
  ['identifiers of those with a value', (objects, place) => objects.ids(ofValue(place), slice)],
  ['glimpses of the living', (objects, place) => objects.glimpses(ofTypes(place), slice)],
  ['glimpses of those with a value', (objects, place) => objects.glimpses(ofValue(place), slice)],
  ['counting', (objects, place) => objects.count(place, 0xffff, 0b11110)],
  ['what falls due', (objects) => objects.due(0, 10)],
  ['when something falls due', (objects) => objects.nextDue()],
])('%s walks no table and sorts nothing', (_, work) => {
  const { adapter } = large.client
  const place = { instance: adapter.instance, adapter: adapter.id }
  const statements = statementsOf(large.store, (reader) => void work(objectStore(reader), place))
  expect(statements).toHaveLength(1)
  for (const sql of statements) expect(walks(planOf(large.store, sql))).toEqual([])
})

test('a list passes over other pages by an index that has all it asks for', () => {
  const statements = statementsOf(large.store, (reader) => {
    const store = kmipStore(reader)
    const page = store.pickObjects(large.client.adapter, new Set([1, 2]), { limit: 5, offset: 3_000 })
    store.listedObjects(large.client.adapter, page.rows)
  })
  const plans = statements.map((sql) => planOf(large.store, sql))
  expect(plans.flat().filter((step) => /kmip_object/.test(step))).toEqual([
    'SEARCH kmip_objects USING COVERING INDEX kmip_objects_created (instance=? AND adapter=?)',
    expect.stringMatching(/^SEARCH kmip_object_totals USING PRIMARY KEY/),
    'SEARCH kmip_objects USING INTEGER PRIMARY KEY (rowid=?)',
  ])
})

test('objects of a removed adapter leave a few at a time, and the totals are those of the objects', async () => {
  const house = await openKmipHouse()
  const { store, client } = house
  const { adapter } = client
  fillAdapter(store, adapter, 1_200)
  const place = { instance: adapter.instance, adapter: adapter.id }
  const objects = objectStore(store)
  expect(objects.count(place, 1 << objectTypes.SecretData, 1 << 2)).toBe(12)
  store.run('UPDATE kmip_objects SET state = 5, blob = NULL, root_version = NULL, destroyed_at = 1, destroyed_by = ?', [
    'x',
  ])
  expect(objects.count(place, 0xffff, 0b11110)).toBe(0)
  expect(objects.count(place, 0xffff, 1 << 5)).toBe(1_200)
  store.run('DELETE FROM kmip_adapters WHERE id = ?', [adapter.id])
  const left = () => store.get<{ count: number }>('SELECT count(*) AS count FROM kmip_objects')?.count
  const job = sweepJob({ reader: store, carry: house.carry })
  const leaving = [left()]
  while (job.nextDue() !== undefined) {
    await job.run(house.time)
    leaving.push(left())
  }
  expect(leaving).toEqual([1_200, 700, 200, 0])
})
