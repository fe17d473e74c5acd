/** Adopting services in the whole product: registered, told by signed messages, acknowledging, each end an event. */
import { afterEach, expect, test } from 'vitest'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { Client, type Product, type Reply, startProduct } from '../src/index.ts'
import { hanging, receiver, type Receiver } from '../../server/src/outbound/testing/receivers.ts'

const { Webhook } = createRequire(join(import.meta.dirname, '../../server/package.json'))('standardwebhooks') as {
  Webhook: new (secret: string) => { verify(body: string, headers: Readonly<Record<string, string>>): unknown }
}

const env = { KEYWITNESS_OUTBOUND_PRIVATE: '127.0.0.0/8' }
const undo: (() => void | Promise<void>)[] = []
afterEach(async () => {
  for (const step of undo.splice(0).toReversed()) await step()
})

interface Service {
  readonly id: string
  readonly client: Client
}

async function started(): Promise<{ product: Product; owner: Client }> {
  const product = await startProduct({ env })
  undo.push(async () => {
    await product.stop()
    product.remove()
  })
  return { product, owner: await new Client(product).signIn() }
}

async function newReceiver(...manner: Parameters<typeof receiver>): Promise<Receiver> {
  const made = await receiver(...manner)
  undo.push(() => made.close())
  return made
}

async function newService(product: Product, owner: Client, name: string): Promise<Service> {
  const made = await owner.call<{ id: string }>('POST', '/v1/iam/service-ids', { body: { name } })
  const { id } = made.json
  await owner.call('POST', '/v1/iam/roles', {
    body: { identity: id, role: 'Reader', scope: { kind: 'instance', id: product.instance } },
  })
  const key = await owner.call<{ apikey: string }>('POST', '/v1/iam/api-keys', { body: { identity: id, name } })
  return { id, client: await new Client({ ...product, apiKey: key.json.apikey }).signIn() }
}

const bucket = `crn:v1:keywitness:public:cloud-object-storage:global:a/${'a'.repeat(32)}:11111111-1111-4111-8111-111111111111:bucket:invoices`
const pathOf = (key: string): string => `/api/v2/keys/${key}/registrations/${encodeURIComponent(bucket)}`
const registration = (more: object = {}): object => ({
  metadata: { collectionType: 'application/vnd.ibm.kms.registration_input+json', collectionTotal: 1 },
  resources: [{ description: 'invoices', registrationMetadata: 'theirs', ...more }],
})
const acknowledgement = (eventId: string, state: string, version?: string): object => ({
  metadata: { collectionType: 'application/vnd.ibm.kms.event_acknowledge+json', collectionTotal: 1 },
  resources: [
    {
      eventId,
      adopterKeyState: state,
      timestamp: '2026-03-01T12:00:00Z',
      ...(version === undefined ? {} : { keyStateData: { rewrappedKeyVersion: version } }),
    },
  ],
})

interface Told {
  readonly type: string
  readonly data: {
    readonly eventId: string
    readonly keyVersion: { readonly id: string }
    readonly resources: string[]
  }
}

async function eventOf(owner: Client, action: string) {
  const deadline = performance.now() + 10_000
  while (performance.now() < deadline) {
    const [found] = await owner.events(`action=${action}`)
    if (found !== undefined) return found.event
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  throw new Error(`no ${action} in the trail`)
}

test('a rotation is told by a message the receivers’ library verifies, acknowledged, and completed by an event', async () => {
  const { product, owner } = await started()
  const hook = await newReceiver()
  const service = await newService(product, owner, 'storage')
  const adopter = await owner.call<{ secret: string }>('POST', '/v1/adopters', {
    body: { serviceId: service.id, url: hook.url },
  })
  expect(adopter.status).toBe(201)
  const key = await owner.createKey('adopted')
  const made = await service.client.call('POST', pathOf(key), { body: registration() })
  expect([made.status, made.headers.get('etag')]).toEqual([201, expect.stringMatching(/^W\/"[\da-f]+-1"$/)])
  expect((await owner.call('DELETE', `/api/v2/keys/${key}`)).status).toBe(409)

  const correlation = '22222222-2222-4222-8222-222222222222'
  await owner.call('POST', `/api/v2/keys/${key}/actions/rotate`, { headers: { 'correlation-id': correlation } })
  await hook.came(1)
  const { body, headers } = hook.received[0] as (typeof hook.received)[number]
  const told = new Webhook(adopter.json.secret).verify(body, headers) as Told
  expect(told).toMatchObject({ type: 'key.rotated', data: { keyId: key, resources: [bucket], keyState: 1 } })
  const acknowledged = await service.client.call('POST', '/api/v2/event_ack', {
    body: acknowledgement(told.data.eventId, 'DEK_ENABLED', told.data.keyVersion.id),
  })
  expect(acknowledged.status).toBe(204)
  const event = await eventOf(owner, 'hs-crypto.secrets.ack-rotate')
  expect(event).toMatchObject({
    outcome: 'success',
    correlationId: correlation,
    initiator: { id: service.id },
    target: { name: 'adopted' },
    responseData: { eventAckData: { eventId: told.data.eventId, eventType: 'rotation', keyState: 'DEK_ENABLED' } },
  })
  const listed: Reply<{ resources: { keyVersion: { id: string } }[] }> = await service.client.call(
    'GET',
    `/api/v2/keys/${key}/registrations`,
  )
  expect(listed.json.resources[0]?.keyVersion.id).toBe(told.data.keyVersion.id)
})

test('a service that wants no messages asks what it has to acknowledge; others see that only with a role', async () => {
  const { product, owner } = await started()
  const service = await newService(product, owner, 'storage')
  const other = await newService(product, owner, 'database')
  const key = await owner.createKey('adopted')
  await service.client.call('POST', pathOf(key), { body: registration() })
  await owner.call('POST', `/api/v2/keys/${key}/actions/disable`)
  const path = `/v1/adopters/${service.id}/pending`
  const asked = await service.client.call<{ pending: Told[]; next: null }>('GET', path)
  expect(asked.json).toMatchObject({
    pending: [{ type: 'key.disabled', data: { keyId: key, adopterKeyState: 'DEK_DISABLED', resources: [bucket] } }],
    next: null,
  })
  expect(await owner.event(asked.eventId)).toMatchObject({
    action: 'hs-crypto.notification.list',
    initiator: { id: service.id },
    target: { name: 'storage' },
    responseData: { totalResources: 1 },
  })
  expect((await owner.call('GET', path)).json).toEqual(asked.json)
  const refused = await other.client.call('GET', path)
  expect(refused.status).toBe(401)
  expect(await owner.event(refused.eventId)).toMatchObject({ outcome: 'failure', target: { name: 'storage' } })
  const unknown = `/v1/adopters/${service.id.slice(0, -4)}ffff/pending`
  expect((await owner.call('GET', unknown)).status).toBe(404)
  expect((await service.client.call('GET', `${path}?limit=0`)).status).toBe(400)

  const { eventId } = asked.json.pending[0]?.data ?? { eventId: '' }
  const report = acknowledgement(eventId, 'DEK_DISABLED')
  expect((await service.client.call('POST', '/api/v2/event_ack', { body: report })).status).toBe(204)
  expect((await service.client.call('GET', path)).json).toEqual({ pending: [], next: null })
  expect(await eventOf(owner, 'hs-crypto.secrets.ack-disable')).toMatchObject({ outcome: 'success' })
})

test('a state that contradicts the key ends the action with 409, the reason and the resource', async () => {
  const { product, owner } = await started()
  const hook = await newReceiver()
  const service = await newService(product, owner, 'storage')
  await owner.call('POST', '/v1/adopters', { body: { serviceId: service.id, url: hook.url } })
  const key = await owner.createKey('adopted')
  await service.client.call('POST', pathOf(key), { body: registration() })
  await owner.call('POST', `/api/v2/keys/${key}/actions/disable`)
  await hook.came(1)
  const told = JSON.parse(hook.received[0]?.body ?? '') as Told
  expect(told.type).toBe('key.disabled')
  const version = told.data.keyVersion.id
  const report = acknowledgement(told.data.eventId, 'DEK_ENABLED', version)
  expect((await service.client.call('POST', '/api/v2/event_ack', { body: report })).status).toBe(204)
  const event = await eventOf(owner, 'hs-crypto.secrets.ack-disable')
  expect(event).toMatchObject({
    outcome: 'failure',
    severity: 'warning',
    reason: { reasonCode: 409 },
    responseData: { resourceCRN: bucket, reasonForFailure: expect.stringContaining('conflicts') },
  })
})

test('what was queued survives kill -9: it is sent by the next process, and a hanging receiver holds no key call up', async () => {
  const { product, owner } = await started()
  let isWell = false
  const hook = await newReceiver((request, response) => {
    if (isWell) response.writeHead(204).end()
    else hanging(request, response)
  })
  const service = await newService(product, owner, 'storage')
  await owner.call('POST', '/v1/adopters', { body: { serviceId: service.id, url: hook.url } })
  const key = await owner.createKey('adopted')
  await service.client.call('POST', pathOf(key), { body: registration() })
  expect((await owner.call('DELETE', `/api/v2/keys/${key}?force=true`)).status).toBe(204)
  await hook.came(1)
  // The receiver hangs, the service goes on.
  expect((await owner.call('GET', `/api/v2/keys/${key}/metadata`)).status).toBe(200)
  await product.kill()
  isWell = true
  const again = await startProduct({ data: product.data, env })
  undo.push(async () => void (await again.stop()))
  await hook.came(2)
  const ids = hook.received.map(({ headers }) => headers['webhook-id'])
  expect(ids[1]).toBe(ids[0])
  expect(JSON.parse(hook.received[1]?.body ?? '')).toMatchObject({ type: 'key.deleted', data: { keyState: 5 } })
})

test('what is not allowed to be reached cannot be configured', async () => {
  const { product, owner } = await started()
  const service = await newService(product, owner, 'storage')
  for (const url of ['http://10.0.0.1/', 'https://169.254.169.254/latest', 'https://0x0a.1/', 'ftp://example.com/']) {
    const refused = await owner.call('POST', '/v1/adopters', { body: { serviceId: service.id, url } })
    expect([refused.status, (refused.json as { code: string }).code], url).toEqual([400, 'INVALID_FIELD_ERR'])
  }
})
