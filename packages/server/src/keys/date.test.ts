/** Dates as RFC 3339 has them. */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatDate, parseDate } from './date.ts'

test('every time with a year of four digits comes back as it was printed', () => {
  fc.assert(
    fc.property(fc.date({ min: new Date('0000-01-01'), max: new Date('9999-12-31'), noInvalidDate: true }), (date) => {
      expect(parseDate(formatDate(date.getTime()))).toBe(date.getTime())
    }),
  )
})

test.each([
  ['2026-11-22T11:12:44.19562519Z', '2026-11-22T11:12:44.195Z'],
  ['2026-11-22T11:12:44+02:30', '2026-11-22T08:42:44.000Z'],
  ['2026-11-22t11:12:44.1-01:00', '2026-11-22T12:12:44.100Z'],
  ['2024-02-29T00:00:00z', '2024-02-29T00:00:00.000Z'],
])('%s is %s', (text, same) => {
  expect(formatDate(parseDate(text) ?? Number.NaN)).toBe(same)
})

test.each([
  '2026-02-29T00:00:00Z',
  '2026-13-01T00:00:00Z',
  '2026-00-01T00:00:00Z',
  '2026-01-01T24:00:00Z',
  '2026-01-01T00:60:00Z',
  '2026-01-01T00:00:00',
  '2026-01-01',
  '2026-01-01T00:00:00+24:00',
  '9999-12-31T23:59:59-01:00',
  '0000-01-01T00:00:00+01:00',
  '+012026-01-01T00:00:00Z',
  '2026-01-01T00:00:00.Z',
  '',
])('%j is no date', (text) => {
  expect(parseDate(text)).toBeUndefined()
})

test('no text makes the parser throw', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[0-9TZ:.+-]{0,40}$/)), (text) => {
      const date = parseDate(text)
      expect(date === undefined || Number.isSafeInteger(date)).toBe(true)
    }),
  )
})
