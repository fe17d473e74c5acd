/** Ten thousand keys: pages, filters and searches are right, and everybody else's work is done in between. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { addAlias } from './alias.ts'
import { addKey } from './changes.ts'
import type { KeyRow } from './key-row.ts'
import { keyLimits } from './limits.ts'
import { listKeys } from './list.ts'
import { parseList } from './query.ts'
import { type House, openHouse, startTime } from './testing/house.ts'
import { plainRow } from './testing/plain-row.ts'
import { Turns } from './turns.ts'

const many = 10_000
const sliceKeys = 200

function rowOf(house: House, at: number): KeyRow {
  // Scattered over the order of ids, as random ones are.
  const id = `${((at * 7_919) % many).toString(16).padStart(8, '0')}-0000-4000-8000-${at.toString(16).padStart(12, '0')}`
  const isStandard = at % 2 === 1
  return plainRow({
    instance: house.instance.guid,
    id,
    name: `${isStandard ? 'payments' : 'orders'} ${at}`,
    state: at % 10 === 9 ? 3 : 1,
    extractable: isStandard ? 1 : 0,
    newestAt: startTime,
    createdAt: startTime - at * 1_000,
  })
}

function crowd(): { house: House; rows: readonly KeyRow[] } {
  const house = openHouse()
  const rows = Array.from({ length: many }, (_, at) => rowOf(house, at))
  for (const [at, row] of rows.entries()) {
    const version = { id: row.id, number: 1, createdAt: row.createdAt, blob: new Uint8Array(1) }
    for (const change of addKey(row, version, many)) house.store.run(change.sql, change.params)
    if (at % 100 !== 0) continue
    const alias = { instance: row.instance, key: row.id, alias: `spare-${at}`, createdAt: 1, createdBy: 'somebody' }
    const change = addAlias(alias, keyLimits)
    house.store.run(change.sql, change.params)
  }
  return { house, rows }
}

const { house, rows } = crowd()

async function names(query: Readonly<Record<string, string>>): Promise<string[]> {
  const wish = () => parseList(new URLSearchParams(query))
  const operation = listKeys(house.call(), wish, house.parts, new Turns(() => 0), (keys) =>
    keys.map(({ name }) => name),
  )
  return (await house.run('hs-crypto.secrets.list', operation)).slices.flat()
}

const byId = rows.toSorted((one, other) => (one.id < other.id ? -1 : 1))
const named = (chosen: readonly KeyRow[]): string[] => chosen.map(({ name }) => name)

test('pages of every size hold all keys once, in order', async () => {
  for (const limit of [200, 201, 5_000]) {
    const seen: string[] = []
    for (let offset = 0; offset < many; offset += limit) {
      seen.push(...(await names({ limit: String(limit), offset: String(offset) })))
    }
    expect(seen).toEqual(named(byId))
  }
})

test('filters and orders are what a look at all keys would give', async () => {
  const filter = `state=3 extractable=true creationDate=gte:"${new Date(startTime - 5_000_000).toISOString()}"`
  const fitting = byId.filter((row) => row.state === 3 && row.createdAt >= startTime - 5_000_000)
  expect(await names({ filter, sort: 'id', limit: '5000' })).toEqual(named(fitting))
  expect(await names({ sort: '-creationDate', limit: '3' })).toEqual(['orders 0', 'payments 1', 'orders 2'])
})

test('a search looks at all the keys that a filter leaves', async () => {
  const fitting = rows.filter((row) => row.extractable === 0 && row.name.includes('77'))
  const found = await names({ extractable: 'false', search: 'name:77', sort: '-creationDate', limit: '5000' })
  expect(found).toEqual(named(fitting))
  expect(await names({ extractable: 'false', search: 'exact:alias:spare-4200' })).toEqual(['orders 4200'])
  expect(await names({ extractable: 'false', search: 'no such key' })).toEqual([])
  await expect(names({ search: 'name:77' })).rejects.toMatchObject({ code: 'KEY_SEARCH_TOO_BROAD' })
  expect(await names({ search: rows[17]?.id ?? '' })).toEqual(['payments 17'])
})

test('a long list is read and shown in slices, with turns of the loop for others in between', async () => {
  let time = 0
  const sizes: number[] = []
  const wish = () => parseList(new URLSearchParams({ limit: '5000' }))
  const operation = listKeys(house.call(), wish, house.parts, new Turns(() => time), (keys) => {
    time += 25
    sizes.push(keys.length)
  })
  const list = house.run('hs-crypto.secrets.list', operation)
  await nextTurn()
  let turns = 0
  let most = 0
  for (let before = sizes.length; sizes.length < many / 2 / sliceKeys && turns < 1_000; turns += 1) {
    await nextTurn()
    most = Math.max(most, sizes.length - before)
    before = sizes.length
  }
  expect((await list).count).toBe(many / 2)
  expect(sizes).toEqual(Array.from({ length: many / 2 / sliceKeys }, () => sliceKeys))
  expect(most).toBe(1)
})

test('a key that no longer fits when its slice is read is left out, and not counted', async () => {
  const late = byId[4_000]?.id ?? ''
  const wish = () => parseList(new URLSearchParams({ limit: '5000' }))
  const operation = listKeys(house.call(), wish, house.parts, new Turns(() => 0), (keys) => {
    house.forceState(late, 5)
    return keys.map(({ id }) => id)
  })
  const list = await house.run('hs-crypto.secrets.list', operation)
  expect(list.count).toBe(4_999)
  expect(list.slices.flat()).not.toContain(late)
  expect(house.lastEvent().responseData).toEqual({ totalResources: 4_999 })
})
