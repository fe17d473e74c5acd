/** Rotation: generated and imported keys, the hourly rule, and calls at the same time. */
import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import type { Material } from './create.ts'
import { deleteKey } from './delete.ts'
import { rotateKey } from './rotate.ts'
import { type House, codeOf, factsOf, openHouse, startTime } from './testing/house.ts'
import { addKey, material } from './testing/wishes.ts'

const action = 'hs-crypto.secrets.rotate'
const hour = 3_600_000
const rotate = (house: House, id: string, given?: Material, call = house.call()) =>
  rotateKey(call, id, () => ({ material: given }), house.parts)

test('a generated key gets a new version; its id, name and state stay', async () => {
  const house = openHouse()
  const key = await addKey(house)
  house.time += 5_000
  const after = await house.run(action, rotate(house, key.id))
  expect(house.parts.keys.find(house.instance.guid, key.id)).toEqual({ ...after, revision: key.revision + 1 })
  expect(after).toMatchObject({ id: key.id, name: key.name, state: 1, versions: 2, newestAt: startTime + 5_000 })
  expect(after).toMatchObject({ rotatedAt: startTime + 5_000, updatedAt: startTime + 5_000, createdAt: startTime })
  expect(after.newest).not.toBe(key.newest)
  const stored = house.parts.keys.versions(house.instance.guid, key.id, { limit: 10, offset: 0 })
  expect(stored.map((version) => version.id)).toEqual([after.newest, key.newest])
  expect(factsOf(house.lastEvent())).toMatchObject({ outcome: 'success', severity: 'warning', code: 204 })
  expect(house.lastEvent().requestData).toEqual({
    requestURI: '/api/v2/keys',
    instanceID: house.instance.guid,
    keyType: 'root',
  })
  expect(house.lastEvent().responseData).toEqual({ keyRingId: 'default' })
})

test('the first rotation may follow creation at once, the next one after an hour', async () => {
  const house = openHouse()
  const key = await addKey(house)
  await house.run(action, rotate(house, key.id))
  house.time += hour - 1
  const refusal = await house.refused(action, rotate(house, key.id))
  expect(codeOf(refusal)).toEqual(['KEY_ROTATION_NOT_PERMITTED', 409])
  house.time += 1
  expect((await house.run(action, rotate(house, key.id))).versions).toBe(3)
})

test.each([
  [false, ['KEY_ACTION_INVALID_STATE_ERR', 409]],
  [true, 2],
])('with rotation of deactivated keys %s, rotating one comes to %s', async (rotatesDeactivated, expected) => {
  const house = openHouse({ rotatesDeactivated })
  const key = await addKey(house)
  house.forceState(key.id, 3)
  const outcome = house.run(action, rotate(house, key.id)).then(({ versions }) => versions, codeOf)
  expect(await outcome).toEqual(expected)
})

test('a wall clock set back does not lengthen the wait', async () => {
  const house = openHouse()
  const key = await addKey(house)
  await house.run(action, rotate(house, key.id))
  house.time -= 24 * hour
  expect((await house.run(action, rotate(house, key.id))).versions).toBe(3)
})

test('an imported key needs new material, of any allowed size', async () => {
  const house = openHouse()
  const key = await addKey(house, { material: material(randomBytes(32)) })
  const refusal = await house.refused(action, rotate(house, key.id))
  expect(codeOf(refusal)).toEqual(['KEY_PAYLOAD_REQ_ERR', 400])
  expect(refusal.at).toEqual({ type: 'field', name: 'payload' })
  const given = material(randomBytes(16))
  const after = await house.run(action, rotate(house, key.id, given))
  expect(after).toMatchObject({ bits: 128, imported: 1, versions: 2 })
  expect(given.bytes).toEqual(new Uint8Array(16))
})

test('a generated key takes no material', async () => {
  const house = openHouse()
  const key = await addKey(house)
  const refusal = await house.refused(action, rotate(house, key.id, material(randomBytes(32))))
  expect(codeOf(refusal)).toEqual(['INVALID_QUERY_PARAM_ERR', 400])
  expect(refusal.at?.name).toBe('payload')
})

test('two rotations at the same time: one does it, the other finds it done too early to repeat', async () => {
  const house = openHouse()
  const key = await addKey(house)
  const outcomes = await Promise.allSettled([
    house.run(action, rotate(house, key.id)),
    house.run(action, rotate(house, key.id)),
  ])
  expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
  expect(house.parts.keys.find(house.instance.guid, key.id)).toMatchObject({ versions: 2 })
  expect(house.store.all('SELECT * FROM key_versions')).toHaveLength(2)
  expect(factsOf(house.lastEvent())).toMatchObject({ outcome: 'failure', code: 409 })
})

test('a key deleted while the unit works is not rotated', async () => {
  const house = openHouse()
  const key = await addKey(house)
  house.unit.meanwhile = async () => {
    house.unit.meanwhile = undefined
    const wish = () => ({ force: false, representation: false })
    await house.run('hs-crypto.secrets.delete', deleteKey(house.call(), key.id, wish, house.parts))
  }
  const refusal = await house.refused(action, rotate(house, key.id))
  expect(codeOf(refusal)).toEqual(['KEY_DELETED_ERR', 410])
  expect(house.store.all('SELECT * FROM key_versions')).toHaveLength(1)
})

test('a key has a bounded number of versions', async () => {
  const house = openHouse({ versionsPerKey: 2 })
  const key = await addKey(house)
  await house.run(action, rotate(house, key.id))
  house.time += hour
  const refusal = await house.refused(action, rotate(house, key.id))
  expect(codeOf(refusal)).toEqual(['QUOTA_EXCEEDED', 409])
})

test('standard keys, wrong states, unknown keys and readers are refused', async () => {
  const house = openHouse()
  const standard = await addKey(house, { extractable: true })
  expect(codeOf(await house.refused(action, rotate(house, standard.id)))).toEqual(['KEY_ROOT_REQ_ERR', 400])
  const key = await addKey(house, { expiresAt: startTime + 1_000 })
  for (const state of [0, 2, 3]) {
    house.forceState(key.id, state)
    expect(codeOf(await house.refused(action, rotate(house, key.id)))[0]).toBe('KEY_ACTION_INVALID_STATE_ERR')
  }
  house.forceState(key.id, 5)
  expect(codeOf(await house.refused(action, rotate(house, key.id)))).toEqual(['KEY_DELETED_ERR', 410])
  house.forceState(key.id, 1)
  house.time += 1_000
  expect(codeOf(await house.refused(action, rotate(house, key.id)))[0]).toBe('KEY_ACTION_INVALID_STATE_ERR')
  expect(codeOf(await house.refused(action, rotate(house, house.instance.guid)))[0]).toBe('KEY_NOT_FOUND_ERR')
  const reader = house.call(house.caller(['ReaderPlus']))
  expect(codeOf(await house.refused(action, rotate(house, key.id, undefined, reader), reader))[1]).toBe(401)
})

test('a unit that fails leaves the key as it was', async () => {
  const house = openHouse()
  const key = await addKey(house)
  house.unit.fault = 'UNAVAILABLE'
  expect(codeOf(await house.refused(action, rotate(house, key.id)))).toEqual(['UNIT_UNAVAILABLE', 503])
  expect(house.parts.keys.find(house.instance.guid, key.id)).toEqual(key)
})
