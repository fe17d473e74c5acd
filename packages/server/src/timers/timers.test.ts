/** Timers: caught up once, again after a failure, and unharmed by a clock that steps. */
import { pino } from 'pino'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createTimers, type TimerJob, type Timers } from './timers.ts'

const everyMs = 1_000
const settleMs = 60_000

/** Clocks a test moves, and a job whose open work is a list of due times. */
class Bench {
  wall = 1_000_000
  monotonic = 0
  due: number[] = []
  readonly done: number[] = []
  failures = 0
  timers: Timers

  constructor(job: Partial<TimerJob> = {}) {
    const clock = { now: () => this.wall, monotonic: () => this.monotonic }
    this.timers = createTimers({ clock, log: pino({ level: 'silent' }), everyMs, settleMs })
    this.timers.add({
      name: 'work',
      nextDue: () => (this.due.length === 0 ? undefined : Math.min(...this.due)),
      run: (now) => this.#run(now),
      ...job,
    })
  }

  async #run(now: number): Promise<void> {
    if (this.failures > 0) {
      this.failures -= 1
      throw new Error('not this time')
    }
    const next = this.due.filter((time) => time <= now).toSorted((a, b) => a - b)[0]
    if (next === undefined) return
    this.due = this.due.filter((time) => time !== next)
    this.done.push(next)
  }

  /** Time passes; `step` moves the wall clock alone. */
  async pass(milliseconds: number, step = 0): Promise<void> {
    this.wall += milliseconds + step
    this.monotonic += milliseconds
    await vi.advanceTimersByTimeAsync(milliseconds)
  }
}

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

test('what fell due while nobody ran is done at the start, all of it, each once', async () => {
  const bench = new Bench()
  bench.due = [bench.wall - 5_000, bench.wall - 3_000, bench.wall, bench.wall + 1]
  bench.timers.start()
  await vi.advanceTimersByTimeAsync(0)
  expect(bench.done).toEqual([bench.wall - 5_000, bench.wall - 3_000, bench.wall])
  const before = bench.done.length
  await bench.pass(everyMs)
  expect(bench.done.length).toBe(before + 1)
  await bench.pass(10 * everyMs)
  expect(bench.done.length).toBe(before + 1)
})

test('work is done when it falls due while running', async () => {
  const bench = new Bench()
  bench.timers.start()
  const due = bench.wall + 2_500
  bench.due = [due]
  await bench.pass(2_000)
  expect(bench.done).toEqual([])
  await bench.pass(1_000)
  expect(bench.done).toEqual([due])
})

test('after a failure the work is tried again, later', async () => {
  const bench = new Bench()
  const due = bench.wall
  bench.due = [due]
  bench.failures = 2
  bench.timers.start()
  await bench.pass(1_000)
  expect(bench.done).toEqual([])
  await bench.pass(1_000)
  await bench.pass(1_000)
  await bench.pass(1_000)
  expect(bench.done).toEqual([due])
})

test('a clock set back does not do what is done again, nor keep anything else from being done in time', async () => {
  const bench = new Bench()
  const due = bench.wall + 1_000
  bench.due = [due]
  bench.timers.start()
  await bench.pass(1_000)
  await bench.pass(1_000, -3_600_000)
  bench.due.push(bench.wall + 1_000)
  await bench.pass(1_000)
  expect(bench.done).toEqual([due, due - 3_600_000 + 2_000])
})

test('what cannot be undone waits until a clock that stepped has settled; what was due wrongly is not done', async () => {
  const bench = new Bench({ isFinal: true })
  const day = 24 * 3_600_000
  bench.due = [bench.wall + day]
  bench.timers.start()
  await bench.pass(1_000, 2 * day)
  await bench.pass(settleMs / 2)
  expect(bench.done).toEqual([])
  await bench.pass(1_000, -2 * day)
  await bench.pass(settleMs)
  await bench.pass(settleMs)
  expect(bench.done).toEqual([])
  await bench.pass(1_000, 2 * day)
  await bench.pass(settleMs)
  await bench.pass(1_000)
  expect(bench.done).toHaveLength(1)
})

test('work that stays where it was does not turn in circles', async () => {
  let runs = 0
  const bench = new Bench({ nextDue: () => 0, run: () => Promise.resolve(void (runs += 1)) })
  bench.timers.start()
  await vi.advanceTimersByTimeAsync(0)
  expect(runs).toBe(1)
  await bench.pass(3_000)
  expect(runs).toBe(4)
})

test('stopping waits for what runs, and nothing begins afterwards', async () => {
  let finish = (): void => undefined
  let began = 0
  const bench = new Bench({
    nextDue: () => began,
    run: () => {
      began += 1
      return new Promise((resolve) => (finish = resolve))
    },
  })
  bench.timers.start()
  let isStopped = false
  const stopped = bench.timers.stop().then(() => (isStopped = true))
  await vi.advanceTimersByTimeAsync(10)
  expect(isStopped).toBe(false)
  finish()
  await stopped
  await bench.pass(10_000)
  expect(began).toBe(1)
})
