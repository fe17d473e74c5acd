/** Reading keys, their metadata and their versions. */
import { expect, test } from 'vitest'
import { readMetadata } from './metadata.ts'
import { readKey } from './read.ts'
import { rotateKey } from './rotate.ts'
import { type House, codeOf, factsOf, openHouse, startTime } from './testing/house.ts'
import { addKey, material } from './testing/wishes.ts'
import { type VersionsWish, listVersions } from './versions.ts'

const read = (house: House, id: string, call = house.call()) => readKey(call, id, house.parts)
const metadata = (house: House, id: string, call = house.call()) => readMetadata(call, id, house.parts)
const versions = (house: House, id: string, wish: Partial<VersionsWish> = {}, call = house.call()) =>
  listVersions(
    call,
    id,
    () => ({ limit: 200, offset: 0, totalCount: false, allKeyStates: false, ...wish }),
    house.parts,
  )

test('a root key is read without any payload, and the event tells type, state and version', async () => {
  const house = openHouse()
  const key = await addKey(house, { expiresAt: startTime + 1_000 })
  expect(await house.run('hs-crypto.secrets.read', read(house, key.id))).toEqual({ key })
  const told = {
    keyState: 1,
    keyVersionId: key.newest,
    keyVersionCreationDate: '2026-03-01T12:00:00.000Z',
    keyRingId: 'default',
    expirationDate: '2026-03-01T12:00:01.000Z',
  }
  expect(house.lastEvent().requestData).toMatchObject({ keyType: 'root' })
  expect(house.lastEvent().responseData).toEqual(told)
  await house.run('hs-crypto.secrets-metadata.read', metadata(house, key.id))
  expect(house.lastEvent().requestData).toMatchObject({ keyType: 'root' })
  expect(house.lastEvent().responseData).toEqual(told)
  expect(factsOf(house.lastEvent())).toMatchObject({ severity: 'normal', code: 200 })
})

test('a standard key is read with its payload, but its metadata are not; no version fields stand in the events', async () => {
  const house = openHouse()
  const bytes = Buffer.from('a secret of the caller')
  const key = await addKey(house, { extractable: true, material: material(bytes) })
  const told = { keyState: 1, keyRingId: 'default' }
  const { payload } = await house.run('hs-crypto.secrets.read', read(house, key.id))
  expect(payload).toBe(bytes.toString('base64'))
  expect(house.lastEvent().responseData).toEqual(told)
  expect(await house.run('hs-crypto.secrets-metadata.read', metadata(house, key.id))).toEqual(key)
  expect(house.lastEvent().requestData).toMatchObject({ keyType: 'standard' })
  expect(house.lastEvent().responseData).toEqual(told)
})

test.each([0, 2, 3, 5])('a key of state %i is read; a destroyed one without its payload', async (state) => {
  const house = openHouse()
  const key = await addKey(house, { extractable: true })
  house.forceState(key.id, state)
  const { payload } = await house.run('hs-crypto.secrets.read', read(house, key.id))
  expect(payload === undefined).toBe(state === 5)
  expect(house.lastEvent().responseData).toMatchObject({ keyState: state })
})

test('a payload needs more than a Reader; metadata do not', async () => {
  const house = openHouse()
  const key = await addKey(house, { extractable: true })
  const reader = house.call(house.caller(['Reader']))
  const refusal = await house.refused('hs-crypto.secrets.read', read(house, key.id, reader), reader)
  expect(codeOf(refusal)).toEqual(['UNAUTHORIZED_ERR', 401])
  expect((await house.run('hs-crypto.secrets-metadata.read', metadata(house, key.id, reader), reader)).id).toBe(key.id)
  const plus = house.call(house.caller(['ReaderPlus'], 'default'))
  expect(await house.run('hs-crypto.secrets.read', read(house, key.id, plus), plus)).toHaveProperty('payload')
  const purger = house.call(house.caller(['KeyPurge']))
  expect(
    codeOf(await house.refused('hs-crypto.secrets-metadata.read', metadata(house, key.id, purger), purger))[1],
  ).toBe(401)
})

test('an unknown key is 404, and so is a key of another instance; the event names the key that was asked for', async () => {
  const house = openHouse()
  const key = await addKey(house)
  house.store.exec('PRAGMA foreign_keys=OFF')
  house.store.run('UPDATE keys SET instance = ? WHERE id = ?', [house.foreign.guid, key.id])
  for (const id of [key.id, '01890a5d-ac96-774b-bcce-b302099a8057']) {
    for (const refusal of [
      await house.refused('hs-crypto.secrets.read', read(house, id)),
      await house.refused('hs-crypto.secrets-metadata.read', metadata(house, id)),
      await house.refused('hs-crypto.secrets-key-versions.list', versions(house, id)),
    ]) {
      expect(codeOf(refusal)).toEqual(['KEY_NOT_FOUND_ERR', 404])
      expect(refusal.message).toBe('There is no such key.')
    }
    expect(house.lastEvent().target.id).toBe(`${house.instance.crn.slice(0, -2)}:key:${id}`)
    expect(house.lastEvent().requestData).not.toHaveProperty('keyType')
  }
  await house.refused('hs-crypto.secrets.read', read(house, 'my alias'))
  expect(house.lastEvent().target.id).toBe(house.instance.crn)
})

test('a standard key cannot be read while the unit is gone; its metadata can', async () => {
  const house = openHouse()
  const key = await addKey(house, { extractable: true })
  house.unit.fault = 'TIMEOUT'
  expect(codeOf(await house.refused('hs-crypto.secrets.read', read(house, key.id)))[1]).toBe(503)
  expect((await house.run('hs-crypto.secrets-metadata.read', metadata(house, key.id))).id).toBe(key.id)
})

async function rotateTimes(house: House, id: string, times: number): Promise<void> {
  for (let done = 0; done < times; done++) {
    house.time += house.parts.limits.rotationIntervalMs
    await house.run(
      'hs-crypto.secrets.rotate',
      rotateKey(house.call(), id, () => ({ material: undefined }), house.parts),
    )
  }
}

test('versions are listed newest first, a page at a time, with their number when asked', async () => {
  const house = openHouse()
  const key = await addKey(house)
  await rotateTimes(house, key.id, 4)
  const action = 'hs-crypto.secrets-key-versions.list'
  const all = await house.run(action, versions(house, key.id))
  expect(all.versions).toHaveLength(5)
  expect(all.versions.at(-1)).toEqual({ id: key.newest, createdAt: startTime })
  expect(all.versions.map((version) => version.createdAt)).toEqual(
    all.versions.map((version) => version.createdAt).toSorted((one, other) => other - one),
  )
  expect(all).not.toHaveProperty('total')
  const page = await house.run(action, versions(house, key.id, { limit: 2, offset: 1, totalCount: true }))
  expect(page).toEqual({ versions: all.versions.slice(1, 3), total: 5 })
  expect(factsOf(house.lastEvent())).toMatchObject({ outcome: 'success', severity: 'normal', code: 200 })
  expect(house.lastEvent().responseData).toEqual({ totalResources: 2, keyRingId: 'default' })
})

test('versions of a key that is not active are told only when asked for, and never of a standard key', async () => {
  const house = openHouse()
  const key = await addKey(house)
  const action = 'hs-crypto.secrets-key-versions.list'
  const expected = { 2: 'KEY_ACTION_INVALID_STATE_ERR', 3: 'KEY_ACTION_INVALID_STATE_ERR', 5: 'KEY_DELETED_ERR' }
  for (const [state, code] of Object.entries(expected)) {
    house.forceState(key.id, Number(state))
    expect(codeOf(await house.refused(action, versions(house, key.id)))[0]).toBe(code)
    expect((await house.run(action, versions(house, key.id, { allKeyStates: true }))).versions).toHaveLength(1)
  }
  const standard = await addKey(house, { extractable: true })
  expect(codeOf(await house.refused(action, versions(house, standard.id)))).toEqual(['KEY_ROOT_REQ_ERR', 400])
})
