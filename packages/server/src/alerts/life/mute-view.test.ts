/** What a mute is about is told by name where an alert of that group told it. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Mute } from '../mutes.ts'
import { type AlertHouse, fired, openAlertHouse, tracker } from '../testing/alert-house.ts'
import { muteView } from './mute-view.ts'

const mute: Mute = {
  id: 'm',
  tracker: tracker.id,
  rule: 'deleted',
  groups: '{"key":"k1"}',
  query: null,
  reason: 'Planned',
  until: 1,
  createdAt: 0,
  createdBy: 'ana',
  createdByName: 'Ana',
  state: 'active',
  muted: 0,
}

let house: AlertHouse
beforeEach(async () => {
  house = openAlertHouse()
  house.rule()
  await house.seen({ fired: [fired(1), fired(2, { group: [{ field: 'key', value: 'k2' }] })] })
})
afterEach(() => house.close())

const view = (given: Partial<Mute> = {}): object => muteView(house.parts, { ...mute, ...given }, 0)

test('the id of a key comes with the name that its alert told', () => {
  expect(view()).toMatchObject({ group: { key: 'k1' }, names: { key: 'billing' }, isActive: true })
})

test.each([
  ['of a key that was told without a name', { groups: '{"key":"k2"}' }],
  ['of a key that no alert is about', { groups: '{"key":"k3"}' }],
  ['of a part of the group', { groups: '{}' }],
  ['of any rule', { rule: null }],
  ['of a rule that is gone', { rule: 'gone' }],
])('a mute %s has no names', (_what, given) => {
  expect(view(given)).not.toHaveProperty('names')
})
