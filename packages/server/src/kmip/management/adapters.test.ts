/** KMIP adapters: what they need of their root key, how they are named, found and deleted, and what the trail says. */
import { beforeEach, expect, test } from 'vitest'
import { resourceCrn } from '../../instances/instance.ts'
import { codeOf, factsOf, type House, openHouse, startTime } from '../../keys/testing/house.ts'
import { addKey } from '../../keys/testing/wishes.ts'
import { readAdapterUse } from './adapters.ts'
import { createAdapter, type CreateAdapterWish } from './create-adapter.ts'
import { deleteAdapter } from './delete-adapter.ts'
import { kmipLimits } from './limits.ts'
import { listAdapters } from './list-adapters.ts'
import { readAdapter } from './read-adapter.ts'
import { addAdapter, addCertificate, kmipParts, putObject } from './testing/adapters.ts'

const create = 'hs-crypto.kmip-management.create'
const read = 'hs-crypto.kmip-management.read'
const list = 'hs-crypto.kmip-management.list'
const remove = 'hs-crypto.kmip-management.delete'

let house: House
beforeEach(() => {
  house = openHouse()
})

const refusedCreation = async (wish: Partial<CreateAdapterWish>) => {
  const crk = wish.crk ?? (await addKey(house)).id
  const wanted = { name: undefined, description: '', allowExpiringKey: false, ...wish, crk }
  return await house.refused(
    create,
    createAdapter(house.call(), () => wanted, kmipParts(house)),
  )
}
const listed = (page: { limit: number; offset: number }, crk?: string) =>
  house.run(
    list,
    listAdapters(house.call(), () => ({ ...page, crk, totalCount: true }), kmipParts(house)),
  )

test('an adapter is made for an active root key, and its event names it', async () => {
  const key = await addKey(house)
  const adapter = await addAdapter(house, { name: 'vcenter-1', description: 'hosts', crk: key.id })
  expect(adapter).toMatchObject({ name: 'vcenter-1', description: 'hosts', profile: 'native_1.0', crk: key.id })
  expect(factsOf(house.lastEvent())).toMatchObject({
    action: create,
    severity: 'warning',
    outcome: 'success',
    code: 201,
    target: { id: resourceCrn(house.instance, 'kmip-adapter', adapter.id), name: 'vcenter-1' },
    requestData: { objectKind: 'adapter', adapterId: adapter.id },
    responseData: { id: adapter.id },
  })
})

test('an adapter without a name gets one that no other has', async () => {
  const names = [await addAdapter(house), await addAdapter(house)].map(({ name }) => name)
  expect(names[0]).toMatch(/^kmip_adapter_[0-9a-f]{16}$/)
  expect(names[0]).not.toBe(names[1])
})

test('it is found by its id, in any letter case, and by its name, in the exact one', async () => {
  const adapter = await addAdapter(house, { name: 'vCenter' })
  for (const named of [adapter.id, adapter.id.toUpperCase(), 'vCenter']) {
    expect(await house.run(read, readAdapter(house.call(), named, kmipParts(house)))).toEqual(adapter)
  }
  const missed = await house.refused(read, readAdapter(house.call(), 'vcenter', kmipParts(house)))
  expect(codeOf(missed)).toEqual(['NOT_FOUND', 404])
  expect(factsOf(house.lastEvent())).toMatchObject({ action: read, outcome: 'failure', code: 404 })
})

test('a root key that is unknown, standard, inactive or expiring does not do', async () => {
  expect(codeOf(await refusedCreation({ crk: '99999999-9999-4999-8999-999999999999' }))).toEqual([
    'KEY_NOT_FOUND_ERR',
    404,
  ])
  expect(codeOf(await refusedCreation({ crk: (await addKey(house, { extractable: true })).id }))).toEqual([
    'KEY_ROOT_REQ_ERR',
    400,
  ])
  const expiring = await addKey(house, { expiresAt: startTime + 60_000 })
  expect(codeOf(await refusedCreation({ crk: expiring.id }))).toEqual(['KEY_ACTION_INVALID_STATE_ERR', 409])
  expect(await addAdapter(house, { crk: expiring.id, allowExpiringKey: true })).toMatchObject({ crk: expiring.id })
  house.time = startTime + 60_000
  expect((await refusedCreation({ crk: expiring.id, allowExpiringKey: true })).message).toContain('active')
  for (const state of [0, 2, 3, 5]) {
    const key = await addKey(house)
    house.forceState(key.id, state)
    expect(codeOf(await refusedCreation({ crk: key.id })), `state ${state}`).toEqual([
      'KEY_ACTION_INVALID_STATE_ERR',
      409,
    ])
  }
})

test('a name is given once in an instance', async () => {
  await addAdapter(house, { name: 'vcenter' })
  expect(codeOf(await refusedCreation({ name: 'vcenter' }))).toEqual(['ALREADY_EXISTS', 409])
  expect(await addAdapter(house, { name: 'VCenter' })).toMatchObject({ name: 'VCenter' })
})

test('an adapter that was not made is told by the name asked for, and by the instance’s when none was', async () => {
  const crk = '99999999-9999-4999-8999-999999999999'
  await refusedCreation({ crk })
  expect(house.lastEvent().target).toMatchObject({ id: house.instance.crn, name: house.instance.name })
  await refusedCreation({ crk, name: 'vcenter' })
  expect(house.lastEvent().target).toMatchObject({
    id: resourceCrn(house.instance, 'kmip-adapter', ''),
    name: 'vcenter',
  })
})

test('an instance has 200 adapters at most', async () => {
  const { id } = await addKey(house)
  for (let made = 0; made < kmipLimits.adaptersPerInstance; made++) await addAdapter(house, { crk: id })
  expect(codeOf(await refusedCreation({ crk: id }))).toEqual(['QUOTA_EXCEEDED', 409])
})

test('lists come in order of creation, page by page, also for one root key', async () => {
  const [one, other] = [await addKey(house), await addKey(house)]
  for (const [name, crk] of [
    ['first', one.id],
    ['second', other.id],
    ['third', one.id],
  ] as const) {
    house.time += 1
    await addAdapter(house, { name, crk })
  }
  const names = async (page: { limit: number; offset: number }, crk?: string) => {
    const found = await listed(page, crk)
    return [found.rows.map(({ name }) => name).join(' '), found.total]
  }
  expect(await names({ limit: 2, offset: 0 })).toEqual(['first second', 3])
  expect(house.lastEvent().responseData).toMatchObject({ totalResources: 2 })
  expect(await names({ limit: 2, offset: 2 })).toEqual(['third', 3])
  expect(await names({ limit: 10, offset: 0 }, one.id)).toEqual(['first third', 2])
  expect(await names({ limit: 10, offset: 0 }, 'no-such-alias')).toEqual(['', 0])
})

test('a root key knows which adapters use it, also at commit', async () => {
  const use = readAdapterUse(house.store)
  const key = await addKey(house)
  const holds = () => {
    const { sql, params } = use.unused(house.instance.guid, key.id)
    return house.store.get(sql, ...params) !== undefined
  }
  expect([use.using(house.instance.guid, key.id), holds()]).toEqual([0, true])
  const adapter = await addAdapter(house, { crk: key.id })
  expect([use.using(house.instance.guid, key.id), holds()]).toEqual([1, false])
  await house.run(remove, deleteAdapter(house.call(), adapter.id, kmipParts(house)))
  expect([use.using(house.instance.guid, key.id), holds()]).toEqual([0, true])
})

test('an adapter whose objects are not all destroyed stays; afterwards it goes with its certificates', async () => {
  const adapter = await addAdapter(house, { name: 'vcenter' })
  await addCertificate(house, 'vcenter', { name: 'host' })
  const object = putObject(house, adapter, 3)
  const refusal = await house.refused(remove, deleteAdapter(house.call(), 'vcenter', kmipParts(house)))
  expect(codeOf(refusal)).toEqual(['KMIP_OBJECTS_REMAIN', 409])
  house.store.run(
    'UPDATE kmip_objects SET state = 5, blob = NULL, root_version = NULL, destroyed_at = 1 WHERE id = ?',
    [object],
  )
  await house.run(remove, deleteAdapter(house.call(), 'vcenter', kmipParts(house)))
  expect(factsOf(house.lastEvent())).toMatchObject({
    action: remove,
    severity: 'critical',
    outcome: 'success',
    code: 204,
    target: { name: 'vcenter' },
    requestData: { objectKind: 'adapter', adapterId: adapter.id },
  })
  expect(house.store.get('SELECT count(*) AS left FROM kmip_certificates')).toEqual({ left: 0 })
})

test('an object that appears while its adapter is being deleted keeps the adapter', async () => {
  const adapter = await addAdapter(house)
  const operation = deleteAdapter(house.call(), adapter.id, kmipParts(house))
  let decisions = 0
  const refusal = await house.refused(remove, async (seen) => {
    const done = await operation(seen)
    if (decisions++ === 0) putObject(house, adapter, 1)
    return done
  })
  expect(codeOf(refusal)).toEqual(['KMIP_OBJECTS_REMAIN', 409])
})

test('a root key that is suspended while its adapter is being made does not do', async () => {
  const key = await addKey(house)
  const wish = { name: undefined, description: '', allowExpiringKey: false, crk: key.id }
  const operation = createAdapter(house.call(), () => wish, kmipParts(house))
  let decisions = 0
  const refusal = await house.refused(create, async (seen) => {
    const done = await operation(seen)
    if (decisions++ === 0) house.store.run('UPDATE keys SET state = 2, revision = revision + 1', [])
    return done
  })
  expect(codeOf(refusal)).toEqual(['KEY_ACTION_INVALID_STATE_ERR', 409])
})

test('managers and KMIP adapter managers of the whole instance may, others not; they learn nothing else', async () => {
  for (const roles of [['Manager'], ['KmipAdapterManager']] as const) {
    const call = house.call(house.caller(roles))
    const wish = () => ({ limit: 1, offset: 0, crk: undefined, totalCount: false })
    expect(await house.run(list, listAdapters(call, wish, kmipParts(house)), call)).toMatchObject({ rows: [] })
  }
  const others = [
    house.call(house.caller(['Reader', 'ReaderPlus', 'Writer', 'KeyPurge'])),
    house.call(house.caller(['Manager'], 'finance')),
  ]
  for (const call of others) {
    const broken = () => {
      throw new Error('the body was read')
    }
    const refusal = await house.refused(create, createAdapter(call, broken, kmipParts(house)), call)
    expect(codeOf(refusal)).toEqual(['UNAUTHORIZED_ERR', 401])
    expect(house.lastEvent()).toMatchObject({ severity: 'critical', requestData: { objectKind: 'adapter' } })
  }
})
