/** Producers' numbers: what is next, missing, late, reused. */
import { expect, test } from 'vitest'
import { nothingKnown, Numbering } from './numbering.ts'

const producer = '0b6c0e5e-7b1c-4a3e-9a52-1f1c2d3e4f50'

function kept(...numbers: [epoch: number, sequence: number][]): Numbering {
  const numbering = new Numbering(nothingKnown)
  for (const [index, [epoch, sequence]] of numbers.entries()) numbering.keep({ producer, epoch, sequence }, index, 7)
  return numbering
}

test('numbers in order, over epochs too, are no anomaly', () => {
  const numbering = kept([1, 1], [1, 2], [2, 3], [3, 4])
  expect(numbering.anomalies).toEqual([])
  expect(numbering.positions.get(producer)).toEqual({ epoch: 3, sequence: 4 })
})

test('skipped numbers are missing, from 1 on for an unknown producer', () => {
  expect(kept([1, 3], [1, 4], [1, 8]).anomalies).toEqual([
    { kind: 'missing', producer, epoch: 1, first: 1, last: 2, index: 0, received: 7 },
    { kind: 'missing', producer, epoch: 1, first: 5, last: 7, index: 2, received: 7 },
  ])
})

test('a missing number that comes after all is late once and reused after that', () => {
  const kinds = kept([1, 1], [1, 5], [1, 3], [1, 3]).anomalies.map(({ kind, first }) => [kind, first])
  expect(kinds).toEqual([
    ['missing', 2],
    ['late', 3],
    ['reused', 3],
  ])
})

test('a producer whose store was set back shows as one anomaly, and its position does not go back', () => {
  const numbering = kept([1, 1], [1, 2], [1, 3], [2, 2], [2, 3], [2, 4])
  expect(numbering.anomalies).toEqual([
    { kind: 'reused', producer, epoch: 2, first: 2, last: 3, index: 3, received: 7 },
  ])
  expect(numbering.positions.get(producer)).toEqual({ epoch: 2, sequence: 4 })
})

test('numbers up to the last may be repeats, whatever their epoch', () => {
  const numbering = kept([3, 1], [3, 2])
  expect(numbering.mayBeRepeat({ producer, epoch: 2, sequence: 2 })).toBe(true)
  expect(numbering.mayBeRepeat({ producer, epoch: 3, sequence: 1 })).toBe(true)
  expect(numbering.mayBeRepeat({ producer, epoch: 2, sequence: 3 })).toBe(false)
})

test('skipped epochs are named', () => {
  expect(kept([1, 1], [1, 2], [5, 3]).anomalies).toEqual([
    { kind: 'epochs', producer, epoch: 5, first: 2, last: 4, index: 2, received: 7 },
  ])
})

test('an opening event that says what the log holds is no anomaly', () => {
  const numbering = kept([1, 1], [1, 2])
  numbering.keep({ producer, epoch: 2, sequence: 3, opening: { epoch: 1, sequence: 2 } }, 2, 7)
  expect(numbering.anomalies).toEqual([])
})

test('an opening event that knows less than the log holds tells of a store that was set back, and its epoch goes on', () => {
  const numbering = kept([1, 1], [2, 2], [3, 3], [3, 4])
  numbering.keep({ producer, epoch: 2, sequence: 2, opening: { epoch: 1, sequence: 1 } }, 4, 7)
  for (const sequence of [3, 4, 5, 6]) numbering.keep({ producer, epoch: 2, sequence }, sequence + 2, 7)
  numbering.keep({ producer, epoch: 3, sequence: 7, opening: { epoch: 2, sequence: 6 } }, 9, 7)
  expect(numbering.anomalies.map(({ kind, first, last }) => [kind, first, last])).toEqual([
    ['reused', 2, 2],
    ['opening', 2, 4],
    ['reused', 3, 4],
  ])
  expect(numbering.positions.get(producer)).toEqual({ epoch: 3, sequence: 7 })
})

test('an opening event whose word does not fit its own numbers is named', () => {
  const numbering = kept([1, 1], [1, 2])
  numbering.keep({ producer, epoch: 2, sequence: 3, opening: { epoch: 1, sequence: 9 } }, 2, 7)
  expect(numbering.anomalies).toMatchObject([{ kind: 'opening', first: 3, last: 3 }])
})

test('numbers lost before an opening event are missing once, and what it says of them is no second anomaly', () => {
  const numbering = kept([1, 1], [1, 2])
  numbering.keep({ producer, epoch: 2, sequence: 6, opening: { epoch: 1, sequence: 5 } }, 2, 7)
  numbering.keep({ producer, epoch: 3, sequence: 9, opening: { epoch: 2, sequence: 8 } }, 3, 7)
  expect(numbering.anomalies.map(({ kind, first, last }) => [kind, first, last])).toEqual([
    ['missing', 3, 5],
    ['missing', 7, 8],
  ])
})
