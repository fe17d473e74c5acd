/** Sealed material serves in its own row only, and whatever was altered in the store is loud. */
import { beforeEach, expect, test } from 'vitest'
import { rotateKey } from '../../keys/rotate.ts'
import { type KmipHouse, openKmipHouse } from '../testing/kmip-house.ts'
import { aesKey, uid, uidOf, valueAt } from '../testing/messages.ts'
import { enumeration, type Item, structure } from '../ttlv/item.ts'
import { encode } from '../ttlv/encode.ts'
import { tags } from '../ttlv/tags.ts'

let house: KmipHouse
beforeEach(async () => {
  house = await openKmipHouse()
})

const create = async (): Promise<string> => uidOf(await house.client.ask('Create', aesKey()))
const keyOf = async (id: string): Promise<Item['value'] | undefined> =>
  valueAt(await house.client.ask('Get', [uid(id)]), tags.SymmetricKey)
const bytesOf = async (id: string): Promise<string> =>
  encode(structure(tags.SymmetricKey, (await keyOf(id)) as readonly Item[])).toString('hex')

/** Changes what lies in the store, as somebody with access to the file could. */
const alter = (sql: string, ...params: string[]): void => void house.store.run(sql, params)

const alterations: readonly (readonly [string, (id: string, other: string) => Promise<string> | string])[] = [
  [
    'a bit of it is turned around',
    (id) => {
      const { blob } = house.store.get<{ blob: Uint8Array }>('SELECT blob FROM kmip_objects WHERE id = ?', id) ?? {
        blob: new Uint8Array(),
      }
      const turned = Uint8Array.from(blob)
      turned[20] = (turned[20] ?? 0) ^ 1
      house.store.run('UPDATE kmip_objects SET blob = ? WHERE id = ?', [turned, id])
      return id
    },
  ],
  [
    'it is that of another object',
    (id, other) => {
      alter('UPDATE kmip_objects SET blob = (SELECT blob FROM kmip_objects WHERE id = ?) WHERE id = ?', other, id)
      return id
    },
  ],
  [
    'its object is said to be older',
    (id) => {
      alter('UPDATE kmip_objects SET created_at = created_at - 1 WHERE id = ?', id)
      return id
    },
  ],
  [
    'its object has another identifier',
    (id) => {
      const renamed = '11111111-2222-4333-8444-555555555555'
      alter('UPDATE kmip_objects SET id = ? WHERE id = ?', renamed, id)
      return renamed
    },
  ],
]

test.each(alterations)('material is not given out when %s', async (_, change) => {
  const id = await change(await create(), await create())
  expect(await house.client.refused('Get', [uid(id)])).toBe('GeneralFailure')
  expect(house.lastEvent()).toMatchObject({
    outcome: 'failure',
    severity: 'critical',
    reason: { reasonCode: 500 },
    responseData: { keyId: id },
  })
  expect(house.logged.join()).toContain('does not open under its root key')
})

test('an object that is moved to another adapter opens for nobody', async () => {
  const id = await create()
  const stranger = await house.stranger()
  alter('UPDATE kmip_objects SET adapter = ? WHERE id = ?', stranger.adapter.id, id)
  expect(await stranger.refused('Get', [uid(id)])).toBe('CryptographicFailure')
  // Not even under the same root key.
  alter('UPDATE kmip_adapters SET crk = ?', house.client.adapter.crk)
  expect(await stranger.refused('Get', [uid(id)])).toBe('GeneralFailure')
  expect(await house.client.refused('Get', [uid(id)])).toBe('ItemNotFound')
})

test('the rotation of the root key is invisible: what was made before opens, and what comes after is under the new version', async () => {
  const before = await create()
  const material = await bytesOf(before)
  house.time += 3_600_001
  const { crk } = house.client.adapter
  const rotation = rotateKey(house.call(), crk, () => ({ material: undefined }), house.parts)
  await house.run('hs-crypto.secrets.rotate', rotation)
  const after = await create()
  expect(await bytesOf(before)).toBe(material)
  expect(await bytesOf(after)).not.toBe(material)
  const versions = house.store.all<{ version: string }>('SELECT DISTINCT root_version AS version FROM kmip_objects')
  expect(versions).toHaveLength(2)
})

test('of what is destroyed the store holds no material, whatever it was', async () => {
  const id = await create()
  await house.client.ask('Revoke', [
    uid(id),
    structure(tags.RevocationReason, [enumeration(tags.RevocationReasonCode, 2)]),
  ])
  await house.client.ask('Destroy', [uid(id)])
  expect(house.store.get('SELECT state, blob, root_version AS version FROM kmip_objects')).toEqual({
    state: 6,
    blob: null,
    version: null,
  })
  expect(house.forgotten).toBe(1)
})
