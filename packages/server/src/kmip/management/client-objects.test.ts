/** What management sees and does of objects that clients made, of every type: listed, read, deleted, gone with their adapter. */
import { beforeEach, expect, test } from 'vitest'
import { codeOf } from '../../keys/testing/house.ts'
import { type KmipHouse, openKmipHouse } from '../testing/kmip-house.ts'
import { aesKey, attribute, nameAttribute, uid, uidOf } from '../testing/messages.ts'
import { bytes, enumeration, type Item, structure } from '../ttlv/item.ts'
import { tags } from '../ttlv/tags.ts'
import { deleteAdapter } from './delete-adapter.ts'
import { deleteObject } from './delete-object.ts'
import { listObjects } from './list-objects.ts'
import { readObject } from './read-object.ts'
import { objectResource } from './resource.ts'
import type { ObjectState } from './rows.ts'
import { dropped, kmipParts } from './testing/adapters.ts'

const remove = 'hs-crypto.kmip-management.delete'

let house: KmipHouse
beforeEach(async () => {
  house = await openKmipHouse()
  dropped.length = 0
})

const adapter = (): string => house.client.adapter.name
const material = Buffer.from('0123456789abcdef')

function registration(type: 7 | 8, ...more: Item[]): Item[] {
  const block = structure(tags.KeyBlock, [
    enumeration(tags.KeyFormatType, 2),
    structure(tags.KeyValue, [bytes(tags.KeyMaterial, material)]),
  ])
  const object =
    type === 7
      ? structure(tags.SecretData, [enumeration(tags.SecretDataType, 1), block])
      : structure(tags.OpaqueObject, [
          enumeration(tags.OpaqueDataType, 0x8000_0001),
          bytes(tags.OpaqueDataValue, material),
        ])
  return [enumeration(tags.ObjectType, type), structure(tags.TemplateAttribute, more), object]
}

const active = attribute('Activation Date', { tag: 0, type: 'DateTime', value: 0n })

async function oneOfEach(): Promise<Record<2 | 7 | 8, string>> {
  const made = async (...asked: Parameters<KmipHouse['client']['ask']>): Promise<string> => {
    house.time += 1_000
    return uidOf(await house.client.ask(...asked))
  }
  return {
    2: await made('Create', aesKey([nameAttribute('key'), active])),
    7: await made('Register', registration(7, active)),
    8: await made('Register', registration(8, nameAttribute('opaque'))),
  }
}

const listing = async (states: readonly ObjectState[] = [1, 2, 3, 4]) => {
  const wish = () => ({ limit: 100, offset: 0, totalCount: true, states: new Set(states) })
  const operation = listObjects(house.call(), adapter(), wish, kmipParts(house))
  const { rows } = await house.run('hs-crypto.kmip-management.list', operation)
  return rows.map(({ id, type, state }) => [id, type, state])
}
const reading = (id: string) =>
  house.run('hs-crypto.kmip-management.read', readObject(house.call(), adapter(), id, kmipParts(house)))
const deletion = (id: string, force: boolean) =>
  deleteObject(house.call(), adapter(), id, () => ({ force }), kmipParts(house))
const blobs = () => house.store.all('SELECT blob FROM kmip_objects WHERE blob IS NOT NULL')

test('objects of each type are listed and read, without their material', async () => {
  const ids = await oneOfEach()
  expect(await listing()).toEqual([
    [ids[2], 2, 2],
    [ids[7], 7, 2],
    [ids[8], 8, 1],
  ])
  for (const id of Object.values(ids)) {
    const shown = objectResource(await reading(id))
    expect(shown).toMatchObject({ id, created_by: `CertificateID-${house.client.peer.fingerprint}` })
    expect(JSON.stringify(shown)).not.toContain(material.toString())
  }
  expect(house.lastEvent()).toMatchObject({ target: { name: 'opaque' }, severity: 'normal' })
})

test('deleting an object leaves nothing of it to clients but what is known about it, and frees its name', async () => {
  const ids = await oneOfEach()
  for (const type of [2, 7] as const) {
    expect(codeOf(await house.refused(remove, deletion(ids[type], false)))).toEqual(['KMIP_OBJECT_ACTIVE', 409])
  }
  const forgotten = house.forgotten
  for (const [id, force] of [
    [ids[2], true],
    [ids[7], true],
    [ids[8], false],
  ] as const) {
    await house.run(remove, deletion(id, force))
    expect(house.lastEvent()).toMatchObject({ severity: 'critical', requestData: { objectKind: 'object', force } })
    expect(await house.client.refused('Get', [uid(id)])).toBe('ItemNotFound')
    expect(codeOf(await house.refused(remove, deletion(id, true)))).toEqual(['KMIP_OBJECT_DESTROYED', 410])
  }
  expect(house.forgotten).toBe(forgotten + 3)
  expect(blobs()).toEqual([])
  expect(await house.client.ask('Locate')).toHaveLength(1)
  expect(await listing()).toEqual([])
  expect((await listing([5, 6])).map(([, , state]) => state)).toEqual([5, 5, 5])
  await house.client.ask('Create', aesKey([nameAttribute('key')]))
})

test('an adapter goes once its objects are destroyed, and with it its rows, its clients and their connections', async () => {
  const ids = await oneOfEach()
  const going = () => deleteAdapter(house.call(), adapter(), kmipParts(house))
  expect(codeOf(await house.refused(remove, going()))).toEqual(['KMIP_OBJECTS_REMAIN', 409])
  for (const id of Object.values(ids)) await house.run(remove, deletion(id, true))
  expect(dropped).toEqual([])
  await house.run(remove, going())
  expect(dropped).toEqual([house.client.peer.fingerprint])
  for (const { nextDue, run } of house.kmip.jobs) while (nextDue() !== undefined) await run(house.time)
  for (const table of ['kmip_objects', 'kmip_object_names', 'kmip_object_values', 'kmip_certificates']) {
    expect([table, house.store.all(`SELECT 1 FROM ${table}`)]).toEqual([table, []])
  }
})

test('of an adapter that is deleted and an object that is made in it at the same moment, one is refused', async () => {
  const going = () => deleteAdapter(house.call(), adapter(), kmipParts(house))
  house.unit.meanwhile = async () => {
    house.unit.meanwhile = undefined
    await house.run(remove, going())
  }
  await expect(house.client.ask('Create', aesKey())).rejects.toThrow('AuthenticationNotSuccessful')
  expect(house.store.all('SELECT 1 FROM kmip_objects')).toEqual([])

  house = await openKmipHouse()
  const [made, gone] = await Promise.allSettled([house.client.ask('Create', aesKey()), house.run(remove, going())])
  expect([made.status, gone.status].toSorted()).toEqual(['fulfilled', 'rejected'])
  expect(house.store.all('SELECT 1 FROM kmip_objects')).toHaveLength(made.status === 'fulfilled' ? 1 : 0)
})
