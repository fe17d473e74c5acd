/** KMIP objects as management sees them: listed by state, read without material, destroyed with it. */
import { beforeEach, expect, test } from 'vitest'
import { resourceCrn } from '../../instances/instance.ts'
import { codeOf, factsOf, type House, openHouse } from '../../keys/testing/house.ts'
import { deleteObject } from './delete-object.ts'
import { listObjects } from './list-objects.ts'
import { readObject } from './read-object.ts'
import { wholeObject } from './listed-object.ts'
import { objectResource } from './resource.ts'
import type { AdapterRow, ObjectState } from './rows.ts'
import { addAdapter, kmipParts, putObject } from './testing/adapters.ts'

const remove = 'hs-crypto.kmip-management.delete'
const states: readonly ObjectState[] = [1, 2, 3, 4, 5, 6]

let house: House
let adapter: AdapterRow
beforeEach(async () => {
  house = openHouse()
  adapter = await addAdapter(house, { name: 'vcenter' })
})

const reading = (id: string) =>
  house.run('hs-crypto.kmip-management.read', readObject(house.call(), 'vcenter', id, kmipParts(house)))
const deletion = (id: string, force: boolean) =>
  deleteObject(house.call(), 'vcenter', id, () => ({ force }), kmipParts(house))

test('objects are listed by state in order of creation', async () => {
  states.forEach((state, at) => putObject(house, adapter, state, at + 1))
  const found = async (wanted: readonly ObjectState[], limit = 10) => {
    const wish = () => ({ limit, offset: 0, totalCount: true, states: new Set(wanted) })
    const operation = listObjects(house.call(), 'vcenter', wish, kmipParts(house))
    const { rows, total } = await house.run('hs-crypto.kmip-management.list', operation)
    return [rows.map(({ state }) => state), total]
  }
  expect(await found(states)).toEqual([[1, 2, 3, 4, 5, 6], 6])
  expect(await found([2, 5])).toEqual([[2, 5], 2])
  expect(await found([1, 2, 3, 4], 3)).toEqual([[1, 2, 3], 4])
  expect(house.lastEvent()).toMatchObject({
    requestData: { objectKind: 'object', adapterId: adapter.id },
    responseData: { totalResources: 3 },
  })
})

test('an object is shown with who made it, and without its material', async () => {
  const id = putObject(house, adapter, 2)
  expect(objectResource(wholeObject(await reading(id.toUpperCase())))).toEqual({
    id,
    kmip_object_type: 2,
    object_type: 'SymmetricKey',
    state: 2,
    state_name: 'Active',
    names: [],
    created_at: '1970-01-01T00:00:00.001Z',
    created_by: 'CertificateID-1',
    created_by_kmip_client_cert_id: 'one',
  })
  expect(house.lastEvent().target.id).toBe(resourceCrn(house.instance, 'kmip-object', id))
})

test('deleting destroys an object and erases its material; that it was compromised stays known', async () => {
  for (const [before, after] of [
    [1, 5],
    [3, 5],
    [4, 6],
  ] as const) {
    const id = putObject(house, adapter, before, before)
    await house.run(remove, deletion(id, false))
    expect(factsOf(house.lastEvent())).toMatchObject({
      action: remove,
      severity: 'critical',
      code: 204,
      requestData: { objectKind: 'object', adapterId: adapter.id, force: false },
    })
    const by = house.call().caller.id
    expect(objectResource(wholeObject(await reading(id)))).toMatchObject({
      state: after,
      updated_by: by,
      destroyed_by: by,
    })
    expect(house.store.get('SELECT blob FROM kmip_objects WHERE id = ?', id)).toEqual({ blob: null })
    expect(codeOf(await house.refused(remove, deletion(id, true)))).toEqual(['KMIP_OBJECT_DESTROYED', 410])
  }
})

test('an active object is deleted by force only', async () => {
  const id = putObject(house, adapter, 2)
  expect(codeOf(await house.refused(remove, deletion(id, false)))).toEqual(['KMIP_OBJECT_ACTIVE', 409])
  await house.run(remove, deletion(id, true))
  expect((await reading(id)).state).toBe(5)
})

test('an object of another adapter is not found', async () => {
  const other = await addAdapter(house, { name: 'other' })
  const id = putObject(house, other, 1)
  expect(codeOf(await house.refused(remove, deletion(id, true)))).toEqual(['NOT_FOUND', 404])
})
