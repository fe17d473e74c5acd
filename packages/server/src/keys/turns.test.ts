/** Turns of long lists, on a clock that only lists move. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { Turns } from './turns.ts'

/** A list that takes `cost` milliseconds of a clock that only lists move. */
function house(cost: number) {
  let time = 0
  const done: number[] = []
  const turns = new Turns(() => time)
  const list = (name: number): Promise<number> =>
    turns.take(() => {
      time += cost
      done.push(name)
      return name
    })
  return { list, done, wait: (ms: number) => (time += ms) }
}

test('lists asked for at once are done one per turn of the loop, in their order', async () => {
  const { list, done } = house(100)
  const all = Promise.all([list(1), list(2), list(3)])
  let turnsSeen = 0
  const seen: number[] = []
  while (done.length < 3 && turnsSeen < 100) {
    await nextTurn()
    turnsSeen += 1
    seen.push(done.length)
  }
  expect(await all).toEqual([1, 2, 3])
  expect(done).toEqual([1, 2, 3])
  // Never two more between two looks.
  expect(seen.every((count, at) => count - (seen[at - 1] ?? 1) <= 1)).toBe(true)
})

test('a list alone does not wait', async () => {
  const { list, done } = house(1)
  const first = list(1)
  expect(done).toEqual([1])
  expect(await first).toBe(1)
})

test('a list whose turn does not come within two seconds is refused', async () => {
  const { list, wait } = house(100)
  const first = list(1)
  const late = list(2)
  wait(2_001)
  expect(await first).toBe(1)
  await expect(late).rejects.toMatchObject({ code: 'TOO_MANY_REQUESTS' })
  expect(await list(3)).toBe(3)
})

test('a list that fails gives its turn to the next', async () => {
  const turns = new Turns(() => 0)
  const failing = turns.take(() => {
    throw new Error('this one fails')
  })
  const next = turns.take(() => 2)
  await expect(failing).rejects.toThrow('this one fails')
  expect(await next).toBe(2)
})
