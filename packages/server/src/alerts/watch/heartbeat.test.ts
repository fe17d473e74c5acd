/** Heartbeats to channels: while alerting is well, and not otherwise. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readMessages } from '../../outbound/messages.ts'
import { endMute } from '../mutes.ts'
import { type AlertHouse, openAlertHouse } from '../testing/alert-house.ts'
import { channelHeartbeatJob } from './heartbeat.ts'

let house: AlertHouse
beforeEach(() => {
  house = openAlertHouse()
})
afterEach(() => house.close())

test('a heartbeat goes as often as the channel asks for, and stops while all is muted or another channel fails', async () => {
  house.rule()
  house.channel('other', 'info')
  house.channel('beat', 'info')
  house.apply([
    {
      sql: `UPDATE outbound_targets SET settings = '{"heartbeat":"1m"}' WHERE id = 'target-beat'`,
      params: [],
      rows: 1,
    },
  ])
  const health = { state: 'running', cursor: 9, size: 9, lagEvents: 0, lagMs: 0 }
  const messages = readMessages(house.store)
  const parts = {
    ...house.parts,
    reader: house.store,
    trail: { growth: () => ({ size: 9, covered: 9 }) },
    engine: { health: () => health, ruleHealth: () => new Map(), brokenMutes: () => [] },
    hasLocations: false,
  }
  const job = channelHeartbeatJob(parts as never, { carry: house.parts.carry, log: house.log, messages })
  const beats = async (): Promise<number> => {
    house.clock.time += 61_000
    await job.run(house.clock.time)
    // Delivered at once.
    const sent = messages.count('target-beat', 'waiting')
    house.store.run("DELETE FROM outbound_messages WHERE target = 'target-beat'", [])
    return sent
  }
  expect(await beats()).toBe(1)
  const mute = house.mute(null, 3_600_000)
  expect(await beats()).toBe(0)
  house.apply([endMute(mute, 'ended')])
  expect(await beats()).toBe(1)
  const failing = (id: string, since: number | null): unknown =>
    house.store.run('UPDATE alert_channels SET failing_since = ? WHERE id = ?', [since, id])
  failing('other', 1)
  expect(await beats()).toBe(0)
  failing('other', null)
  // Whether they arrive says how channels with heartbeats are, and mends them.
  failing('beat', 1)
  expect(await beats()).toBe(1)
  house.channel('beat-too', 'info')
  house.apply([
    {
      sql: `UPDATE outbound_targets SET settings = '{"heartbeat":"1m"}' WHERE id = 'target-beat-too'`,
      params: [],
      rows: 1,
    },
  ])
  failing('beat-too', 1)
  expect(await beats()).toBe(1)
})
