/** What differs is told in the words of the form, for every member that a form has. */
import { createInstance } from 'i18next'
import { beforeAll, expect, test } from 'vitest'
import en from '../i18n/en/alerts.json' with { type: 'json' }
import { changedMembers, differenceWords } from './difference-words.ts'
import { differencesOf } from './rule-difference.ts'
import { conditionKinds, membersOf } from './rule-kinds.ts'

const texts = createInstance()
beforeAll(async () => {
  await texts.init({
    lng: 'en',
    ns: 'alerts',
    defaultNS: 'alerts',
    resources: { en: { alerts: en } },
    interpolation: { escapeValue: false },
  })
})
const t = (): Parameters<typeof differenceWords>[1] => texts.getFixedT('en', 'alerts')

function told(before: object, after: object): string[] {
  return differencesOf(before, after).map((difference) => {
    const { label, before: old = '-', after: next = '-' } = differenceWords(difference, t())
    return `${label}: ${old} > ${next}`
  })
}

test('members and values of a rule are called as its form calls them', () => {
  const before = {
    severity: 'info',
    when: { kind: 'count', query: 'a', threshold: 10, within: '10m' },
    groupBy: ['key'],
    channels: ['ops'],
    lists: { canaries: ['x'] },
  }
  const after = {
    severity: 'critical',
    when: { kind: 'ratio', query: 'a', of: '*', share: 0.333, least: 20, within: '1h' },
    groupBy: [],
    during: { calendar: 'working-hours', is: 'outside' },
    channels: [],
  }
  expect(told(before, after)).toEqual([
    'Severity: Info > Critical',
    'It fires on: Many events within a time > A share of events',
    'So many or more: 10 > -',
    'Within: 10m > 1h',
    'Each counts for itself: key > -',
    'Who is told: ops > Nobody is told: its alerts are seen here only.',
    'List “canaries”: x > -',
    'The whole: events found by: - > *',
    'Share, in %: - > 33.3',
    'Only when the whole is at least: - > 20',
    'At which times: At all times > working-hours',
    'What counts of that: - > Only outside of its hours',
  ])
})

test('steps, comparisons and terms have their words, and those of a calendar too', () => {
  const sequence = { when: { kind: 'sequence', steps: [{ query: 'a' }], same: [['key', 'initiator.id']] } }
  expect(told(sequence, { when: { kind: 'deadline', due: { months: 'interval' } } })).toEqual([
    'It fires on: Events one after another > A term that ends',
    'Step 1: events found by: a > -',
    'Compared: of the first step and of the last: key = initiator.id > -',
    'Field of the months: - > interval',
  ])
  const hours = { 1: [['08:00', '12:00']] }
  expect(told({ hours }, { hours: { 1: [...hours[1], ['13:00', '17:00']] }, holidays: ['2026-12-25'] })).toEqual([
    'Monday: 08:00-12:00 > 08:00-12:00, 13:00-17:00',
    'Days off: - > 2026-12-25',
  ])
})

test('every member of every kind has a word, and what is no member keeps its name', () => {
  for (const kind of conditionKinds) {
    for (const { name } of membersOf[kind]) {
      const { label } = differenceWords({ path: `when.${name}`, before: undefined, after: '1', kind }, t())
      expect(label, `${kind} ${name}`).not.toMatch(/^(?:when|member)\./)
    }
  }
  expect(changedMembers(differencesOf({ name: 'A', odd: 1 }, { name: 'B', odd: 2 }), t())).toBe('Name · odd')
})
