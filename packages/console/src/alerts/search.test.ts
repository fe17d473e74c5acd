/** The alerts page's address: read with care, written without what goes without saying. */
import { expect, test } from 'vitest'
import { formatSearch, parseQueryString } from '../trail/search.ts'
import { parseAlertsSearch, toAlertsQuery } from './search.ts'

test('the link of a message opens its alert', () => {
  const search = parseAlertsSearch(parseQueryString('?alert=01a21665-37a6-7922-b874-d3c3481e62de'))
  expect(search).toEqual({ alert: '01a21665-37a6-7922-b874-d3c3481e62de' })
})

test('filters go to the address and back', () => {
  const search = { state: 'closed', severity: 'critical', rule: 'key-deleted' } as const
  expect(parseAlertsSearch(parseQueryString(formatSearch(search)))).toEqual(search)
  expect(toAlertsQuery({ ...search, alert: 'a', view: 'rules' })).toEqual(search)
})

test('what is the rule and what is malformed stands in no address', () => {
  expect(
    parseAlertsSearch({ view: 'alerts', state: 'active', severity: 'grave', rule: '../x', alert: '<b>', other: '1' }),
  ).toEqual({})
})

test('a search of the trail opens the form of a rule with its query', () => {
  const search = { view: 'rules', new: 'rule', query: 'outcome:failure key:=="a b"' } as const
  expect(parseAlertsSearch(parseQueryString(formatSearch(search)))).toEqual(search)
  // A form belongs to its view, and a query to the form.
  expect(parseAlertsSearch({ view: 'channels', new: 'rule', query: 'a' })).toEqual({ view: 'channels' })
  expect(parseAlertsSearch({ view: 'rules', query: 'a' })).toEqual({ view: 'rules' })
  expect(parseAlertsSearch({ ...search, query: 'x'.repeat(2_001) })).toEqual({ view: 'rules', new: 'rule' })
})

test('what is open, and that it is being changed, stand in the address of its view only', () => {
  const search = { view: 'channels', channel: 'ops', edit: true } as const
  expect(parseAlertsSearch(parseQueryString(formatSearch(search)))).toEqual(search)
  expect(parseAlertsSearch({ ...search, view: 'calendars' })).toEqual({ view: 'calendars' })
  expect(parseAlertsSearch({ view: 'rules', edit: 'true' })).toEqual({ view: 'rules' })
  expect(parseAlertsSearch({ view: 'channels', channel: '<b>', edit: 'true' })).toEqual({ view: 'channels' })
})
