/** What falls due in alerting, and what the server does by itself: each with its event. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readMessages } from '../outbound/messages.ts'
import { alertMessage } from './channels/alert-message.ts'
import { channelOwner } from './channels/give-up.ts'
import { alertJobs } from './jobs.ts'
import { alertLimits } from './limits.ts'
import { forgettingJobs } from './forgetting.ts'
import { insertAlert, updateAlert } from './raising/alert-rows.ts'
import { newAlert } from './raising/outcome.ts'
import { messageTo } from './raising/tell.ts'
import { beginEngine } from './rules/rule-rows.ts'
import { suspendCostly } from './rules/suspend-costly.ts'
import { type AlertHouse, fired, openAlertHouse, plainRule, tracker } from './testing/alert-house.ts'

let house: AlertHouse
let changed: string[]

beforeEach(() => {
  house = openAlertHouse()
  changed = []
})
afterEach(() => house.close())

const engine = { changed: ({ id }: { id: string }) => void changed.push(id) }
const actions = (): string[] => house.events().map(({ action }) => action)

/** Lets every job do what is due, as the timers do. */
async function pass(milliseconds: number): Promise<void> {
  house.clock.time += milliseconds
  for (const job of alertJobs({ ...house.parts, reader: house.store, engine, log: house.log })) {
    for (let turns = 0; turns < 10; turns++) {
      const due = job.nextDue()
      if (due === undefined || due > house.clock.time) break
      await job.run(house.clock.time)
    }
  }
}

test('what fired again within a minute becomes one event after it, and one message after an hour', async () => {
  house.rule()
  house.channel('all', 'info')
  await house.seen({ fired: [fired(1)] })
  await house.seen({ fired: [fired(2), fired(3)] })
  expect(actions()).toEqual(['activity-tracker.alert.raise'])
  await pass(alertLimits.repeatEventMs)
  expect(house.events()[1]).toMatchObject({ action: 'activity-tracker.alert.repeat', requestData: { count: 3 } })
  await pass(alertLimits.repeatEventMs)
  expect(actions()).toHaveLength(2)
  house.clock.time += alertLimits.repeatTellMs - alertLimits.repeatEventMs * 3
  await house.seen({ fired: [fired(4)] })
  await house.seen({ fired: [fired(5)] })
  expect(house.messages()).toHaveLength(1)
  await pass(alertLimits.repeatEventMs)
  expect(house.messages().map(({ type }) => type)).toEqual(['alert.raised', 'alert.repeated'])
})

test('a mute whose time is over ends by itself, with an event that says how much it muted', async () => {
  house.rule()
  const mute = house.mute('deleted', 60_000)
  await house.seen({ fired: [fired(1, { mute })] })
  await pass(59_999)
  expect(house.parts.mutes.find(tracker.id, mute)?.state).toBe('active')
  await pass(1)
  expect(house.parts.mutes.find(tracker.id, mute)?.state).toBe('lapsed')
  expect(house.events().at(-1)).toMatchObject({
    action: 'activity-tracker.mute.lapse',
    outcome: 'success',
    requestData: { mute, rule: 'deleted' },
    responseData: { muted: 1 },
  })
  expect(changed).toEqual([tracker.id])
})

test('what a removed tracker had to tell holds up nobody, and all that was kept of it goes', async () => {
  house.rule()
  const gone = { ...tracker, id: '0c9c6f7e-0000-4000-8000-000000000002' }
  house.rule({ id: 'deleted' }, { tracker: gone.id })
  house.apply([beginEngine(gone.id, 0)])
  const rows = Array.from({ length: 60 }, (_, at) => at)
  for (const at of rows) {
    const group = [{ field: 'key', value: `k${at}` }]
    const facts = { tracker: gone.id, version: 1, now: house.clock.time, isOfMany: false }
    const id = `01a21664-0000-7000-8000-${String(at).padStart(12, '0')}`
    house.apply([insertAlert({ ...newAlert(plainRule(), fired(at, { group }), { ...facts, id }), repeatPending: 1 })])
  }
  house.clock.time += 1_000
  await house.seen({ fired: [fired(1)] })
  await house.seen({ fired: [fired(2)] })
  await pass(alertLimits.repeatEventMs)
  expect(actions()).toEqual(['activity-tracker.alert.raise', 'activity-tracker.alert.repeat'])
  const folder = mkdtempSync(join(tmpdir(), 'keywitness-forgetting-'))
  const carry = house.parts.carry
  const [forgetting] = forgettingJobs({ reader: house.store, clock: house.clock, folder, carry })
  for (let turns = 0; forgetting?.nextDue() === 0 && turns < 20; turns++) await forgetting.run(0)
  for (const table of ['alerts', 'alert_rules', 'alert_rule_versions', 'alert_engines', 'alert_firings']) {
    const left = house.store.all<{ tracker: string }>(`SELECT DISTINCT tracker FROM ${table}`)
    expect([table, left.map((row) => row.tracker)]).toEqual([table, [tracker.id]])
  }
  rmSync(folder, { recursive: true })
})

test('a heartbeat that is late is dropped, not kept: the next one says the same', async () => {
  house.channel('all', 'info')
  const at = new Date(house.clock.time).toISOString()
  const well = alertMessage({ type: 'channel.heartbeat', tracker, at, title: 'well', text: '' })
  house.apply([messageTo({ target: 'target-all' }, well, house.clock.time, house.parts.random)])
  const messages = readMessages(house.store)
  const [message] = messages.due('target-all', house.clock.time, 1)
  if (message === undefined) throw new Error('there is no message')
  const owner = channelOwner({ ...house.parts, reader: house.store })
  await owner.giveUp(message, 'TIMEOUT', [])
  expect(house.events()).toEqual([])
  expect([messages.count('target-all', 'waiting'), messages.count('target-all', 'dead')]).toEqual([0, 0])
})

test('closed alerts leave after their time, open ones never', async () => {
  house.rule()
  await house.seen({ fired: [fired(1), fired(2, { group: [{ field: 'key', value: 'k2' }] })] })
  const [open, closing] = house.alerts()
  if (open === undefined || closing === undefined) throw new Error('there are not two alerts')
  house.apply([updateAlert(closing, { ...closing, state: 'closed', closedAt: house.clock.time })])
  const jobs = alertJobs({ ...house.parts, reader: house.store, engine, log: house.log })
  house.clock.time += alertLimits.closedKeepMs + 1
  for (const job of jobs) await job.run(house.clock.time)
  expect(house.alerts().map(({ id }) => id)).toEqual([open.id])
})

test('a rule that holds up all others is turned off with an event that says why; one that was changed since is not', async () => {
  const rule = house.rule()
  const parts = { ...house.parts, trail: { growth: () => ({ size: 9, covered: 9 }) }, hasLocations: false, engine }
  await suspendCostly(parts, tracker, { id: rule.id, version: 2 }, 'It took too long.')
  expect(house.events()).toEqual([])
  await suspendCostly(parts, tracker, { id: rule.id, version: 1 }, 'It took too long.')
  expect(house.parts.rules.find(tracker.id, rule.id)).toMatchObject({
    isEnabled: false,
    suspended: 'It took too long.',
    version: 1,
  })
  expect(house.events()).toMatchObject([
    {
      action: 'activity-tracker.rule.suspend',
      severity: 'critical',
      requestData: {
        rule: rule.id,
        reason: 'It took too long.',
        initialValue: { ruleEnabled: true },
        newValue: { ruleEnabled: false },
      },
    },
  ])
  expect(changed).toEqual([tracker.id])
})

test('a message that is given up becomes a dead letter with its event, and the channel is failing until one arrives', async () => {
  house.rule()
  house.channel('all', 'info')
  await house.seen({ fired: [fired(1)] })
  const messages = readMessages(house.store)
  const owner = channelOwner({ ...house.parts, reader: house.store })
  const [message] = messages.due('target-all', house.clock.time, 1)
  if (message === undefined) throw new Error('there is no message')
  expect(owner.owns('target-all')).toBe(true)
  expect(owner.owns('another')).toBe(false)
  house.apply(owner.noted?.(message, 'TIMEOUT') ?? [])
  house.clock.time += 1_000
  await owner.giveUp(message, 'STATUS_500', owner.noted?.(message, 'STATUS_500') ?? [])
  expect(house.events().at(-1)).toMatchObject({
    action: 'activity-tracker.channel.fail',
    outcome: 'failure',
    reason: { reasonForFailure: 'The message was not delivered: STATUS_500.' },
    requestData: { channel: 'all', messageId: message.id, messageType: 'alert.raised', attempts: 1 },
  })
  const channel = (): unknown => house.parts.channels.find(tracker.id, 'all')
  expect(channel()).toMatchObject({ problem: 'STATUS_500', failingSince: house.clock.time - 1_000 })
  house.apply(owner.noted?.(message, undefined) ?? [])
  expect(channel()).toMatchObject({ problem: null, failingSince: null, deliveredAt: house.clock.time })
})
