/** What becomes of firings: one alert each, never two for one, never none; told once; muted, grouped, and bounded. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { alertLimits } from '../limits.ts'
import { type AlertHouse, fired, openAlertHouse, tracker } from '../testing/alert-house.ts'
import { writeRule } from '../rules/rule-rows.ts'
import { updateAlert } from './alert-rows.ts'

let house: AlertHouse

beforeEach(() => {
  house = openAlertHouse()
})
afterEach(() => house.close())

const actions = (): string[] => house.events().map(({ action }) => action)
const raised = 'activity-tracker.alert.raise'
const repeat = 'activity-tracker.alert.repeat'
const close = (): void => {
  const [newest] = house.alerts()
  if (newest === undefined) throw new Error('there is no alert')
  house.apply([updateAlert(newest, { ...newest, state: 'closed', closedAt: house.clock.time })])
}

test('a firing becomes an alert, its event, its messages and the cursor in one commit', async () => {
  house.rule()
  house.channel('all', 'info')
  house.channel('critical-only', 'critical')
  await house.seen({ fired: [fired(7)], cursor: 8 })
  expect(house.alerts()).toMatchObject([
    {
      rule: 'deleted',
      state: 'open',
      severity: 'critical',
      title: 'Key deleted: billing',
      text: 'Ana deleted root key billing.',
      count: 1,
    },
  ])
  expect(house.parts.rules.cursor(tracker.id)).toBe(8)
  expect(house.messages()).toEqual([
    { channel: 'all', type: 'alert.raised', title: 'Key deleted: billing' },
    { channel: 'critical-only', type: 'alert.raised', title: 'Key deleted: billing' },
  ])
  expect(house.events()).toMatchObject([
    {
      action: raised,
      severity: 'critical',
      requestData: {
        rule: 'deleted',
        alertSeverity: 'critical',
        firstIndex: 7,
        lastIndex: 7,
        count: 1,
        isMuted: false,
      },
      responseData: { alert: house.alerts()[0]?.id },
    },
  ])
})

test('what fires while its tracker is removed is told to nobody: the next event there is another log’s', async () => {
  house.rule()
  house.apply([{ sql: 'DELETE FROM trackers WHERE id = ?', params: [tracker.id], rows: 1 }])
  await expect(house.seen({ fired: [fired(7)] })).rejects.toMatchObject({ code: 'CONFLICT' })
  expect(house.events()).toEqual([])
  expect(house.alerts()).toEqual([])
})

test('what is given once more after a crash raises nothing, also when its alert was closed meanwhile', async () => {
  house.rule()
  await house.seen({ fired: [fired(7), fired(9)], cursor: 10 })
  await house.seen({ fired: [fired(7), fired(9)] })
  close()
  await house.seen({ fired: [fired(9)] })
  expect(house.alerts()).toHaveLength(1)
  expect(house.alerts()[0]?.count).toBe(2)
})

test('an open alert takes what fires again; an event a minute says how often, and channels are told once an hour', async () => {
  house.rule()
  house.channel('all', 'info')
  await house.seen({ fired: [fired(1)] })
  for (let index = 2; index <= 90; index++) {
    house.clock.time += 61_000
    await house.seen({ fired: [fired(index)] })
    await house.seen({ fired: [fired(index * 1_000)] })
  }
  expect(house.alerts()).toMatchObject([{ count: 1 + 89 + 1, state: 'open' }])
  expect(actions().filter((action) => action === raised)).toHaveLength(1)
  expect(house.messages().map(({ type }) => type)).toEqual(['alert.raised', 'alert.repeated'])
})

test('firings of one batch and one group are one alert, with all that is behind it', async () => {
  house.rule()
  await house.seen({ fired: [fired(1), fired(2), fired(3, { group: [{ field: 'key', value: 'k2' }] })], cursor: 4 })
  expect(house.alerts().map(({ groupKey, count }) => [groupKey, count])).toEqual([
    ['["k2"]', 1],
    ['["k1"]', 2],
  ])
  expect(actions()).toEqual([raised, raised])
})

test('a closed alert stays closed: what fires then raises another', async () => {
  house.rule()
  await house.seen({ fired: [fired(1)] })
  close()
  await house.seen({ fired: [fired(2)] })
  expect(house.alerts().map(({ state, count }) => [state, count])).toEqual([
    ['open', 1],
    ['closed', 1],
  ])
})

test('a rule that was changed or turned off since it fired raises nothing, and the cursor goes on', async () => {
  house.rule({ id: 'off' }, { isEnabled: false })
  house.rule()
  await house.seen({
    fired: [fired(1, { rule: 'off' }), fired(2, { version: 2 }), fired(3, { rule: 'none' })],
    cursor: 4,
  })
  expect(house.alerts()).toEqual([])
  expect(house.events()).toEqual([])
  expect(house.parts.rules.cursor(tracker.id)).toBe(4)
})

test('what is muted is raised and nobody is told; when the mute is over they are', async () => {
  house.rule()
  house.channel('all', 'info')
  const mute = house.mute('deleted', 600_000)
  await house.seen({ fired: [fired(1, { mute })] })
  await house.seen({ fired: [fired(2, { mute })] })
  expect(house.messages()).toEqual([])
  expect(house.alerts()).toMatchObject([{ mute, count: 2, toldAt: null }])
  expect(house.events()[0]).toMatchObject({ requestData: { isMuted: true } })
  expect(house.parts.mutes.find(tracker.id, mute)?.muted).toBe(2)
  house.clock.time += 600_001
  // The engine had not heard yet that it is over.
  await house.seen({ fired: [fired(3, { mute })] })
  expect(house.messages().map(({ type }) => type)).toEqual(['alert.raised'])
  expect(house.alerts()).toMatchObject([{ mute: null, count: 3 }])
})

test('an open alert that fires while a mute is on is muted from then on, and told again when it is over', async () => {
  house.rule()
  house.channel('all', 'info')
  await house.seen({ fired: [fired(1)] })
  const mute = house.mute('deleted', 600_000)
  await house.seen({ fired: [fired(2, { mute })] })
  expect(house.alerts()).toMatchObject([{ mute, count: 2 }])
  house.clock.time += 3_600_000
  await house.seen({ fired: [fired(3)] })
  expect(house.alerts()).toMatchObject([{ mute: null, count: 3 }])
  expect(house.messages().map(({ type }) => type)).toEqual(['alert.raised', 'alert.repeated'])
})

test('an open alert goes by what its rule says now: severity, and whom to tell, who had not been told of it', async () => {
  house.rule({ severity: 'warning' })
  house.channel('critical-only', 'critical')
  await house.seen({ fired: [fired(1)] })
  const before = house.parts.rules.find(tracker.id, 'deleted')
  if (before === undefined) throw new Error('there is no rule')
  const rule = { ...before.rule, severity: 'critical' } as const
  house.apply(writeRule({ ...before, rule, version: 2, changedAt: 1 }, before))
  house.clock.time += alertLimits.repeatTellMs
  await house.seen({ fired: [fired(2, { version: 2 })] })
  expect(house.alerts()).toMatchObject([{ severity: 'critical', ruleVersion: 2, count: 2 }])
  expect(house.messages()).toMatchObject([{ channel: 'critical-only', type: 'alert.raised' }])
})

test('of firings that are told as one only those count that were not committed before', async () => {
  house.rule()
  await house.seen({ fired: [fired(5, { triggers: [1, 3, 5] })] })
  await house.seen({ fired: [fired(9, { triggers: [3, 5, 7, 9] })] })
  expect(house.alerts()).toMatchObject([{ count: 5, lastTrigger: 9 }])
  expect(house.parts.alerts.firedOf(tracker.id)).toMatchObject([{ rule: 'deleted', fired: 5 }])
})

test('a rule with a thousand groups at once has some alerts, and one that says there are many', async () => {
  house.rule()
  house.channel('all', 'info')
  const many = Array.from({ length: 1_000 }, (_, index) =>
    fired(index, { group: [{ field: 'key', value: `k${index}` }] }),
  )
  for (let from = 0; from < many.length; from += 50) await house.seen({ fired: many.slice(from, from + 50) })
  const alerts = house.alerts()
  expect(alerts).toHaveLength(alertLimits.raised + 1)
  expect(alerts[0]).toMatchObject({
    title: 'Key deleted: many more',
    groupKey: '*',
    count: 1_000 - alertLimits.raised,
  })
  expect(house.messages()).toHaveLength(alertLimits.raised + 1)
  house.clock.time += alertLimits.raisedWithinMs + 1
  await house.seen({ fired: [fired(2_000, { group: [{ field: 'key', value: 'later' }] })] })
  expect(house.alerts()[0]).toMatchObject({ title: 'Key deleted: later' })
})

test('a channel that a rule names is told whatever the severity, and no other', async () => {
  house.channel('named', 'critical')
  house.channel('other', 'info')
  house.rule({ severity: 'info', channels: ['named'] })
  await house.seen({ fired: [fired(1)] })
  expect(house.messages().map(({ channel }) => channel)).toEqual(['named'])
})

test('a rule that has caught up says so once, in the commit of the cursor', async () => {
  house.rule({}, { hasJoined: false })
  await house.seen({ cursor: 5, joined: [{ id: 'deleted', version: 1 }] })
  await house.seen({ cursor: 6, joined: [{ id: 'deleted', version: 1 }] })
  expect(house.parts.rules.find(tracker.id, 'deleted')?.hasJoined).toBe(true)
  expect(house.parts.rules.cursor(tracker.id)).toBe(6)
})

test('an alert is called as its rule says, with the names of what it groups by', async () => {
  house.rule({ title: 'Who deleted {key}?' })
  await house.seen({ fired: [fired(1)] })
  expect(house.alerts()).toMatchObject([{ title: 'Who deleted billing?' }])
})

test('texts of events stand in title and text as one line, without what turns or breaks it', async () => {
  house.rule()
  const sentence = 'Ana\r\nBcc: x@example.com deleted \u202egnp.exe'
  const event = { id: 'e', index: 1, time: '2026-03-01T11:59:00Z', sentence }
  await house.seen({
    fired: [fired(1, { group: [{ field: 'key', value: 'k\n1', name: `x\u2028${'y'.repeat(400)}` }], events: [event] })],
  })
  const [{ title, text } = { title: '', text: '' }] = house.alerts()
  expect(title).toContain('x y')
  expect(`${title}${text}`).not.toMatch(/[\r\n\u2028\u202e]/)
  expect(title.length).toBeLessThanOrEqual(200)
})

test('repeat is what only repeats', async () => {
  house.rule()
  await house.seen({ fired: [fired(1)] })
  house.clock.time += alertLimits.repeatEventMs
  await house.seen({ fired: [fired(2)] })
  expect(actions()).toEqual([raised, repeat])
  expect(house.events()[1]).toMatchObject({ requestData: { count: 2 } })
})
