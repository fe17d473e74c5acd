/** Rows in sight: all of those that can be seen, and few others. */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { rowsInSight, scrollFor } from './row-window.ts'

const sizes = { rowHeight: 34, headHeight: 30 }
const height = fc.integer({ min: 100, max: 2000 })
const count = fc.integer({ min: 0, max: 100_000 })

test('every row that can be seen is there, and their number does not grow with the list', () => {
  fc.assert(
    fc.property(height, count, fc.double({ min: 0, max: 1, noNaN: true }), (boxHeight, rows, part) => {
      const most = Math.max(0, sizes.headHeight + rows * sizes.rowHeight - boxHeight)
      const viewport = { scrollTop: most * part, height: boxHeight }
      const { first, last } = rowsInSight(viewport, sizes, rows, 5)
      const firstSeen = Math.min(rows, Math.floor(viewport.scrollTop / sizes.rowHeight))
      const lastSeen = Math.min(
        rows - 1,
        Math.floor((viewport.scrollTop + boxHeight - sizes.headHeight) / sizes.rowHeight),
      )
      expect(first).toBeLessThanOrEqual(firstSeen)
      expect(last).toBeGreaterThanOrEqual(lastSeen)
      expect(last - first).toBeLessThanOrEqual(Math.ceil(boxHeight / sizes.rowHeight) + 12)
    }),
  )
})

test('a list that became shorter than the scroll position shows its end', () => {
  expect(rowsInSight({ scrollTop: 50_000, height: 400 }, sizes, 20, 2)).toMatchObject({ last: 19 })
  expect(rowsInSight({ scrollTop: 50_000, height: 400 }, sizes, 20, 2).first).toBeLessThan(10)
})

test('an empty list has no rows', () => {
  expect(rowsInSight({ scrollTop: 0, height: 400 }, sizes, 0, 5)).toEqual({ first: 0, last: -1 })
})

test('scrolling to a row brings it wholly into sight below the head, and not farther than needed', () => {
  fc.assert(
    fc.property(height, fc.nat({ max: 100_000 }), fc.nat({ max: 1_000_000 }), (boxHeight, row, scrollTop) => {
      const viewport = { scrollTop, height: boxHeight }
      const to = scrollFor(row, viewport, sizes) ?? scrollTop
      expect(row * sizes.rowHeight).toBeGreaterThanOrEqual(to)
      expect(sizes.headHeight + (row + 1) * sizes.rowHeight).toBeLessThanOrEqual(to + boxHeight)
      expect(scrollFor(row, { scrollTop: to, height: boxHeight }, sizes)).toBeUndefined()
    }),
  )
})
