/** Sets of indexes behave like sets of numbers. */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { IndexSet } from './index-set.ts'

test('it has what was put in, and nothing else', () => {
  fc.assert(
    fc.property(fc.array(fc.array(fc.nat({ max: 40 }))), (batches) => {
      const model = new Set<number>()
      let set = IndexSet.empty
      for (const batch of batches) {
        set = set.with(batch)
        for (const index of batch) model.add(index)
      }
      for (let index = 0; index <= 41; index++) expect(set.has(index)).toBe(model.has(index))
      expect(set.count).toBe(model.size)
    }),
  )
})

test('adding what is there already gives the same set', () => {
  const set = IndexSet.empty.with([1, 2, 3])
  expect(set.with([2, 3])).toBe(set)
})
