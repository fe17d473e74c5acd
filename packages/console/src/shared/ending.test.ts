/** Ends that are near, and lengths of time in words. */
import { expect, test } from 'vitest'
import { endingOf } from './ending.ts'

const day = 86_400_000

test('an end is loud in its last month, louder in its last week and when it is over', () => {
  const told = (left: number) => {
    const { kind, tone } = endingOf(left, 0)
    return [kind, tone]
  }
  expect(told(31 * day)).toEqual(['later', undefined])
  expect(told(30 * day)).toEqual(['soon', 'warning'])
  expect(told(7 * day)).toEqual(['soon', 'critical'])
  expect(told(0)).toEqual(['ended', 'critical'])
  expect(endingOf(-2 * day, 0).ms).toBe(2 * day)
})
