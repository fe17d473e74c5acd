/** Times as people type them, in the zone that is shown. */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatTypedTime, isRelative, parseTypedTime, splitTime, zoneName } from './time-range.ts'

const noon = Date.UTC(2025, 10, 25, 12, 0, 0)

test.each([
  ['2025-11-25 12:00', noon],
  ['2025-11-25T12:00:00', noon],
  ['  2025-11-25 12:00:00 ', noon],
  ['2025-11-25', Date.UTC(2025, 10, 25)],
  ['2025-11-25 14:00+02:00', noon],
  ['2025-11-25T12:00:00.000Z', noon],
])('%s is a time', (text, time) => {
  expect(parseTypedTime(text, 'utc')).toBe(time)
})

test.each(['', 'yesterday', '2025-13-01', '2025-02-30', '2025-11-25 24:00', '2025-11-25 12:61', '25.11.2025', '1e9'])(
  '%j is none',
  (text) => {
    expect(parseTypedTime(text, 'utc')).toBeUndefined()
    expect(parseTypedTime(text, 'local')).toBeUndefined()
  },
)

test('a time is read back as it is written, in either zone', () => {
  const seconds = fc.integer({ min: Date.UTC(2001, 0) / 1000, max: Date.UTC(2090, 0) / 1000 })
  fc.assert(
    fc.property(seconds, fc.constantFrom('utc' as const, 'local' as const), (second, zone) => {
      const back = parseTypedTime(formatTypedTime(second * 1000, zone), zone)
      // When clocks go back, one hour of local times means two moments.
      expect([0, 3_600_000, -3_600_000]).toContain((back ?? Number.NaN) - second * 1000)
    }),
  )
})

test('the parts of a time have a fixed width', () => {
  expect(splitTime(noon + 5_310, 'utc')).toEqual({ date: '2025-11-25', clock: '12:00:05.31' })
})

test('UTC is called UTC', () => {
  expect(zoneName(noon, 'utc')).toBe('UTC')
})

test('relative ranges are told from times', () => {
  expect(isRelative('-15m')).toBe(true)
  expect(isRelative('2025-11-25T12:00:00Z')).toBe(false)
  expect(isRelative(undefined)).toBe(false)
})
