/** Heartbeats: after quiet only, once per quiet time, and again when one could not be recorded. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type Heartbeats, startHeartbeats } from './heartbeat.ts'
import type { Producer } from './producers.ts'

const minute = 60_000
const quietMs = 15 * minute

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

function producerOf(destination: number, isOpen = true): Producer {
  const numbers = { epoch: 1, sequence: 1, delivered: 0, recordedAt: 0, counting: undefined }
  return { destination, account: 'a', location: 'eu-de', id: `p${destination}`, isOpen, ...numbers }
}

/** A monotonic clock that a test moves, and the heartbeats that were recorded meanwhile. */
class Bench {
  readonly producers: Producer[]
  readonly beats: [producer: string, minutes: number][] = []
  readonly heartbeats: Heartbeats
  failures = 0
  failed = 0
  now = 0

  constructor(...producers: Producer[]) {
    this.producers = producers
    this.heartbeats = startHeartbeats({
      clock: { now: () => 0, monotonic: () => this.now },
      quietMs,
      producers: () => this.producers,
      beat: async (producer, quiet) => {
        if (this.failures-- > 0) throw new Error('not this time')
        producer.recordedAt = this.now
        this.beats.push([producer.id, Math.floor(quiet / minute)])
      },
      failed: () => (this.failed += 1),
    })
  }

  async pass(milliseconds: number): Promise<void> {
    for (let passed = 0; passed < milliseconds; passed += 10_000) {
      this.now += 10_000
      await vi.advanceTimersByTimeAsync(10_000)
    }
  }
}

test('a producer that records nothing has a heartbeat per quiet time', async () => {
  const bench = new Bench(producerOf(1))
  await bench.pass(46 * minute)
  expect(bench.beats).toEqual([
    ['p1', 15],
    ['p1', 15],
    ['p1', 15],
  ])
  expect(bench.heartbeats.count).toBe(3)
  bench.heartbeats.stop()
  await bench.pass(60 * minute)
  expect(bench.beats).toHaveLength(3)
})

test('a busy one has none, whatever others do', async () => {
  const [busy, quiet] = [producerOf(1), producerOf(2)]
  const bench = new Bench(busy, quiet)
  for (let at = 0; at < 4; at++) {
    await bench.pass(10 * minute)
    busy.recordedAt = bench.now
  }
  expect(bench.beats).toEqual([
    ['p2', 15],
    ['p2', 15],
  ])
})

test('one that has not opened its epoch has none', async () => {
  const bench = new Bench(producerOf(1, false))
  await bench.pass(60 * minute)
  expect(bench.beats).toEqual([])
})

test('one that could not be recorded is tried again at the next look', async () => {
  const bench = new Bench(producerOf(1))
  bench.failures = 2
  await bench.pass(16 * minute)
  expect(bench.failed).toBe(2)
  expect(bench.beats).toEqual([['p1', 15]])
})
