/** Compares the wall clock with the monotonic one: a step is an event, since times in the trail depend on it (design 7). */
import type { Clock } from '../clock.ts'
import { limits } from '../limits.ts'

export interface ClockGuard {
  stop(): void
}

/**
 * Calls `stepped` with the signed step in milliseconds. A machine that was suspended shows as a step too: its monotonic
 * clock stood still, and the time between two events is as unknown as after setting the clock.
 */
export function startClockGuard(clock: Clock, stepped: (stepMs: number) => void, everyMs = 1_000): ClockGuard {
  let offset = clock.now() - clock.monotonic()
  const timer = setInterval(() => {
    const now = clock.now() - clock.monotonic()
    const step = Math.round(now - offset)
    if (Math.abs(step) >= limits.clockStepMs) {
      offset = now
      stepped(step)
    }
  }, everyMs)
  timer.unref()
  return { stop: () => clearInterval(timer) }
}
