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
import { wholeObject } from './listed-object.ts'
import { parseObjectList } from './query.ts'
import { objectPage, objectResource } from './resource.ts'
import type { ObjectState } from './rows.ts'
import type { KmipParts } from './parts.ts'
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
    const shown = objectResource(wholeObject(await reading(id)))
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

const answered = async (query: string, more: Partial<KmipParts> = {}) => {
  const wish = () => parseObjectList(new URLSearchParams(query))
  const operation = listObjects(house.call(), adapter(), wish, { ...kmipParts(house), ...more })
  return objectPage(await house.run('hs-crypto.kmip-management.list', operation)) as {
    metadata: Record<string, unknown>
    resources: Record<string, unknown>[]
  }
}
const namesIn = (found: Awaited<ReturnType<typeof answered>>) => found.resources.map(({ names }) => names)

test('of an object management tells its names, its algorithm and length, and its type and state in words', async () => {
  const ids = await oneOfEach()
  const { metadata, resources } = await answered('totalCount=true')
  expect(metadata).toMatchObject({ collectionTotal: 3, totalCount: 3 })
  expect(resources).toMatchObject([
    {
      id: ids[2],
      object_type: 'SymmetricKey',
      state_name: 'Active',
      names: ['key'],
      cryptographic_algorithm: 'AES',
      cryptographic_length: 256,
    },
    { id: ids[7], object_type: 'SecretData', state_name: 'Active', names: [] },
    { id: ids[8], object_type: 'OpaqueObject', names: ['opaque'] },
  ])
  expect(resources[2]).not.toHaveProperty('state_name')
  expect(objectResource(wholeObject(await reading(ids[2])))).toEqual(resources[0])
  await house.run(remove, deletion(ids[8], false))
  expect((await answered('state=5')).resources).toMatchObject([{ state_name: 'Destroyed', names: ['opaque'] }])
})

test('a list shows the names that it has room for and says how many it leaves out; the object itself tells all', async () => {
  const long = Array.from({ length: 3 }, (_, at) => `${at}${'x'.repeat(500)}`)
  const id = uidOf(await house.client.ask('Create', aesKey(long.map(nameAttribute))))
  expect((await answered('')).resources).toMatchObject([{ names: long.slice(0, 2), names_omitted: 1 }])
  const whole = objectResource(wholeObject(await reading(id)))
  expect(whole).toMatchObject({ names: long })
  expect(whole).not.toHaveProperty('names_omitted')
})

test('objects are searched for by a piece of a name, by a whole one, and by id; pages and totals are of what is found', async () => {
  for (const name of ['backup-1', 'Backup-2', 'vm']) await house.client.ask('Create', aesKey([nameAttribute(name)]))
  const found = await answered('search=backup&limit=1&offset=1&totalCount=true')
  expect(namesIn(found)).toEqual([['Backup-2']])
  expect(found.metadata).toMatchObject({
    totalCount: 2,
    searchQuery: { query: 'backup', scopes: ['name'], not: false, exact: false },
  })
  expect(namesIn(await answered('search=exact:vm'))).toEqual([['vm']])
  expect(namesIn(await answered('search=not:backup'))).toEqual([['vm']])
  expect(namesIn(await answered('search=backup&state=2'))).toEqual([])
  const id = String((await answered('search=vm')).resources[0]?.['id'])
  expect(namesIn(await answered(`search=${id.toUpperCase()}`))).toEqual([['vm']])
  for (const query of ['search=alias:vm', `search=${'x'.repeat(513)}`]) {
    await expect(answered(query)).rejects.toMatchObject({ code: 'INVALID_QUERY_PARAM_ERR', at: { name: 'search' } })
  }
})

test('among too many objects a search finds the one that is named whole, and no others', async () => {
  for (const name of ['backup-1', 'backup-2']) await house.client.ask('Create', aesKey([nameAttribute(name)]))
  const few = { searchSpace: 1 }
  const found = await answered('search=backup-2', few)
  expect(namesIn(found)).toEqual([['backup-2']])
  expect(found.metadata).toMatchObject({ incompleteSearch: true })
  const id = String(found.resources[0]?.['id'])
  expect(namesIn(await answered(`search=${id}`, few))).toEqual([['backup-2']])
  for (const text of ['backup', 'not:backup-1']) {
    await expect(answered(`search=${text}`, few)).rejects.toMatchObject({ code: 'KEY_SEARCH_TOO_BROAD' })
  }
})
