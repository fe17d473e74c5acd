/** Every kind of condition in words that name its numbers and its queries. */
import { createInstance } from 'i18next'
import { beforeAll, expect, test } from 'vitest'
import type { Condition, Rule } from '../api/alert-types.ts'
import en from '../i18n/en/alerts-page.json' with { type: 'json' }
import { conditionLines, durationWords } from './condition-words.ts'

const texts = createInstance()
beforeAll(async () => {
  await texts.init({
    lng: 'en',
    resources: { en: { translation: en } },
    interpolation: { escapeValue: false },
  })
})

function words(when: Condition, change: Partial<Rule> = {}): string[] {
  const rule: Rule = {
    id: 'r',
    name: 'R',
    description: '',
    remedy: '',
    severity: 'info',
    when,
    groupBy: [],
    ...change,
  }
  return conditionLines(rule, texts.t).map(({ words: said, query }) =>
    query === undefined ? said : `${said} | ${query}`,
  )
}
const query = 'outcome:failure'

const conditions: readonly (readonly [Condition, readonly string[]])[] = [
  [{ kind: 'match', query }, ['an event is found by | outcome:failure']],
  [
    { kind: 'count', query, threshold: 20, within: '5m' },
    ['20 events within 5 minutes are found by | outcome:failure'],
  ],
  [
    { kind: 'distinct', query, of: 'key', threshold: 3, within: '1h' },
    ['3 different values of key within 1 hour, among events found by | outcome:failure'],
  ],
  [
    { kind: 'ratio', query, of: 'action:*', share: 0.125, least: 40, within: '10m', ofWithin: '1d' },
    [
      '12.5 % or more (events) within 10 minutes are found by | outcome:failure',
      'of at least 40 within 1 day found by | action:*',
    ],
  ],
  [{ kind: 'absence', query, within: '2w' }, ['nothing for 2 weeks is found by | outcome:failure']],
  [
    { kind: 'new', query, fields: ['initiator.id', 'key'], remember: '90d', learn: '14d', volume: 5 },
    [
      'a value of initiator.id, key, not seen for 90 days, is in an event found by | outcome:failure',
      'What is there in the first 14 days counts as known.',
      'From 5 events of the new value within a day on.',
    ],
  ],
  [
    { kind: 'sequence', steps: [{ query, count: 3 }, { query: 'outcome:success' }], within: '30s', same: [['a', 'b']] },
    [
      '2 steps within 30 seconds, one after another:',
      '1. 3 events found by | outcome:failure',
      '2. an event found by | outcome:success',
      'a of the first and b of the last are equal.',
    ],
  ],
  [
    {
      kind: 'sequence',
      steps: [{ query }, { query }],
      within: '30s',
      same: [
        ['a', 'b'],
        ['c', 'd'],
      ],
    },
    [
      '2 steps within 30 seconds, one after another:',
      '1. an event found by | outcome:failure',
      '2. an event found by | outcome:failure',
      'a of the first and b of the last are equal, or another such pair is.',
      'c of the first and d of the last are equal, or another such pair is.',
    ],
  ],
  [
    { kind: 'history', query, per: '1h', periods: 168, learn: 24, quantile: 0.99, deviations: 3, most: 900, least: 10 },
    [
      'more in 1 hour than the 168 such periods before let expect is found by | outcome:failure',
      'Above what 99 % of those periods had.',
      'Above their mean by 3 standard deviations.',
      'Above 900, whatever the history.',
      'Never below 10.',
    ],
  ],
  [
    { kind: 'deadline', query, due: { after: '4h' }, before: '1h', unless: 'x' },
    [
      '4 hours have passed since an event found by | outcome:failure',
      'Told 1 hour before.',
      'unless there was an event found by | x',
    ],
  ],
  [
    { kind: 'deadline', query, due: { field: 'expirationDate' }, unless: 'x' },
    [
      'the date in expirationDate has come, of an event found by | outcome:failure',
      'unless there was an event found by | x',
    ],
  ],
  [
    { kind: 'deadline', query, due: { months: 'rotation' }, unless: 'x' },
    [
      'the months in rotation have passed since an event found by | outcome:failure',
      'unless there was an event found by | x',
    ],
  ],
  [
    { kind: 'travel', query, speed: 900, least: 500 },
    ['two addresses further apart than 900 km/h allow, and than 500 km, in events found by | outcome:failure'],
  ],
  [{ kind: 'watch', of: 'engine', beyond: '1m' }, ['Rules see events late, or not at all, for 1 minute.']],
]

test.each(conditions)('%j is told in words', (when, lines) => {
  expect(words(when)).toEqual(lines)
})

test('groups, calendars and lists are told, too', () => {
  const change = { groupBy: ['key'], during: { calendar: 'office', is: 'outside' }, lists: { canaries: [] } } as const
  expect(words({ kind: 'match', query }, change).slice(1)).toEqual([
    'Each key counts for itself.',
    'Only outside of the hours of the calendar “office”.',
    'The list “canaries” has 0 values.',
  ])
})

test('a length of time that is none stays as it is', () => {
  expect(durationWords('soon', texts.t)).toBe('soon')
})
