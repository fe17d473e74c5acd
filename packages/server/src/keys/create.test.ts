/** Creating and importing keys: what is stored, what is answered, what the event says, and what is refused. */
import { expect, test } from 'vitest'
import { createKey } from './create.ts'
import { keyLimits } from './limits.ts'
import { codeOf, factsOf, openHouse, startTime } from './testing/house.ts'
import { addKey, createWish, material } from './testing/wishes.ts'

const action = 'hs-crypto.secrets.create'

test('a root key is generated with its first version, and the event names it', async () => {
  const house = openHouse()
  const { key, payload } = await house.run(
    action,
    createKey(house.call(), () => createWish(), false, house.parts),
  )
  expect(payload).toBeUndefined()
  expect(house.parts.keys.find(house.instance.guid, key.id)).toEqual(key)
  expect(key).toMatchObject({ state: 1, extractable: 0, imported: 0, bits: 256, versions: 1, newest: key.id })
  expect(key).toMatchObject({ ring: 'default', createdAt: startTime, updatedAt: null, rotatedAt: null })
  const event = house.lastEvent()
  expect(factsOf(event)).toMatchObject({ outcome: 'success', severity: 'normal', code: 201 })
  expect(event.target).toMatchObject({
    id: `crn:v1:keywitness:public:hs-crypto:us-south:a/${house.instance.account}:${house.instance.guid}:key:${key.id}`,
    name: 'billing',
  })
  expect(event.requestData).toEqual({
    requestURI: '/api/v2/keys',
    instanceID: house.instance.guid,
    keyType: 'root',
  })
  expect(event.responseData).toEqual({
    keyId: key.id,
    keyVersionId: key.newest,
    keyVersionCreationDate: '2026-03-01T12:00:00.000Z',
    keyState: 1,
    keyRingId: 'default',
  })
})

test('a standard key has no version in its event, and its generated payload is shown only when asked for', async () => {
  const house = openHouse()
  const wish = () => createWish({ extractable: true })
  const asked = await house.run(action, createKey(house.call(), wish, true, house.parts))
  expect(Buffer.from(asked.payload ?? '', 'base64')).toHaveLength(32)
  expect(house.lastEvent().responseData).toEqual({ keyId: asked.key.id, keyState: 1, keyRingId: 'default' })
  const unasked = await house.run(action, createKey(house.call(), wish, false, house.parts))
  expect(unasked).not.toHaveProperty('payload')
})

test.each([16, 24, 32])('a root key of %i imported bytes tells its size and never its payload', async (length) => {
  const house = openHouse()
  const wish = () => createWish({ material: material(new Uint8Array(length).fill(7)) })
  const { key, payload } = await house.run(action, createKey(house.call(), wish, true, house.parts))
  expect(key).toMatchObject({ imported: 1, bits: length * 8, extractable: 0 })
  expect(payload).toBeUndefined()
})

test('an imported standard key answers with the very text that was imported', async () => {
  const house = openHouse()
  const bytes = Buffer.from('any secret of any length')
  const wish = () => createWish({ extractable: true, material: material(bytes) })
  const { key, payload } = await house.run(action, createKey(house.call(), wish, true, house.parts))
  expect(payload).toBe(bytes.toString('base64'))
  expect(key.bits).toBe(bytes.length * 8)
})

test('material given is zeroed, and stored only wrapped', async () => {
  const house = openHouse()
  const given = material(Buffer.from('0123456789abcdef'))
  await house.run(
    action,
    createKey(house.call(), () => createWish({ material: given }), false, house.parts),
  )
  expect(given.bytes).toEqual(new Uint8Array(16))
  const [row] = house.store.all<{ blob: Uint8Array }>('SELECT blob FROM key_material')
  expect(Buffer.from(row?.blob ?? []).includes('0123456789abcdef')).toBe(false)
})

test('an expiration date is kept and told; one that is not in the future is refused', async () => {
  const house = openHouse()
  const soon = () => createWish({ expiresAt: startTime + 1_000 })
  const { key } = await house.run(action, createKey(house.call(), soon, false, house.parts))
  expect(key.expiresAt).toBe(startTime + 1_000)
  expect(house.lastEvent().responseData).toMatchObject({ expirationDate: '2026-03-01T12:00:01.000Z' })
  const now = () => createWish({ expiresAt: startTime })
  const refusal = await house.refused(action, createKey(house.call(), now, false, house.parts))
  expect(codeOf(refusal)).toEqual(['INVALID_FIELD_ERR', 400])
  expect(refusal.at).toEqual({ type: 'field', name: 'expirationDate' })
})

test.each([['Reader'], ['ReaderPlus'], ['KeyPurge']] as const)('a %s may not create', async (role) => {
  const house = openHouse()
  const call = house.call(house.caller([role]))
  const unread = () => {
    throw new Error('the body was looked at before the permission')
  }
  const refusal = await house.refused(action, createKey(call, unread, false, house.parts), call)
  expect(codeOf(refusal)).toEqual(['UNAUTHORIZED_ERR', 401])
  expect(factsOf(house.lastEvent())).toMatchObject({ outcome: 'failure', severity: 'critical', code: 401 })
  expect(house.unit.calls).toBe(0)
})

test('a writer of the default ring only may create there', async () => {
  const house = openHouse()
  const call = house.call(house.caller(['Writer'], 'default'))
  const { key } = await house.run(
    action,
    createKey(call, () => createWish(), false, house.parts),
    call,
  )
  expect(key.ring).toBe('default')
})

test('a ring that does not exist is not found; a name that cannot be one stays out of the event', async () => {
  const house = openHouse()
  const named = house.call(undefined, 'no-such-ring')
  const refusal = await house.refused(
    action,
    createKey(named, () => createWish(), false, house.parts),
    named,
  )
  expect(codeOf(refusal)).toEqual(['NOT_FOUND', 404])
  expect(house.lastEvent().requestData).toMatchObject({ keyRingId: 'no-such-ring', keyType: 'root' })
  const odd = house.call(undefined, '<script>')
  await house.refused(
    action,
    createKey(odd, () => createWish(), false, house.parts),
    odd,
  )
  expect(house.lastEvent().requestData).not.toHaveProperty('keyRingId')
})

test('the quota counts destroyed keys too, and holds against calls that decide at the same time', async () => {
  const house = openHouse({ keysPerInstance: 3 })
  const first = await addKey(house)
  house.forceState(first.id, 5)
  const create = () =>
    house.run(
      action,
      createKey(house.call(), () => createWish(), false, house.parts),
    )
  const outcomes = await Promise.allSettled([create(), create(), create(), create()])
  expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'fulfilled', 'rejected', 'rejected'])
  expect(house.parts.keys.total(house.instance.guid)).toBe(3)
  const refusal = await house.refused(
    action,
    createKey(house.call(), () => createWish(), false, house.parts),
  )
  expect(codeOf(refusal)).toEqual(['QUOTA_EXCEEDED', 409])
  expect(house.events().filter((event) => event.outcome === 'failure')).toHaveLength(3)
})

test.each([
  ['UNAVAILABLE', 'UNIT_UNAVAILABLE', 503],
  ['TIMEOUT', 'UNIT_UNAVAILABLE', 503],
  ['NOT_READY', 'UNIT_UNAVAILABLE', 503],
  ['BROKEN_BLOB', 'INTERNAL', 500],
] as const)('a unit that answers %s leaves nothing but the event', async (fault, code, status) => {
  const house = openHouse()
  house.unit.fault = fault
  const refusal = await house.refused(
    action,
    createKey(house.call(), () => createWish(), false, house.parts),
  )
  expect(codeOf(refusal)).toEqual([code, status])
  expect(house.parts.keys.total(house.instance.guid)).toBe(0)
  expect(factsOf(house.lastEvent())).toMatchObject({ outcome: 'failure', severity: 'critical', code: status })
})

test('a description and tags come back as they were given', async () => {
  const house = openHouse()
  const key = await addKey(house, { description: 'for invoices', tags: ['a', 'b c'] })
  expect(house.parts.keys.find(house.instance.guid, key.id)).toMatchObject({
    description: 'for invoices',
    tags: '["a","b c"]',
  })
  expect(keyLimits.tags).toBeGreaterThan(2)
})
