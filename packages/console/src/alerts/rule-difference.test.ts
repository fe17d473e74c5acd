/** What differs between two versions of a rule. */
import { expect, test } from 'vitest'
import { differencesOf } from './rule-difference.ts'

const rule = {
  name: 'R',
  when: { kind: 'count', query: 'a', threshold: 10 },
  groupBy: ['key'],
  lists: { canaries: ['x'] },
}

test('only what differs is told, each member by itself, with both sides', () => {
  const after = {
    name: 'R',
    when: { kind: 'absence', query: 'a', within: '1d' },
    groupBy: [],
    lists: { canaries: ['x', 'y'] },
  }
  expect(differencesOf(rule, after)).toEqual([
    { path: 'when.kind', before: 'count', after: 'absence', kind: 'absence' },
    { path: 'when.threshold', before: '10', after: undefined, kind: 'count' },
    { path: 'groupBy', before: 'key', after: '' },
    { path: 'lists.canaries', before: 'x', after: 'x, y' },
    { path: 'when.within', before: undefined, after: '1d', kind: 'absence' },
  ])
})

test('the same rule differs in nothing, and one that is new in all of it', () => {
  expect(differencesOf(rule, structuredClone(rule))).toEqual([])
  expect(differencesOf(null, rule).map(({ path }) => path)).toEqual([
    'name',
    'when.kind',
    'when.query',
    'when.threshold',
    'groupBy',
    'lists.canaries',
  ])
})
