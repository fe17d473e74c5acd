/** What fires because nothing happened: absences and deadlines. */
import { expect, test } from 'vitest'
import {
  alertStart,
  day,
  hour,
  minute,
  noOptions,
  ruleOf,
  secondsOf,
  subjectsOf,
  type Told,
} from '../../testing/alert-log.ts'
import { Evaluation, type Firing } from '../evaluation.ts'
import type { AbsenceCondition, DeadlineCondition } from '../rule.ts'
import { dateOf, monthsAfter } from './term.ts'

const absence: AbsenceCondition = { kind: 'absence', query: 'action:*.unwrap', within: '10m' }
const deadline: DeadlineCondition = {
  kind: 'deadline',
  query: 'action:*.create',
  due: { after: '30d' },
  unless: 'action:*.rotate',
}

/** Events, and ticks as numbers, in their order. */
function run(evaluation: Evaluation, log: readonly (Told | number)[]): Firing[] {
  const subjects = subjectsOf(log.filter((step) => typeof step !== 'number'))
  let next = 0
  return log.flatMap((step) => [
    ...(typeof step === 'number' ? evaluation.tick(alertStart + step * 1_000) : evaluation.see(subjects[next++]!)),
  ])
}
const told = (when: AbsenceCondition | DeadlineCondition, log: readonly (Told | number)[], groupBy: string[] = []) =>
  run(new Evaluation(ruleOf(when, { groupBy }), noOptions), log).map(({ at, trigger, group, events }) => ({
    at: secondsOf(at),
    trigger,
    events,
    ...(group.length > 0 ? { group: group.join() } : {}),
  }))

test('silence is told when it is due, and once', () => {
  const due = { at: 10 * minute, trigger: 0, events: [0] }
  expect(told(absence, [{ at: 0 }, 10 * minute - 1])).toEqual([])
  expect(told(absence, [{ at: 0 }, 10 * minute])).toEqual([due])
  expect(told(absence, [{ at: 0 }, 10 * minute, 11 * minute, hour, { at: hour }])).toEqual([due])
})

test('a later event shows the same silence that a tick would have told of', () => {
  expect(told(absence, [{ at: 0 }, { at: 10 * minute }])).toEqual([])
  expect(told(absence, [{ at: 0 }, { at: 10 * minute + 1 }])).toEqual([{ at: 10 * minute, trigger: 0, events: [0] }])
  expect(told(absence, [{ at: 0 }, { at: hour }, 2 * hour]).map(({ trigger }) => trigger)).toEqual([0, 1])
})

test('before there was any event silence counts from when the rule was turned on', () => {
  expect(told(absence, [0, 10 * minute])).toEqual([{ at: 10 * minute, trigger: -1, events: [] }])
  expect(told(absence, [{ at: 0, action: 'wrap' }, 10 * minute])).toEqual([
    { at: 10 * minute, trigger: 0, events: [0] },
  ])
})

test('other events break no silence, late ones neither', () => {
  const log = [{ at: 5 * minute }, { at: 14 * minute, action: 'wrap' }, { at: 0 }, 15 * minute]
  expect(told(absence, log)).toEqual([{ at: 15 * minute, trigger: 0, events: [0] }])
})

test('with groups each group is missed that there was once, in order of time', () => {
  const log = [
    { at: 0, who: 'ana' },
    { at: 2, who: 'ben' },
    { at: 1, who: 'cleo' },
    { at: 300, who: 'ben' },
  ]
  expect(told(absence, [0, ...log, hour], ['initiator']).map(({ group, trigger }) => [group, trigger])).toEqual([
    ['ana', 0],
    ['cleo', 2],
    ['ben', 3],
  ])
})

test('an event from the future does not keep silence from being told', () => {
  expect(told(absence, [{ at: 400 * day }, 60, 60 + 10 * minute])).toMatchObject([{ at: 60 + 10 * minute, trigger: 0 }])
})

test('a term that nobody keeps is told of when it is over', () => {
  const log = [{ at: 0, action: 'create', key: 'k' }, 30 * day - 1, 30 * day, 31 * day]
  expect(told(deadline, log, ['key'])).toEqual([{ at: 30 * day, trigger: 0, events: [0], group: 'k' }])
})

test('it is told of so long before', () => {
  const log = [{ at: 0, action: 'create' }, 29 * day - 1]
  const early = { ...deadline, before: '1d' }
  expect(told(early, log)).toEqual([])
  expect(told(early, [...log, 29 * day, 30 * day])).toMatchObject([{ at: 29 * day }])
})

test('what keeps it keeps it for its group only', () => {
  const opened = ['a', 'b'].map((key, at) => ({ at, action: 'create', key }))
  const log = [...opened, { at: day, action: 'rotate', key: 'a' }, 60 * day]
  expect(told(deadline, log, ['key'])).toMatchObject([{ group: 'b', trigger: 1 }])
})

test('what is done too late shows that it was, what is done at the last moment is in time', () => {
  const log = (at: number) => [{ at: 0, action: 'create' }, { at, action: 'rotate' }, 90 * day]
  expect(told(deadline, log(30 * day))).toEqual([])
  expect(told(deadline, log(30 * day + 1))).toEqual([{ at: 30 * day, trigger: 0, events: [0] }])
})

test('an event that opens and keeps renews the term', () => {
  const renewed: DeadlineCondition = { ...deadline, query: 'action:[*.create, *.rotate]' }
  const log = [{ at: 0, action: 'create' }, { at: 20 * day, action: 'rotate' }, 31 * day]
  expect(told(renewed, log)).toEqual([])
  expect(told(renewed, [...log, 51 * day])).toMatchObject([{ at: 50 * day, trigger: 1 }])
})

test('an opening that comes late does not undo what kept it', () => {
  const log = [{ at: 100, action: 'rotate' }, { at: 50, action: 'create' }, 90 * day]
  expect(told(deadline, log)).toEqual([])
})

test('the date may be named by the event, and may be over already', () => {
  const named: DeadlineCondition = { ...deadline, due: { field: 'requestData.expirationDate' } }
  const opening = (expirationDate: string) => ({ at: 0, action: 'create', data: { expirationDate } })
  expect(told(named, [opening('2026-11-03T09:00:00Z'), 2 * day])).toMatchObject([{ at: day }])
  expect(told(named, [opening('2026-11-02T10:00:00+02:00')])).toMatchObject([{ at: -hour }])
  expect(told(named, [opening('soon'), 400 * day])).toEqual([])
})

test('the term may be as many months as the event says', () => {
  const months: DeadlineCondition = { ...deadline, due: { months: 'requestData.intervalMonth' } }
  const opening = (intervalMonth: unknown) => ({ at: 0, action: 'create', data: { intervalMonth } })
  const [firing] = told(months, [opening(3), 200 * day])
  expect(new Date(alertStart + firing!.at * 1_000).toISOString()).toBe('2027-02-02T09:00:00.000Z')
  for (const none of [0, -1, 1.5, 'x', 5_000, undefined]) expect(told(months, [opening(none), 400 * day])).toEqual([])
})

test('months end at the last day of a shorter one', () => {
  const plus = (date: string, months: number): string => new Date(monthsAfter(Date.parse(date), months)).toISOString()
  expect(plus('2026-01-31T10:00:00Z', 1)).toBe('2026-02-28T10:00:00.000Z')
  expect(plus('2027-11-30T10:00:00Z', 3)).toBe('2028-02-29T10:00:00.000Z')
  expect(plus('2026-12-31T23:59:59Z', 12)).toBe('2027-12-31T23:59:59.000Z')
})

test('dates are those of RFC 3339', () => {
  expect(dateOf('2026-11-03')).toBe(Date.UTC(2026, 10, 3))
  expect(dateOf('2026-11-03t10:00:00.5z')).toBe(Date.UTC(2026, 10, 3, 10, 0, 0, 500))
  for (const none of ['', '2026-11-31', '2026-11-03T25:00:00Z', '1762164000', 'x'.repeat(100)]) {
    expect(dateOf(none)).toBeUndefined()
  }
})
