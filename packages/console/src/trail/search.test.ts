/** The address: what is written into it is read out of it, and nothing else gets in. */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  type TrailSearch,
  filterTokens,
  formatSearch,
  hasFilters,
  isOpenRange,
  outcomes,
  panelViews,
  parseQueryString,
  parseTrailSearch,
  severities,
  toEventsQuery,
  withFilter,
  withoutFilter,
  withoutFilters,
} from './search.ts'

const text = fc.string({ minLength: 1, maxLength: 40 })
// A comma separates the values of a list; names of actions have none.
const action = fc.stringMatching(/^[a-z.-]{1,30}$/)
const search: fc.Arbitrary<TrailSearch> = fc
  .record(
    {
      from: text,
      to: text,
      severity: fc.subarray([...severities], { minLength: 1 }),
      outcome: fc.subarray([...outcomes], { minLength: 1 }),
      action: fc.uniqueArray(action, { minLength: 1, maxLength: 5 }),
      initiator: text,
      key: text,
      code: text,
      words: text,
      event: fc.nat(),
      view: fc.constantFrom(...panelViews),
      tz: fc.constantFrom('UTC', 'Asia/Tokyo'),
      saved: fc.uuid(),
    },
    { requiredKeys: [] },
  )
  .map((value) => value as TrailSearch)

test('a search that is written into an address is read as the same search', () => {
  fc.assert(
    fc.property(search, (value) => {
      expect(parseTrailSearch(parseQueryString(formatSearch(value)))).toEqual(value)
    }),
  )
})

test('an address is short and readable', () => {
  const value = { severity: ['critical', 'warning'], words: 'billing key', from: '2025-11-25T10:00:00.000Z' } as const
  expect(formatSearch(value)).toBe('?severity=critical,warning&words=billing+key&from=2025-11-25T10:00:00.000Z')
  expect(formatSearch({})).toBe('')
})

test('what an address says that is not a search is left out', () => {
  const raw = {
    severity: 'huge',
    event: '-1',
    view: 'x',
    outcome: 'failure,maybe',
    other: 'y',
    words: 'w'.repeat(600),
    tz: 'Mars/Base',
    saved: '<b>',
  }
  expect(parseTrailSearch(raw)).toEqual({ outcome: ['failure'] })
})

test('any query string at all gives a search', () => {
  fc.assert(
    fc.property(fc.string(), (query) => {
      const parsed = parseTrailSearch(parseQueryString(query))
      expect(parseTrailSearch(parseQueryString(formatSearch(parsed)))).toEqual(parsed)
    }),
  )
})

test('the API gets the filters under its own names, and nothing of the page', () => {
  const value = parseTrailSearch({ key: 'k', request: 'r', code: '409', words: 'w', event: '5', view: 'proof' })
  expect(toEventsQuery(value)).toEqual({ keyId: 'k', correlationId: 'r', reasonCode: '409', text: 'w' })
})

test('a filter that is added and taken away again leaves the search as it was', () => {
  fc.assert(
    fc.property(search, action, (value, name) => {
      fc.pre(value.action?.includes(name) !== true)
      const token = { name: 'action', value: name } as const
      expect(withoutFilter(withFilter(value, token), token)).toEqual(value)
    }),
  )
})

test('several actions are alternatives, words add up, other filters replace each other', () => {
  let value: TrailSearch = {}
  for (const token of [
    { name: 'action', value: 'a.b' },
    { name: 'action', value: 'a.c' },
    { name: 'words', value: 'one' },
    { name: 'words', value: 'two' },
    { name: 'key', value: '1' },
    { name: 'key', value: '2' },
    { name: 'severity', value: 'critical' },
  ] as const) {
    value = withFilter(value, token)
  }
  expect(value).toEqual({ action: ['a.b', 'a.c'], words: 'one two', key: '2', severity: ['critical'] })
  expect(filterTokens(value).map((token) => token.value)).toEqual(['a.b', 'a.c', '2', 'one two'])
})

test('clearing keeps the open event', () => {
  expect(withoutFilters({ words: 'w', from: '-1h', event: 3, view: 'json' })).toEqual({ event: 3, view: 'json' })
  expect(hasFilters({ event: 3 })).toBe(false)
  expect(hasFilters({ from: '-1h' })).toBe(true)
})

test('only a range without an end can be followed', () => {
  expect(isOpenRange({ from: '-1h' })).toBe(true)
  expect(isOpenRange({ to: 'now' })).toBe(true)
  expect(isOpenRange({ to: '2025-11-25T10:00:00.000Z' })).toBe(false)
})
