/** What an instance holds: keys and KMIP objects are counted as they come, change and go. */
import { expect, test } from 'vitest'
import { addKey } from '../keys/testing/wishes.ts'
import { aesKey, uid, uidOf } from '../kmip/testing/messages.ts'
import { openKmipHouse } from '../kmip/testing/kmip-house.ts'
import { readInventories } from './inventory.ts'

test('keys and KMIP objects count, of this instance only, until they are destroyed', async () => {
  const house = await openKmipHouse()
  const { of, all } = readInventories(house.store)
  await addKey(house, { extractable: true })
  const key = await addKey(house)
  const object = uidOf(await house.client.ask('Create', aesKey()))
  await house.client.ask('Create', aesKey())
  // The adapter has a root key of its own.
  const none = { ep11Keystores: 0, ep11Objects: 0 }
  expect(of(house.instance.guid)).toEqual({ ...none, rootKeys: 2, standardKeys: 1, kmipAdapters: 1, kmipObjects: 2 })
  expect(of(house.foreign.guid)).toEqual({
    ...none,
    rootKeys: 0,
    standardKeys: 0,
    kmipAdapters: 0,
    kmipObjects: 0,
  })
  await house.client.ask('Destroy', [uid(object)])
  house.forceState(key.id, 5)
  expect(of(house.instance.guid)).toMatchObject({ rootKeys: 1, kmipObjects: 1 })
  expect(all().filter(({ kind, total }) => kind === 'kmip_object' && total > 0)).toEqual([
    { kind: 'kmip_object', state: 1, total: 1 },
    { kind: 'kmip_object', state: 5, total: 1 },
  ])
})
