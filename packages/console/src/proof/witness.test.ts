/** The witness: bounded rounds, a memory that lasts, an alarm that stays. */
import { expect, test } from 'vitest'
import { directLog, listed } from '../../test/fixture/direct-api.ts'
import { sampleDay, sampleEvent } from '../../test/fixture/events.ts'
import { FixtureLog } from '../../test/fixture/log.ts'
import { MapStore } from '../../test/fixture/map-store.ts'
import { ManualTiming } from '../../test/fixture/timing.ts'
import { ApiError } from '../api/problem.ts'
import { checkHead } from './check-head.ts'
import { provableRows, proveRows } from './prove-rows.ts'
import { type Prover, Witness, keyPauseMs, roundPauseMs } from './witness.ts'

function scene(count: number) {
  const day = sampleDay(2)
  const timing = new ManualTiming()
  const store = new MapStore()
  const calls: string[] = []
  const world = { log: new FixtureLog('test/log'), failure: undefined as Error | undefined }
  const add = (): void => void world.log.append(sampleEvent(day.next().value, timing.now(), world.log.size))
  for (let i = 0; i < count; i++) add()
  world.log.publish()
  const prover: Prover = {
    checkHead: (_location, question) => {
      calls.push('head')
      if (world.failure !== undefined) return Promise.reject(world.failure)
      return timing.during(checkHead(directLog(world.log), question))
    },
    proveRows: (_location, head, rows) => {
      calls.push('rows')
      return timing.during(proveRows(directLog(world.log), head, rows))
    },
  }
  const open = (): Witness =>
    new Witness({ account: 'a', location: 'us-south', origin: 'test/log', store, prover, timing })
  const rows = () => provableRows(world.log.entries.map((_, index) => listed(world.log, index)))
  return { world, timing, store, calls, add, open, rows }
}

test('at start the head is checked and remembered for the next time', async () => {
  const { timing, open } = scene(5)
  const witness = open()
  witness.start()
  await timing.advance(0)
  expect(witness.state).toMatchObject({ phase: 'verified', memory: { head: { size: 5 } } })
  witness.stop()
  expect(open().state).toMatchObject({ phase: 'waiting', memory: { head: { size: 5 } } })
})

test('rows on screen are proven, others are not', async () => {
  const { timing, open, rows } = scene(8)
  const witness = open()
  witness.start()
  await timing.advance(0)
  witness.show(rows().slice(2, 5))
  await timing.advance(roundPauseMs)
  expect([1, 2, 3, 4, 5].map((index) => witness.state.proven.has(index))).toEqual([false, true, true, true, false])
  witness.stop()
})

test('however fast heads move, rounds are apart', async () => {
  const { world, timing, calls, add, open } = scene(1)
  const witness = open()
  witness.start()
  await timing.advance(0)
  const before = calls.length
  for (let i = 0; i < 20; i++) {
    add()
    world.log.publish()
    witness.headMoved(world.log.covered)
    await timing.advance(roundPauseMs / 10)
  }
  await timing.advance(roundPauseMs)
  expect(calls.length - before).toBeLessThanOrEqual(5)
  expect(witness.state.memory?.head?.size).toBe(world.log.size)
  witness.stop()
})

test('what cannot be checked is said, tried again ever more rarely, and heals', async () => {
  const { world, timing, calls, open } = scene(3)
  world.failure = new ApiError({ status: 503, code: 'DOWN', message: 'down' })
  const witness = open()
  witness.start()
  await timing.advance(0)
  expect(witness.state).toMatchObject({ phase: 'unchecked', problem: 'DOWN', alarm: undefined })
  await timing.advance(60_000)
  expect(calls.length).toBeLessThan(7)
  world.failure = undefined
  await timing.advance(60_000)
  expect(witness.state).toMatchObject({ phase: 'verified', problem: undefined })
  witness.stop()
})

test('a log that lost entries raises an alarm that outlives the page and stops all proving', async () => {
  const { world, timing, calls, open, rows } = scene(9)
  const witness = open()
  witness.start()
  await timing.advance(0)
  const whole = world.log
  world.log = whole.forged(whole.events.slice(0, 4))
  witness.headMoved(4)
  await timing.advance(roundPauseMs)
  expect(witness.state).toMatchObject({ phase: 'alarm', alarm: { kind: 'smaller' } })
  world.log = whole
  const before = calls.length
  witness.show(rows())
  witness.headMoved(9)
  await timing.advance(keyPauseMs)
  await witness.checkNow()
  expect(calls).toHaveLength(before)
  expect(open().state).toMatchObject({ phase: 'alarm', alarm: { kind: 'smaller' } })
})

test('a row that does not hold raises the alarm with its number', async () => {
  const { world, timing, open, rows } = scene(9)
  world.log.alterEntry(6, (event) => ({ ...event, message: 'nothing' }))
  const witness = open()
  witness.start()
  await timing.advance(0)
  witness.show(rows())
  await timing.advance(roundPauseMs)
  expect(witness.state.alarm).toMatchObject({ kind: 'not-in-log', index: 6, known: { size: 9 } })
  witness.markProven(6)
  expect(witness.state.proven.has(6)).toBe(false)
})

test('an alarm of another window is ours, too', async () => {
  const { world, timing, open } = scene(9)
  const one = open()
  const two = open()
  one.start()
  two.start()
  await timing.advance(0)
  world.log = world.log.forged(world.log.events.slice(0, 4))
  await one.checkNow()
  two.reload()
  expect(two.state.phase).toBe('alarm')
  one.stop()
  two.stop()
})

test('an answer from before another window saw more is no contradiction', async () => {
  const { world, timing, add, open } = scene(4)
  const one = open()
  const two = open()
  one.start()
  await timing.advance(0)
  add()
  world.log.publish()
  await two.checkNow()
  one.headMoved(5)
  await timing.advance(roundPauseMs)
  expect(one.state).toMatchObject({ phase: 'verified', memory: { head: { size: 5 } } })
  one.stop()
})

test('forgetting begins anew with what the server offers', async () => {
  const { world, timing, open } = scene(9)
  const witness = open()
  witness.start()
  await timing.advance(0)
  world.log = world.log.forged(world.log.events.slice(0, 4))
  await witness.checkNow()
  witness.forget()
  await timing.advance(0)
  expect(witness.state).toMatchObject({ phase: 'verified', alarm: undefined, memory: { head: { size: 4 } } })
  witness.stop()
})

test('without anything to do the head and the key are looked at once a minute', async () => {
  const { timing, calls, open } = scene(2)
  const witness = open()
  witness.start()
  await timing.advance(10 * keyPauseMs)
  expect(calls.length).toBeGreaterThanOrEqual(10)
  expect(calls.length).toBeLessThanOrEqual(11)
  witness.stop()
})
