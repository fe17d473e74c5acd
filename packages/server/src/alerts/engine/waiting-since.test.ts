/** How long entries wait is measured by when they came, for however many growths and whatever order they are seen in. */
import { expect, test } from 'vitest'
import { WaitingSince } from './waiting-since.ts'

test('the oldest that is not seen says how long it waits; nothing that waits is no wait', () => {
  const waiting = new WaitingSince()
  expect(waiting.lagMs(5_000)).toBe(0)
  waiting.grown(10, 1_000)
  waiting.grown(20, 3_000)
  expect(waiting.lagMs(5_000)).toBe(4_000)
  waiting.seen(9)
  expect(waiting.lagMs(5_000)).toBe(4_000)
  waiting.seen(10)
  expect(waiting.lagMs(5_000)).toBe(2_000)
  waiting.seen(25)
  expect(waiting.lagMs(9_000)).toBe(0)
})

test('a log that grows all day takes no more room, and the oldest is never forgotten', () => {
  const waiting = new WaitingSince()
  for (let second = 0; second < 86_400; second++) waiting.grown(second + 1, second * 1_000)
  expect(waiting.lagMs(86_400_000)).toBe(86_400_000)
  waiting.seen(500)
  expect(waiting.lagMs(86_400_000)).toBe(86_400_000 - 500_000)
})
