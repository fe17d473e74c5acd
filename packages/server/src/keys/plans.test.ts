/** Costs stay flat as keys grow: every statement of the hot operations finds its rows by an index. */
import type { SQLInputValue } from 'node:sqlite'
import { expect, test } from 'vitest'
import { ringGrants } from '../iam/role-grants-of-ring.ts'
import type { Reader } from '../store/store.ts'
import { addAlias, removeAlias, removeAliases } from './alias.ts'
import { addKey, addVersion, eraseKey, replaceKey } from './changes.ts'
import { keyJobs } from './jobs.ts'
import { addRing, removeRing } from './ring.ts'
import type { KeySelection, SortProperty } from './selection.ts'
import { keyStore } from './store.ts'
import { openHouse } from './testing/house.ts'
import { addKey as createKey } from './testing/wishes.ts'
import { spyingReader } from '../testing/spying-reader.ts'

/** The statements a piece of work reads with. */
function statementsOf(reader: Reader, work: (keys: ReturnType<typeof keyStore>) => void): string[] {
  const seen: string[] = []
  work(keyStore(spyingReader(reader, seen)))
  return seen
}

function planOf(reader: Reader, sql: string): string[] {
  const count = (sql.match(/\?/g) ?? []).length
  const params: SQLInputValue[] = Array.from({ length: /\?\d/.test(sql) ? highest(sql) : count }, () => null)
  return reader.all<{ detail: string }>(`EXPLAIN QUERY PLAN ${sql}`, ...params).map((row) => row.detail)
}

function highest(sql: string): number {
  return Math.max(...[...sql.matchAll(/\?(\d+)/g)].map((match) => Number(match[1])))
}

/** Walks over whole tables or indexes, and sorting of what was found. Constant rows and json_each walk no table. */
function walks(plan: readonly string[]): string[] {
  return plan.filter((step) => /^SCAN (?!CONSTANT|json_each)|TEMP B-TREE/.test(step))
}

const house = openHouse()
const guid = house.instance.guid
const selection: KeySelection = {
  instance: guid,
  states: new Set([1]),
  extractable: undefined,
  rings: 'all',
  now: house.time,
}
const page = (property: SortProperty, descending: boolean) => ({
  limit: 10,
  offset: 0,
  sort: [{ property, descending }],
})

test.each<[string, (keys: ReturnType<typeof keyStore>) => void]>([
  ['reading a key', (keys) => keys.find(guid, guid)],
  ['using a key', (keys) => keys.usable(guid, guid)],
  ['finding an older version', (keys) => keys.versionBlob(guid, guid, guid)],
  ['listing versions', (keys) => keys.versions(guid, guid, { limit: 1, offset: 0 })],
  ['the quota', (keys) => keys.total(guid)],
  ['counting', (keys) => keys.count(selection)],
  ['listing by id', (keys) => keys.list(selection, { limit: 10, offset: 0, sort: [] })],
  ['listing by id, last first', (keys) => keys.list(selection, page('id', true))],
  ['listing by date of creation', (keys) => keys.list(selection, page('creationDate', false))],
  ['listing by date of creation, newest first', (keys) => keys.list(selection, page('creationDate', true))],
  ['finding a key by its alias', (keys) => keys.find(guid, 'an-alias')],
  ['the aliases of a page of keys', (keys) => keys.aliasesOf(guid, [guid, guid])],
  ['the keys of a page', (keys) => keys.rows(guid, [guid, guid])],
  ['the quota of aliases', (keys) => keys.totalAliases(guid)],
  ['listing rings', (keys) => keys.rings(guid)],
  ['whether there is a ring', (keys) => keys.hasRing(guid, 'a-ring')],
  ['the keys of a ring', (keys) => keys.totalIn(guid, 'a-ring')],
  ['the destroyed keys of a ring', (keys) => keys.destroyedIn(guid, 'a-ring', 10)],
])('%s walks no table and sorts nothing', (_, work) => {
  const statements = statementsOf(house.store, work)
  expect(statements.length).toBeGreaterThan(0)
  for (const sql of statements) expect(walks(planOf(house.store, sql))).toEqual([])
})

test('the roles on a ring are found by an index, to be told and to be taken back', () => {
  const seen: string[] = []
  const { changes } = ringGrants(spyingReader(house.store, seen), 'keywitness').revoked(house.instance, 'a-ring')
  const statements = [...seen, ...changes.map(({ sql }) => sql)]
  expect(statements).toHaveLength(2)
  for (const sql of statements) {
    expect(planOf(house.store, sql)[0]).toContain('USING INDEX role_grants_ring (scope_id=? AND key_ring=?)')
  }
})

test('other orders are found on the narrow rows, and only the picked keys are looked at besides', () => {
  const order = page('lastUpdateDate', true)
  const [sql] = statementsOf(house.store, (keys) => keys.list(selection, order))
  const plan = planOf(house.store, sql ?? '')
  expect(plan.filter((step) => / keys /.test(step))).toEqual([
    expect.stringMatching(/^SEARCH keys USING COVERING INDEX keys_listed/),
    expect.stringMatching(/^SEARCH keys USING PRIMARY KEY \(instance=\? AND id=\?\)/),
  ])
})

test('a filter by dates looks at the narrow rows only, to list and to count', () => {
  const filtered = { ...selection, dates: { deletionDate: { from: 1 }, expirationDate: { isNone: true } } }
  const [list] = statementsOf(house.store, (keys) => keys.list(filtered, { limit: 10, offset: 0, sort: [] }))
  const [count] = statementsOf(house.store, (keys) => keys.count(filtered))
  const byNarrowRows = expect.stringMatching(/^SEARCH keys USING COVERING INDEX keys_listed/)
  expect(planOf(house.store, list ?? '').filter((step) => / keys /.test(step))).toEqual([
    byNarrowRows,
    expect.stringMatching(/^SEARCH keys USING PRIMARY KEY/),
  ])
  expect(planOf(house.store, count ?? '').filter((step) => / keys /.test(step))).toEqual([byNarrowRows])
})

test('what falls due next is found by an index, whatever the number of keys and instances', () => {
  const seen: string[] = []
  const spy = spyingReader(house.store, seen)
  const { audit, parts } = house
  const instances = { find: () => undefined }
  const jobs = keyJobs({ reader: spy, audit, instances, keys: parts, serviceName: '', isForgetting: () => false })
  for (const job of jobs) {
    job.nextDue()
    void job.run(0)
  }
  expect(seen).toHaveLength(6)
  for (const sql of seen)
    expect(planOf(house.store, sql)).toEqual([expect.stringMatching(/ keys USING (COVERING )?INDEX keys_\w+_due/)])
})

test('every change finds its row by an index', async () => {
  const key = await createKey(house)
  const version = { id: guid, number: 2, createdAt: 1, blob: new Uint8Array(1) }
  const alias = { instance: guid, alias: 'an-alias', key: guid, createdAt: 1, createdBy: 'me' }
  const changes = [
    ...addKey(key, version, 10),
    replaceKey(key, key),
    ...addVersion(key, version),
    ...eraseKey(key),
    addAlias(alias, { aliasesPerKey: 1, aliasesPerInstance: 1 }),
    removeAlias(guid, 'an-alias', guid),
    ...removeAliases(guid, guid, 1),
    addRing(guid, { id: 'a-ring', createdAt: 1, createdBy: 'me' }, 1),
    removeRing(guid, 'a-ring'),
  ]
  for (const { sql } of changes) expect(walks(planOf(house.store, sql))).toEqual([])
})

test('whatever a list asks for, the number of statement texts is bounded', () => {
  const texts = new Set<string>()
  const properties: readonly SortProperty[] = [
    'id',
    'state',
    'extractable',
    'imported',
    'creationDate',
    'lastUpdateDate',
  ]
  for (const one of properties) {
    for (const other of properties) {
      for (const descending of [false, true]) {
        const sort = [
          { property: one, descending },
          { property: other, descending: !descending },
        ]
        for (const sql of statementsOf(house.store, (keys) => keys.pick(selection, { limit: 1, offset: 0, sort }))) {
          texts.add(sql)
        }
      }
    }
  }
  expect(texts.size).toBe(1)
})
