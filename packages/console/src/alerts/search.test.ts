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
