/** Standstills, and stops of the whole process that only look like one. */
import { expect, test } from 'vitest'
import { StallDetector } from './stall.ts'

const times = { stallMs: 2_000n, lookMs: 100n }

/** Looks every 100 ms from `from` to `to`; answers the first verdict and when it came. */
function watch(
  detector: StallDetector,
  from: bigint,
  to: bigint,
  beat: bigint,
  commit = 0n,
): [string, bigint] | undefined {
  for (let now = from; now <= to; now += 100n) {
    const verdict = detector.look(now, beat, commit)
    if (verdict !== undefined) return [verdict, now]
  }
  return undefined
}

test('a loop that shows no life for two seconds is stuck', () => {
  expect(watch(new StallDetector(times, 0n), 0n, 5_000n, 0n)).toEqual(['loop', 2_100n])
})

test('a loop that serves nobody yet may take its time, but a COMMIT may not', () => {
  expect(watch(new StallDetector(times, 0n), 0n, 60_000n, -1n)).toBeUndefined()
  expect(watch(new StallDetector(times, 0n), 0n, 5_000n, -1n, 50n)).toEqual(['commit', 2_100n])
})

test('a COMMIT that lasts two seconds is told before the loop that waits for it', () => {
  expect(watch(new StallDetector(times, 0n), 0n, 5_000n, 0n, 50n)).toEqual(['commit', 2_100n])
})

test('a process that was stopped in the middle of its work gets its two seconds from the moment it goes on', () => {
  const detector = new StallDetector(times, 0n)
  expect(watch(detector, 0n, 1_000n, 0n, 900n)).toBeUndefined()
  // SIGSTOP for a minute; afterwards the loop and the COMMIT still need a second and a half.
  expect(watch(detector, 61_000n, 62_500n, 0n, 900n)).toBeUndefined()
  expect(detector.look(62_600n, 62_600n, 0n)).toBeUndefined()
  expect(watch(detector, 62_700n, 70_000n, 62_600n)).toEqual(['loop', 64_700n])
})

test('being stopped again and again does not hide a loop that stays stuck', () => {
  const detector = new StallDetector(times, 0n)
  detector.look(10_000n, 0n, 0n)
  expect(watch(detector, 10_100n, 20_000n, 0n)).toEqual(['loop', 12_100n])
})
