/** The live tail: it resumes where it broke, and stops only when it is refused. */
import { expect, test } from 'vitest'
import { sampleDay, sampleEvent } from '../../test/fixture/events.ts'
import { DirectFeedApi } from '../../test/fixture/direct-api.ts'
import { FixtureLog } from '../../test/fixture/log.ts'
import { ManualTiming, settle } from '../../test/fixture/timing.ts'
import { ApiError } from './problem.ts'
import { type TailState, followTail, silenceMsMax } from './tail.ts'

function scene() {
  const log = new FixtureLog('test/log')
  const day = sampleDay(3)
  const api = new DirectFeedApi(log)
  const timing = new ManualTiming()
  const seen: number[] = []
  const states: TailState['kind'][] = []
  const add = (): void => {
    log.append(sampleEvent(day.next().value, timing.now(), log.size))
    api.send()
  }
  const stop = followTail(
    { api, location: 'us-south', query: {}, after: -1, timing },
    {
      onEvents: (events) => seen.push(...events.map((item) => item.index)),
      onCovered: () => undefined,
      onState: (state) => states.push(state.kind),
    },
  )
  return { api, timing, seen, states, add, stop }
}

test('events come in order, each once', async () => {
  const { seen, add, stop } = scene()
  await settle()
  add()
  add()
  await settle()
  expect(seen).toEqual([0, 1])
  stop()
})

test('a broken stream is resumed behind the last event', async () => {
  const { api, timing, seen, states, add, stop } = scene()
  await settle()
  add()
  await settle()
  api.cut()
  add()
  await settle()
  expect(states.at(-1)).toBe('reconnecting')
  await timing.advance(1_000)
  add()
  await settle()
  expect(seen).toEqual([0, 1, 2])
  expect(api.tails).toEqual([-1, 0])
  expect(states.at(-1)).toBe('live')
  stop()
})

test('attempts become rarer while the server does not answer', async () => {
  const { api, timing, states, stop } = scene()
  await settle()
  const down = new ApiError({ status: 0, code: 'NETWORK', message: 'down' })
  api.failures.push(down, down, down)
  api.cut()
  await settle()
  await timing.advance(1_000)
  await timing.advance(1_999)
  expect(api.failures).toHaveLength(2)
  await timing.advance(1)
  expect(api.failures).toHaveLength(1)
  await timing.advance(4_000)
  await timing.advance(8_000)
  expect(states.at(-1)).toBe('live')
  stop()
})

test('a wait that the server asks for is kept', async () => {
  const { api, timing, stop } = scene()
  await settle()
  api.failures.push(new ApiError({ status: 503, code: 'BUSY', message: 'busy', retryAfter: 20 }))
  api.cut()
  await settle()
  await timing.advance(1_000)
  await timing.advance(19_999)
  expect(api.tails).toHaveLength(1)
  await timing.advance(1)
  expect(api.tails).toHaveLength(2)
  stop()
})

test.each([401, 403, 404])('a refusal with %i ends the tail', async (status) => {
  const { api, timing, states } = scene()
  await settle()
  api.failures.push(new ApiError({ status, code: 'NO', message: 'no' }))
  api.cut()
  await settle()
  await timing.advance(60_000)
  expect(states.at(-1)).toBe('refused')
  expect(api.tails).toHaveLength(1)
})

test('a stream that falls silent is given up and opened again', async () => {
  const { api, timing, stop } = scene()
  await settle()
  await timing.advance(silenceMsMax)
  api.cut()
  await timing.advance(1_000)
  expect(api.tails).toHaveLength(2)
  stop()
})

test('after stopping nothing is tried any more', async () => {
  const { api, timing, stop } = scene()
  await settle()
  stop()
  api.cut()
  await timing.advance(120_000)
  expect(api.tails).toHaveLength(1)
  expect(timing.waiting).toBe(0)
})
