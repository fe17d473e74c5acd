/** Digests: at their time of day in any zone, once, with the newest checkpoint in them. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { checkSettings } from '../channels/settings.ts'
import { addressRule } from '../../outbound/addresses.ts'
import { insertTarget } from '../../outbound/targets.ts'
import { createSealer } from '../../seal.ts'
import { insertChannel } from '../channels/channel-rows.ts'
import { account, type AlertHouse, fired, openAlertHouse, tracker } from '../testing/alert-house.ts'
import { digestJob, latestDue } from './digest.ts'
import { readMessages } from '../../outbound/messages.ts'

const at = (text: string): number => Date.parse(text)

test.each([
  ['2026-11-26T10:00:30Z', '07:00', 'UTC', false, '2026-11-26T07:00Z'],
  ['2026-11-26T06:59:59Z', '07:00', 'UTC', false, '2026-11-25T07:00Z'],
  ['2026-11-26T07:00:00Z', '07:00', 'UTC', false, '2026-11-26T07:00Z'],
  ['2026-11-26T10:00:00Z', '07:00', 'Europe/Berlin', false, '2026-11-26T06:00Z'],
  ['2026-11-26T10:00:00Z', '07:00', 'Asia/Kathmandu', false, '2026-11-26T01:15Z'],
  // 26 November 2026 is a Thursday.
  ['2026-11-26T10:00:00Z', '07:00', 'UTC', true, '2026-11-23T07:00Z'],
  ['2026-11-23T06:00:00Z', '07:00', 'UTC', true, '2026-11-16T07:00Z'],
  // Clocks of Berlin go from 02:00 to 03:00 on 29 March, and from 03:00 to 02:00 on 25 October.
  ['2026-03-29T12:00:00Z', '02:30', 'Europe/Berlin', false, '2026-03-28T01:30Z'],
  ['2026-03-30T12:00:00Z', '07:00', 'Europe/Berlin', false, '2026-03-30T05:00Z'],
  ['2026-10-25T12:00:00Z', '02:30', 'Europe/Berlin', false, '2026-10-25T01:30Z'],
  ['2026-10-25T12:00:00Z', '07:00', 'Europe/Berlin', false, '2026-10-25T06:00Z'],
] as const)('at %s the latest %s of %s (weekly: %s) is %s', (now, clock, zone, isWeekly, due) => {
  expect(new Date(latestDue(at(now), clock, zone, isWeekly)).toISOString()).toBe(new Date(due).toISOString())
})

let house: AlertHouse
beforeEach(() => {
  house = openAlertHouse()
})
afterEach(() => house.close())

const note = 'keywitness/us-south/1\n4711\nq6+vr6+vr6+vr6+vr6+vr6+vr6+vr6+vr6+vr6+vr68=\n\n— keywitness x\n'

function parts(kept: string[]): Parameters<typeof digestJob>[0] {
  const trail = {
    ask: async (_place: unknown, name: string, { filter }: { filter?: { query?: string } }) =>
      name === 'checkpoint' ? note : { total: filter?.query === '' ? 1_000 : 7, lookedFrom: 0 },
    keep: (_place: unknown, handedOut: string) => void kept.push(handedOut),
    growth: () => ({ size: 4_711, covered: 4_711 }),
  }
  const health = { state: 'running', cursor: 4_711, size: 4_711, lagEvents: 0, lagMs: 0 }
  return {
    ...house.parts,
    reader: house.store,
    trail,
    engine: { health: () => health, ruleHealth: () => new Map(), brokenMutes: () => [] },
    hasLocations: false,
    messages: readMessages(house.store),
    log: house.log,
  } as never
}

function emailChannel(): void {
  const { settings } = checkSettings(
    'email',
    {
      to: ['a@example.com'],
      from: 'b@example.com',
      host: 'mail.example.com',
      port: 465,
      security: 'tls',
      digest: 'daily',
    },
    addressRule([]),
  )
  const target = { id: 't', account, kind: 'email', url: '', createdAt: 0, createdBy: 'ana' } as const
  house.apply([
    ...insertTarget({ ...target, settings: JSON.stringify(settings) }, '', createSealer(new Uint8Array(32))),
    insertChannel(
      { tracker: tracker.id, id: 'mail', name: 'Mail', target: 't', minimum: 'critical', isOn: 1 },
      house.clock.time,
    ),
  ])
}

test('a digest goes once for each day, with the checkpoint that the mailbox is to keep, which the log keeps too', async () => {
  house.rule({ severity: 'warning' })
  emailChannel()
  await house.seen({ fired: [fired(1)] })
  const kept: string[] = []
  const job = digestJob(parts(kept))
  const sent = (): { digest: { [name: string]: unknown }; title: string }[] =>
    house.store
      .all<{ body: string }>("SELECT body FROM outbound_messages WHERE type = 'digest' ORDER BY id")
      .map(({ body }) => JSON.parse(body) as never)
  await job.run(house.clock.time)
  expect(sent()).toEqual([])
  house.clock.time = at('2026-03-02T07:00:10Z')
  await job.run(house.clock.time)
  await job.run(house.clock.time)
  expect(sent()).toHaveLength(1)
  expect(sent()[0]).toMatchObject({
    title: 'Audit trail of us-south: 1 alert, 1,000 events',
    digest: {
      period: { from: '2026-03-01T07:00:00.000Z', to: '2026-03-02T07:00:00.000Z' },
      alerts: { raised: { critical: 0, warning: 1, info: 0 }, open: { warning: 1 } },
      openAlerts: [{ title: 'Key deleted: billing', severity: 'warning' }],
      events: { total: 1_000, failures: 7, critical: 7 },
      checkpoint: note,
    },
  })
  expect(kept).toEqual([note])
  expect(house.events().at(-1)).toMatchObject({
    action: 'activity-tracker.digest.send',
    requestData: { channel: 'mail', checkpointSize: 4_711 },
  })
  // Three days nobody ran: one digest, of the last of them.
  house.clock.time = at('2026-03-05T09:00:00Z')
  await job.run(house.clock.time)
  expect(sent()).toHaveLength(2)
  expect(sent()[1]).toMatchObject({ digest: { period: { to: '2026-03-05T07:00:00.000Z' } } })
})
