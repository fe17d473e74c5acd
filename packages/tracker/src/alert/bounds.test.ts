/** What whoever writes events can make of rules: neither memory nor work without end. */
import { expect, test, vi } from 'vitest'
import { day, noOptions, ruleOf, subjectsOf, type Told } from '../testing/alert-log.ts'
import { Evaluation } from './evaluation.ts'
import { groupsMax, rememberedMax, rememberedTextMax } from './limits.ts'
import type { Condition } from './rule.ts'

/** Everything that a rule remembers, in characters of JSON. */
const sizeOf = (evaluation: Evaluation): number => JSON.stringify(evaluation.save()).length
const groupsIn = (evaluation: Evaluation): number =>
  (evaluation.save() as { state: { groups: unknown[] } }).state.groups.length

function give(evaluation: Evaluation, count: number, make: (place: number) => Told, first = 0): number {
  let firings = 0
  for (let from = 0; from < count; from += 1_000) {
    const told = Array.from({ length: Math.min(1_000, count - from) }, (_, place) => make(first + from + place))
    for (const subject of subjectsOf(told, first + from)) firings += evaluation.see(subject).length
  }
  return firings
}

const long = '366d'
const hostile: readonly (readonly [name: string, when: Condition])[] = [
  ['count', { kind: 'count', query: '', threshold: 10_000, within: long }],
  ['distinct', { kind: 'distinct', query: '', of: 'key', threshold: 10_000, within: long }],
  ['ratio', { kind: 'ratio', query: 'code:403', of: '', share: 1, least: 10_000, within: long }],
  ['ratio', { kind: 'ratio', query: 'code:403', of: '', share: 1, least: 10_000, within: long, distinct: 'key' }],
  ['absence', { kind: 'absence', query: '', within: long }],
  ['new', { kind: 'new', query: '', fields: ['key'], remember: long, learn: '365d' }],
  ['new', { kind: 'new', query: '', fields: ['key'], remember: long, learn: '1s', volume: 1_000 }],
  [
    'sequence',
    { kind: 'sequence', steps: Array.from({ length: 5 }, () => ({ query: '', count: 1_000 })), within: long },
  ],
  [
    'history',
    { kind: 'history', query: '', per: '10s', periods: 1_000, learn: 1, quantile: 0.5, deviations: 1, least: 1 },
  ],
  ['deadline', { kind: 'deadline', query: '', due: { after: long }, unless: 'action:*.delete' }],
]

test.each(hostile)('a flood of groups leaves %s a bounded state, and is told of', (_, when) => {
  const evaluation = new Evaluation(ruleOf(when, { groupBy: ['initiator', 'key'] }), noOptions)
  const flood = (n: number): Told => ({ at: n, who: `someone-${n}`, key: `k${n}`.repeat(60) })
  give(evaluation, 11_000, flood)
  expect(groupsIn(evaluation)).toBeLessThanOrEqual(groupsMax)
  expect(evaluation.isSaturated).toBe(true)
  const size = sizeOf(evaluation)
  expect(size).toBeLessThan(4 * rememberedTextMax)
  give(evaluation, 3_000, flood, 11_000)
  expect(sizeOf(evaluation)).toBeLessThan(1.1 * size)
  // What was seen last is what is remembered.
  expect(Evaluation.restore(evaluation.rule, noOptions, evaluation.save()).save()).toEqual(evaluation.save())
})

test('groups that mean nothing any more are let go without a word', () => {
  const rule = ruleOf({ kind: 'count', query: '', threshold: 2, within: '10m' }, { groupBy: ['initiator'] })
  const evaluation = new Evaluation(rule, noOptions)
  give(evaluation, 12_000, (n) => ({ at: n * 60, who: `someone-${n}` }))
  expect(groupsIn(evaluation)).toBeLessThan(200)
  expect(evaluation.isSaturated).toBe(false)
})

test.each(hostile)('one group of %s remembers no more than there is room for', (_, when) => {
  const evaluation = new Evaluation(ruleOf(when), noOptions)
  // More values than are remembered, in an order of time that goes to and fro.
  give(evaluation, 22_000, (n) => ({ at: (n % 7) * 1_000 + n, key: `k${n}`, code: n % 2 === 0 ? 200 : 403 }))
  expect(sizeOf(evaluation)).toBeLessThan(rememberedMax * 60)
})

/** Calls of what searches and moves whole lists or maps, per event. */
function workOf(evaluation: Evaluation, told: readonly Told[]): number {
  const subjects = subjectsOf(told)
  let touched = 0
  const counted = ['indexOf', 'slice', 'filter', 'map', 'reduce', 'toSorted', 'flatMap', 'some'] as const
  const spies = counted.map((name) => {
    const real = Array.prototype[name] as (...args: unknown[]) => unknown
    return vi.spyOn(Array.prototype, name).mockImplementation(function (this: unknown[], ...args: unknown[]) {
      const found = real.apply(this, args)
      touched += name === 'slice' ? (found as unknown[]).length : this.length
      return found
    } as never)
  })
  for (const subject of subjects) evaluation.see(subject)
  for (const spy of spies) spy.mockRestore()
  return touched / told.length
}

test.each(hostile)('an event costs %s no more with thousands behind it than with few', (_, when) => {
  const evaluation = new Evaluation(ruleOf(when), noOptions)
  const told = (first: number, count: number): Told[] =>
    Array.from({ length: count }, (_one, place) => ({ at: first + place, key: `k${first + place}` }))
  const early = workOf(evaluation, told(0, 500))
  give(evaluation, 8_000, (n) => ({ at: 500 + n, key: `k${500 + n}` }))
  const late = workOf(evaluation, told(9_000, 500))
  expect(late).toBeLessThan(5 * early + 2_000)
})

test('patterns inside each other are looked at in one go', () => {
  const query = 'initiator:/((((a+)+)+)+)+$/ (uri:/(a|a)*b/ OR initiator:*a*a*a*a*b) -agent:/(x*)*y/'
  const evaluation = new Evaluation(ruleOf({ kind: 'match', query }), noOptions)
  expect(give(evaluation, 20, (n) => ({ at: n, who: 'a'.repeat(30_000) }))).toBe(0)
})

test('a year of seldom events is no flood', () => {
  const rule = ruleOf(
    { kind: 'new', query: '', fields: ['key'], remember: '30d', learn: '7d' },
    { groupBy: ['initiator'] },
  )
  const evaluation = new Evaluation(rule, noOptions)
  give(evaluation, 5_000, (n) => ({ at: (n * day) / 14, who: `u${n % 40}`, key: `k${n % 7}` }))
  expect(evaluation.isSaturated).toBe(false)
})
