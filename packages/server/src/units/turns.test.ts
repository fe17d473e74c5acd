/** Turns at a crypto unit: one at a time, in order, bounded in number and in time, and nothing is run for who gave up. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Turns } from './turns.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
})
afterEach(() => {
  vi.useRealTimers()
})

/** A turn that ends when it is told to. */
function held() {
  const { promise, resolve } = Promise.withResolvers<void>()
  return { run: () => promise, end: resolve }
}

function codeOf(turn: Promise<unknown>): Promise<unknown> {
  return turn.then(
    (value) => value,
    (error: { code?: string }) => error.code,
  )
}

test('turns of one unit come in order, those of another do not wait', async () => {
  const turns = new Turns()
  const order: string[] = []
  const first = held()
  const say = (what: string) => () => {
    order.push(what)
    return Promise.resolve()
  }
  const all = [turns.take('a', first.run), turns.take('a', say('second')), turns.take('a', say('third'))]
  await turns.take('b', say('other'))
  expect(order).toEqual(['other'])
  first.end()
  await Promise.all(all)
  expect(order).toEqual(['other', 'second', 'third'])
})

test('who waits too long is refused and never run, and who comes after still waits for the first', async () => {
  const turns = new Turns(1_000)
  const first = held()
  const running = turns.take('a', first.run)
  let isRun = false
  const second = codeOf(
    turns.take('a', () => {
      isRun = true
      return Promise.resolve('run')
    }),
  )
  vi.advanceTimersByTime(1_000)
  expect(await second).toBe('UNIT_UNAVAILABLE')
  const third = codeOf(turns.take('a', () => Promise.resolve(first)))
  let isThird = false
  void third.then(() => (isThird = true))
  await Promise.resolve()
  expect(isThird).toBe(false)
  first.end()
  await running
  expect(await third).toBe(first)
  expect(isRun).toBe(false)
  expect(vi.getTimerCount()).toBe(0)
})

test('more than a bounded number are refused at once, and there is room again when one is through', async () => {
  const turns = new Turns()
  const first = held()
  const all = [
    turns.take('a', first.run),
    ...Array.from({ length: 63 }, () => turns.take('a', () => Promise.resolve())),
  ]
  expect(await codeOf(turns.take('a', () => Promise.resolve('run')))).toBe('UNIT_UNAVAILABLE')
  first.end()
  await Promise.all(all)
  expect(await codeOf(turns.take('a', () => Promise.resolve('run')))).toBe('run')
})

test('a turn that fails ends like any other', async () => {
  const turns = new Turns()
  const failed = codeOf(turns.take('a', () => Promise.reject(Object.assign(new Error('no'), { code: 'NO' }))))
  const next = turns.take('a', () => Promise.resolve('next'))
  expect(await failed).toBe('NO')
  expect(await next).toBe('next')
})
