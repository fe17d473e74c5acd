/** The time of events. */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { EventError } from './error.ts'
import { formatEventTime, parseEventTime } from './time.ts'

const latest = Date.UTC(9999, 11, 31, 23, 59, 59, 999)

test('an event time has hundredths and an offset without a colon', () => {
  expect(formatEventTime(Date.UTC(2017, 9, 19, 19, 7, 50, 329))).toBe('2017-10-19T19:07:50.32+0000')
  expect(formatEventTime(0)).toBe('1970-01-01T00:00:00.00+0000')
})

test('what is printed is what the platform prints, cut to hundredths, and parses back', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: latest }), (ms) => {
      const text = formatEventTime(ms)
      expect(text).toBe(`${new Date(ms).toISOString().slice(0, 22)}+0000`)
      expect(parseEventTime(text)).toBe(ms - (ms % 10))
    }),
  )
})

test.each([
  ['2017-10-19T19:07:50.3+0000', 300],
  ['2017-10-19T19:07:50.325+0000', 325],
  ['2017-10-19T19:07:50Z', 0],
  ['2017-10-19T19:07:50.123456789Z', 123],
  ['2017-10-19T13:07:50-06:00', 0],
  ['2017-10-20T00:37:50+05:30', 0],
])('%s, as seen in real events, is understood', (text, ms) => {
  expect(parseEventTime(text)).toBe(Date.UTC(2017, 9, 19, 19, 7, 50, ms))
})

test.each([
  '',
  'yesterday',
  '2017-10-19',
  '2017-02-30T00:00:00Z',
  '2017-13-01T00:00:00Z',
  '2017-00-01T00:00:00Z',
  '2017-10-19T24:00:00Z',
  '2017-10-19T23:60:00Z',
  '2017-10-19T23:00:60Z',
  '2017-10-19T23:00:00+24:00',
  '2017-10-19T23:00:00',
  `2017-10-19T23:00:00.${'0'.repeat(99)}Z`,
])('"%s" is no time', (text) => {
  expect(() => parseEventTime(text)).toThrow(EventError)
})

test.each([-1, Number.NaN, Number.POSITIVE_INFINITY, latest + 1])('%d is no time of an event', (ms) => {
  expect(() => formatEventTime(ms)).toThrow(expect.objectContaining({ code: 'BAD_VALUE' }))
})
