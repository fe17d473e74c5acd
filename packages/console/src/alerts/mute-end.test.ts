/** The end of a mute: always there, always ahead, never too far. */
import { expect, test } from 'vitest'
import { muteEnd } from './mute-end.ts'

const now = Date.UTC(2025, 10, 25, 12)

test('a length is counted from now', () => {
  expect(muteEnd('1h', '', now, 'utc')).toEqual({ until: '2025-11-25T13:00:00.000Z' })
  expect(muteEnd('1w', '', now, 'utc')).toEqual({ until: '2025-12-02T12:00:00.000Z' })
})

test('a typed time is taken in the zone that is shown', () => {
  expect(muteEnd('time', '2025-11-26 08:00', now, 'utc')).toEqual({ until: '2025-11-26T08:00:00.000Z' })
})

test.each([
  ['tomorrow', 'notATime'],
  ['2025-11-31', 'notATime'],
  ['2025-11-25 12:00', 'past'],
  ['2026-11-25 12:00', 'tooLate'],
])('%s is refused as %s', (typed, problem) => {
  expect(muteEnd('time', typed, now, 'utc')).toEqual({ problem })
})
