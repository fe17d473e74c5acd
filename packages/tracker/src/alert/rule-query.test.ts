/** Queries of rules: lists are text and nothing else, long ones are looked up, much is known from an event's kind. */
import { parseQuery } from '@keywitness/cadf'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { EntrySubject } from '../search/entry-subject.ts'
import { matcherOf } from '../search/matcher.ts'
import { entryOf, type Told } from '../testing/alert-log.ts'
import { kindOf } from './event-kind.ts'
import { RuleError } from './rule-error.ts'
import { compileQuery } from './rule-query.ts'

const subjectOf = (told: Omit<Told, 'at'>): EntrySubject => new EntrySubject(7, entryOf({ at: 0, ...told }))
const finds = (query: string, lists: { [name: string]: string[] }, told: Omit<Told, 'at'>): boolean =>
  compileQuery(query, lists, 'when.query').matches(subjectOf(told))

test('a list stands for its values, alone and among others', () => {
  const lists = { ids: ['k1', 'k2'], codes: ['403', '404'] }
  expect(finds('key:$ids', lists, { key: 'k2' })).toBe(true)
  expect(finds('key:$ids', lists, { key: 'k3' })).toBe(false)
  expect(finds('key:[$ids, k3]', lists, { key: 'k3' })).toBe(true)
  expect(finds('-key:==[k9, $ids] code:$codes', lists, { key: 'k10', code: 404 })).toBe(true)
  expect(finds('key:==$ids', lists, { key: 'k10' })).toBe(false)
  expect(finds('a OR (key:$ids code:[$codes]) OR b', lists, { key: 'k10', code: 403 })).toBe(true)
})

test('nothing in a value is syntax', () => {
  for (const value of ['" OR "', 'x] OR code:200', '*', '/./', 'a\\', '$ids', '-x', '(', 'x", "y']) {
    expect(finds('key:$ids', { ids: [value] }, { key: 'k' }), value).toBe(false)
    expect(finds('key:===$ids', { ids: [value] }, { key: value }), value).toBe(true)
  }
})

test('an empty list finds nothing, and is told of', () => {
  expect(finds('key:$ids', { ids: [] }, { key: 'k' })).toBe(false)
  expect(finds('key:[$ids, k]', { ids: [] }, { key: 'k' })).toBe(true)
  expect(finds('-key:$ids', { ids: [] }, { key: 'k' })).toBe(true)
  expect(compileQuery('key:[$ids, k]', { ids: [] }, '').emptyLists).toEqual(['ids'])
})

test('a dollar in quotes, or behind a backslash, is one', () => {
  expect(finds('key:"$ids"', {}, { key: '$ids' })).toBe(true)
  expect(finds('key:\\$ids', {}, { key: '$ids' })).toBe(true)
})

const word = fc.constantFrom('a', 'ab', 'abc', 'b', 'ba', 'B', 'aB', 'hs-crypto.importtoken.create', 'Σς', 'hs')
const sign = fc.constantFrom('', '=', '==', '===')
const value = fc.tuple(sign, word)

test('what is looked up among many values is found as if they were tried one by one', () => {
  const fields = fc.constantFrom('key', 'action', 'initiator')
  const terms = fc.array(fc.tuple(fields, value), { minLength: 1, maxLength: 30 })
  const told = fc.record({ key: word, who: word, action: fc.oneof(word, fc.constant('hs-crypto.importtoken.write')) })
  fc.assert(
    fc.property(terms, told, (parts, event) => {
      const query = parts.map(([field, [operator, text]]) => `${field}:${operator}"${text}"`).join(' OR ')
      const subject = subjectOf(event)
      const expected = matcherOf(parseQuery(query, { now: 0 }))(subject)
      expect(compileQuery(query, {}, '').matches(subject)).toBe(expected)
    }),
    { numRuns: 500 },
  )
})

const leaf = fc.oneof(
  fc.constantFrom('unwrap', 'code:403', 'key:k1', 'action:*', 'action:/unwrap/', 'hs*'),
  fc.constantFrom('action:hs-crypto.secrets.unwrap', 'action:*.wrap', 'action:/wrap$/', 'action:[*.read, *.wrap]'),
  fc.constantFrom('action:hs-crypto.importtoken.create', 'action:$none', 'action:$some', '-action:*.read'),
  fc.constantFrom(
    'outcome:success',
    'outcome:[success, pending]',
    'outcome:*',
    'severity:>=warning',
    'severity:normal',
  ),
  fc.constantFrom('code:>400', 'code:[401, 403]', 'code:*', 'credential:==user', '-credential:*', 'credential:t*'),
  fc.constantFrom('initiator.typeURI:==a/user', 'initiator.typeURI:/user/', 'initiator:ana', 'requestData.code:403'),
)
const { tree } = fc.letrec<{ tree: string }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4 },
    leaf,
    fc.tuple(tie('tree'), fc.constantFrom(' ', ' OR '), tie('tree')).map(([a, by, b]) => `(${a}${by}${b})`),
    tie('tree').map((inner) => `-(${inner})`),
  ),
}))
/** Members as they should be, as imported events have them, and as nobody should write them. */
const odd = fc.constantFrom<unknown>(
  undefined,
  null,
  '',
  '403',
  403,
  1.5,
  true,
  [],
  ['success'],
  ['user', 'x'],
  {},
  { id: 'x' },
)
const one = (...texts: unknown[]): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...texts) }, { weight: 1, arbitrary: odd })
const anyEvent = fc.record({
  action: one('hs-crypto.secrets.unwrap', 'a.wrap', 'a.read', 'hs-crypto.importtoken.write', 'x.y', 'a\n"b'),
  outcome: one('success', 'failure', 'Pending'),
  severity: one('normal', 'warning', 'critical'),
  reason: fc.oneof(fc.record({ reasonCode: one(200, 401, 403, '403', 'x') }), odd),
  initiator: fc.oneof(
    fc.record({
      id: one('ana', 'ben'),
      typeURI: one('a/user', 'b/service'),
      credential: fc.oneof(fc.record({ type: one('user', 'token') }), odd),
    }),
    odd,
  ),
  requestData: fc.record({ code: one(403) }),
})

test('for events of one kind the condition is the same, with what the kind says of it decided', () => {
  const lists = { none: [], some: ['hs-crypto.secrets.read', 'x', 'y', 'z'] }
  let decided = 0
  const isRight = fc.property(tree, anyEvent, (query, event) => {
    const { matches, ofKind } = compileQuery(query, lists, '')
    const subject = new EntrySubject(7, Buffer.from(JSON.stringify({ event })))
    const kind = kindOf(subject)
    if (kind === undefined) return true
    const left = ofKind(kind)
    if (typeof left === 'boolean') decided += 1
    return matches(subject) === (typeof left === 'boolean' ? left : left(subject))
  })
  expect(fc.check(isRight, { numRuns: 3_000 })).toMatchObject({ failed: false })
  expect(decided).toBeGreaterThan(500)
})

test('an event with something long, or many things, where a kind has one short thing is of no kind', () => {
  const kindWith = (initiator: unknown): unknown =>
    kindOf(new EntrySubject(7, Buffer.from(JSON.stringify({ event: { action: 'x.y', initiator } }))))
  expect(kindWith({ typeURI: 'a/user' })).toHaveProperty('text', '["x.y",null,null,null,"a/user",null]')
  for (const typeURI of ['x'.repeat(1_000), { a: 1 }, ['a', 'b'], [['a']]])
    expect(kindWith({ typeURI })).toBeUndefined()
  const deep = `${'['.repeat(30_000)}${']'.repeat(30_000)}`
  expect(kindOf(new EntrySubject(7, Buffer.from(`{"event":{"initiator":{"typeURI":${deep}}}}`)))).toBeUndefined()
})

test.each([
  ['action:*.delete code:200', true, false],
  ['(action:*.delete OR action:*.purge) AND ana', true, false],
  ['action:*.delete OR ana', true, true],
  ['-action:*.delete', false, true],
  ['-(action:*.delete ana)', true, true],
  ['', true, true],
])('of %s the actions are known', (query, ofDelete, ofWrap) => {
  const { ofKind } = compileQuery(query, {}, '')
  const isPossible = (action: string): boolean => ofKind(kindOf(subjectOf({ action, code: 200 }))!) !== false
  expect([isPossible('hs-crypto.secrets.delete'), isPossible('hs-crypto.secrets.wrap')]).toEqual([ofDelete, ofWrap])
})

test('a pattern without a field is refused, and what patterns cost is known', () => {
  for (const text of ['/a+/', '*x*y', 'outcome:failure -/a/i']) {
    expect(() => compileQuery(text, {}, 'when.query')).toThrow(RuleError)
  }
  const costOf = (text: string): number => compileQuery(text, {}, '').patternCost
  expect([costOf('outcome:failure'), costOf('agent:*curl*'), costOf('agent:/a{10}/ OR uri:/bc/')]).toEqual([0, 6, 52])
})
