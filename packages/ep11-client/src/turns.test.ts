/** Turns: so many at a time, the others in the order in which they came, and nobody waits who does not want to. */
import { expect, test } from 'vitest'
import { Turns } from './turns.ts'

const idle = new AbortController().signal

test('those who wait begin in their order, as others leave', async () => {
  const turns = new Turns(2, 10)
  const begun: number[] = []
  const all = [1, 2, 3, 4].map(async (number) => {
    expect(await turns.enter(idle)).toBe(true)
    begun.push(number)
  })
  await Promise.all(all.slice(0, 2))
  expect(begun).toEqual([1, 2])
  turns.leave()
  await all[2]
  expect(begun).toEqual([1, 2, 3])
  turns.leave()
  await all[3]
  for (const _ of [1, 2]) turns.leave()
  expect(await turns.enter(idle)).toBe(true)
})

test('when too many wait, one more is turned away', async () => {
  const turns = new Turns(1, 1)
  await turns.enter(idle)
  const waits = turns.enter(idle)
  expect(await turns.enter(idle)).toBe(false)
  turns.leave()
  expect(await waits).toBe(true)
})

test('who goes while waiting leaves the place to the next, with the signal’s reason', async () => {
  const turns = new Turns(1, 2)
  const controller = new AbortController()
  await turns.enter(idle)
  const [goes, stays] = [turns.enter(controller.signal), turns.enter(idle)]
  const reason = new Error('enough')
  controller.abort(reason)
  await expect(goes).rejects.toBe(reason)
  await expect(turns.enter(controller.signal)).rejects.toBe(reason)
  turns.leave()
  expect(await stays).toBe(true)
})
