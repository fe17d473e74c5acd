/** Working hours by the clocks of a zone: weekdays, holidays, edges, daylight saving. */
import { expect, test } from 'vitest'
import { ruleOf, noOptions, triggersOf, hour, day } from '../testing/alert-log.ts'
import { calendarHours } from './calendar-hours.ts'
import { parseCalendar } from './parse-calendar.ts'
import { RuleError } from './rule-error.ts'

const office = {
  id: 'office',
  name: 'Office',
  zone: 'Europe/Berlin',
  hours: {
    '1': [
      ['08:00', '12:00'],
      ['13:00', '24:00'],
    ],
    '7': [
      ['02:15', '02:45'],
      ['03:00', '03:30'],
    ],
  },
  holidays: ['2026-12-28'],
}
const isInside = calendarHours(parseCalendar(office))
const inside = (time: string): boolean => isInside(Date.parse(time))

test('hours begin with their first minute and end before their last', () => {
  expect(inside('2026-11-23T08:00:00+01:00')).toBe(true)
  expect(inside('2026-11-23T07:59:59.999+01:00')).toBe(false)
  expect(inside('2026-11-23T11:59:59.999+01:00')).toBe(true)
  expect(inside('2026-11-23T12:00:00+01:00')).toBe(false)
  expect(inside('2026-11-23T23:59:59+01:00')).toBe(true)
  expect(inside('2026-11-24T00:00:00+01:00')).toBe(false)
})

test('days are those of the zone, and holidays are off as a whole', () => {
  // Monday there, Sunday in UTC.
  expect(
    calendarHours(parseCalendar({ ...office, zone: 'Pacific/Auckland' }))(Date.parse('2026-11-22T20:00:00Z')),
  ).toBe(true)
  expect(inside('2026-12-21T09:00:00+01:00')).toBe(true)
  expect(inside('2026-12-28T09:00:00+01:00')).toBe(false)
})

test('daylight saving moves the hours with the clocks', () => {
  expect(inside('2026-07-06T06:00:00Z')).toBe(true)
  expect(inside('2026-11-23T06:30:00Z')).toBe(false)
  // On 29 March 2026 clocks go from 02:00 to 03:00: 02:15 is never shown.
  expect(inside('2026-03-29T01:15:00Z')).toBe(true)
  expect(inside('2026-03-29T00:30:00Z')).toBe(false)
  // On 25 October 2026 they show 02:15 twice.
  expect(inside('2026-10-25T00:15:00Z')).toBe(true)
  expect(inside('2026-10-25T01:15:00Z')).toBe(true)
  expect(inside('2026-10-25T01:50:00Z')).toBe(false)
})

test('a rule counts only what is outside, or inside, of its calendar', () => {
  const options = { ...noOptions, calendars: new Map([['office', parseCalendar(office)]]) }
  const match = { kind: 'match', query: '' } as const
  // 10:00 in Berlin on a Monday, 20 hours later, one week later.
  const log = [{ at: 0 }, { at: 20 * hour }, { at: 7 * day }]
  expect(triggersOf(ruleOf(match, { during: { calendar: 'office', is: 'inside' } }), log, options)).toEqual([0, 2])
  expect(triggersOf(ruleOf(match, { during: { calendar: 'office', is: 'outside' } }), log, options)).toEqual([1])
  expect(() => triggersOf(ruleOf(match, { during: { calendar: 'other', is: 'inside' } }), log, options)).toThrow(
    RuleError,
  )
})

test.each([
  ['id', { id: 'Office' }],
  ['zone', { zone: 'Berlin/Europe' }],
  ['zone', { zone: '+02:00' }],
  ['hours.8', { hours: { '8': [] } }],
  ['hours.1.0', { hours: { '1': [['12:00', '12:00']] } }],
  ['hours.1.0.1', { hours: { '1': [['12:00', '24:01']] } }],
  ['hours.1', { hours: { '1': Array.from({ length: 5 }, () => ['01:00', '02:00']) } }],
  ['holidays.0', { holidays: ['2026-02-30'] }],
  ['holidays.1', { holidays: ['2026-02-28', '2026-02-28'] }],
  ['holidays', { holidays: Array.from({ length: 401 }, () => '2026-01-01') }],
  ['more', { more: 1 }],
  ['name', { name: 'a\u202Eb' }],
])('a calendar with a wrong %s is refused', (path, change) => {
  expect(() => parseCalendar({ ...office, ...change })).toThrow(expect.objectContaining({ name: 'RuleError', path }))
})
