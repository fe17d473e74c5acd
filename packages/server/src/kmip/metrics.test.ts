/** What metrics tell of KMIP messages: operations and how they ended, in labels that nobody outside can choose. */
import { expect, test } from 'vitest'
import { openKmipHouse } from './testing/kmip-house.ts'
import { aesKey, requestOf, uid, uidOf } from './testing/messages.ts'
import { encode } from './ttlv/encode.ts'

test('items are counted by operation and result, messages timed by operation; no label holds a word of a client', async () => {
  const { client, registry } = await openKmipHouse()
  const id = uidOf(await client.ask('Create', aesKey()))
  await client.ask('Get', [uid(id)])
  await client.refused('Get', [uid('nothing')])
  await client.send([{ operation: 'Query' }, { operation: 'DiscoverVersions' }])
  const unknown = encode(requestOf([{ operation: 'Query' }], { major: 1, minor: 4 }))
  unknown.writeUInt32BE(0x0099_9999, unknown.indexOf(Buffer.from('42005c05', 'hex')) + 8)
  await client.raw(unknown)
  await client.raw(Buffer.from('4200780100000008ffffffffffffffff', 'hex'))
  const page = await registry.metrics()
  const items = [...page.matchAll(/^keywitness_kmip_items_total\{operation="(.*)",result="(.*)"\} (\d+)$/gm)]
  expect(items.map(([, operation, result, count]) => `${operation} ${result} ${count}`)).toEqual([
    'Create Success 1',
    'Get Success 1',
    'Get ItemNotFound 1',
    'Query Success 1',
    'DiscoverVersions Success 1',
    'other OperationNotSupported 1',
    'none InvalidMessage 1',
  ])
  const timed = [...page.matchAll(/^keywitness_kmip_request_seconds_count\{operation="(.*)"\} (\d+)$/gm)]
  expect(timed.map(([, operation, count]) => `${operation} ${count}`)).toEqual([
    'Create 1',
    'Get 2',
    'batch 1',
    'other 1',
    'none 1',
  ])
  expect(page).not.toContain(id)
})
