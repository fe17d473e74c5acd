/** Counts, different values and shares within a sliding window: near misses, edges, groups, late events. */
import { expect, test } from 'vitest'
import { burst, day, firingsOf, hour, minute, ruleOf, triggersOf } from '../../testing/alert-log.ts'
import type { CountCondition, DistinctCondition, RatioCondition } from '../rule.ts'

const count: CountCondition = { kind: 'count', query: 'action:*.unwrap', threshold: 3, within: '10m' }
const distinct: DistinctCondition = { kind: 'distinct', query: '', of: 'key', threshold: 3, within: '10m' }
const ratio: RatioCondition = {
  kind: 'ratio',
  query: 'code:4xx',
  of: 'action:*.unwrap',
  share: 0.5,
  least: 4,
  within: '10m',
}

test('a match fires at every event that its query finds, and at no other', () => {
  const rule = ruleOf({ kind: 'match', query: 'action:*.delete' }, { groupBy: ['initiator', 'key'] })
  const log = [{ at: 0 }, { at: 1, action: 'delete', who: 'ana' }, { at: 2, action: 'delete' }]
  const firings = firingsOf(rule, log)
  expect(firings.map(({ group, trigger, events }) => ({ group, trigger, events }))).toEqual([
    { group: ['ana', ''], trigger: 1, events: [1] },
    { group: ['', ''], trigger: 2, events: [2] },
  ])
})

test('a count fires at the event that makes it full, and then counts anew', () => {
  expect(triggersOf(ruleOf(count), burst(8, { at: 0 }))).toEqual([2, 5])
  expect(firingsOf(ruleOf(count), burst(3, { at: 0 }))[0]).toMatchObject({ count: 3, events: [0, 1, 2] })
})

test('one event too few, or of another action, is no firing', () => {
  expect(triggersOf(ruleOf(count), burst(2, { at: 0 }))).toEqual([])
  expect(triggersOf(ruleOf(count), [...burst(2, { at: 0 }), { at: 2, action: 'wrap' }])).toEqual([])
})

test('an event exactly as old as the window is long still counts, one a little older does not', () => {
  const log = (last: number) => [{ at: 0 }, { at: 1 }, { at: last }]
  expect(triggersOf(ruleOf(count), log(10 * minute))).toEqual([2])
  expect(triggersOf(ruleOf(count), log(10 * minute + 0.01))).toEqual([])
})

test('the window slides: events of two halves count together', () => {
  const log = [{ at: 9 * minute }, { at: 11 * minute }, { at: 18 * minute }]
  expect(triggersOf(ruleOf(count), log)).toEqual([2])
})

test('groups are counted for themselves', () => {
  const log = ['ana', 'ben', 'ana', 'ben', 'ana', 'ben'].map((who, at) => ({ at, who }))
  const firings = firingsOf(ruleOf(count, { groupBy: ['initiator'] }), log)
  expect(firings.map(({ group, trigger }) => [group[0], trigger])).toEqual([
    ['ana', 4],
    ['ben', 5],
  ])
})

test('a late event counts in the window that it falls in', () => {
  const early = [{ at: 0 }, { at: 9 * minute }]
  const late = { at: 5 * minute }
  expect(triggersOf(ruleOf(count), [...early, late])).toEqual([2])
  // Newer ones that lie in no window with it do not hide it.
  expect(triggersOf(ruleOf(count), [...early, { at: 60 * minute }, late])).toEqual([3])
  expect(triggersOf(ruleOf(count), [{ at: 0 }, { at: 30 * minute }, { at: 15 * minute }])).toEqual([])
})

test('one event dated far ahead does not make a count blind', () => {
  expect(triggersOf(ruleOf(count), [{ at: 400 * day }, ...burst(3, { at: 0 })])).toEqual([3])
})

test('a firing names the newest 20 events behind it', () => {
  const [firing] = firingsOf(ruleOf({ ...count, threshold: 50 }), burst(50, { at: 0 }))
  expect(firing).toMatchObject({ count: 50, events: Array.from({ length: 20 }, (_, place) => 30 + place) })
})

test('a threshold of thousands is reached by as many events, to a 256th of the window', () => {
  const many = ruleOf({ ...count, threshold: 10_000, within: '1d' })
  const log = Array.from({ length: 10_000 }, (_, place) => ({ at: place * 8 }))
  expect(triggersOf(many, log.slice(1))).toEqual([])
  expect(triggersOf(many, log)).toEqual([9_999])
  // As many, over half as long again: not within a day.
  expect(
    triggersOf(
      many,
      log.map(({ at }) => ({ at: at * 1.7 })),
    ),
  ).toEqual([])
})

test('different values fire, the same value again does not', () => {
  const keys = (names: string): { at: number; key: string }[] => names.split('').map((key, at) => ({ at, key }))
  expect(triggersOf(ruleOf(distinct), keys('aabbab'))).toEqual([])
  expect(triggersOf(ruleOf(distinct), keys('aabbc'))).toEqual([4])
  expect(triggersOf(ruleOf(distinct), keys('abcabc'))).toEqual([2, 5])
  // Events without the field have no value that differs.
  expect(triggersOf(ruleOf(distinct), [{ at: 0 }, ...keys('ab'), { at: 5 }])).toEqual([])
})

test('a value counts by when it was seen last', () => {
  const log = [
    { at: 0, key: 'a' },
    { at: 1, key: 'b' },
    { at: 9 * minute, key: 'a' },
    { at: 10 * minute + 1, key: 'c' },
  ]
  expect(triggersOf(ruleOf(distinct), log)).toEqual([3])
  expect(triggersOf(ruleOf(distinct), [...log.slice(0, 3), { at: 10 * minute + 2, key: 'c' }])).toEqual([])
})

test('a late value counts beside those around it', () => {
  const log = [
    { at: 0, key: 'a' },
    { at: 8 * minute, key: 'b' },
    { at: 4 * minute, key: 'c' },
  ]
  expect(triggersOf(ruleOf(distinct), log)).toEqual([2])
  expect(triggersOf(ruleOf(distinct), [...log.slice(0, 2), { at: 30 * minute, key: 'a' }, log[2]!])).toEqual([])
})

test('different values are counted by group', () => {
  const log = ['a', 'b', 'c'].map((key, at) => ({ at, key, who: key === 'c' ? 'ben' : 'ana' }))
  expect(triggersOf(ruleOf(distinct, { groupBy: ['initiator'] }), log)).toEqual([])
})

test('a share fires when it is reached, and not before there are enough events', () => {
  const codes = (list: readonly number[]): { at: number; code: number }[] => list.map((code, at) => ({ at, code }))
  expect(triggersOf(ruleOf(ratio), codes([403, 403, 403]))).toEqual([])
  expect(triggersOf(ruleOf(ratio), codes([200, 200, 403, 403]))).toEqual([3])
  expect(triggersOf(ruleOf(ratio), codes([200, 200, 200, 403, 403]))).toEqual([])
  // The part begins anew, the whole goes on.
  expect(triggersOf(ruleOf(ratio), codes([200, 200, 403, 403, 403, 403, 403]))).toEqual([3])
})

test('a part that is not of the whole is no part', () => {
  const log = [...burst(3, { at: 0 }), ...burst(9, { at: 3, code: 403, action: 'wrap' })]
  expect(triggersOf(ruleOf(ratio), log)).toEqual([])
})

test('the whole may be counted over a longer time, in different values', () => {
  const rule = ruleOf({ ...ratio, query: 'action:*.delete', of: '', distinct: 'key', ofWithin: '30d', share: 0.1 })
  const uses = Array.from({ length: 20 }, (_, place) => ({ at: place * hour, key: `k${place % 20}` }))
  const deletes = (keys: readonly string[]) => keys.map((key, at) => ({ at: 2 * day + at, key, action: 'delete' }))
  expect(triggersOf(rule, [...uses, ...deletes(['k1', 'k1', 'k1'])])).toEqual([])
  expect(triggersOf(rule, [...uses, ...deletes(['k1', 'k2'])])).toEqual([21])
  expect(firingsOf(rule, [...uses, ...deletes(['k1', 'k2'])])[0]!.facts).toEqual({ part: 2, whole: 20, share: 0.1 })
  const apart = [...uses, ...deletes(['k1']), { at: 2 * day + 11 * minute, key: 'k2', action: 'delete' }]
  expect(triggersOf(rule, apart)).toEqual([])
})
