/** What is compared with what was usual: new values, counts of periods, places. */
import { expect, test } from 'vitest'
import {
  burst,
  day,
  firingsOf,
  hour,
  minute,
  noOptions,
  ruleOf,
  type Told,
  triggersOf,
} from '../../testing/alert-log.ts'
import type { Location } from '../alert-subject.ts'
import type { HistoryCondition, NewCondition, TravelCondition } from '../rule.ts'
import { nearestRank } from './history.ts'
import { distanceKm } from './travel.ts'

const fresh: NewCondition = { kind: 'new', query: '', fields: ['key'], remember: '30d', learn: '7d' }
const history: HistoryCondition = {
  kind: 'history',
  query: '',
  per: '1h',
  periods: 48,
  learn: 5,
  most: 1_000,
  least: 3,
}
const travel: TravelCondition = { kind: 'travel', query: '', speed: 900, least: 100 }

const uses = (list: string): Told[] =>
  list.split(' ').map((one) => ({ key: one.split('@')[0]!, at: Number(one.split('@')[1]) * day }))

test('a value is new when it comes after learning, and known from then on', () => {
  expect(triggersOf(ruleOf(fresh), uses('a@0 b@6.9 a@8 b@8 c@8 c@9'))).toEqual([4])
  expect(triggersOf(ruleOf(fresh), uses('a@0 b@7'))).toEqual([1])
})

test('a value not seen for long enough is new again', () => {
  expect(triggersOf(ruleOf(fresh), uses('a@0 a@30 a@60'))).toEqual([])
  expect(triggersOf(ruleOf(fresh), uses('a@0 b@1 a@29 a@59.1'))).toEqual([3])
})

test('each group learns for itself', () => {
  const log = uses('a@0 a@10 b@12 c@20').map((one, place) => ({ ...one, who: place < 2 ? 'ana' : 'ben' }))
  expect(triggersOf(ruleOf(fresh, { groupBy: ['initiator'] }), log)).toEqual([3])
})

test('several fields are new together', () => {
  const rule = ruleOf({ ...fresh, fields: ['initiator', 'key'] })
  const log = [
    { at: 0, who: 'ana', key: 'a' },
    { at: 1, who: 'ben', key: 'b' },
    { at: 8 * day, who: 'ana', key: 'a' },
    { at: 8 * day, who: 'ana', key: 'b' },
  ]
  expect(firingsOf(rule, log)).toMatchObject([{ trigger: 3, facts: { value: 'ana, b' } }])
})

test('a new value may have to come so many times within a day', () => {
  const rule = ruleOf({ ...fresh, volume: 3 })
  expect(firingsOf(rule, uses('a@0 b@8 b@8.5 b@9 b@9'))).toMatchObject([{ trigger: 3, count: 3, events: [1, 2, 3] }])
  expect(triggersOf(rule, uses('a@0 b@8 b@8.5 b@9.1 b@10.2'))).toEqual([])
})

test('a late event of a value does not make it older', () => {
  const log = [...uses('a@0 a@20'), { key: 'a', at: 20 * day - minute }, ...uses('a@50')]
  expect(triggersOf(ruleOf(fresh), log)).toEqual([])
})

/** So many events in each hour, one behind the other. */
const hours = (counts: readonly number[], from = 0): Told[] =>
  counts.flatMap((count, place) => burst(count, { at: (from + place) * hour }))

test('more than so many fires whatever the history, once a period', () => {
  const rule = ruleOf({ ...history, most: 5 })
  expect(triggersOf(rule, hours([5]))).toEqual([])
  expect(triggersOf(rule, hours([9, 7]))).toEqual([5, 14])
})

test('more than the quantile of the periods before fires, as soon as they are enough', () => {
  const rule = ruleOf({ ...history, quantile: 0.8 })
  expect(firingsOf(rule, hours([4, 4, 4, 4, 9, 5]))).toMatchObject([{ trigger: 29, count: 5, facts: { expected: 4 } }])
  expect(triggersOf(rule, hours([4, 4, 4, 4, 9, 4]))).toEqual([])
  expect(triggersOf(rule, hours([4, 4, 4, 4, 99]))).toEqual([])
})

test('periods without events count as none', () => {
  const rule = ruleOf({ ...history, quantile: 0.8 })
  // Four of five were empty.
  expect(triggersOf(rule, hours([9, 0, 0, 0, 0, 3]))).toEqual([11])
  // Below the least nothing is compared.
  expect(triggersOf(rule, hours([9, 0, 0, 0, 0, 2]))).toEqual([])
})

test('deviations are taken from the mean, one event at least', () => {
  const rule = ruleOf({ ...history, deviations: 2 })
  // Mean 4, deviation 0, taken for 1: more than 6.
  expect(triggersOf(rule, hours([4, 4, 4, 4, 4, 6]))).toEqual([])
  expect(triggersOf(rule, hours([4, 4, 4, 4, 4, 7]))).toEqual([26])
  // Mean 5, deviation 5: more than 15.
  expect(triggersOf(rule, hours([10, 0, 10, 0, 10, 0, 15]))).toEqual([])
  expect(triggersOf(rule, hours([10, 0, 10, 0, 10, 0, 16]))).toEqual([45])
})

test('only so many periods are remembered', () => {
  const rule = ruleOf({ ...history, periods: 5, quantile: 0.9 })
  expect(triggersOf(rule, hours([50, 3, 3, 3, 3, 3, 4]))).toEqual([68])
})

test('a late event counts in its own period', () => {
  const rule = ruleOf({ ...history, most: 4 })
  const late = { at: hour - 1 }
  expect(triggersOf(rule, [...hours([3, 4]), late])).toEqual([])
  expect(triggersOf(rule, [...hours([4, 1]), late])).toEqual([5])
})

test('the rank of a quantile counts what is missing as zeros', () => {
  expect(nearestRank([5, 1, 9], 3, 0.5)).toBe(5)
  expect(nearestRank([5, 1, 9], 3, 0.34)).toBe(5)
  expect(nearestRank([5, 1, 9], 3, 0.33)).toBe(1)
  expect(nearestRank([5, 1, 9], 6, 0.5)).toBe(0)
  expect(nearestRank([5, 1, 9], 6, 0.99)).toBe(9)
})

const places: { readonly [address: string]: Location } = {
  berlin: { latitude: 52.52, longitude: 13.405, country: 'DE', network: 'AS64500' },
  potsdam: { latitude: 52.39, longitude: 13.064, country: 'DE' },
  sydney: { latitude: -33.868, longitude: 151.209, country: 'AU' },
  nowhere: { country: 'ZZ' },
}
const located = { ...noOptions, locate: (address: string) => places[address] }
const trip = (...stops: [string, number][]): Told[] => stops.map(([address, at]) => ({ address, at, who: 'ana' }))

test('distances are those on the globe', () => {
  expect(distanceKm(places['berlin'] as never, places['sydney'] as never)).toBeCloseTo(16_094, -1)
  expect(distanceKm({ latitude: 0, longitude: 179.5 }, { latitude: 0, longitude: -179.5 })).toBeCloseTo(111.2, 1)
  expect(distanceKm({ latitude: 90, longitude: 0 }, { latitude: -90, longitude: 77 })).toBeCloseTo(20_015, 0)
})

test('travel faster than possible fires, slower or shorter does not', () => {
  const [firing] = firingsOf(ruleOf(travel), trip(['berlin', 0], ['sydney', hour]), located)
  expect(firing).toMatchObject({ trigger: 1, events: [0, 1], facts: { from: 'berlin', to: 'sydney', minutes: 60 } })
  expect(triggersOf(ruleOf(travel), trip(['berlin', 0], ['sydney', 18 * hour]), located)).toEqual([])
  expect(triggersOf(ruleOf(travel), trip(['berlin', 0], ['potsdam', 0]), located)).toEqual([])
})

test('addresses of no known place are passed over, and one event far ahead is, too', () => {
  const log = trip(['berlin', 0], ['nowhere', 1], ['unknown', 2], ['sydney', 3])
  expect(triggersOf(ruleOf(travel), log, located)).toEqual([3])
  expect(triggersOf(ruleOf(travel), log)).toEqual([])
  expect(triggersOf(ruleOf(travel), trip(['berlin', 400 * day], ['berlin', 0], ['sydney', hour]), located)).toEqual([2])
})

test('others travel for themselves, and a late event is compared by its time', () => {
  const log = trip(['berlin', 0], ['sydney', hour]).map((one, place) => ({ ...one, who: `${place}` }))
  expect(triggersOf(ruleOf(travel, { groupBy: ['initiator'] }), log, located)).toEqual([])
  expect(triggersOf(ruleOf(travel), trip(['berlin', hour], ['sydney', hour - 60]), located)).toEqual([1])
})

test('countries and networks are fields of rules', () => {
  const rule = ruleOf({ ...fresh, fields: ['country', 'network'] }, { groupBy: ['initiator'] })
  const log = trip(['berlin', 0], ['berlin', 8 * day], ['potsdam', 8 * day])
  expect(firingsOf(rule, log, located)).toMatchObject([{ trigger: 2, facts: { value: 'DE, ' } }])
})

test('one event dated far ahead, or long ago, keeps a group neither from learning nor from being compared', () => {
  const rule = ruleOf({ ...history, quantile: 0.8 })
  const usual = hours([4, 4, 4, 4, 9, 5])
  for (const stray of [-400 * day, 400 * day]) {
    expect(triggersOf(rule, [...usual.slice(0, 6), { at: stray }, ...usual.slice(6)])).toEqual([30])
  }
  expect(triggersOf(rule, [{ at: 400 * day }, ...usual])).toEqual([30])
})
