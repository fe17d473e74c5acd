/** Changes of rules: those that changed nothing, those that turn a rule off, and what may not be lost or grow meanwhile. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Change } from '../../store/store.ts'
import { deleteChannel } from '../channels/channel-rows.ts'
import { alertLimits } from '../limits.ts'
import { type AlertHouse, openAlertHouse, plainRule, tracker } from '../testing/alert-house.ts'
import { type ChangeParts, putRule, turnRule } from './change-rule.ts'
import { importRules } from './import-rules.ts'
import { deleteCalendar, deleteRule, type RuleRow, writeCalendar } from './rule-rows.ts'

let house: AlertHouse
let parts: ChangeParts
const by = { id: 'ana', name: 'Ana' }
beforeEach(() => {
  house = openAlertHouse()
  parts = { ...house.parts, trail: { growth: () => ({ size: 7, covered: 7 }) }, hasLocations: false }
})
afterEach(() => house.close())

const existing = (id = 'deleted'): RuleRow => {
  const row = parts.rules.find(tracker.id, id)
  if (row === undefined) throw new Error('there is no such rule')
  return row
}
/** Whether changes hold; what they did is kept when they do. */
function hold(changes: readonly Change[]): boolean {
  try {
    house.apply(changes)
    return true
  } catch {
    return false
  }
}

test('a rule that is on already stays as it is: nothing that it remembers is forgotten', () => {
  house.rule()
  const turned = turnRule(parts, tracker, existing(), true, 'again', by)
  expect([turned.changes, turned.after]).toEqual([[], existing()])
  const off = turnRule(parts, tracker, existing(), false, 'noise', by)
  house.apply(off.changes)
  expect(turnRule(parts, tracker, existing(), false, 'again', by).changes).toEqual([])
  house.apply(turnRule(parts, tracker, { ...existing(), suspended: 'slow' }, false, 'seen', by).changes)
  expect(existing()).toMatchObject({ isEnabled: false, suspended: null })
})

test('a rule whose list was emptied goes off, and an event says so', () => {
  const rule = plainRule({ when: { kind: 'match', query: 'key:$canaries' }, lists: { canaries: ['k1'] } })
  house.rule(rule)
  const put = putRule(parts, tracker, { ...rule, lists: { canaries: [] } }, by)
  expect(put.after?.isEnabled).toBe(false)
  expect([put.event.action, put.off?.action, put.off?.seen.request]).toEqual([
    'activity-tracker.rule.update',
    'activity-tracker.rule.disable',
    {
      rule: 'deleted',
      reason: 'Its list canaries is empty: name what it is about.',
      'initialValue.ruleEnabled': true,
      'newValue.ruleEnabled': false,
    },
  ])
  expect(putRule(parts, tracker, { ...rule, lists: { canaries: ['k2'] } }, by).off).toBeUndefined()
})

test('what a rule names cannot go at the same time, whichever is first', () => {
  house.apply([writeCalendar(tracker.id, { id: 'office', name: 'Office', zone: 'UTC', hours: [] } as never, true)])
  house.channel('mail', 'info')
  const channel = { tracker: tracker.id, id: 'mail', target: targetOf('mail') }
  const rule = plainRule({ channels: ['mail'], during: { calendar: 'office', is: 'closed' } as never })
  house.apply(putRule(parts, tracker, rule, by).changes)
  expect(hold([deleteChannel(channel)])).toBe(false)
  expect(hold([deleteCalendar(tracker.id, 'office')])).toBe(false)
  const again = putRule(parts, tracker, { ...rule, name: 'Another' }, by)
  house.apply(deleteRule(existing(), { changedAt: 1, changedBy: 'ana', changedByName: 'Ana' }))
  expect(hold([deleteCalendar(tracker.id, 'office')])).toBe(true)
  expect(hold(again.changes)).toBe(false)
  expect(hold(putRule(parts, tracker, plainRule({ id: 'other', channels: ['mail'] }), by).changes)).toBe(true)
  expect(hold([deleteChannel({ ...channel, tracker: 'another' })])).toBe(false)
  house.apply(deleteRule(existing('other'), { changedAt: 1, changedBy: 'ana', changedByName: 'Ana' }))
  const late = putRule(parts, tracker, plainRule({ id: 'late', channels: ['mail'] }), by)
  expect(hold([deleteChannel(channel)])).toBe(true)
  expect(hold(late.changes)).toBe(false)
})

const targetOf = (id: string): string =>
  house.store.get<{ target: string }>('SELECT target FROM alert_channels WHERE id = ?', id)?.target ?? ''

test('an import brings the calendar that its rule names, and not more lists than may be remembered', () => {
  const calendar = { id: 'night', name: 'Night', zone: 'UTC', hours: [] } as never
  const options = { isReplacing: false, reason: 'test', by }
  const imported = importRules(
    { ...house.parts, ...parts },
    tracker,
    {
      rules: [{ rule: plainRule({ during: { calendar: 'night', is: 'open' } as never }), enabled: true }],
      calendars: [calendar],
    },
    options,
  )
  expect(hold(imported.changes)).toBe(true)
  const long = ['x'.repeat(alertLimits.listBytes - 100)]
  const rules = [1, 2, 3, 4, 5].map((number) => ({
    rule: plainRule({ id: `long-${number}`, lists: { keys: long } }),
    enabled: false,
  }))
  const bring = (some: typeof rules): unknown =>
    importRules({ ...house.parts, ...parts }, tracker, { rules: some, calendars: [] }, options)
  expect(bring(rules.slice(0, 4))).toMatchObject({ created: 4 })
  expect(() => bring(rules)).toThrow('The lists of all rules together are too long.')
})
