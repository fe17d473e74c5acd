/** Queries of the key API. */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseForce, parseList, parseSelection, parseVersions } from './query.ts'
import { refusalFrom } from './testing/refusal.ts'

const list = (query: string) => parseList(new URLSearchParams(query))

function faultOf(read: () => unknown): string | undefined {
  const refusal = refusalFrom(read)
  return refusal?.code === 'INVALID_QUERY_PARAM_ERR' && refusal.at?.type === 'query_param' ? refusal.at.name : undefined
}

test('an empty parameter is none: the published Python client sends those it was not given', () => {
  expect(list('state=&limit=&offset=&sort=&search=&filter=&extractable=')).toEqual(list(''))
})

test('without a query: 200 keys of the usual states, by id', () => {
  expect(list('')).toEqual({
    states: new Set([0, 1, 2, 3]),
    extractable: undefined,
    dates: {},
    limit: 200,
    offset: 0,
    sort: [],
    search: undefined,
  })
})

test('states come as one comma list, percent-encoded as the clients do; 4 matches nothing', () => {
  expect(list('state=0%2C1%2C5').states).toEqual(new Set([0, 1, 5]))
  expect(list('state=4').states).toEqual(new Set())
})

test('sorting takes the documented properties, with - for descending; a repeated one changes nothing', () => {
  expect(list('sort=-creationDate,state,creationDate').sort).toEqual([
    { property: 'creationDate', descending: true },
    { property: 'state', descending: false },
  ])
  expect(list('sort=id,state').sort).toEqual([{ property: 'id', descending: false }])
})

test.each([
  ['limit', '0'],
  ['limit', '5001'],
  ['limit', '-1'],
  ['limit', '1.5'],
  ['limit', '0x10'],
  ['limit', '1'.repeat(40)],
  ['offset', '-1'],
  ['offset', 'x'],
  ['state', '6'],
  ['state', '1, 2'],
  ['state', '1,'],
  ['extractable', 'yes'],
  ['extractable', 'TRUE'],
  ['sort', 'name'],
  ['sort', '--id'],
  ['sort', 'constructor'],
  ['sort', 'id,'],
  ['sort', 'state,'.repeat(60)],
  ['search', 'a'.repeat(513)],
  ['filter', 'state=6'],
  ['filter', 'state'],
  ['filter', 'name=foo'],
  ['filter', 'extractable=none'],
  ['filter', 'creationDate=soon'],
  ['filter', 'creationDate=eq:"2024-01-01T00:00:00Z"'],
])('%s=%s is refused, naming the parameter', (name, value) => {
  expect(faultOf(() => list(new URLSearchParams({ [name]: value }).toString()))).toBe(name)
})

test('a parameter given twice is refused', () => {
  expect(faultOf(() => list('limit=1&limit=2'))).toBe('limit')
})

test('bounds are taken', () => {
  expect(list('limit=1&offset=0')).toMatchObject({ limit: 1, offset: 0 })
  expect(list('limit=5000&offset=40000&search=&filter=')).toMatchObject({ limit: 5_000, offset: 40_000 })
})

test('versions and deletion read their own parameters', () => {
  expect(parseVersions(new URLSearchParams('totalCount=true&allKeyStates=true&limit=3'))).toEqual({
    limit: 3,
    offset: 0,
    totalCount: true,
    allKeyStates: true,
  })
  expect(parseForce(new URLSearchParams('force=true'))).toBe(true)
  expect(parseForce(new URLSearchParams(''))).toBe(false)
  expect(faultOf(() => parseForce(new URLSearchParams('force=1')))).toBe('force')
  expect(parseSelection(new URLSearchParams('extractable=false')).extractable).toBe(false)
})

test('any query is read or refused, and the refusal does not repeat the value', () => {
  const name = fc.constantFrom('limit', 'offset', 'state', 'extractable', 'sort', 'search', 'filter', 'other')
  fc.assert(
    fc.property(fc.array(fc.tuple(name, fc.oneof(fc.string(), fc.constant('MARKED'))), { maxLength: 5 }), (pairs) => {
      const refusal = refusalFrom(() => parseList(new URLSearchParams(pairs)))
      expect(refusal?.message ?? '').not.toContain('MARKED')
    }),
  )
})
