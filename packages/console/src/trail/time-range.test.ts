/** Times as people type them, in the zone that is shown. */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { ianaOf, zoneOf } from '../app/zones.ts'
import {
  calendarNames,
  calendarPresets,
  formatTypedTime,
  inEachZone,
  isOfZone,
  isRelative,
  parseTypedTime,
  splitTime,
  timeOf,
  zoneName,
} from './time-range.ts'

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
    fc.property(
      seconds,
      fc.constantFrom('utc', 'local', 'Europe/Berlin', 'Asia/Kathmandu' as const),
      (second, zone) => {
        const back = parseTypedTime(formatTypedTime(second * 1000, zone), zone)
        // When clocks go back, one hour of local times means two moments.
        expect([0, 3_600_000, -3_600_000]).toContain((back ?? Number.NaN) - second * 1000)
      },
    ),
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

test('a chosen zone has its own offset, in summer another one, and is told beside the others', () => {
  expect(zoneName(noon, 'Asia/Kathmandu')).toBe('UTC+05:45')
  expect(zoneName(Date.UTC(2025, 6, 1), 'America/St_Johns')).toBe('UTC-02:30')
  expect(splitTime(noon + 5_310, 'Asia/Kathmandu')).toEqual({ date: '2025-11-25', clock: '17:45:05.31' })
  expect(inEachZone(noon, ['utc', 'Europe/Berlin'])).toBe(
    '2025-11-25 12:00:00 UTC\n2025-11-25 13:00:00 UTC+01:00 Europe/Berlin',
  )
})

test.each([
  ['europe/berlin', 'Europe/Berlin'],
  ['america/new york', 'America/New_York'],
  ['utc', 'UTC'],
  ['Europe/Atlantis', undefined],
  ['+02:00', undefined],
  ['', undefined],
])('the zone called %j is %s', (name, zone) => {
  const known = zoneOf(name)
  expect(known === undefined ? undefined : ianaOf(known)).toBe(zone)
})

test("ranges of the calendar begin and end by the clocks of the zone; times that name one are everybody's", () => {
  for (const name of calendarNames) {
    const { from, to } = calendarPresets[name]
    const [start, end] = [timeOf(from, 'utc', noon), timeOf(to, 'utc', noon) ?? noon]
    expect([name, start !== undefined && start < end, isOfZone(from)]).toEqual([name, true, true])
  }
  expect(timeOf('last-night', 'Europe/Berlin', noon)).toBe(Date.UTC(2025, 10, 24, 17))
  for (const text of ['-24h', 'now', '2025-11-25T12:00:00.000Z', undefined]) expect(isOfZone(text)).toBe(false)
  expect(isOfZone('2025-11-25')).toBe(true)
})
