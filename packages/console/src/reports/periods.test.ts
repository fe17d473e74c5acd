/** Periods of reports: calendar ones in UTC, and from day to day. */
import { expect, test } from 'vitest'
import { daysOf, periodOf, periodOfDays } from './periods.ts'
import { parseReportSearch } from './search.ts'

const now = Date.UTC(2027, 1, 14, 23, 59)
const days = (from: string, to: string): object => ({ from: `${from}T00:00:00Z`, to: `${to}T00:00:00Z` })

test('calendar periods go over the turn of a year', () => {
  expect(periodOf('this-month', now)).toEqual(days('2027-02-01', '2027-03-01'))
  expect(periodOf('last-month', Date.UTC(2027, 0, 1))).toEqual(days('2026-12-01', '2027-01-01'))
  expect(periodOf('this-quarter', now)).toEqual(days('2027-01-01', '2027-04-01'))
  expect(periodOf('last-quarter', now)).toEqual(days('2026-10-01', '2027-01-01'))
  expect(periodOf('last-year', now)).toEqual(days('2026-01-01', '2027-01-01'))
})

test('the last day belongs to a period', () => {
  expect(periodOfDays('2026-12-30', '2026-12-31')).toEqual(days('2026-12-30', '2027-01-01'))
  expect(daysOf({ from: '2026-12-30T00:00:00Z', to: '2027-01-01T00:00:00Z' })).toEqual({
    first: '2026-12-30',
    last: '2026-12-31',
  })
  expect(periodOfDays('2026-12-31', '2026-12-30')).toBeUndefined()
  expect(periodOfDays('2026-02-30', '2026-03-01')).toBeUndefined()
})

test('of an address only whole days in order, and a size, are taken', () => {
  const good = { ...days('2026-10-01', '2027-01-01'), size: '41' }
  expect(parseReportSearch(good)).toEqual({ ...good, size: 41 })
  expect(parseReportSearch({ ...good, from: '2027-10-01T00:00:00Z', size: '-1' })).toEqual({})
  expect(parseReportSearch({ from: 'yesterday', to: '2027-01-01T00:00:00Z', size: 'x' })).toEqual({})
})
