/** Ends that are near, and lengths of time in words. */
import type { TFunction } from 'i18next'
import { expect, test } from 'vitest'
import { endingOf } from './ending.ts'
import { spanWords } from './span-words.ts'

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

test('a length of time is told in its two largest units', () => {
  const t = ((key: string, { count }: { count?: number } = {}) => `${count ?? ''}${key}`) as unknown as TFunction
  expect(spanWords(t, 3 * day + 4 * 3_600_000 + 5 * 60_000)).toBe('3span.day 4span.hour')
  expect(spanWords(t, 2 * day + 60_000)).toBe('2span.day')
  expect(spanWords(t, 61 * 60_000)).toBe('1span.hour 1span.minute')
  expect(spanWords(t, 59_000)).toBe('span.moment')
})
