/** Rules as they come from outside: what is taken, what is refused and where, and that nothing else happens. */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseDuration } from './duration.ts'
import { needsOf, parseRule } from './parse-rule.ts'
import { RuleError } from './rule-error.ts'

const good = {
  id: 'bulk-destructive',
  name: 'Bulk destructive',
  description: 'Many keys are deleted.',
  remedy: 'Ask who.',
  severity: 'critical',
  when: { kind: 'count', query: 'action:[*.delete, *.purge] outcome:success', threshold: 3, within: '10m' },
  groupBy: ['Initiator', 'producer', 'country'],
  during: { calendar: 'office', is: 'outside' },
  lists: { canaries: ['a"b', 'c'] },
  channels: ['mail-1'],
}
const failed = { query: 'code:4xx', count: 5 }

test('a good rule is taken as it is, its fields spelled as everywhere', () => {
  expect(parseRule(good)).toEqual({ ...good, groupBy: ['initiator', 'producer', 'country'] })
})

test.each([
  { kind: 'match', query: '' },
  { kind: 'distinct', query: 'code:404', of: 'newValue.policyAllowedIPEnabled', threshold: 10_000, within: '366d' },
  { kind: 'ratio', query: '', of: '', share: 1, least: 1, within: '1s', ofWithin: '1s', distinct: 'key' },
  { kind: 'absence', query: '-action:*.read', within: '2w' },
  { kind: 'new', query: '', fields: ['country', 'network', 'agent'], remember: '30d', learn: '7d', volume: 3 },
  { kind: 'sequence', steps: [failed, { query: 'code:200' }], within: '5m', same: [['address', 'address']] },
  { kind: 'history', query: '', per: '1h', periods: 720, learn: 48, quantile: 0.99, deviations: 3, most: 9, least: 0 },
  { kind: 'deadline', query: '', due: { field: 'expirationDate' }, before: '1d', unless: 'action:*.delete' },
  { kind: 'deadline', query: 'requestData.expirationDate:*', due: { after: '4h' }, unless: '' },
  { kind: 'travel', query: '', speed: 900, least: 100 },
  { kind: 'watch', of: 'dead-rule', beyond: '90d' },
])('a condition of kind $kind is read', (when) => {
  expect(parseRule({ ...good, when }).when).toEqual(when)
})

test.each<[path: string, change: object]>([
  ['title', { title: 'Who uses {agent}?' }],
  ['title', { title: 'x'.repeat(201) }],
  ['id', { id: '-x' }],
  ['id', { id: undefined }],
  ['name', { name: '' }],
  ['name', { name: 'x'.repeat(121) }],
  ['name', { name: 'two\nlines' }],
  ['description', { description: 'turned \u202E round' }],
  ['remedy', { remedy: '\uD800' }],
  ['severity', { severity: 'fatal' }],
  ['more', { more: true }],
  ['?', { 'a b': true }],
  ['groupBy', { groupBy: ['key', 'ring', 'action', 'code', 'agent'] }],
  ['groupBy.1', { groupBy: ['key', 'KEY'] }],
  ['groupBy.0', { groupBy: ['kee'] }],
  ['groupBy.0', { groupBy: ['time'] }],
  ['groupBy.0', { groupBy: ['index'] }],
  ['during.is', { during: { calendar: 'office', is: 'near' } }],
  ['channels.0', { channels: ['Mail'] }],
  ['channels', { channels: Array.from({ length: 17 }, (_, n) => `c${n}`) }],
  ['lists', { lists: [] }],
  ['lists.0', { lists: { '1': [] } }],
  ['lists.x.0', { lists: { x: [''] } }],
  ['lists.x', { lists: { x: Array.from({ length: 501 }, () => 'y') } }],
  ['lists', { lists: Object.fromEntries(Array.from({ length: 9 }, (_, n) => [`l${n}`, []])) }],
  ['when.kind', { when: { kind: 'toString' } }],
  ['when.kind', { when: null }],
])('a rule with a wrong %s is refused there', (path, change) => {
  expect(() => parseRule({ ...good, ...change })).toThrow(expect.objectContaining({ name: 'RuleError', path }))
})

const sequence = { kind: 'sequence', steps: [failed, failed], within: '5m' }
const history = { kind: 'history', query: '', per: '1h', periods: 10, learn: 5, least: 1 }
const deadline = { kind: 'deadline', query: '', due: { after: '1d' }, unless: '' }
const ratio = { kind: 'ratio', query: '', of: '', share: 0.5, least: 1, within: '1h' }
const fresh = { kind: 'new', query: '', fields: ['key'], remember: '30d', learn: '7d' }

test.each<[path: string, when: object]>([
  ['threshold', { ...good.when, threshold: 1 }],
  ['threshold', { ...good.when, threshold: 2.5 }],
  ['within', { ...good.when, within: '367d' }],
  ['within', { ...good.when, within: '0s' }],
  ['within', { ...good.when, within: 10 }],
  ['of', { ...good.when, of: 'key' }],
  ['share', { ...ratio, share: 0 }],
  ['share', { ...ratio, share: Number.NaN }],
  ['ofWithin', { ...ratio, ofWithin: '59m' }],
  ['fields', { ...fresh, fields: [] }],
  ['fields.1', { ...fresh, fields: ['key', 'key'] }],
  ['learn', { ...fresh, learn: '30d' }],
  ['steps', { ...sequence, steps: [failed] }],
  ['steps.1.query', { ...sequence, steps: [failed, { query: 'kee:1' }] }],
  ['steps.0.count', { ...sequence, steps: [{ ...failed, count: 1_001 }, failed] }],
  ['same.0', { ...sequence, same: [['key']] }],
  ['same.0.1', { ...sequence, same: [['key', 'kee']] }],
  ['', history],
  ['learn', { ...history, most: 1, learn: 11 }],
  ['quantile', { ...history, quantile: 1 }],
  ['due', { ...deadline, due: { after: '1d', field: 'key' } }],
  ['due', { ...deadline, due: {} }],
  ['before', { ...deadline, before: '1d' }],
  ['speed', { kind: 'travel', query: '', speed: 0, least: 1 }],
  ['of', { kind: 'watch', of: 'nothing', beyond: '1h' }],
])('a condition with a wrong %s is refused there', (path, when) => {
  const full = path === '' ? 'when' : `when.${path}`
  expect(() => parseRule({ ...good, when })).toThrow(expect.objectContaining({ name: 'RuleError', path: full }))
})

test.each<[query: string, at: number, length: number]>([
  ['outcome:failure kee:1', 16, 3],
  ['code:>=400 time:-1h', 11, 5],
  ['time:*', 0, 5],
  ['requestData.expirationDate:<now', 0, 27],
  ['key:$none', 4, 5],
  ['$canaries', 0, 9],
  ['key:$canaries agent:/(/', 21, 1],
  ['key:[$canaries', 4, 1],
  ['key:$canaries*', 4, 10],
  ['code:$canaries', 5, 9],
  ['severity:$canaries', 9, 9],
  ['nosuch:$canaries', 0, 6],
  ['$canaries:x', 0, 11],
])('the query %s is refused with its place', (query, at, length) => {
  const when = { kind: 'match', query }
  const what = { name: 'RuleError', path: 'when.query', at, length }
  expect(() => parseRule({ ...good, when })).toThrow(expect.objectContaining(what))
})

test('a rule is bounded without its lists, which may be long', () => {
  const values = Array.from({ length: 500 }, (_, n) => `${'v'.repeat(200)}${n}`)
  const steps = [{ query: 'key:$long' }, { query: `"${'x'.repeat(1_900)}"` }]
  const rule = { ...good, lists: { long: values }, when: { ...sequence, steps } }
  expect(parseRule(rule).lists?.['long']).toHaveLength(500)
  const words = { query: `"${'x'.repeat(1_900)}"` }
  expect(() => parseRule({ ...rule, when: { ...sequence, steps: [words, words, words, words, words] } })).toThrow(
    RuleError,
  )
})

test('an empty list that a query names, and fields of places, keep a rule from being turned on', () => {
  const lists = { canaries: [], others: ['x'], unused: [] }
  const when = { kind: 'match', query: 'key:[$canaries, y] OR initiator:$others' }
  expect(needsOf(parseRule({ ...good, lists, when, groupBy: [] }))).toEqual({ lists: ['canaries'], locations: false })
  expect(needsOf(parseRule({ ...good, groupBy: ['country'] }))).toEqual({ lists: [], locations: true })
  const travel = { kind: 'travel', query: '', speed: 900, least: 100 }
  expect(needsOf(parseRule({ ...good, when: travel, groupBy: [] })).locations).toBe(true)
})

test('durations are whole numbers with a unit', () => {
  expect(['90s', '10m', '4h', '7d', '2w'].map((text) => parseDuration(text))).toEqual([
    90_000, 600_000, 14_400_000, 604_800_000, 1_209_600_000,
  ])
  for (const none of ['', '10', 'm', '1.5h', '-1h', ' 1h', '1H', '01h', '1000000000s', '53w']) {
    expect(() => parseDuration(none), none).toThrow(RuleError)
  }
})

test('whatever comes as a rule, nothing but a RuleError is thrown', () => {
  const anyText = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('key:$canaries', '__proto__', '1h', 'key', '/(/'),
  )
  const any = fc.oneof(fc.jsonValue({ maxDepth: 3 }), anyText, fc.constant(undefined), fc.double())
  const conditions = [good.when, ratio, fresh, sequence, history, deadline]
  const changed = fc
    .record({ when: fc.constantFrom(...conditions), name: anyText, inner: anyText, value: any, isInner: fc.boolean() })
    .chain(({ when, value, isInner }) => {
      const of: object = isInner ? when : good
      return fc.constantFrom(...Object.keys(of)).map((name) => {
        const wrong = { ...of, [name]: value }
        return isInner ? { ...good, when: wrong } : { when, ...wrong }
      })
    })
  const tried = (value: unknown): boolean => {
    try {
      parseRule(value)
      return true
    } catch (error) {
      return error instanceof RuleError
    }
  }
  expect(fc.check(fc.property(fc.oneof(any, changed), tried), { numRuns: 1_000 })).toMatchObject({ failed: false })
  const query = fc.array(
    fc.constantFrom('key:', '$canaries', '[', ']', ',', '(', ')', '"', '/a/', '-', ' ', 'OR', '\\'),
  )
  const queried = query.map((parts) => ({ ...good, when: { kind: 'match', query: parts.join('') } }))
  expect(fc.check(fc.property(queried, tried), { numRuns: 2_000 })).toMatchObject({ failed: false })
})
