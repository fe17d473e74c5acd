/** Soft deletion: what changes, what stays for a restore, and what is refused. */
import { expect, test } from 'vitest'
import { deleteKey } from './delete.ts'
import { type House, codeOf, factsOf, openHouse, startTime } from './testing/house.ts'
import { addKey } from './testing/wishes.ts'

const action = 'hs-crypto.secrets.delete'
const remove = (house: House, id: string, representation = false, call = house.call()) =>
  deleteKey(call, id, () => ({ force: false, representation }), house.parts)

test('a deleted key is destroyed at once and keeps its material for a restore', async () => {
  const house = openHouse()
  const key = await addKey(house)
  const [before] = house.store.all<{ blob: Uint8Array }>('SELECT blob FROM key_material')
  house.time += 10
  const deleted = await house.run(action, remove(house, key.id))
  expect(deleted).toMatchObject({ state: 5, deletedAt: startTime + 10, updatedAt: startTime + 10 })
  expect(deleted.deletedBy).toBe(house.call().caller.id)
  expect(house.parts.keys.find(house.instance.guid, key.id)).toEqual({ ...deleted, revision: key.revision + 1 })
  expect(house.store.all('SELECT blob FROM key_material')).toEqual([before])
  expect(factsOf(house.lastEvent())).toMatchObject({ outcome: 'success', severity: 'critical', code: 204 })
  expect(house.lastEvent().requestData).toEqual({
    requestURI: '/api/v2/keys',
    instanceID: house.instance.guid,
    keyType: 'root',
  })
  expect(house.lastEvent().responseData).toEqual({ keyState: 5, keyRingId: 'default' })
})

test('asked for a representation the status is 200', async () => {
  const house = openHouse()
  const key = await addKey(house, { extractable: true })
  await house.run(action, remove(house, key.id, true))
  expect(factsOf(house.lastEvent())).toMatchObject({ code: 200, requestData: { keyType: 'standard' } })
})

test.each([1, 2, 3])('a key of state %i can be deleted', async (state) => {
  const house = openHouse()
  const key = await addKey(house)
  house.forceState(key.id, state)
  expect((await house.run(action, remove(house, key.id))).state).toBe(5)
})

test('a second deletion is 410, also when both come at once', async () => {
  const house = openHouse()
  const key = await addKey(house)
  const outcomes = await Promise.allSettled([
    house.run(action, remove(house, key.id)),
    house.run(action, remove(house, key.id)),
  ])
  expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
  expect(codeOf(await house.refused(action, remove(house, key.id)))).toEqual(['KEY_DELETED_ERR', 410])
  expect(house.events().map((event) => event.reason.reasonCode)).toEqual([201, 204, 410, 410])
})

test('a pre-active key, an unknown one and a writer are refused', async () => {
  const house = openHouse()
  const key = await addKey(house)
  house.forceState(key.id, 0)
  expect(codeOf(await house.refused(action, remove(house, key.id)))).toEqual(['KEY_ACTION_INVALID_STATE_ERR', 409])
  expect(codeOf(await house.refused(action, remove(house, house.instance.guid)))[0]).toBe('KEY_NOT_FOUND_ERR')
  const writer = house.call(house.caller(['Writer']))
  expect(codeOf(await house.refused(action, remove(house, key.id, false, writer), writer))[1]).toBe(401)
  expect(house.lastEvent().severity).toBe('critical')
})

test('the totals follow', async () => {
  const house = openHouse()
  const keys = [await addKey(house), await addKey(house)]
  await house.run(action, remove(house, keys[0]?.id ?? ''))
  const count = (...states: (1 | 5)[]) =>
    house.parts.keys.count({
      instance: house.instance.guid,
      states: new Set(states),
      extractable: undefined,
      rings: 'all',
      now: house.time,
    })
  expect([count(1), count(5), count(1, 5)]).toEqual([1, 1, 2])
})
