/** A share of a table leaves nothing out that another run does not take. */
import { expect, test } from 'vitest'
import { shareOf, withWays } from './share.ts'

const table = Array.from({ length: 23 }, (_, place) => place)

test('as many ways as shares take each place of a table at least once in one run', () => {
  const taken = [0, 1, 2, 3].flatMap((nth) => shareOf(table, 4, nth))
  expect([...new Set(taken)].toSorted((a, b) => a - b)).toEqual(table)
})

test('each place comes in one of its ways at least, and neighbours in different ones', () => {
  const taken = withWays(table, ['lost', 'kept'])
  expect([...new Set(taken.map(([place]) => place))]).toEqual(table)
  expect(new Set(taken.map(([, way]) => way)).size).toBe(2)
})
