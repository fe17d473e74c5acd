/** Keystores: making, finding and deleting them, what the trail says of it, and who may. */
import { beforeEach, expect, test } from 'vitest'
import { Refusal } from '../errors.ts'
import { resourceCrn } from '../instances/instance.ts'
import { factsOf } from '../keys/testing/house.ts'
import type { KeystoreWish } from './create-keystore.ts'
import { keystoreLimits } from './limits.ts'
import { sweepJob } from './sweep.ts'
import { type KeystoreHouse, openKeystoreHouse } from './testing/keystore-house.ts'

const id = '0f8fad5b-d9cb-469f-a165-70867728950e'
const other = '7c9e6679-7425-40de-944b-e07fc1f90ae7'

let keystores: KeystoreHouse
beforeEach(() => {
  keystores = openKeystoreHouse()
})

/** The code and status of a refusal. */
async function refusal(call: Promise<unknown>): Promise<[string, number]> {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (error instanceof Refusal) return [error.code, error.status]
  throw error ?? new Error('the operation was not refused')
}

test('a keystore is made under the id that its users agreed on, and its event names it', async () => {
  const { ask, house } = keystores
  const made = await ask.create({ id, name: 'payments', type: 'private' })
  expect(made).toMatchObject({ id, name: 'payments', type: 'private', authenticated: 0, objects: 0, version: 0 })
  expect(factsOf(house.lastEvent())).toMatchObject({
    action: 'hs-crypto.keystore.createkeystore',
    severity: 'normal',
    outcome: 'success',
    code: 201,
    target: { id: resourceCrn(house.instance, 'keystore', id), name: id, typeURI: 'hs-crypto/keystore' },
    requestData: { type: 'private', authenticated: false },
    responseData: { keystoreId: id },
  })
  expect(await ask.byIds([id])).toMatchObject([{ id, name: 'payments' }])
})

test('one without an id gets one; an id that is taken is refused, in this instance only', async () => {
  const { ask, house } = keystores
  expect((await ask.create()).id).toMatch(/^[0-9a-f-]{36}$/)
  await ask.create({ id })
  expect(await refusal(ask.create({ id }))).toEqual(['ALREADY_EXISTS', 409])
  expect(factsOf(house.lastEvent())).toMatchObject({
    action: 'hs-crypto.keystore.createkeystore',
    outcome: 'failure',
    severity: 'warning',
    code: 409,
    target: { name: id },
    requestData: { type: 'public' },
  })
})

test('an instance has five authenticated keystores, and a bounded number of others', async () => {
  const { ask, house } = keystores
  for (let made = 0; made < keystoreLimits.authenticatedPerInstance; made++) await ask.create({ authenticated: true })
  expect(await refusal(ask.create({ authenticated: true }))).toEqual(['QUOTA_EXCEEDED', 409])
  await ask.create()
  house.store.run('UPDATE keystore_totals SET keystores = ?', [keystoreLimits.keystoresPerInstance])
  expect(await refusal(ask.create())).toEqual(['QUOTA_EXCEEDED', 409])
})

test('two that would be the fifth authenticated one at the same time: one is, the other is refused', async () => {
  const { ask } = keystores
  for (let made = 1; made < keystoreLimits.authenticatedPerInstance; made++) await ask.create({ authenticated: true })
  const both = await Promise.allSettled([ask.create({ authenticated: true }), ask.create({ authenticated: true })])
  expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
})

test('deleting one takes all that is in it with it, at once for who looks; its id may be used again', async () => {
  const { ask, house } = keystores
  await ask.create({ id })
  const key = await ask.store(id)
  await ask.store(id)
  await ask.remove(id)
  expect(factsOf(house.lastEvent())).toMatchObject({
    action: 'hs-crypto.keystore.deletekeystore',
    severity: 'critical',
    outcome: 'success',
    code: 204,
    target: { id: resourceCrn(house.instance, 'keystore', id), name: id },
    requestData: { keystoreId: id },
    responseData: { deletedKeys: 2 },
  })
  expect(await refusal(ask.remove(id))).toEqual(['NOT_FOUND', 404])
  expect(factsOf(house.lastEvent())).toMatchObject({ outcome: 'failure', code: 404, requestData: { keystoreId: id } })
  await ask.create({ id })
  expect((await ask.keysByIds(id)).objects).toEqual([])
  await ask.store(id, { id: key.id })
  expect((await ask.keysByIds(id)).objects).toMatchObject([{ id: key.id }])
})

test('what was in a deleted keystore leaves the store piece by piece, and the rest of the data folder after it', async () => {
  const { ask, house } = keystores
  await ask.create({ id })
  for (let stored = 0; stored < 3; stored++) await ask.store(id)
  await ask.create({ id: other })
  await ask.store(other)
  await ask.remove(id)
  const left = () => house.store.get<{ count: number }>('SELECT count(*) AS count FROM keystore_objects')?.count
  const job = sweepJob({ reader: house.store, carry: house.carry, oweForgetting: () => void house.parts.forget() })
  expect([left(), job.nextDue(), house.forgotten]).toEqual([4, 0, 1])
  await job.run(house.time)
  expect([left(), job.nextDue(), house.forgotten]).toEqual([1, undefined, 2])
  expect(house.store.get('SELECT keystores, objects FROM keystore_totals')).toEqual({ keystores: 1, objects: 1 })
  expect(house.store.get('SELECT count(DISTINCT object) AS count FROM keystore_attributes')).toEqual({ count: 1 })
})

test('a key that is stored while its keystore is being deleted is counted in the event', async () => {
  const { ask, house } = keystores
  await ask.create({ id })
  await Promise.all([ask.store(id), ask.store(id), ask.remove(id)].map((call) => call.catch(() => undefined)))
  const deletion = house
    .events()
    .filter(({ action }) => action.endsWith('deletekeystore'))
    .at(-1)
  const stored = house.events().filter(({ action, outcome }) => action.endsWith('storenewkey') && outcome === 'success')
  expect(deletion?.responseData).toMatchObject({ deletedKeys: stored.length })
})

test('one that was changed since it was read is not deleted by who names the version', async () => {
  const { ask } = keystores
  await ask.create({ id })
  await ask.store(id)
  expect(await refusal(ask.remove(id, { version: 0 }))).toEqual(['KEYSTORE_STALE', 409])
  expect(await refusal(ask.remove(id, { version: 0, stale: 'PRECONDITION_FAILED' }))).toEqual([
    'PRECONDITION_FAILED',
    412,
  ])
  await ask.remove(id, { version: 1 })
})

test('lists by ids leave out what is not there; without ids they have all', async () => {
  const { ask, house } = keystores
  await ask.create({ id })
  await ask.create({ id: other })
  expect((await ask.byIds()).map((row) => row.id)).toEqual([id, other])
  expect(house.lastEvent().responseData).toMatchObject({ totalResources: 2 })
  const missing = '11111111-2222-4333-8444-555555555555'
  expect((await ask.byIds([other, missing, other])).map((row) => row.id)).toEqual([other])
  expect(factsOf(house.lastEvent())).toMatchObject({
    action: 'hs-crypto.keystore.listkeystoresbyids',
    severity: 'normal',
    code: 200,
    requestData: { ids: [other, missing, other] },
    responseData: { totalResources: 1 },
  })
})

test('lists by attributes filter by type and name, page by page, with tokens that fit their own question only', async () => {
  const { ask, house } = keystores
  const wishes: Partial<KeystoreWish>[] = [{ name: 'a' }, { name: 'b', type: 'private' }, { name: 'a' }, { name: 'a' }]
  const made = []
  for (const wish of wishes) made.push((await ask.create(wish)).id)
  const first = await ask.byAttributes({ name: 'a', limit: 2 })
  expect(first.keystores.map((row) => row.id)).toEqual([made[0], made[2]])
  expect(factsOf(house.lastEvent())).toMatchObject({
    action: 'hs-crypto.keystore.listkeystoresbyattributes',
    requestData: { attributeNames: ['name'] },
    responseData: { totalResources: 2 },
  })
  expect(JSON.stringify(house.lastEvent())).not.toContain('"a"')
  const second = await ask.byAttributes({ name: 'a', limit: 2, token: first.next })
  expect([second.keystores.map((row) => row.id), second.next]).toEqual([[made[3]], undefined])
  expect(await refusal(ask.byAttributes({ name: 'b', token: first.next }))).toEqual(['KEYSTORE_PAGE_TOKEN', 400])
  expect(factsOf(house.lastEvent())).toMatchObject({ outcome: 'failure', code: 400 })
  expect((await ask.byAttributes({ type: 'private' })).keystores.map((row) => row.id)).toEqual([made[1]])
})

test('who has no role learns nothing: not even whether there is such a keystore, or whether the request could be read', async () => {
  const { ask, house, call, parts } = keystores
  await ask.create({ id })
  for (const roles of [['CryptoOperator'], ['KmipAdapterManager', 'KeyPurge']] as const) {
    const by = call(house.caller(roles))
    for (const asked of [
      () => ask.create({ id }, by),
      () => ask.remove(id, {}, by),
      () => ask.remove(other, {}, by),
      () => ask.byIds([], by),
      () => ask.byAttributes({}, by),
      () => ask.store(id, {}, by),
      () => ask.store(other, {}, by),
      () => ask.update({ keystore: id, key: other }, {}, by),
      () => ask.destroy({ keystore: id, key: other }, {}, by),
      () => ask.keysByIds(id, {}, by),
      () => ask.keysByIds(other, {}, by),
      () => ask.search({ keystoreIds: [other] }, by),
    ]) {
      expect(await refusal(asked())).toEqual(['UNAUTHORIZED_ERR', 401])
      expect(house.lastEvent()).toMatchObject({ outcome: 'failure', severity: 'critical' })
    }
  }
  expect(parts.keystores.totals(house.instance.guid)).toMatchObject({ keystores: 1, objects: 0 })
})

test('another instance’s keystores are found by nobody here, whatever their ids', async () => {
  const { ask, house, call } = keystores
  await ask.create({ id })
  await ask.store(id)
  const stranger = { ...house.caller(['Manager']), account: house.foreign.account }
  const by = call(stranger, { instance: house.foreign })
  house.store.run('UPDATE role_grants SET account = ?, scope_id = ? WHERE identity = ?', [
    house.foreign.account,
    house.foreign.guid,
    stranger.id,
  ])
  expect(await ask.byIds([id], by)).toEqual([])
  expect(await refusal(ask.keysByIds(id, {}, by))).toEqual(['NOT_FOUND', 404])
  expect(await refusal(ask.remove(id, {}, by))).toEqual(['NOT_FOUND', 404])
  expect((await ask.search({}, by)).objects).toEqual([])
  expect(await ask.create({ id }, by)).toMatchObject({ id, instance: house.foreign.guid })
  expect((await ask.keysByIds(id, {}, by)).objects).toEqual([])
})
