/** From an entry to the first checkpoint that covers it, over the pages of a list. */
import { expect, test } from 'vitest'
import { coveringSize } from './covering-checkpoint.ts'

const sizes = [400, 300, 200, 100, 50]

async function read(before: string | null): Promise<{ items: { size: number }[]; next: string | null }> {
  const rest = sizes.filter((size) => before === null || size < Number(before))
  const items = rest.slice(0, 2).map((size) => ({ size }))
  return Promise.resolve({ items, next: rest.length > 2 ? String(items.at(-1)?.size) : null })
}

test.each([
  [0, 50],
  [49, 50],
  [50, 100],
  [199, 200],
  [200, 300],
  [399, 400],
  [400, undefined],
])('entry %i is under the checkpoint of %s', async (index, size) => {
  expect(await coveringSize(read, index)).toBe(size)
})

test('a log without checkpoints covers nothing', async () => {
  expect(await coveringSize(() => Promise.resolve({ items: [], next: null }), 3)).toBeUndefined()
})
