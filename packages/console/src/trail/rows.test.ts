/** Lists of rows: newest first, each event once, whatever comes together. */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { TrailItem } from '../api/types.ts'
import { asRows, findRow, joinRows } from './rows.ts'

// Only the index matters here.
const row = (index: number): TrailItem => ({ index, leafHash: '' }) as TrailItem
const indexes = (rows: readonly TrailItem[]): number[] => rows.map((item) => item.index)
const list = fc.array(fc.nat({ max: 60 })).map((values) => asRows(values.map(row)))
const newestFirst = (values: Iterable<number>): number[] => [...new Set(values)].sort((a, b) => b - a)

test('joining is a union, newest first, without repeats', () => {
  fc.assert(
    fc.property(list, list, (a, b) => {
      expect(indexes(joinRows(a, b))).toEqual(newestFirst([...indexes(a), ...indexes(b)]))
    }),
  )
})

test('a batch in any order becomes a list', () => {
  fc.assert(
    fc.property(fc.array(fc.nat()), (values) => {
      expect(indexes(asRows(values.map(row)))).toEqual(newestFirst(values))
    }),
  )
})

test('a row is found where it is, and nowhere else', () => {
  fc.assert(
    fc.property(list, fc.nat({ max: 60 }), (rows, index) => {
      expect(findRow(rows, index)).toBe(indexes(rows).indexOf(index))
    }),
  )
})
