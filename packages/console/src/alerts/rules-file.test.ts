/** A file of rules: what is wrong in it is said by its line, and what it would change before anything is saved. */
import { expect, test } from 'vitest'
import type { Calendar, RuleView } from '../api/alert-types.ts'
import { fileFormat, planOf, readRulesFile } from './rules-file.ts'

const rule = (id: string, threshold = 20): RuleView['rule'] => ({
  id,
  name: `The rule ${id}`,
  description: '',
  remedy: '',
  severity: 'warning',
  when: { kind: 'count', query: 'outcome:failure', threshold, within: '5m' },
  groupBy: [],
})
const view = (id: string, state: RuleView['state']): RuleView => ({
  rule: rule(id),
  version: 3,
  state,
  changedAt: '2026-11-25T14:05:00.000Z',
  changedBy: { id: 'i', name: 'owner' },
  matched: 0,
  fired: 0,
  isDead: false,
})
const calendar: Calendar = { id: 'working-hours', name: 'Working hours', zone: 'UTC', hours: {}, holidays: [] }
const textOf = (rules: readonly unknown[], calendars: readonly unknown[] = []): string =>
  JSON.stringify({ format: fileFormat, rules, calendars }, null, 2)

function planned(text: string, views: readonly RuleView[]) {
  const reading = readRulesFile(text)
  if ('faults' in reading) throw new Error(JSON.stringify(reading.faults))
  return planOf(reading.items, views, [calendar]).map(({ id, change, turns, differences }) => ({
    id,
    change,
    turns,
    paths: differences.map(({ path }) => path),
  }))
}

test('new, other and the same are told apart, and what is turned on or off is said; calendars come first', () => {
  const text = textOf(
    [
      // The order of members is no difference.
      { enabled: true, rule: Object.fromEntries(Object.entries(rule('same')).toReversed()) },
      { rule: rule('other', 30), enabled: true },
      { rule: rule('turned'), enabled: false },
      { rule: rule('fresh'), enabled: true },
      { rule: rule('waiting'), enabled: true },
      { rule: rule('stopped'), enabled: true },
    ],
    [{ ...calendar, zone: 'Asia/Tokyo' }],
  )
  const views = [
    view('same', 'learning'),
    view('other', 'on'),
    view('turned', 'on'),
    view('waiting', 'needs'),
    view('stopped', 'suspended'),
  ]
  expect(planned(text, views)).toEqual([
    { id: 'working-hours', change: 'differs', turns: undefined, paths: ['zone'] },
    { id: 'same', change: 'same', turns: undefined, paths: [] },
    { id: 'other', change: 'differs', turns: undefined, paths: ['when.threshold'] },
    { id: 'turned', change: 'differs', turns: 'off', paths: [] },
    { id: 'fresh', change: 'new', turns: 'on', paths: [] },
    { id: 'waiting', change: 'same', turns: undefined, paths: [] },
    { id: 'stopped', change: 'differs', turns: 'on', paths: [] },
  ])
})

test('lists that read alike and are not the same are a difference', () => {
  const [one, two] = [
    { ...view('a', 'on'), rule: { ...rule('a'), groupBy: ['key', 'action'] } },
    { ...rule('a'), groupBy: ['key, action'] },
  ]
  expect(planned(textOf([{ rule: two, enabled: true }]), [one])[0]?.change).toBe('differs')
})

test.each([
  ['no JSON', '{\n  "format": "keywitness-rules/1",\n}', [{ code: 'notJson', line: 3 }]],
  ['another form', '{\n"format": "keywitness-rules/2", "rules": []}', [{ code: 'format', line: 2 }]],
  ['a rule by itself', JSON.stringify(rule('a')), [{ code: 'format', line: 1 }]],
  ['no rules', `{"format": "${fileFormat}",\n"rules": {}}`, [{ code: 'rules', line: 2 }]],
  [
    'items that are none',
    `{"format": "${fileFormat}", "rules": [\n{"rule": {"id": "A B"}},\n7,\n{"rule": {"id": "a"}},\n{"rule": {"id": "a"}}]}`,
    [
      { code: 'item', line: 2 },
      { code: 'item', line: 3 },
      { code: 'twice', line: 5, id: 'a' },
    ],
  ],
])('%s is said with its line', (_, text, faults) => {
  expect(readRulesFile(text)).toEqual({ faults })
})

test('where a member stands is found, and of a missing one what should hold it', () => {
  const reading = readRulesFile(textOf([{ rule: rule('a'), enabled: true }]))
  if ('faults' in reading) throw new Error('faults')
  expect(reading.lineAt('rules.0.rule.when.threshold')).toBe(14)
  expect(reading.lineAt('rules.0.rule.when.missing')).toBe(11)
})
