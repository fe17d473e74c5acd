/** What a service that asks is told it has to acknowledge: until it did, or its time is over, and nothing of others. */
import { expect, test } from 'vitest'
import { disableKey } from '../keys/disable.ts'
import { rotateKey } from '../keys/rotate.ts'
import { syncKey } from '../keys/sync.ts'
import { addKey } from '../keys/testing/wishes.ts'
import { lifecycleLimits } from './limits.ts'
import { lifecycleNews } from './message.ts'
import { readPending } from './pending.ts'
import { crnOf, openAdoptingHouse } from './testing/adopting-house.ts'

/** A key with a resource of each of two services, none of which wants to be told. */
async function opened() {
  const adopting = openAdoptingHouse({ syncIntervalMs: 1_000 })
  const { house } = adopting
  const key = await addKey(house)
  const [first, second] = [house.caller(['Reader']), house.caller(['Reader'])]
  await adopting.register(first, key.id, crnOf('a'))
  await adopting.register(second, key.id, crnOf('b'))
  const pending = readPending(house.store)
  const listed = (owner: string, after = '', limit = 100) =>
    pending.list(owner, house.time, after, limit).map(({ action, resources }) => [action.act, ...resources])
  const rotate = () =>
    house.run(
      'hs-crypto.secrets.rotate',
      rotateKey(house.call(), key.id, () => ({ material: undefined, secure: undefined }), house.parts),
    )
  const disable = () => house.run('hs-crypto.secrets.disable', disableKey(house.call(), key.id, house.parts))
  const sync = () => house.run('hs-crypto.secrets.sync', syncKey(house.call(), key.id, house.parts))
  return { adopting, house, key, first, second, pending, listed, rotate, disable, sync }
}

test('a service that is told nothing finds what it has to acknowledge, in the form of the messages', async () => {
  const { adopting, house, key, first, pending, rotate } = await opened()
  await rotate()
  expect(adopting.messages()).toEqual([])
  const [news] = pending.list(first.id, house.time, '', 100)
  if (news === undefined) throw new Error('nothing pending')
  expect(lifecycleNews(news, news)).toEqual({
    type: 'key.rotated',
    timestamp: '2026-03-01T12:00:00.000Z',
    data: {
      eventId: news.action.id,
      eventType: 'rotation',
      instanceId: house.instance.guid,
      keyId: key.id,
      keyCrn: `${house.instance.crn.replace(/:*$/, '')}:key:${key.id}`,
      keyRingId: 'default',
      keyState: 1,
      adopterKeyState: 'DEK_ENABLED',
      keyVersion: { id: expect.any(String), creationDate: '2026-03-01T12:00:00.000Z' },
      oldKeyVersion: { id: key.id, creationDate: expect.any(String) },
      acknowledgeBefore: '2026-03-01T16:00:00.000Z',
      resources: [crnOf('a')],
      totalResources: 1,
    },
  })
})

test('what is acknowledged is gone, for that service and that resource only', async () => {
  const { adopting, key, first, second, listed, pending, house, rotate, disable } = await opened()
  await adopting.register(first, key.id, crnOf('a2'))
  await rotate()
  house.time += 1
  await disable()
  expect(listed(first.id)).toEqual([
    ['rotate', crnOf('a'), crnOf('a2')],
    ['disable', crnOf('a'), crnOf('a2')],
  ])
  const ids = pending.list(first.id, house.time, '', 100).map(({ action }) => action.id)
  await adopting.acknowledge(first, { eventId: ids[1] ?? '', state: 'DEK_DISABLED', crn: crnOf('a') })
  expect(listed(first.id)[1]).toEqual(['disable', crnOf('a2')])
  await adopting.acknowledge(first, { eventId: ids[1] ?? '', state: 'DEK_DISABLED' })
  expect(listed(first.id)).toEqual([['rotate', crnOf('a'), crnOf('a2')]])
  expect(listed(second.id)).toEqual([
    ['rotate', crnOf('b')],
    ['disable', crnOf('b')],
  ])
  expect(listed(house.caller(['Manager']).id)).toEqual([])
})

test('an action that ended in a contradiction stays for the others until its time is over', async () => {
  const { adopting, house, first, second, listed, pending, disable } = await opened()
  await disable()
  const [news] = pending.list(first.id, house.time, '', 100)
  await adopting.acknowledge(first, { eventId: news?.action.id ?? '', state: 'DEK_DELETED' })
  expect(adopting.actions.find(news?.action.id ?? '')?.state).toBe('conflict')
  expect([listed(first.id), listed(second.id)]).toEqual([[], [['disable', crnOf('b')]]])
  house.time += lifecycleLimits.acknowledgeWithinMs
  expect(listed(second.id)).toEqual([])
})

test('many are listed page by page, oldest first', async () => {
  const { house, first, pending, listed, sync } = await opened()
  for (let count = 0; count < 5; count += 1) {
    await sync()
    house.time += 1_000
  }
  const all = pending.list(first.id, house.time, '', 100).map(({ action }) => action.id)
  expect(all).toHaveLength(5)
  const page = (after: string) => pending.list(first.id, house.time, after, 2).map(({ action }) => action.id)
  expect([page(''), page(all[1] ?? ''), page(all[3] ?? '')]).toEqual([all.slice(0, 2), all.slice(2, 4), all.slice(4)])
  expect(listed(first.id, all[4])).toEqual([])
})
