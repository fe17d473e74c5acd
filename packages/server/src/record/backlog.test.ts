/** The backlog: its whole room, and the half that a single destination may not take from the others. */
import { expect, test } from 'vitest'
import { limits } from '../limits.ts'
import { memoryStore } from '../store/open.ts'
import { Backlog } from './backlog.ts'

test('a destination that holds most of the backlog waits at half of the room, the others go on to the whole', () => {
  const backlog = new Backlog(memoryStore())
  backlog.add(1, limits.outboxEvents / 2 - 1)
  expect(backlog.isFullFor(1)).toBe(false)
  backlog.add(2, 1)
  expect(backlog.isFullFor(1)).toBe(true)
  expect(backlog.isFullFor(2)).toBe(false)
  expect(backlog.isFullFor(3)).toBe(false)
  backlog.add(3, limits.outboxEvents / 2)
  for (const destination of [1, 2, 3, 4]) expect(backlog.isFullFor(destination)).toBe(true)
  backlog.delivered(1, limits.outboxEvents / 2 - 1, 0)
  expect(backlog.isFullFor(1)).toBe(false)
})

test('bytes count like events', () => {
  const backlog = new Backlog(memoryStore())
  backlog.add(1, 10)
  backlog.addBytes(limits.outboxBytes / 2)
  expect(backlog.isFullFor(1)).toBe(true)
  expect(backlog.isFullFor(2)).toBe(false)
  backlog.addBytes(limits.outboxBytes / 2)
  expect(backlog.isFullFor(2)).toBe(true)
  backlog.delivered(1, 10, limits.outboxBytes)
  expect(backlog.isFullFor(1)).toBe(false)
})
