/** Durations in their two largest units. */
import { expect, test } from 'vitest'
import { durationParts } from './duration.ts'

const hour = 3_600_000

test.each([
  [7 * 24 * hour - 1, ['6 days', '23 hours']],
  [24 * hour, ['1 days']],
  [2 * hour + 61_000, ['2 hours', '1 minutes']],
  [59_999, ['59 seconds']],
  [0, ['0 seconds']],
  [-5, ['0 seconds']],
])('%d ms', (ms, words) => {
  expect(durationParts(ms).map(({ unit, count }) => `${count} ${unit}`)).toEqual(words)
})
