/** What makes alerting say less is told to all channels, whatever rules and mutes say; and what a mute kept quiet comes out. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { isMuteOf, type Mute } from '../mutes.ts'
import { type AlertHouse, fired, openAlertHouse, plainRule, tracker } from '../testing/alert-house.ts'
import { endedMute, tellOfChannel, tellOfGuards, tellOfMute } from './tell-all.ts'

let house: AlertHouse
const by = { id: 'otto', name: 'Otto' }
const other = [{ field: 'key', value: 'k2' }]
beforeEach(() => {
  house = openAlertHouse()
  house.channel('urgent', 'critical')
  house.channel('all', 'info')
})
afterEach(() => house.close())

const told = (): string[] => house.messages().map(({ channel, type, title }) => `${channel} ${type} ${title}`)
const found = (id: string): Mute => {
  const mute = house.parts.mutes.find(tracker.id, id)
  if (mute === undefined) throw new Error('there is no such mute')
  return mute
}

test.each([
  ['everything', { rule: null }, 'Otto muted all alerts'],
  [
    'what a query finds, of all rules',
    { rule: null, query: '*' },
    'Otto muted alerts of all rules that a group or a query finds',
  ],
  [
    'a rule that watches over alerting',
    { rule: 'alerts-silenced' },
    'Otto muted alerts of the rule “Alerts were muted”',
  ],
  ['another rule', { rule: 'deleted' }, undefined],
])('a mute of %s', (_what, given, title) => {
  house.rule()
  house.rule({ id: 'alerts-silenced', name: 'Alerts were muted' })
  const mute = { ...found(house.mute(null, 60_000)), ...given }
  house.apply(tellOfMute(house.parts, tracker, mute, by, house.clock.time))
  expect(told()).toEqual(
    title === undefined ? [] : [`all alerting.changed ${title}`, `urgent alerting.changed ${title}`],
  )
})

test('a mute of everything does not hold for the rules that watch over alerting; one that names such a rule does', () => {
  const mute = { id: 'm', until: house.clock.time + 1 }
  const holds = (given: object, rule: string): boolean => isMuteOf({ ...mute, ...given }, rule, [], house.clock.time)
  expect([holds({}, 'deleted'), holds({}, 'alerts-silenced'), holds({}, 'audit-configuration-changed')]).toEqual([
    true,
    false,
    false,
  ])
  expect([holds({ rule: 'alerts-silenced' }, 'alerts-silenced'), holds({ rule: 'deleted' }, 'other')]).toEqual([
    true,
    false,
  ])
})

test('when a mute ends, what it kept quiet and is open counts again, and how much that is is told once', async () => {
  house.rule()
  const mute = house.mute('deleted', 60_000)
  await house.seen({ fired: [fired(1, { mute }), fired(2, { mute, group: other })] })
  expect(told()).toEqual([])
  house.apply(endedMute(house.parts, tracker, found(mute), 'ended', house.clock.time))
  const title = '2 alerts that were muted are open'
  expect(told()).toEqual([`all alerting.changed ${title}`, `urgent alerting.changed ${title}`])
  expect(house.alerts().map(({ mute: left }) => left)).toEqual([null, null])
  expect(house.parts.alerts.counts(tracker.id)).toMatchObject([{ state: 'open', isMuted: 0, count: 2 }])
})

test('a mute that kept nothing quiet ends quietly', () => {
  house.rule()
  house.apply(endedMute(house.parts, tracker, found(house.mute('deleted', 60_000)), 'lapsed', house.clock.time))
  expect(told()).toEqual([])
})

test('a rule that watches over alerting cannot be turned down unseen', () => {
  house.rule({ id: 'alerts-silenced', name: 'Alerts were muted' })
  house.rule()
  const guard = house.parts.rules.find(tracker.id, 'alerts-silenced')
  const plain = house.parts.rules.find(tracker.id, 'deleted')
  if (guard === undefined || plain === undefined) throw new Error('there are no rules')
  const tell = (id: string, after: typeof guard | undefined): string[] =>
    tellOfGuards(house.parts, tracker, [{ id, after }], by, house.clock.time).map(
      ({ params }) =>
        (
          JSON.parse(params.find((one) => typeof one === 'string' && one.startsWith('{')) as string) as {
            title: string
          }
        ).title,
    )
  const twice = (text: string): string[] => [text, text]
  expect(tell('alerts-silenced', { ...guard, isEnabled: false })).toEqual(
    twice('Otto turned off the rule “Alerts were muted”'),
  )
  expect(tell('alerts-silenced', undefined)).toEqual(twice('Otto deleted the rule “Alerts were muted”'))
  const changed = { ...guard, rule: plainRule({ id: 'alerts-silenced', channels: [] }) }
  expect(tell('alerts-silenced', changed)).toEqual(twice('Otto changed the rule “Alerts were muted”'))
  expect(tell('alerts-silenced', guard)).toEqual([])
  expect(tell('deleted', { ...plain, isEnabled: false })).toEqual([])
})

test('of a channel that is turned off the others are told', () => {
  house.apply(tellOfChannel(house.parts, tracker, { id: 'all', name: 'All' }, 'turned off', by, house.clock.time))
  expect(told()).toEqual(['urgent alerting.changed Otto turned off the channel “All”'])
})
