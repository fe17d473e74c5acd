/** A notice is never lost and never late, but many at once are one. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { PacedNotice } from './paced-notice.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'setImmediate', 'performance'] }))
afterEach(() => void vi.useRealTimers())

test('the first is told at once, those that follow together when the time is up', () => {
  const tell = vi.fn<() => void>()
  const notice = new PacedNotice(tell, () => 10)
  notice.give()
  notice.give()
  expect(tell).not.toHaveBeenCalled()
  vi.advanceTimersByTime(0)
  expect(tell).toHaveBeenCalledTimes(1)
  for (let given = 0; given < 100; given++) notice.give()
  vi.advanceTimersByTime(9)
  expect(tell).toHaveBeenCalledTimes(1)
  vi.advanceTimersByTime(1)
  expect(tell).toHaveBeenCalledTimes(2)
  vi.advanceTimersByTime(1_000)
  expect(tell).toHaveBeenCalledTimes(2)
})

test('what comes after a quiet time is told at once again', () => {
  const tell = vi.fn<() => void>()
  const notice = new PacedNotice(tell, () => 10)
  notice.give()
  vi.advanceTimersByTime(50)
  notice.give()
  vi.advanceTimersByTime(0)
  expect(tell).toHaveBeenCalledTimes(2)
})

test('what is given while it is told is told later', () => {
  const told: number[] = []
  const notice = new PacedNotice(
    () => {
      told.push(told.length)
      if (told.length < 3) notice.give()
    },
    () => 10,
  )
  notice.give()
  vi.advanceTimersByTime(100)
  expect(told).toHaveLength(3)
})

test('the pause is longer after more', () => {
  const tell = vi.fn<() => void>()
  const notice = new PacedNotice(tell, (count) => Math.min(10 * count, 50))
  notice.give(3)
  vi.advanceTimersByTime(0)
  notice.give(40)
  vi.advanceTimersByTime(29)
  expect(tell).toHaveBeenCalledTimes(1)
  vi.advanceTimersByTime(1)
  expect(tell).toHaveBeenCalledTimes(2)
  notice.give()
  vi.advanceTimersByTime(49)
  expect(tell).toHaveBeenCalledTimes(2)
  vi.advanceTimersByTime(1)
  expect(tell).toHaveBeenCalledTimes(3)
  notice.give()
  vi.advanceTimersByTime(10)
  expect(tell).toHaveBeenCalledTimes(4)
})
