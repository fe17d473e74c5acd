/** KMIP over mutual TLS against a real server: what a vCenter does, who is let in, how connections end, what the trail tells. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseVerifierKey, verifyReceipt } from '@keywitness/tlog'
import { aesKey, answersOf, attribute, requestOf, uid, uidOf } from '@keywitness/server/kmip/testing/messages'
import { decode } from '@keywitness/server/kmip/ttlv/decode'
import { encode } from '@keywitness/server/kmip/ttlv/encode'
import { text } from '@keywitness/server/kmip/ttlv/item'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  addKmipCertificate,
  Client,
  connectKmip,
  type KmipPlace,
  kmipPlace,
  type KmipSite,
  materialOf,
  newIdentity,
  newKmipAdapter,
  newKmipSite,
  type Product,
  startProduct,
  VCenter,
} from '../src/index.ts'
import { settled } from './second-person.ts'

let product: Product
let client: Client
let place: KmipPlace
let site: KmipSite

beforeAll(async () => {
  product = await startProduct({ fault: 'keys:impatient' })
  client = await new Client(product).signIn()
  place = kmipPlace(product)
  site = await newKmipSite(client, 'vcenter')
})
afterAll(async () => {
  await product.stop()
  product.remove()
})

/** Actions of KMIP that searching finds, oldest first, without what they have in common. */
async function found(query: string) {
  await settled(client)
  return await client.events(`query=${encodeURIComponent(query)}`)
}
const names = (events: Awaited<ReturnType<typeof found>>): string[] =>
  events.map(({ event }) => event.action.replace('hs-crypto.kmip-', ''))

/** A message with one item of version 1.4. */
const message = (...[item]: Parameters<typeof requestOf>[0]): Uint8Array =>
  encode(requestOf(item === undefined ? [] : [item], { major: 1, minor: 4 }))

test('a vCenter encrypts machines at the same time, and what it asked is found by key and by certificate', async () => {
  const vcenter = new VCenter(place, site.identity)
  await vcenter.checkHealth()
  const machines = Array.from({ length: 6 }, (_, number) => ({
    identifier: `4210aaaa-0000-4000-8000-00000000000${number}`,
    component: 'Virtual Machine' as const,
    name: `machine ${number} of Müller & Söhne`,
  }))
  const ids = await Promise.all(machines.map((machine) => vcenter.encrypt(machine)))
  expect(new Set(ids).size).toBe(machines.length)
  const [id = ''] = ids
  // A machine that starts again: the same bytes, and it is not activated twice.
  expect(await vcenter.fetchKey(id)).toEqual(await vcenter.fetchKey(id))
  expect(await vcenter.fetchKey(id)).toHaveLength(32)

  const life = await found(`key:${id}`)
  expect(names(life).toSorted()).toEqual(
    [
      'key.create',
      ...Array.from({ length: 4 }, () => 'key.read'),
      'key.activate',
      ...Array.from({ length: 6 }, () => 'key-attributes.update'),
      ...Array.from({ length: 10 }, () => 'key-attributes.retrieve'),
    ].toSorted(),
  )
  expect(names(life)[0]).toBe('key.create')
  const read = life.find(({ event }) => event.action === 'hs-crypto.kmip-key.read')?.event
  expect(read).toMatchObject({
    outcome: 'success',
    initiator: {
      id: `CertificateID-${site.identity.fingerprint}`,
      name: site.identity.name,
      credential: { type: 'certificate' },
    },
    requestData: {
      adapterId: site.adapter.id,
      certificateId: site.identity.id,
      operation: 'Get',
      protocolVersion: '1.1',
      batchIndex: 0,
      batchCount: 1,
    },
    responseData: { keyId: id, keyFormatType: 'Raw', rootKeyId: site.adapter.rootKey },
  })
  expect(read?.initiator.host?.address).toBeUndefined()
  const all = await found(`initiator:CertificateID-${site.identity.fingerprint}`)
  expect(new Set(all.map(({ event }) => event.outcome))).toEqual(new Set(['success']))
  expect(names(all).filter((name) => name === 'key.create')).toHaveLength(machines.length)
  // Neither the health check nor the names of machines are in it.
  expect(JSON.stringify(all)).not.toMatch(/DiscoverVersions|Query|Müller|VMware/)

  const receipt = await verifyReceipt(await client.receipt(read?.id ?? ''), [
    parseVerifierKey((await client.call('GET', `/v1/trackers/${product.location}/log/key`)).text.trim()),
  ])
  expect(JSON.parse(Buffer.from(receipt.entry).toString())).toMatchObject({ event: { id: read?.id } })
})

test('a message with several items is answered item by item, and its events belong together', async () => {
  const connection = await connectKmip(place, site.identity)
  const answers = await connection.send([
    { operation: 'Create', payload: aesKey([attribute('x-Purpose', text(0, 'batch'))]) },
    { operation: 'Activate' },
    { operation: 'Get' },
    { operation: 'Destroy' },
  ])
  expect(answers.map(({ operation, status, reason }) => [operation, status, reason])).toEqual([
    ['Create', 'Success', undefined],
    ['Activate', 'Success', undefined],
    ['Get', 'Success', undefined],
    ['Destroy', 'OperationFailed', 'PermissionDenied'],
  ])
  const id = uidOf(answers[0]?.fields ?? [])
  expect(materialOf(answers[2]?.fields ?? [])).toHaveLength(32)
  const events = await found(`key:${id}`)
  expect(names(events)).toEqual(['key.create', 'key.activate', 'key.read', 'key.destroy'])
  expect(events.map(({ event }) => event.outcome)).toEqual(['success', 'success', 'success', 'failure'])
  expect(new Set(events.map(({ event }) => event.correlationId)).size).toBe(1)
  await connection.close()
})

test('messages that are sent at once are answered in their order, also to who has ended its side', async () => {
  const connection = await connectKmip(place, site.identity)
  const id = uidOf(await connection.ask('Create', aesKey()))
  const messages = [
    message({ operation: 'Get', payload: [uid(id)] }),
    message({ operation: 'Activate', payload: [uid(id)] }),
    message({ operation: 'Activate', payload: [uid(id)] }),
  ]
  connection.end(Buffer.concat(messages))
  const answers = []
  for (const _ of messages) answers.push(...answersOf(decode(await connection.message())))
  expect(answers.map(({ operation, status }) => [operation, status])).toEqual([
    ['Get', 'Success'],
    ['Activate', 'Success'],
    ['Activate', 'OperationFailed'],
  ])
  expect(await connection.closed).toBe('end')
  expect(connection.left).toHaveLength(0)
})

test('a client that breaks off in the middle of a message harms nobody, and did nothing', async () => {
  const before = (await found('action:hs-crypto.kmip-*')).length
  const create = message({ operation: 'Create', payload: aesKey() })
  const cut = await connectKmip(place, site.identity)
  cut.end(create.subarray(0, create.length - 8))
  expect(await cut.closed).toBe('end')
  expect(cut.left).toHaveLength(0)
  const torn = await connectKmip(place, site.identity)
  torn.write(create.subarray(0, 40))
  torn.reset()
  await torn.closed
  const other = await connectKmip(place, site.identity)
  await other.ask('Query')
  await other.close()
  expect(await found('action:hs-crypto.kmip-*')).toHaveLength(before)
})

test('bytes that are no message are told so and end the connection; those that are not KMIP end it without a word', async () => {
  const confused = await connectKmip(place, site.identity)
  // A request message whose header is cut short.
  confused.write(Buffer.from('4200780100000008420077010000ffff', 'hex'))
  const [answer] = answersOf(decode(await confused.message()))
  expect(answer).toMatchObject({ operation: undefined, status: 'OperationFailed', reason: 'InvalidMessage' })
  expect(await confused.closed).toBe('end')
  const http = await connectKmip(place, site.identity)
  http.write(Buffer.from('GET / HTTP/1.1\r\nhost: kmip\r\n\r\n'))
  expect(await http.closed).toBe('end')
  expect(http.left).toHaveLength(0)
  const [event] = (await found('action:hs-crypto.kmip-key.default outcome:failure')).slice(-1)
  expect(event?.event).toMatchObject({ initiator: { id: `CertificateID-${site.identity.fingerprint}` } })
})

test('a certificate that no adapter has is refused, recorded for the operator, and not heard again on its connection', async () => {
  const unknown = newIdentity('nobody')
  const connection = await connectKmip(place, unknown)
  const [answer] = answersOf(decode(await connection.exchange(message({ operation: 'Create', payload: aesKey() }))))
  expect(answer).toMatchObject({ operation: undefined, reason: 'AuthenticationNotSuccessful' })
  expect(await connection.closed).toBe('end')
  const bare = await connectKmip(place)
  expect(answersOf(decode(await bare.exchange(message({ operation: 'Query' }))))).toMatchObject([
    { reason: 'AuthenticationNotSuccessful' },
  ])
  const strangers = await found('action:hs-crypto.kmip-key.default code:401')
  expect(strangers.map(({ event }) => event.severity)).toEqual(['critical', 'critical'])
})

test('each adapter has its own objects: those of others are not found, by their identifier neither', async () => {
  const other = await newKmipSite(client, 'database')
  const mine = await connectKmip(place, site.identity)
  const theirs = await connectKmip(place, other.identity)
  const id = uidOf(await mine.ask('Create', aesKey()))
  expect(await theirs.refused('Get', [uid(id)])).toBe('ItemNotFound')
  expect((await theirs.ask('Locate')).filter(({ type }) => type === 'TextString')).toEqual([])
  // A second certificate of the same adapter has all of them.
  const second = await addKmipCertificate(client, site.adapter, 'vcenter-2')
  const sibling = await connectKmip(place, second)
  expect(await sibling.ask('Get', [uid(id)])).not.toEqual([])
  for (const connection of [mine, theirs, sibling]) await connection.close()
})

test('a certificate that is removed is cut off at once, with its open connections, and no others', async () => {
  const adapter = await newKmipAdapter(client, 'array')
  const leaving = await addKmipCertificate(client, adapter, 'leaving')
  const staying = await addKmipCertificate(client, adapter, 'staying')
  const open = await Promise.all([connectKmip(place, leaving), connectKmip(place, leaving)])
  const other = await connectKmip(place, staying)
  for (const connection of [...open, other]) await connection.ask('Query')
  const gone = await client.call('DELETE', `/api/v2/kmip_adapters/array/certificates/leaving`)
  expect(gone.status).toBe(204)
  await Promise.all(open.map((connection) => connection.closed))
  await other.ask('Query')
  const again = await connectKmip(place, leaving)
  expect(answersOf(decode(await again.exchange(message({ operation: 'Query' }))))).toMatchObject([
    { reason: 'AuthenticationNotSuccessful' },
  ])
  await other.close()
})

test('disabling the root key stops everything its adapter protects, and enabling it undoes that', async () => {
  const { adapter, identity } = await newKmipSite(client, 'switched')
  const connection = await connectKmip(place, identity)
  const id = uidOf(await connection.ask('Create', aesKey()))
  const key = materialOf(await connection.ask('Get', [uid(id)]))
  const act = (action: string) => client.call('POST', `/api/v2/keys/${adapter.rootKey}/actions/${action}`)
  expect((await act('disable')).status).toBe(204)
  expect(await connection.refused('Get', [uid(id)])).toBe('PermissionDenied')
  expect(await connection.refused('Create', aesKey())).toBe('PermissionDenied')
  await connection.ask('GetAttributes', [uid(id)])
  expect((await act('enable')).status).toBe(204)
  expect((await act('rotate')).status).toBe(204)
  expect(materialOf(await connection.ask('Get', [uid(id)]))).toEqual(key)
  await connection.close()
})

test('what clients made is there after the server was killed, and so is all that was answered of it', async () => {
  const before = await found('action:hs-crypto.kmip-key.create outcome:success')
  const connection = await connectKmip(place, site.identity)
  const id = uidOf(await connection.ask('Create', aesKey()))
  const key = materialOf(await connection.ask('Get', [uid(id)]))
  await product.kill()
  expect(await connection.closed).not.toBe('')
  product = await startProduct({ data: product.data })
  client = await new Client(product).signIn()
  // The same authority vouches for the listener.
  expect(kmipPlace(product).ca).toBe(place.ca)
  place = kmipPlace(product)
  const again = await connectKmip(place, site.identity)
  expect(materialOf(await again.ask('Get', [uid(id)]))).toEqual(key)
  await again.close()
  expect(await found('action:hs-crypto.kmip-key.create outcome:success')).toHaveLength(before.length + 1)
  expect(names(await found(`key:${id}`))).toEqual(['key.create', 'key.read', 'key.read'])
  const onDisk = readFileSync(join(product.data, 'server.db'))
  expect(onDisk.includes(key)).toBe(false)
})
