/** The feed: nothing lost and nothing twice, whatever breaks, pauses and grows. */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { DirectFeedApi } from '../../test/fixture/direct-api.ts'
import { sampleDay, sampleEvent } from '../../test/fixture/events.ts'
import { FixtureLog } from '../../test/fixture/log.ts'
import { ManualTiming, settle } from '../../test/fixture/timing.ts'
import { ApiError } from '../api/problem.ts'
import { Feed, flushMs, heldMax } from './feed.ts'

function scene(count = 0, isOpen = true) {
  const log = new FixtureLog('test/log')
  const timing = new ManualTiming()
  const day = sampleDay(5)
  const add = (): void => void log.append(sampleEvent(day.next().value, timing.now(), log.size))
  for (let i = 0; i < count; i++) add()
  log.publish()
  const api = new DirectFeedApi(log)
  const feed = new Feed({ api, location: 'us-south', query: {}, isOpen, sizeBefore: log.size, timing })
  const arrive = (): void => {
    add()
    api.send()
  }
  const shown = (): number[] => feed.state.rows.map((item) => item.index)
  return { log, timing, api, feed, arrive, shown }
}

const allDown = (from: number): number[] => Array.from({ length: from + 1 }, (_, i) => from - i)

test('the first page is shown, then what happens', async () => {
  const { feed, timing, arrive, shown } = scene(3)
  expect(feed.state.phase).toBe('loading')
  await feed.start()
  expect(shown()).toEqual([2, 1, 0])
  expect(feed.state.older).toBe('end')
  arrive()
  await timing.advance(flushMs)
  expect(shown()).toEqual([3, 2, 1, 0])
  expect(feed.state).toMatchObject({ arrived: 1, held: 0, size: 4 })
  feed.stop()
})

test('while holding, new events are counted and wait', async () => {
  const { feed, timing, arrive, shown } = scene(1)
  await feed.start()
  feed.hold(true)
  arrive()
  arrive()
  await timing.advance(flushMs)
  expect(shown()).toEqual([0])
  expect(feed.state.held).toBe(2)
  feed.hold(false)
  expect(shown()).toEqual([2, 1, 0])
  expect(feed.state.held).toBe(0)
  feed.stop()
})

test('more than can be held begins the list anew and loses nothing', async () => {
  const { feed, timing, arrive, log, api } = scene(1)
  await feed.start()
  feed.hold(true)
  for (let i = 0; i <= heldMax; i++) arrive()
  await timing.advance(flushMs)
  expect(feed.state.held).toBe(heldMax + 1)
  feed.hold(false)
  await settle()
  expect(feed.state.rows[0]?.index).toBe(log.size - 1)
  expect(feed.state.held).toBe(0)
  while (feed.state.older === 'more') await feed.loadOlder()
  expect(feed.state.rows).toHaveLength(log.size)
  api.cut()
  feed.stop()
})

test('older pages are joined at the end', async () => {
  const { feed, shown } = scene(450)
  await feed.start()
  expect(shown()).toHaveLength(200)
  expect(feed.state.older).toBe('more')
  await feed.loadOlder()
  expect(shown()).toEqual(allDown(449))
  expect(feed.state.older).toBe('end')
  feed.stop()
})

test('an older page that fails leaves what is there, and can be tried again', async () => {
  const { feed, api, shown } = scene(300)
  await feed.start()
  api.failures.push(new ApiError({ status: 500, code: 'INTERNAL', message: 'no' }))
  await feed.loadOlder()
  expect(feed.state).toMatchObject({ phase: 'ready', older: 'failed' })
  expect(shown()).toHaveLength(200)
  await feed.loadOlder()
  expect(shown()).toEqual(allDown(299))
  feed.stop()
})

test('a first page that fails is a failure with its error, and starting again helps', async () => {
  const { feed, api, shown } = scene(2)
  api.failures.push(new ApiError({ status: 403, code: 'FORBIDDEN', message: 'no' }))
  await feed.start()
  expect(feed.state.phase).toBe('failed')
  expect(feed.state.error?.kind).toBe('forbidden')
  await feed.start()
  expect(shown()).toEqual([1, 0])
  feed.stop()
})

test('a range that has ended is not followed', async () => {
  const { feed, api } = scene(2, false)
  await feed.start()
  await settle()
  expect(api.tails).toEqual([])
  expect(feed.state.tail.kind).toBe('off')
  feed.stop()
})

test('whatever happens in whatever order, every event is shown once, newest first', async () => {
  const step = fc.constantFrom('arrive', 'arrive', 'flush', 'hold', 'release', 'cut', 'older', 'restart')
  await fc.assert(
    fc.asyncProperty(fc.nat({ max: 250 }), fc.array(step, { maxLength: 30 }), async (count, steps) => {
      const { feed, timing, api, arrive, log, shown } = scene(count)
      await feed.start()
      const acts: Record<string, () => unknown> = {
        arrive,
        flush: () => timing.advance(flushMs),
        hold: () => feed.hold(true),
        release: () => feed.hold(false),
        cut: () => api.cut(),
        older: () => feed.loadOlder(),
        restart: () => feed.start(),
      }
      for (const name of steps) {
        await acts[name]?.()
        await settle()
      }
      feed.hold(false)
      await timing.advance(60_000)
      while (feed.state.older === 'more') await feed.loadOlder()
      expect(shown()).toEqual(allDown(log.size - 1))
      feed.stop()
    }),
    { numRuns: 40 },
  )
})
