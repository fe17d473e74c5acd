/** The address of the keys page: read and written the same, and what is malformed is left out. */
import { expect, test } from 'vitest'
import { formatSearch, parseQueryString } from '../trail/search.ts'
import { inventoryQueryOf, isNarrowed, type KeysSearch, parseKeysSearch, withoutKey } from './search.ts'

const id = '0199c5f2-0000-7000-8000-000000000001'

const full: KeysSearch = {
  show: 'rings',
  state: ['active', 'destroyed'],
  kind: 'root',
  ring: 'payments',
  due: 0,
  waiting: true,
  search: 'billing & more, <b>',
  use: true,
  key: id,
  view: 'life',
  uses: true,
}

test('what is written is read again', () => {
  expect(parseKeysSearch(parseQueryString(formatSearch({ ...full })))).toEqual(full)
  expect(parseKeysSearch({})).toEqual({})
})

test('what is malformed is left out', () => {
  const raw = {
    show: 'everything',
    state: 'compromised,active',
    kind: 'gold',
    ring: '../x',
    due: '-3',
    waiting: 'yes',
    key: '7',
    view: 'x',
  }
  expect(parseKeysSearch({ ...raw, search: 'x'.repeat(201) })).toEqual({ state: ['active'] })
})

test('a closed key leaves the list as it is', () => {
  expect(withoutKey({ state: ['active'], key: id, view: 'life', uses: true })).toEqual({ state: ['active'] })
  expect(isNarrowed({ key: id, use: true })).toBe(false)
  expect(isNarrowed({ due: 0 })).toBe(true)
  expect(inventoryQueryOf(full)).not.toHaveProperty('key')
})
