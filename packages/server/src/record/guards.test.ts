/** The guards: a clock that steps, a disk that fills and empties. */
import { pino } from 'pino'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { limits } from '../limits.ts'
import { startClockGuard } from './clock-guard.ts'
import { startDiskGuard } from './disk-guard.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

test('a step of the wall clock is told once, with its sign; time that passes on both clocks is none', () => {
  let wall = 1_000_000
  let monotonic = 0
  const steps: number[] = []
  const guard = startClockGuard({ now: () => wall, monotonic: () => monotonic }, (step) => steps.push(step), 1_000)
  const pass = (milliseconds: number, step = 0): void => {
    wall += milliseconds + step
    monotonic += milliseconds
    vi.advanceTimersByTime(1_000)
  }
  pass(1_000)
  pass(1_000, -3_600_000)
  pass(1_000)
  pass(1_000, 2_500)
  pass(1_000, 900)
  pass(600_000)
  guard.stop()
  expect(steps).toEqual([-3_600_000, 2_500])
})

test('running out of room is told once, and coming back only when there is some to spare', () => {
  let free = limits.diskFloorBytes * 2
  const told: boolean[] = []
  const guard = startDiskGuard({
    free: () => free,
    changed: (hasRoom) => told.push(hasRoom),
    log: pino({ level: 'silent' }),
    everyMs: 1_000,
  })
  const look = (bytes: number): void => {
    free = bytes
    vi.advanceTimersByTime(1_000)
  }
  look(limits.diskFloorBytes)
  expect(guard.hasRoom()).toBe(true)
  look(limits.diskFloorBytes - 1)
  look(limits.diskFloorBytes - 2)
  expect(guard.hasRoom()).toBe(false)
  look(limits.diskFloorBytes + 1)
  expect(guard.hasRoom()).toBe(false)
  look(limits.diskFloorBytes * 2)
  expect(guard.hasRoom()).toBe(true)
  expect(told).toEqual([false, true])
  guard.stop()
})
