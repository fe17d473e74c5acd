/** Rules in words: every shipped rule has some, with each of its queries, and every kind of condition says what it counts. */
import { expect, test } from 'vitest'
import { type Condition, type Rule, rulePack } from '@keywitness/tracker/alerts'
import { ruleLines } from './rule-words.ts'

const text = (rule: Rule): string =>
  ruleLines(rule)
    .map((line) => line.text)
    .join('\n')

function ruleOf(when: Condition, more: Partial<Rule> = {}): Rule {
  return { id: 'r', name: 'R', description: '', remedy: '', severity: 'warning', when, groupBy: [], ...more }
}

function queriesIn(value: unknown, name = ''): string[] {
  if (typeof value === 'string') return ['query', 'unless', 'of'].includes(name) ? [value] : []
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([member, one]) => queriesIn(one, Array.isArray(value) ? name : member))
}

test('each shipped rule is described with all of its queries and nothing undefined', () => {
  for (const { rule } of rulePack) {
    const said = text(rule)
    expect(said).not.toMatch(/undefined|NaN|\[object/)
    const queries = rule.when.kind === 'watch' ? [] : queriesIn(rule.when)
    for (const query of queries) expect(said, rule.id).toContain(query)
  }
})

test.each<[Condition, string]>([
  [{ kind: 'count', query: 'a', threshold: 5, within: '10m' }, '5 or more events within 10m that this finds:'],
  [{ kind: 'ratio', query: 'a', of: 'b', share: 0.1, least: 5, within: '1d' }, '10 % or more of the events'],
  [
    { kind: 'sequence', steps: [{ query: 'a', count: 3 }, { query: 'b' }], within: '5m', same: [['key', 'target']] },
    'key of the first is target of the last',
  ],
  [
    { kind: 'history', query: 'a', per: '1h', periods: 100, learn: 24, quantile: 0.99, least: 10 },
    '99 % of the last 100 periods',
  ],
  [
    { kind: 'deadline', query: 'a', due: { after: '90d' }, before: '7d', unless: 'b' },
    'It ends 90d later, told 7d before, unless there is:',
  ],
  [{ kind: 'watch', of: 'checkpoint', beyond: '5m' }, 'no signed checkpoint covers for more than 5m'],
])('a condition %o is told as it counts', (when, said) => {
  expect(text(ruleOf(when))).toContain(said)
})

test('who is told, and when events count, is said', () => {
  const when: Condition = { kind: 'match', query: 'a' }
  expect(text(ruleOf(when))).toContain('Every channel that takes warning alerts is told.')
  expect(text(ruleOf(when, { channels: ['chat', 'mail'] }))).toContain('Told: chat, mail.')
  expect(text(ruleOf(when, { during: { calendar: 'hours', is: 'outside' } }))).toContain(
    'outside the times of the calendar hours',
  )
})
