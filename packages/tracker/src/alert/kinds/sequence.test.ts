/** One after another: order, counts, the window from first to last, equal values, late events. */
import { expect, test } from 'vitest'
import { burst, firingsOf, minute, ruleOf, type Told, triggersOf } from '../../testing/alert-log.ts'
import type { SequenceCondition } from '../rule.ts'

const denied = { query: 'code:[401, 403]', count: 5 }
const sequence: SequenceCondition = { kind: 'sequence', steps: [denied, { query: 'code:200' }], within: '5m' }
const burstThenSuccess = (denials: number, success: number): Told[] => [
  ...burst(denials, { at: 0, code: 403 }),
  { at: success },
]

test('a burst and then a success fires; one denial too few does not', () => {
  const [firing] = firingsOf(ruleOf(sequence), burstThenSuccess(5, 9))
  expect(firing).toMatchObject({ trigger: 5, count: 6, events: [0, 1, 2, 3, 4, 5], facts: { seconds: 9 } })
  expect(triggersOf(ruleOf(sequence), burstThenSuccess(4, 9))).toEqual([])
})

test('the window reaches from the first to the last event, both included', () => {
  expect(triggersOf(ruleOf(sequence), burstThenSuccess(5, 5 * minute))).toEqual([5])
  expect(triggersOf(ruleOf(sequence), burstThenSuccess(5, 5 * minute + 0.01))).toEqual([])
  // More denials than needed: the newest of them begin it.
  expect(triggersOf(ruleOf(sequence), burstThenSuccess(8, 5 * minute + 3))).toEqual([8])
})

test('what comes before its turn does not count', () => {
  const log = [...burst(3, { at: 0, code: 403 }), { at: 3 }, ...burst(2, { at: 4, code: 403 })]
  expect(triggersOf(ruleOf(sequence), log)).toEqual([])
  expect(triggersOf(ruleOf(sequence), [...log, { at: 7 }])).toEqual([6])
})

test('after it fired it needs all steps again', () => {
  const log = [...burstThenSuccess(5, 6), { at: 7 }, { at: 8 }, ...burst(5, { at: 9, code: 403 }), { at: 15 }]
  expect(triggersOf(ruleOf(sequence), log)).toEqual([5, 13])
})

test('groups have their own sequences', () => {
  const rule = ruleOf(sequence, { groupBy: ['initiator'] })
  const of = (who: string, log: Told[]): Told[] => log.map((one) => ({ ...one, who }))
  expect(triggersOf(rule, [...of('ana', burstThenSuccess(4, 8)), ...of('ben', burstThenSuccess(1, 9))])).toEqual([])
})

test('one event is no two steps', () => {
  const rule = ruleOf({ kind: 'sequence', steps: [{ query: '' }, { query: '' }, { query: '' }], within: '1h' })
  expect(triggersOf(rule, burst(2, { at: 0 }))).toEqual([])
  expect(triggersOf(rule, burst(7, { at: 0 }))).toEqual([2, 5])
})

test('steps in between are counted, too', () => {
  const steps = [
    { query: 'action:*.read' },
    { query: 'action:*.wrap', count: 2 },
    { query: 'action:*.delete', count: 2 },
  ]
  const rule = ruleOf({ kind: 'sequence', steps, within: '1h' })
  const log = (actions: string): Told[] => actions.split(' ').map((action, at) => ({ at, action }))
  expect(triggersOf(rule, log('read wrap wrap delete delete'))).toEqual([4])
  expect(triggersOf(rule, log('read wrap delete wrap delete'))).toEqual([])
  expect(triggersOf(rule, log('read wrap delete wrap delete read delete'))).toEqual([6])
  expect(triggersOf(rule, log('wrap wrap read delete delete'))).toEqual([])
})

test('events that come late stand where their time puts them', () => {
  const first = burst(5, { at: 0, code: 403 })
  // The success was written before the last denials were.
  const log = [...first.slice(0, 2), { at: 30 }, ...first.slice(2)]
  expect(triggersOf(ruleOf(sequence), log)).toEqual([5])
  expect(firingsOf(ruleOf(sequence), log)[0]!.events).toEqual([0, 1, 2, 3, 4, 5])
  // Written in order, but it was earlier.
  expect(triggersOf(ruleOf(sequence), [...burst(5, { at: 60, code: 403 }), { at: 30 }])).toEqual([])
})

test('values of the first and the last step may have to be equal', () => {
  const steps = [{ query: 'action:*.setkeyfordeletion' }, { query: 'action:*.delete' }]
  const same = [
    ['initiator', 'initiator'],
    ['address', 'address'],
  ] as const
  const rule = ruleOf({ kind: 'sequence', steps, within: '1d', same }, { groupBy: ['key'] })
  const log = (by: Partial<Told>, then: Partial<Told>): Told[] => [
    { at: 0, key: 'k', action: 'setkeyfordeletion', ...by },
    { at: 60, key: 'k', action: 'delete', ...then },
  ]
  expect(triggersOf(rule, log({ who: 'ana', address: '192.0.2.1' }, { who: 'ana', address: '192.0.2.2' }))).toEqual([1])
  expect(triggersOf(rule, log({ who: 'ana', address: '192.0.2.1' }, { who: 'ben', address: '192.0.2.1' }))).toEqual([1])
  expect(triggersOf(rule, log({ who: 'ana', address: '192.0.2.1' }, { who: 'ben', address: '192.0.2.2' }))).toEqual([])
  // What neither has is not the same.
  expect(triggersOf(rule, log({ who: 'ana' }, { who: 'ben' }))).toEqual([])
})

test('denials without end between two steps do not hide what comes after', () => {
  const log = [...burst(5_000, { at: 0, code: 403 }), { at: 5_000 }]
  expect(triggersOf(ruleOf(sequence), log)).toEqual([5_000])
})
