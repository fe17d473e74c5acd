/** Buckets of tokens: what a source may do at once and in a second, how often it is told, how many are remembered. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Rates } from './rates.ts'

let now = 0
const rates = (more: Partial<ConstructorParameters<typeof Rates>[0]> = {}): Rates => {
  now = 0
  return new Rates({ perSecond: 2, burst: 4, tellMs: 10_000, sources: 3, ...more }, () => now)
}
const take = (from: Rates, source: string, times: number): string[] =>
  Array.from({ length: times }, () => from.take(source))

test('a burst may come at once, then as many as flow in', () => {
  const some = rates()
  expect(take(some, 'a', 6)).toEqual(['taken', 'taken', 'taken', 'taken', 'first', 'again'])
  now += 1_000
  expect(take(some, 'a', 3)).toEqual(['taken', 'taken', 'again'])
  now += 3_600_000
  expect(take(some, 'a', 5)).toEqual(['taken', 'taken', 'taken', 'taken', 'first'])
})

test('a refusal is told again once its time is over, and not before', () => {
  const some = rates({ perSecond: 0.001 })
  take(some, 'a', 5)
  now += 9_999
  expect(some.take('a')).toBe('again')
  now += 1
  expect(some.take('a')).toBe('first')
})

test('what was dearer than one is made up for before anything else is taken', () => {
  const some = rates()
  some.charge('a', 10)
  expect(some.take('a')).toBe('first')
  expect(some.take('b')).toBe('taken')
  now += 3_000
  expect(some.take('a')).toBe('again')
  now += 500
  expect(take(some, 'a', 2)).toEqual(['taken', 'again'])
})

test('sources do not share', () => {
  const some = rates()
  take(some, 'a', 5)
  expect(some.take('b')).toBe('taken')
})

test('of too many sources the one that was quiet for longest is forgotten', () => {
  const some = rates({ perSecond: 0.001 })
  for (const source of ['a', 'b', 'c']) take(some, source, 5)
  some.take('a')
  some.take('d')
  expect([some.take('c'), some.take('a')]).toEqual(['again', 'again'])
  expect(some.take('b')).toBe('taken')
})

test('in no time is more taken than the burst and what flows in', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(2_000), { maxLength: 60 }), (pauses) => {
      const some = rates()
      let taken = 0
      for (const pause of pauses) {
        now += pause
        if (some.take('a') === 'taken') taken++
      }
      expect(taken).toBeLessThanOrEqual(4 + (now / 1_000) * 2)
    }),
  )
})
