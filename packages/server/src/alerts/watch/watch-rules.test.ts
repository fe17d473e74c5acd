/** What no event tells: an engine that is down, a log that is not signed, a channel that nothing reaches, rules that are dead. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { WatchCondition } from '@keywitness/tracker/alerts'
import { deliveryEnded } from '../channels/channel-rows.ts'
import type { EngineHealth } from '../engine/engine.ts'
import { updateAlert } from '../raising/alert-rows.ts'
import { type AlertHouse, fired, openAlertHouse, tracker } from '../testing/alert-house.ts'
import { WatchRules } from './watch-rules.ts'

let house: AlertHouse
let health: EngineHealth
let growth: { size: number; covered: number }

beforeEach(() => {
  house = openAlertHouse()
  health = { state: 'running', cursor: 9, size: 9, lagEvents: 0, lagMs: 0 }
  growth = { size: 9, covered: 9 }
})
afterEach(() => house.close())

function watchRules(): WatchRules {
  return new WatchRules({
    ...house.parts,
    engine: { health: () => health },
    trail: { growth: () => growth },
  } as never)
}

const rule = (of: WatchCondition['of'], beyond: string): void =>
  void house.rule({ id: of, name: `Watch over ${of}`, groupBy: [], when: { kind: 'watch', of, beyond } })

/** Looks every five seconds for so long, and raises what is found. */
async function pass(watches: WatchRules, seconds: number): Promise<void> {
  for (let passed = 0; passed < seconds; passed += 5) {
    house.clock.time += 5_000
    await house.seen({ fired: watches.look(tracker) })
  }
}
const told = (): string[] => house.alerts().map(({ rule: id, text, count }) => `${id} ${count}: ${text}`)

test('an engine that is down is told after its time by the server itself, once for each time it is', async () => {
  rule('engine', '1m')
  const watches = watchRules()
  await pass(watches, 120)
  expect(told()).toEqual([])
  health = { ...health, state: 'failed', problem: 'The alert engine ended; it is started again.' }
  await pass(watches, 55)
  expect(told()).toEqual([])
  await pass(watches, 600)
  expect(told()).toEqual([
    'engine 1: Rules do not see what is recorded in time: The alert engine ended; it is started again.',
  ])
  health = { state: 'running', cursor: 9, size: 9, lagEvents: 0, lagMs: 0 }
  await pass(watches, 5)
  health = { ...health, state: 'behind', lagMs: 61_000, lagEvents: 400 }
  await pass(watches, 60)
  expect(told()).toEqual([
    'engine 2: Rules do not see what is recorded in time: The oldest of 400 events has waited for 61 s.',
  ])
})

test('a log whose entries are not covered is told, but not one that grows and is', async () => {
  rule('checkpoint', '5m')
  const watches = watchRules()
  for (let minute = 0; minute < 20; minute++) {
    growth = { size: growth.size + 2, covered: growth.size + 1 }
    await pass(watches, 60)
  }
  expect(told()).toEqual([])
  await pass(watches, 600)
  expect(told()).toHaveLength(1)
  expect(told()[0]).toMatch(/^checkpoint 1: 1 entries are not covered by a signed checkpoint, since /)
})

test('a channel that nothing reaches is told by its name, each for itself, and one that is off is not', async () => {
  rule('channel', '15m')
  for (const id of ['mail', 'chat', 'off']) house.channel(id, 'info')
  house.apply([{ sql: "UPDATE alert_channels SET is_on = 0 WHERE id = 'off'", params: [], rows: 1 }])
  for (const id of ['mail', 'chat', 'off']) house.apply([deliveryEnded(`target-${id}`, 'TIMEOUT', house.clock.time)])
  const watches = watchRules()
  await pass(watches, 890)
  expect(told()).toEqual([])
  house.apply([deliveryEnded('target-chat', undefined, house.clock.time)])
  await pass(watches, 60)
  expect(house.alerts().map(({ title }) => title)).toEqual(['Watch over channel: mail'])
})

test('rules that are on and never fire are told together, once in their time', async () => {
  house.rule({ id: 'silent', name: 'Silent' })
  house.rule({ id: 'younger', name: 'Younger' }, { enabledAt: house.clock.time + 29 * 86_400_000 })
  house.rule({ id: 'lively', name: 'Lively' })
  house.rule({ id: 'off', name: 'Off' }, { isEnabled: false })
  rule('dead-rule', '30d')
  house.clock.time += 30 * 86_400_000
  await house.seen({ fired: [fired(1, { rule: 'lively', at: house.clock.time })] })
  const [lively] = house.alerts()
  if (lively === undefined) throw new Error('there is no alert')
  house.apply([updateAlert(lively, { ...lively, state: 'closed', closedAt: house.clock.time })])
  await pass(watchRules(), 60)
  expect(told().filter((text) => text.startsWith('dead-rule'))).toEqual([
    'dead-rule 1: On, and never fired: Watch over dead-rule, Silent.',
  ])
})
