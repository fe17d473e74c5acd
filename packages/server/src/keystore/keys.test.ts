/** Objects in keystores: storing, changing, deleting and finding them, and what the trail says of it. */
import { attributeTypes } from '@keywitness/crypto-unit/ep11/attributes'
import { beforeEach, expect, test } from 'vitest'
import { Refusal } from '../errors.ts'
import { resourceCrn } from '../instances/instance.ts'
import { factsOf } from '../keys/testing/house.ts'
import type { AttributeChanges, Value } from './attributes.ts'
import { allAttributes } from './key-content.ts'
import { keystoreLimits } from './limits.ts'
import { type KeystoreHouse, openKeystoreHouse } from './testing/keystore-house.ts'

const { CKA_CLASS, CKA_ID, CKA_LABEL, CKA_PRIVATE, CKA_TOKEN, CKA_ENCRYPT, CKA_MODIFIABLE, CKA_DESTROYABLE } =
  attributeTypes
const keystore = '0f8fad5b-d9cb-469f-a165-70867728950e'
const closed = '7c9e6679-7425-40de-944b-e07fc1f90ae7'
const key = '11111111-2222-4333-8444-555555555555'

let keystores: KeystoreHouse
beforeEach(async () => {
  keystores = openKeystoreHouse()
  await keystores.ask.create({ id: keystore })
  await keystores.ask.create({ id: closed, type: 'private' })
})

function saying(...attributes: [number, Value | undefined][]): { attributes: AttributeChanges } {
  return { attributes: new Map(attributes) }
}

const label = (text: string): [number, Buffer] => [CKA_LABEL, Buffer.from(text)]

async function refusal(call: Promise<unknown>): Promise<[string, number]> {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (error instanceof Refusal) return [error.code, error.status]
  throw error ?? new Error('the operation was not refused')
}

test('a key is stored with what its client says and what it says itself; its event has ids, class and type', async () => {
  const { ask, house, ep11 } = keystores
  const object = ep11.key()
  const stored = await ask.store(keystore, { id: key, object, ...saying(label('billing')) })
  expect(stored).toMatchObject({ id: key, version: 0, class: 4, keyType: 0x1f, object })
  expect(factsOf(house.lastEvent())).toMatchObject({
    action: 'hs-crypto.keystore.storenewkey',
    severity: 'normal',
    outcome: 'success',
    code: 201,
    target: { id: resourceCrn(house.instance, 'key', key), name: `${keystore}/${key}` },
    requestData: { keystoreId: keystore, class: 'CKO_SECRET_KEY', keyType: 'CKK_AES' },
    responseData: { keyId: key, version: 0 },
  })
  const [found] = (await ask.keysByIds(keystore)).objects
  expect(Buffer.from(found?.object ?? []).equals(object)).toBe(true)
  const attributes = allAttributes(found ?? stored)
  expect([attributes.get(CKA_LABEL), attributes.get(CKA_TOKEN), attributes.get(CKA_PRIVATE)]).toEqual([
    Buffer.from('billing'),
    true,
    false,
  ])
  expect(attributes.get(CKA_ENCRYPT)).toBe(true)
})

test('an id that is there is refused, and so is the one object too many', async () => {
  const { ask, house } = keystores
  await ask.store(keystore, { id: key })
  expect(await refusal(ask.store(keystore, { id: key }))).toEqual(['ALREADY_EXISTS', 409])
  expect(factsOf(house.lastEvent())).toMatchObject({ outcome: 'failure', severity: 'warning', code: 409 })
  await ask.store(closed, { id: key })
  house.store.run('UPDATE keystore_totals SET objects = ?', [keystoreLimits.objectsPerInstance - 1])
  const last = await Promise.allSettled([ask.store(keystore), ask.store(keystore)])
  expect(last.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
  expect(await refusal(ask.store(keystore))).toEqual(['QUOTA_EXCEEDED', 409])
})

test('what is no good key is not stored, and nobody is told more than that', async () => {
  const { ask, ep11, house } = keystores
  const altered = ep11.key()
  altered[70] = (altered[70] ?? 0) ^ 1
  for (const object of [altered, Buffer.from('any bytes'), Buffer.alloc(0), Buffer.alloc(64 * 1024)]) {
    const [code, status] = await refusal(ask.store(keystore, { object }))
    expect([['KEYSTORE_BLOB_BROKEN', 'KEYSTORE_OTHER_MASTER_KEY'].includes(code), status < 500]).toEqual([true, true])
  }
  ep11.patterns.inForce = 'b'.repeat(64)
  expect(await refusal(ask.store(keystore, { object: altered }))).toEqual(['KEYSTORE_OTHER_MASTER_KEY', 409])
  for (const [fault, code] of [
    ['CKR_DEVICE_REMOVED', 'UNIT_UNAVAILABLE'],
    ['CKR_IBM_WK_NOT_INITIALIZED', 'UNIT_UNAVAILABLE'],
    ['CKR_IBM_REQ_TIMEOUT', 'UNIT_UNAVAILABLE'],
    ['CKR_SESSION_CLOSED', 'KEYSTORE_SESSION'],
    ['CKR_DEVICE_ERROR', 'INTERNAL'],
    ['CKR_DATA_INVALID', 'KEYSTORE_BLOB_BROKEN'],
  ] as const) {
    ep11.fault = fault
    expect((await refusal(ask.store(keystore)))[0], fault).toBe(code)
  }
  expect(house.store.get('SELECT objects FROM keystore_totals')).toEqual({ objects: 0 })
})

test('an object under a master key that is not in force at commit is not stored', async () => {
  const { ask, ep11, house } = keystores
  const object = ep11.key()
  ep11.meanwhile = () => void house.store.run('UPDATE master_keys SET pattern = ?', ['c'.repeat(64)])
  expect(await refusal(ask.store(keystore, { object }))).toEqual(['CONFLICT', 409])
  house.store.run(
    `INSERT INTO master_key_rotations (instance, former, pattern, state, total, started_at, started_by, updated_at)
      VALUES (?, ?, ?, 'started', 0, 0, 'me', 0)`,
    [house.instance.guid, 'a'.repeat(64), 'c'.repeat(64)],
  )
  // Decided before the rotation began and committed after: the rotation walks it.
  await ask.store(keystore, { object })
})

test('certificates and data are kept under the seal, and come back as they were; the unit is not asked', async () => {
  const { ask, ep11, house } = keystores
  const object = Buffer.from('-----a certificate, or so it says-----')
  for (const objectClass of [0, 1, 6]) {
    const stored = await ask.store(keystore, { object, ...saying([CKA_CLASS, objectClass], label('any')) })
    expect(stored).toMatchObject({ class: objectClass, keyType: null, wkid: null })
  }
  expect(ep11.calls).toBe(0)
  const found = (await ask.keysByIds(keystore)).objects
  expect(found.map((one) => Buffer.from(one.object ?? []).toString())).toEqual(Array(3).fill(object.toString()))
  const kept = house.store.all<{ blob: unknown; sealed: Uint8Array }>('SELECT blob, sealed FROM keystore_objects')
  expect(kept.every(({ blob, sealed }) => blob === null && !Buffer.from(sealed).includes('certificate'))).toBe(true)
})

test('an object with CKA_PRIVATE is kept in a private keystore only, where it is the default', async () => {
  const { ask } = keystores
  expect(await refusal(ask.store(keystore, saying([CKA_PRIVATE, true])))).toEqual(['KEYSTORE_PRIVATE_OBJECT', 400])
  expect(allAttributes(await ask.store(closed)).get(CKA_PRIVATE)).toBe(true)
  const { id } = await ask.store(keystore)
  const change = ask.update({ keystore, key: id }, saying([CKA_PRIVATE, true]))
  expect(await refusal(change)).toEqual(['KEYSTORE_ATTRIBUTES', 400])
})

test('keys of an authenticated keystore are of a login session, and those of others of none', async () => {
  const { ask, ep11 } = keystores
  const bound = ep11.key({ session: Buffer.alloc(32, 5) })
  const { id } = await ask.create({ authenticated: true })
  expect(await refusal(ask.store(id))).toEqual(['KEYSTORE_SESSION', 409])
  expect(await refusal(ask.store(keystore, { object: bound }))).toEqual(['KEYSTORE_SESSION', 409])
  const stored = await ask.store(id, { object: bound })
  const named = { keystore: id, key: stored.id }
  expect(await refusal(ask.update(named, { object: ep11.key() }))).toEqual(['KEYSTORE_SESSION', 409])
  await ask.store(id, { object: Buffer.from('data'), attributes: new Map([[CKA_CLASS, 0]]) })
})

test('what is said against what the object says itself is refused, and key material is no attribute', async () => {
  const { ask, house } = keystores
  for (const wrong of [saying([CKA_CLASS, 3]), saying([CKA_ENCRYPT, false]), saying([CKA_TOKEN, false])]) {
    expect(await refusal(ask.store(keystore, wrong))).toEqual(['KEYSTORE_ATTRIBUTES', 400])
  }
  await ask.store(keystore, saying([CKA_CLASS, 4], [CKA_ENCRYPT, true], [CKA_TOKEN, true]))
  expect(house.store.get('SELECT objects FROM keystore_totals')).toEqual({ objects: 1 })
})

test('a write that comes again under its TxID is answered and not done again; another under it is refused', async () => {
  const { ask, house, ep11 } = keystores
  const write = { tx: 'aa55', object: ep11.key(), ...saying(label('one')) }
  const first = await ask.store(keystore, write)
  const again = await ask.store(keystore, write)
  expect([again.id, again.version]).toEqual([first.id, 0])
  expect(factsOf(house.lastEvent())).toMatchObject({ outcome: 'success', code: 200, responseData: { keyId: first.id } })
  expect(await refusal(ask.store(keystore, { ...write, object: ep11.key() }))).toEqual(['KEYSTORE_REPLAY', 409])
  expect(await refusal(ask.store(keystore, { ...write, ...saying(label('two')) }))).toEqual(['KEYSTORE_REPLAY', 409])
  await ask.store(closed, write)
  const named = { keystore, key: first.id }
  const change = { tx: 'bb66', version: 0, ...saying(label('changed')) }
  expect((await ask.update(named, change)).version).toBe(1)
  expect((await ask.update(named, change)).version).toBe(1)
  expect(await refusal(ask.update(named, { ...change, version: 1 }))).toEqual(['KEYSTORE_REPLAY', 409])
  expect(await refusal(ask.store(keystore, write))).toEqual(['KEYSTORE_STALE', 409])
  await ask.destroy(named)
  expect(await refusal(ask.store(keystore, write))).toEqual(['NOT_FOUND', 404])
  const count = 'SELECT count(*) AS count FROM keystore_objects WHERE keystore = 1'
  expect(house.store.get(count)).toEqual({ count: 0 })
})

test('the same write at the same time from both ends of a broken connection stores one key', async () => {
  const { ask, ep11, house } = keystores
  const write = { tx: 'cc77', object: ep11.key() }
  const [one, two] = await Promise.all([ask.store(keystore, write), ask.store(keystore, write)])
  expect(one.id).toBe(two.id)
  expect(house.store.get('SELECT objects FROM keystore_totals')).toEqual({ objects: 1 })
})

test('TxIDs are remembered for the last ten thousand writes of an instance', async () => {
  const { ask, house, ep11 } = keystores
  const object = ep11.key()
  const kept = () => house.store.all<{ tx: string }>('SELECT tx FROM keystore_transactions').map(({ tx }) => tx)
  await ask.store(keystore, { tx: 'd1', object })
  await ask.store(keystore, { tx: 'd2', object })
  house.store.run(`UPDATE keystore_transactions SET number = 9999 WHERE tx = 'd2'`, [])
  await ask.store(keystore, { tx: 'd3', object })
  expect(kept()).toEqual(['d1', 'd2', 'd3'])
  await ask.store(keystore, { tx: 'd4', object })
  expect(kept()).toEqual(['d2', 'd3', 'd4'])
})

test('an update raises the version by one; its event names both and the attributes, never their values', async () => {
  const { ask, house } = keystores
  const { id } = await ask.store(keystore, saying(label('secret plans'), [CKA_ID, Buffer.from('x')]))
  const named = { keystore, key: id }
  const changed = await ask.update(named, saying(label('other plans'), [CKA_ID, undefined]))
  expect(changed.version).toBe(1)
  expect(factsOf(house.lastEvent())).toMatchObject({
    action: 'hs-crypto.keystore.updatekey',
    severity: 'critical',
    outcome: 'success',
    code: 200,
    target: { name: `${keystore}/${id}` },
    requestData: {
      keystoreId: keystore,
      keyId: id,
      initialValue: { version: 0 },
      attributeNames: ['CKA_LABEL', 'CKA_ID'],
    },
    responseData: { newValue: { version: 1 } },
  })
  const attributes = allAttributes((await ask.keysByIds(keystore)).objects[0] ?? changed)
  expect([attributes.get(CKA_LABEL), attributes.has(CKA_ID)]).toEqual([Buffer.from('other plans'), false])
  expect(await refusal(ask.update(named, { version: 0 }))).toEqual(['KEYSTORE_STALE', 409])
  expect(factsOf(house.lastEvent())).toMatchObject({ outcome: 'failure', requestData: { keyId: id } })
  expect(JSON.stringify(house.events())).not.toContain('plans')
})

test('an object is replaced by another form of itself only, and it is found by what that says', async () => {
  const { ask, ep11 } = keystores
  const { id } = await ask.store(keystore)
  const named = { keystore, key: id }
  const weaker = ep11.key({ attributes: [[CKA_ENCRYPT, false]] })
  await ask.update(named, { object: weaker })
  expect((await ask.search({ attributes: new Map([[CKA_ENCRYPT, false]]) })).objects.map((one) => one.id)).toEqual([id])
  const pair = ep11.key({ attributes: [[CKA_CLASS, 3n]] })
  expect(await refusal(ask.update(named, { version: 1, object: pair }))).toEqual(['KEYSTORE_ATTRIBUTES', 400])
  const fixed = ep11.key({ attributes: [[CKA_MODIFIABLE, false]] })
  await ask.update(named, { version: 1, object: fixed })
  expect(await refusal(ask.update(named, { version: 2, ...saying(label('no')) }))).toEqual([
    'KEYSTORE_NOT_MODIFIABLE',
    409,
  ])
})

test('deleting removes it for ever, unless it is not destroyable; the event names it', async () => {
  const { ask, house } = keystores
  const { id } = await ask.store(keystore)
  const named = { keystore, key: id }
  expect(await refusal(ask.destroy(named, { version: 3 }))).toEqual(['KEYSTORE_STALE', 409])
  await ask.destroy(named, { version: 0 })
  expect(factsOf(house.lastEvent())).toMatchObject({
    action: 'hs-crypto.keystore.deletekey',
    severity: 'critical',
    outcome: 'success',
    code: 204,
    target: { id: resourceCrn(house.instance, 'key', id) },
    requestData: { keystoreId: keystore, keyId: id },
  })
  expect(house.forgotten).toBe(1)
  expect(await refusal(ask.destroy(named))).toEqual(['NOT_FOUND', 404])
  expect(await refusal(ask.update(named, {}))).toEqual(['NOT_FOUND', 404])
  const kept = await ask.store(keystore, saying([CKA_DESTROYABLE, false]))
  expect(await refusal(ask.destroy({ keystore, key: kept.id }))).toEqual(['KEYSTORE_NOT_DESTROYABLE', 409])
})

test('a role on one public keystore reaches what is in it, and nothing of a private one', async () => {
  const { ask, call, house } = keystores
  const inOpen = await ask.store(keystore)
  const inClosed = await ask.store(closed)
  const anonymous = call(house.caller(['KeyOperator'], '', { type: 'keystore', id: keystore }))
  expect((await ask.byIds([], anonymous)).map((row) => row.id)).toEqual([keystore])
  expect((await ask.keysByIds(keystore, {}, anonymous)).objects.map((one) => one.id)).toEqual([inOpen.id])
  expect((await ask.search({}, anonymous)).objects.map((one) => one.id)).toEqual([inOpen.id])
  const own = await ask.store(keystore, {}, anonymous)
  await ask.update({ keystore, key: own.id }, {}, anonymous)
  await ask.destroy({ keystore, key: own.id }, {}, anonymous)
  for (const asked of [
    ask.keysByIds(closed, {}, anonymous),
    ask.store(closed, {}, anonymous),
    ask.update({ keystore: closed, key: inClosed.id }, {}, anonymous),
    ask.destroy({ keystore: closed, key: inClosed.id }, {}, anonymous),
    ask.search({ keystoreIds: [closed] }, anonymous),
    ask.create({}, anonymous),
    ask.remove(keystore, {}, anonymous),
  ]) {
    expect(await refusal(asked)).toEqual(['UNAUTHORIZED_ERR', 401])
  }
  const onPrivate = call(house.caller(['KeyOperator'], '', { type: 'keystore', id: closed }))
  expect(await refusal(ask.keysByIds(closed, {}, onPrivate))).toEqual(['UNAUTHORIZED_ERR', 401])
})

test('a role on one key reaches that key, to make, see, change and delete it', async () => {
  const { ask, call, house } = keystores
  await ask.store(keystore)
  const owner = call(house.caller(['KeyOperator'], '', { type: 'key', id: key }))
  expect(await refusal(ask.store(keystore, {}, owner))).toEqual(['UNAUTHORIZED_ERR', 401])
  expect(await refusal(ask.store(closed, { id: key }, owner))).toEqual(['UNAUTHORIZED_ERR', 401])
  await ask.store(keystore, { id: key }, owner)
  expect((await ask.keysByIds(keystore, {}, owner)).objects.map((one) => one.id)).toEqual([key])
  expect((await ask.search({}, owner)).objects.map((one) => one.id)).toEqual([key])
  await ask.update({ keystore, key }, {}, owner)
  await ask.destroy({ keystore, key }, {}, owner)
  expect((await ask.keysByIds(keystore, {}, owner)).objects).toEqual([])
})
