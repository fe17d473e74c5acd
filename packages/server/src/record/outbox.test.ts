/** Rows of the outbox leave when there are too many, many at once. */
import { expect, test } from 'vitest'
import { limits } from '../limits.ts'
import { memoryStore } from '../store/open.ts'
import { Outbox } from './outbox.ts'

const keep = limits.deliveredKeepEvents
const atOnce = limits.outboxPruneEvents

/** An outbox with rows of one destination from number 1 on. */
function outboxOf(rows: number) {
  const store = memoryStore()
  const insert =
    "INSERT INTO outbox (number, destination, epoch, sequence, recorded_at, entry) VALUES (?, 1, 1, ?, 0, x'')"
  for (let number = 1; number <= rows; number++) store.run(insert, [number, number])
  const outbox = new Outbox(store, 0)
  const oldest = () => store.get<{ oldest: number | null }>('SELECT min(number) AS oldest FROM outbox')?.oldest
  return { outbox, oldest }
}

test('a few too many stay until there are many, which then leave together', () => {
  const { outbox, oldest } = outboxOf(2 * atOnce)
  outbox.coveredUpTo(1, keep)
  outbox.pruned(outbox.prune(keep + atOnce, 1))
  expect(oldest()).toBe(1)
  outbox.pruned(outbox.prune(keep + atOnce + 1, 1))
  expect(oldest()).toBe(atOnce + 2)
  outbox.pruned(outbox.prune(keep + atOnce + 2, 1))
  expect(oldest()).toBe(atOnce + 2)
})

test('no group drops more than twice what it adds, or the many', () => {
  const { outbox, oldest } = outboxOf(10 * atOnce)
  outbox.coveredUpTo(1, keep)
  outbox.pruned(outbox.prune(keep + 10 * atOnce, 1))
  expect(oldest()).toBe(atOnce + 2)
  outbox.pruned(outbox.prune(keep + 10 * atOnce, atOnce))
  expect(oldest()).toBe(3 * atOnce + 3)
})

test('nothing leaves that no checkpoint covers', () => {
  const { outbox, oldest } = outboxOf(2 * atOnce)
  expect(outbox.prune(keep + 2 * atOnce, 1)).toBe(1)
  outbox.coveredUpTo(2, keep)
  outbox.prune(keep + 2 * atOnce, 1)
  expect(oldest()).toBe(1)
})
