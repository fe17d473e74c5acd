/** Checkpoints that are proved again: neighbours over the period, the ends always among them. */
import { expect, test } from 'vitest'
import type { ListedCheckpoint } from '../api/reports-api.ts'
import { chosenPairs } from './recheck-pairs.ts'

const at = (size: number): ListedCheckpoint => ({
  size,
  root: '',
  note: '',
  signedAt: new Date(Date.UTC(2026, 9, 1) + (size - 10) * 60_000).toISOString(),
})
const sizesOf = (sizes: readonly number[], from = '2026-10-01T00:00:00Z'): number[][] =>
  chosenPairs(sizes.map(at), { from }).map((pair) => pair.map(({ size }) => size))

test('neighbours, with the last one before the period, oldest first', () => {
  expect(sizesOf([30, 20, 9, 4])).toEqual([
    [9, 20],
    [20, 30],
  ])
  expect(sizesOf([30])).toEqual([])
  expect(sizesOf([])).toEqual([])
})

test('of very many some, evenly, with both ends', () => {
  const pairs = sizesOf(Array.from({ length: 500 }, (_, each) => 600 - each))
  expect(pairs).toHaveLength(40)
  expect([pairs[0]?.[0], pairs.at(-1)?.[1]]).toEqual([101, 600])
  for (const [index, [, newer]] of pairs.slice(0, -1).entries()) expect(pairs[index + 1]?.[0]).toBe(newer)
})
