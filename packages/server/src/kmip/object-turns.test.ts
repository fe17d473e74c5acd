/** Turns at objects: alone or together, in the order they came, and never for ever. */
import { expect, test } from 'vitest'
import { ObjectTurns } from './object-turns.ts'
import { StandingTime } from '../listening/testing/standing-time.ts'

/** Takes turns that end when the test says so; `at` tells who is at it now, in the order in which they came. */
function house() {
  const time = new StandingTime()
  const turns = new ObjectTurns({ later: time.later, waitMs: 2_000 })
  const at: string[] = []
  const ends = new Map<string, () => void>()
  const done: Promise<string>[] = []
  const take = (name: string, objects: readonly string[], isAlone: boolean): void => {
    done.push(
      turns.take(objects, isAlone, async () => {
        at.push(name)
        await new Promise<void>((resolve) => ends.set(name, resolve))
        at.splice(at.indexOf(name), 1)
        return name
      }),
    )
  }
  return { time, turns, at, take, alone, together, end, done }

  function alone(name: string, ...objects: string[]): Promise<void> {
    take(name, objects, true)
    return settled()
  }
  function together(name: string, ...objects: string[]): Promise<void> {
    take(name, objects, false)
    return settled()
  }
  async function end(name: string): Promise<void> {
    const finish = ends.get(name)
    if (finish === undefined) throw new Error(`${name} has no turn`)
    finish()
    await settled()
  }
}

/** All that follows from what was done has been done. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

test('who changes an object is alone at it, others of other objects are not in its way', async () => {
  const { alone, end, at } = house()
  await alone('a', 'x')
  await alone('b', 'x')
  await alone('c', 'y')
  expect(at).toEqual(['a', 'c'])
  await end('a')
  expect(at).toEqual(['c', 'b'])
})

test('who only reads is there together with others, and nobody overtakes who waits to change', async () => {
  const { alone, together, end, at } = house()
  await together('a', 'x')
  await together('b', 'x')
  await alone('c', 'x')
  await together('d', 'x')
  await together('e', 'x')
  expect(at).toEqual(['a', 'b'])
  await end('a')
  expect(at).toEqual(['b'])
  await end('b')
  expect(at).toEqual(['c'])
  await end('c')
  expect(at).toEqual(['d', 'e'])
})

test('two that need the same two objects in different orders do not wait for each other', async () => {
  const { alone, end, at, done } = house()
  await alone('a', 'x', 'y')
  await alone('b', 'y', 'x', 'x')
  await alone('c', 'z', 'y')
  expect(at).toEqual(['a'])
  await end('a')
  expect(at).toEqual(['c'])
  await end('c')
  expect(at).toEqual(['b'])
  await end('b')
  expect(await Promise.all(done)).toEqual(['a', 'b', 'c'])
})

test('who waited too long goes on without its turn, and does not stand in the way of others any more', async () => {
  const { alone, together, end, at, time } = house()
  await together('a', 'x')
  await alone('b', 'x', 'y')
  await together('c', 'x')
  expect(at).toEqual(['a'])
  time.pass(1_999)
  await settled()
  expect(at).toEqual(['a'])
  time.pass(1)
  await settled()
  expect(at.toSorted()).toEqual(['a', 'b', 'c'])
  await alone('d', 'y')
  expect(at).toContain('d')
  for (const name of ['a', 'b', 'c', 'd']) await end(name)
  await alone('e', 'x')
  expect(at).toEqual(['e'])
  expect(time.left()).toEqual([])
})

test('a turn is given back by what fails too', async () => {
  const { turns, alone, at } = house()
  await expect(turns.take(['x'], true, () => Promise.reject(new Error('not this time')))).rejects.toThrow('not this')
  await alone('a', 'x')
  expect(at).toEqual(['a'])
})
