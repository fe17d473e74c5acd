/** Wrapping, unwrapping and rewrapping: what comes back, under which version, and everything that is refused. */
import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import type { Operation } from '../audit.ts'
import { parseCiphertext, type Wrapping } from './ciphertext.ts'
import type { KeyCall } from './parts.ts'
import { rewrapKey } from './rewrap.ts'
import { rotateKey } from './rotate.ts'
import { type House, codeOf, factsOf, openHouse, startTime } from './testing/house.ts'
import { addKey, material } from './testing/wishes.ts'
import { unwrapKey } from './unwrap.ts'
import { wrapKey } from './wrap.ts'

const noAad = new Uint8Array(0)
const aad = Buffer.from('["a","b"]')
const dek = Buffer.from('0123456789abcdef0123456789abcdef')

const wrap = (house: House, id: string, plaintext: Uint8Array | undefined = dek, call = house.call(), data = noAad) =>
  wrapKey(call, id, () => ({ plaintext, aad: data }), house.parts)
const unwrap = (house: House, id: string, text: string, call = house.call(), data: Uint8Array = noAad) =>
  unwrapKey(call, id, () => ({ wrapping: parseCiphertext(text), aad: data }), house.parts)
const rewrap = (house: House, id: string, text: string, call = house.call(), data: Uint8Array = noAad) =>
  rewrapKey(call, id, () => ({ wrapping: parseCiphertext(text), aad: data }), house.parts)

const wrapped = (house: House, id: string) => house.run('hs-crypto.secrets.wrap', wrap(house, id))

async function rotated(house: House, id: string): Promise<string> {
  house.time += house.parts.limits.rotationIntervalMs
  const key = await house.run(
    'hs-crypto.secrets.rotate',
    rotateKey(house.call(), id, () => ({ material: undefined }), house.parts),
  )
  return key.newest
}

test('what is wrapped comes back, and both events name the version and nothing of the data', async () => {
  const house = openHouse()
  const key = await addKey(house, { expiresAt: startTime + 1_000 })
  const { ciphertext, version } = await wrapped(house, key.id)
  expect(version).toBe(key.newest)
  const request = { requestURI: '/api/v2/keys', instanceID: house.instance.guid, keyType: 'root' }
  const response = { keyVersionId: key.newest, keyRingId: 'default', expirationDate: '2026-03-01T12:00:01.000Z' }
  expect(house.lastEvent()).toMatchObject({ outcome: 'success', severity: 'normal', reason: { reasonCode: 200 } })
  expect(house.lastEvent().requestData).toEqual(request)
  expect(house.lastEvent().responseData).toEqual(response)
  const opened = await house.run('hs-crypto.secrets.unwrap', unwrap(house, key.id, ciphertext))
  expect(Buffer.from(opened.plaintext)).toEqual(dek)
  expect(opened).not.toHaveProperty('renewed')
  expect(house.lastEvent().requestData).toEqual(request)
  expect(house.lastEvent().responseData).toEqual(response)
  expect(house.lastEvent().target).toMatchObject({ name: 'billing' })
})

test('without plaintext the unit makes a data key of 32 bytes, returned this once', async () => {
  const house = openHouse()
  const key = await addKey(house)
  const operation = wrapKey(house.call(), key.id, () => ({ plaintext: undefined, aad: noAad }), house.parts)
  const made = await house.run('hs-crypto.secrets.wrap', operation)
  expect(made.plaintext).toHaveLength(32)
  const opened = await house.run('hs-crypto.secrets.unwrap', unwrap(house, key.id, made.ciphertext))
  expect(Buffer.from(opened.plaintext).equals(made.plaintext ?? dek)).toBe(true)
})

test('two wraps of the same data differ', async () => {
  const house = openHouse()
  const key = await addKey(house)
  expect((await wrapped(house, key.id)).ciphertext).not.toBe((await wrapped(house, key.id)).ciphertext)
})

test('a ciphertext of an older version unwraps after rotations, and comes renewed under the newest', async () => {
  const house = openHouse()
  const key = await addKey(house)
  const { ciphertext } = await wrapped(house, key.id)
  await rotated(house, key.id)
  const newest = await rotated(house, key.id)
  const opened = await house.run('hs-crypto.secrets.unwrap', unwrap(house, key.id, ciphertext))
  expect(Buffer.from(opened.plaintext)).toEqual(dek)
  expect(opened.version).toBe(key.newest)
  expect(opened.renewed?.version).toBe(newest)
  expect(house.lastEvent().responseData).toMatchObject({ keyVersionId: key.newest })
  const again = await house.run('hs-crypto.secrets.unwrap', unwrap(house, key.id, opened.renewed?.ciphertext ?? ''))
  expect(Buffer.from(again.plaintext)).toEqual(dek)
  expect(again.version).toBe(newest)
  expect(again).not.toHaveProperty('renewed')
})

test('a rewrap moves a ciphertext to the newest version, and its event names both', async () => {
  const house = openHouse()
  const key = await addKey(house)
  const { ciphertext } = await wrapped(house, key.id)
  const newest = await rotated(house, key.id)
  const moved = await house.run('hs-crypto.secrets.rewrap', rewrap(house, key.id, ciphertext))
  expect(moved).toMatchObject({ version: key.newest, rewrappedVersion: newest })
  expect(house.lastEvent().responseData).toEqual({
    keyVersionId: key.newest,
    rewrappedKeyVersionId: newest,
    keyRingId: 'default',
  })
  const opened = await house.run('hs-crypto.secrets.unwrap', unwrap(house, key.id, moved.ciphertext))
  expect(Buffer.from(opened.plaintext)).toEqual(dek)
  const same = await house.run('hs-crypto.secrets.rewrap', rewrap(house, key.id, moved.ciphertext))
  expect(same).toMatchObject({ version: newest, rewrappedVersion: newest })
})

test.each([16, 24, 32])('a root key of %i bytes wraps and unwraps', async (length) => {
  const house = openHouse()
  const key = await addKey(house, { material: material(randomBytes(length)) })
  const { ciphertext } = await wrapped(house, key.id)
  const opened = await house.run('hs-crypto.secrets.unwrap', unwrap(house, key.id, ciphertext))
  expect(Buffer.from(opened.plaintext)).toEqual(dek)
})

test('additional data must be the same again', async () => {
  const house = openHouse()
  const key = await addKey(house)
  const operation = wrap(house, key.id, dek, house.call(), aad)
  const { ciphertext } = await house.run('hs-crypto.secrets.wrap', operation)
  for (const other of [noAad, Buffer.from('["b","a"]')]) {
    const refusal = await house.refused(
      'hs-crypto.secrets.unwrap',
      unwrap(house, key.id, ciphertext, house.call(), other),
    )
    expect(codeOf(refusal)).toEqual(['UNPROCESSABLE_CIPHERTEXT_ERR', 422])
  }
  const moved = await house.run('hs-crypto.secrets.rewrap', rewrap(house, key.id, ciphertext, house.call(), aad))
  const last = unwrap(house, key.id, moved.ciphertext, house.call(), aad)
  expect(Buffer.from((await house.run('hs-crypto.secrets.unwrap', last)).plaintext)).toEqual(dek)
})

test('a ciphertext of another key is not processable, even of one with the same material', async () => {
  const house = openHouse()
  const bytes = randomBytes(32)
  const key = await addKey(house, { material: material(bytes) })
  const twin = await addKey(house, { material: material(bytes) })
  const { ciphertext } = await wrapped(house, key.id)
  expect(codeOf(await house.refused('hs-crypto.secrets.unwrap', unwrap(house, twin.id, ciphertext)))).toEqual([
    'UNPROCESSABLE_CIPHERTEXT_ERR',
    422,
  ])
  expect(codeOf(await house.refused('hs-crypto.secrets.rewrap', rewrap(house, twin.id, ciphertext)))[1]).toBe(422)
  expect(factsOf(house.lastEvent())).toMatchObject({ outcome: 'failure', severity: 'warning', code: 422 })
})

test('a ciphertext whose version was exchanged for another of the same key is not processable', async () => {
  const house = openHouse()
  const key = await addKey(house)
  const { ciphertext } = await wrapped(house, key.id)
  const newest = await rotated(house, key.id)
  const wrapping = { ...(parseCiphertext(ciphertext) as Wrapping), handle: newest }
  const operation = unwrapKey(house.call(), key.id, () => ({ wrapping, aad: noAad }), house.parts)
  expect(codeOf(await house.refused('hs-crypto.secrets.unwrap', operation))[1]).toBe(422)
})

type Use = (house: House, id: string, text: string, call?: KeyCall) => Operation<'hs-crypto.secrets.wrap', unknown>

/** The three uses under one type, for what holds for all of them. */
const uses = {
  'hs-crypto.secrets.wrap': (house, id, _text, call = house.call()) => wrap(house, id, dek, call),
  'hs-crypto.secrets.unwrap': unwrap as unknown as Use,
  'hs-crypto.secrets.rewrap': rewrap as unknown as Use,
} as const satisfies Record<string, Use>
const actions = Object.keys(uses) as 'hs-crypto.secrets.wrap'[]
const sample = Buffer.from(
  `{"ciphertext":"${Buffer.alloc(48).toString('base64')}","iv":"AAAAAAAAAAAAAAAA","version":"4.0.0","handle":"01890a5d-ac96-774b-bcce-b302099a8057"}`,
).toString('base64')

test.each(actions)('%s is refused on a standard key, an unknown one and one of another ring', async (action) => {
  const house = openHouse()
  const standard = await addKey(house, { extractable: true })
  const use = uses[action]
  expect(codeOf(await house.refused(action, use(house, standard.id, sample)))).toEqual(['KEY_ROOT_REQ_ERR', 400])
  expect(house.lastEvent().requestData).toMatchObject({ keyType: 'standard' })
  const unknown = '01890a5d-ac96-774b-bcce-b302099a8057'
  for (const id of [unknown, 'no-uuid', '']) {
    expect(codeOf(await house.refused(action, use(house, id, sample)))).toEqual(['KEY_NOT_FOUND_ERR', 404])
  }
  const root = await addKey(house)
  const elsewhere = house.call(undefined, 'another-ring')
  expect(codeOf(await house.refused(action, use(house, root.id, sample, elsewhere), elsewhere))).toEqual([
    'KEY_NOT_FOUND_ERR',
    404,
  ])
})

test.each(actions)('%s obeys the state, and an expired key counts as deactivated', async (action) => {
  const house = openHouse()
  const key = await addKey(house, { expiresAt: startTime + 60_000 })
  const { ciphertext } = await wrapped(house, key.id)
  const use = () => uses[action](house, key.id, ciphertext)
  const code = async () => {
    try {
      await house.run(action, use())
      return 'done'
    } catch (error) {
      return codeOf(error as Parameters<typeof codeOf>[0])[0]
    }
  }
  const inDeactivated = action === 'hs-crypto.secrets.wrap' ? 'KEY_ACTION_INVALID_STATE_ERR' : 'done'
  const expected = { 0: 'KEY_ACTION_INVALID_STATE_ERR', 2: 'KEY_ACTION_INVALID_STATE_ERR', 3: inDeactivated }
  for (const [state, outcome] of Object.entries(expected)) {
    house.forceState(key.id, Number(state))
    expect(await code()).toBe(outcome)
  }
  house.forceState(key.id, 5)
  expect(await code()).toBe('KEY_DELETED_ERR')
  house.forceState(key.id, 1)
  expect(await code()).toBe('done')
  house.time += 60_000
  expect(await code()).toBe(inDeactivated)
})

test.each(actions)('%s by somebody without the permission is 401 before anything else is said', async (action) => {
  const house = openHouse()
  const key = await addKey(house)
  for (const caller of [house.caller([]), house.caller(['KeyPurge']), house.caller(['Manager'], 'another-ring')]) {
    const call = house.call(caller)
    const refusal = await house.refused(action, uses[action](house, key.id, 'no ciphertext at all', call), call)
    expect(codeOf(refusal)).toEqual(['UNAUTHORIZED_ERR', 401])
    expect(house.lastEvent()).toMatchObject({ severity: 'critical', target: { name: 'billing' } })
    expect(house.lastEvent().requestData).toMatchObject({ keyType: 'root' })
  }
})

test.each([['Reader'], ['ReaderPlus'], ['Writer'], ['Manager']] as const)('a %s may use keys', async (role) => {
  const house = openHouse()
  const key = await addKey(house)
  const call = house.call(house.caller([role], 'default'))
  const { ciphertext } = await house.run('hs-crypto.secrets.wrap', wrap(house, key.id, dek, call), call)
  expect((await house.run('hs-crypto.secrets.unwrap', unwrap(house, key.id, ciphertext, call), call)).version).toBe(
    key.newest,
  )
})

test.each(actions)('%s while the unit is gone is 503, with its event', async (action) => {
  const house = openHouse()
  const key = await addKey(house)
  const { ciphertext } = await wrapped(house, key.id)
  house.unit.fault = 'TIMEOUT'
  const refusal = await house.refused(action, uses[action](house, key.id, ciphertext))
  expect(codeOf(refusal)).toEqual(['UNIT_UNAVAILABLE', 503])
  expect(factsOf(house.lastEvent())).toMatchObject({ outcome: 'failure', severity: 'critical', code: 503 })
})

test('a wrap is one read of the store and one call of the unit', async () => {
  const house = openHouse()
  const key = await addKey(house)
  let reads = 0
  const keys = { ...house.parts.keys }
  for (const name of ['find', 'versionBlob'] as const) {
    keys[name] = () => {
      throw new Error('one more read than needed')
    }
  }
  keys.usable = (instance, id) => {
    reads += 1
    return house.parts.keys.usable(instance, id)
  }
  const before = house.unit.calls
  const operation = wrapKey(house.call(), key.id, () => ({ plaintext: dek, aad: noAad }), { ...house.parts, keys })
  await house.run('hs-crypto.secrets.wrap', operation)
  expect([reads, house.unit.calls - before]).toEqual([1, 1])
})

test('ids are read in any letter case', async () => {
  const house = openHouse()
  const key = await addKey(house)
  expect((await wrapped(house, key.id.toUpperCase())).version).toBe(key.newest)
})
