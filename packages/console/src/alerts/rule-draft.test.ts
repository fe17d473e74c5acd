/** A rule as it is typed: what a form shows is the rule again, and what is wrong is found at its place. */
import { expect, test } from 'vitest'
import { ApiError } from '../api/problem.ts'
import { countOf, draftOf, newDraft, type RuleDraft, ruleOf, withKind, withoutItem } from './rule-draft.ts'
import { faultOfRefusal, faultsOf, placesOf } from './rule-faults.ts'
import { conditionKinds } from './rule-kinds.ts'

const around = { id: 'r', name: 'R', description: 'd', remedy: 'm', severity: 'critical', groupBy: [] }
const conditions: readonly object[] = [
  { kind: 'match', query: 'key:==$canaries' },
  { kind: 'count', query: 'outcome:failure', threshold: 10, within: '1m' },
  { kind: 'distinct', query: 'outcome:failure', of: 'address', threshold: 5, within: '1h' },
  {
    kind: 'ratio',
    query: 'outcome:failure',
    of: '*',
    share: 0.333,
    least: 20,
    within: '10m',
    ofWithin: '1d',
    distinct: 'key',
  },
  { kind: 'absence', query: 'action:x', within: '26h' },
  { kind: 'new', query: '*', fields: ['initiator.id', 'address'], remember: '30d', learn: '7d', volume: 3 },
  {
    kind: 'sequence',
    steps: [{ query: 'a' }, { query: 'b', count: 3 }],
    within: '1d',
    same: [['address', 'target.id']],
  },
  {
    kind: 'history',
    query: '*',
    per: '1h',
    periods: 720,
    learn: 168,
    quantile: 0.999,
    deviations: 3.5,
    most: 9,
    least: 0,
  },
  { kind: 'deadline', query: 'a', due: { months: 'requestData.interval_month' }, before: '1d', unless: 'b' },
  { kind: 'travel', query: '*', speed: 900, least: 0 },
  { kind: 'watch', of: 'dead-rule', beyond: '30d' },
]

test.each(conditions)('a rule is the same after it was shown in a form: %o', (when) => {
  const rule = {
    ...around,
    when,
    title: 'Who? {key}',
    groupBy: ['key', 'address'],
    during: { calendar: 'working-hours', is: 'inside' },
    lists: { canaries: ['a', 'b c'], none: [] },
    channels: [],
  }
  expect(ruleOf(draftOf(rule))).toEqual(rule)
})

test('every kind of condition is asked for, and its own start has nothing wrong but what must be said', () => {
  expect(conditions.map((when) => (when as { kind: string }).kind)).toEqual(conditionKinds)
  const draft = newDraft('outcome:failure')
  for (const kind of conditionKinds) {
    const made = withKind({ ...draft, texts: { ...draft.texts, id: 'x', name: 'X' } }, kind)
    const wrong = [...faultsOf(made)].map(([place, fault]) => [place, 'code' in fault ? fault.code : ''])
    expect(
      wrong.every(([place, code]) => code === 'needed' && /of$|query$|unless$/.test(place ?? '')),
      kind,
    ).toBe(true)
  }
})

test('another kind keeps the query, and what both ask for in the same way', () => {
  const count = withKind(newDraft('outcome:failure'), 'count')
  const typed: RuleDraft = { ...count, texts: { ...count.texts, 'when.within': '3h' } }
  expect(ruleOf(withKind(typed, 'absence'))).toMatchObject({ when: { query: 'outcome:failure', within: '3h' } })
  expect(ruleOf(withKind(typed, 'sequence'))).toMatchObject({
    when: { steps: [{ query: 'outcome:failure' }, { query: '' }], within: '3h' },
  })
  // `of` of a ratio is a query, that of a watch is none.
  expect(withKind(withKind(typed, 'ratio'), 'watch').texts['when.of']).toBe('checkpoint')
})

test('a step that is taken out is gone, and those behind it move up', () => {
  const draft = draftOf({
    when: { kind: 'sequence', steps: [{ query: 'a' }, { query: 'b', count: 2 }, { query: 'c' }] },
  })
  const left = withoutItem(draft, 'when.steps', 0)
  expect(countOf(left, 'when.steps')).toBe(2)
  expect(ruleOf(left)).toMatchObject({ when: { steps: [{ query: 'b', count: 2 }, { query: 'c' }] } })
})

test('what is wrong is found at its place', () => {
  const draft = draftOf({
    id: 'No',
    when: { kind: 'count', query: 'outcom:failure', threshold: 1, within: '10 minutes' },
    groupBy: ['nonsense', 'country'],
  })
  expect(Object.fromEntries(faultsOf(draft))).toEqual({
    id: { code: 'id' },
    name: { code: 'needed' },
    'when.query': { code: 'query' },
    'when.threshold': { code: 'whole', least: 2, most: 10_000 },
    'when.within': { code: 'duration' },
    groupBy: { code: 'field', name: 'nonsense' },
  })
  expect([...faultsOf(draftOf({ ...around, when: { kind: 'history', query: '*', least: 1 } })).keys()]).toContain(
    'when.quantile',
  )
})

test('a list of the rule is no fault of a query, whatever the field takes', () => {
  const draft = draftOf({ ...around, when: { kind: 'match', query: 'key:==$canaries code:[$codes, 403]' } })
  expect([...faultsOf(draft)]).toEqual([])
})

test('what the server refuses stands where it was typed, or at the whole', () => {
  const draft = draftOf({ ...around, when: conditions[6] })
  const refusal = (name: string) =>
    new ApiError({ status: 400, code: 'INVALID_FIELD_ERR', message: `${name}: No.`, at: { name } })
  const found = (name: string) => faultOfRefusal(refusal(name), placesOf(draft))
  expect(found('rule.when.steps.1.query')).toEqual(['when.steps.1.query', { said: 'No.' }])
  expect(found('rule.groupBy.3')).toEqual(['groupBy', { said: 'No.' }])
  expect(found('rule.when.same.0.1')).toEqual(['when.same.0.1', { said: 'No.' }])
  expect(found('rule.when')).toEqual(['', { said: 'when: No.' }])
  expect(found('rule')).toEqual(['', { said: 'No.' }])
  expect(faultOfRefusal(new ApiError({ status: 409, code: 'CONFLICT', message: 'x' }), [])).toBeUndefined()
})
