/** Drives registrations, adopting services and the lifecycle flow of a running product: each action well and badly. */
import { receiver } from '../../server/src/outbound/testing/receivers.ts'
import { Client, type Product } from '../src/index.ts'

/** The setting without which nothing on loopback is told. */
export const adopterEnv = { KEYWITNESS_OUTBOUND_PRIVATE: '127.0.0.0/8' }

const unknown = '11111111-1111-4111-8111-111111111111'
const bucket = `crn:v1:keywitness:public:cloud-object-storage:global:a/${'a'.repeat(32)}:${unknown}:bucket:invoices`

const envelope = (type: string, resource: object): object => ({
  metadata: { collectionType: `application/vnd.ibm.kms.${type}+json`, collectionTotal: 1 },
  resources: [resource],
})

interface Told {
  readonly type: string
  readonly data: { readonly eventId: string; readonly keyId: string; readonly keyVersion: { readonly id: string } }
}

export async function driveAdopters(product: Product, owner: Client): Promise<void> {
  const hook = await receiver((request, response) => {
    response.writeHead(request.url === '/gone' ? 410 : 204).end()
  })
  try {
    const { id, client } = await newService(product, owner)
    await driveTargets(owner, id, hook.url)
    await driveRegistrations(client, await owner.createKey('registered'))
    const report = async (key: string, type: string, state: string): Promise<void> => {
      let told: Told | undefined
      for (let count = 1; told === undefined; count++) {
        await hook.came(count)
        told = hook.received
          .map(({ body }) => JSON.parse(body) as Told)
          .findLast((one) => one.type === type && one.data.keyId === key)
      }
      const keyStateData = { rewrappedKeyVersion: told.data.keyVersion.id }
      await client.call('POST', '/api/v2/event_ack', {
        body: envelope('event_acknowledge', { eventId: told.data.eventId, adopterKeyState: state, keyStateData }),
      })
    }
    for (const [rotated, disabled, deleted] of [
      ['DEK_ENABLED', 'DEK_DISABLED', 'DEK_DELETED'],
      ['DEK_DISABLED', 'DEK_DELETED', 'DEK_ENABLED'],
    ] as const) {
      const key = await owner.createKey('adopted')
      const path = `/api/v2/keys/${key}`
      await client.call('POST', `${path}/registrations/${encodeURIComponent(bucket)}`, {
        body: envelope('registration_input', {}),
      })
      await owner.call('POST', `${path}/actions/rotate`)
      await report(key, 'key.rotated', rotated)
      await owner.call('POST', `${path}/actions/disable`)
      await report(key, 'key.disabled', disabled)
      await owner.call('DELETE', `${path}?force=true`)
      await report(key, 'key.deleted', deleted)
    }
    await client.call('POST', '/api/v2/event_ack', {
      body: envelope('event_acknowledge', { eventId: unknown, adopterKeyState: 'DEK_DELETED' }),
    })
    await driveDeadLetter(owner, client, id, hook.url)
  } finally {
    await hook.close()
  }
}

async function newService(product: Product, owner: Client): Promise<{ id: string; client: Client }> {
  const made = await owner.call<{ id: string }>('POST', '/v1/iam/service-ids', { body: { name: 'storage' } })
  const { id } = made.json
  const scope = { kind: 'instance', id: product.instance }
  await owner.call('POST', '/v1/iam/roles', { body: { identity: id, role: 'Reader', scope } })
  const key = await owner.call<{ apikey: string }>('POST', '/v1/iam/api-keys', { body: { identity: id, name: 'k' } })
  return { id, client: await new Client({ ...product, apiKey: key.json.apikey }).signIn() }
}

async function driveTargets(owner: Client, service: string, url: string): Promise<void> {
  await owner.call('POST', '/v1/adopters', { body: { serviceId: service, url } })
  await owner.call('POST', '/v1/adopters', { body: { serviceId: service, url: 'http://10.0.0.1/' } })
  await owner.call('GET', '/v1/adopters')
  await owner.call('GET', '/v1/adopters?limit=many')
  for (const id of [service, unknown]) {
    await owner.call('GET', `/v1/adopters/${id}`)
    await owner.call('PATCH', `/v1/adopters/${id}`, { body: { url, renewSecret: true } })
    await owner.call('GET', `/v1/adopters/${id}/notifications`)
    await owner.call('GET', `/v1/adopters/${id}/pending`)
  }
}

async function driveRegistrations(client: Client, key: string): Promise<void> {
  for (const id of [key, unknown]) {
    const path = `/api/v2/keys/${id}/registrations`
    const body = envelope('registration_input', { description: 'invoices' })
    for (const method of ['POST', 'PUT', 'PATCH'] as const) {
      await client.call(method, `${path}/${encodeURIComponent(bucket)}`, { body })
    }
    await client.call('GET', path)
    await client.call('POST', `${path}?action=deactivate`, { body: envelope('resource_crn', { resourceCrn: bucket }) })
    await client.call('POST', path, { body })
    await client.call('DELETE', `${path}/${encodeURIComponent(bucket)}`)
  }
  await client.call('GET', '/api/v2/keys/registrations')
}

/** A message the receiver wants no more of is given up at once; it is sent again, and the service disconnected. */
async function driveDeadLetter(owner: Client, client: Client, service: string, url: string): Promise<void> {
  await owner.call('PATCH', `/v1/adopters/${service}`, { body: { url: new URL('/gone', url).href } })
  const key = await owner.createKey('gone')
  const path = `/api/v2/keys/${key}`
  await client.call('POST', `${path}/registrations/${encodeURIComponent(bucket)}`, {
    body: envelope('registration_input', {}),
  })
  await owner.call('DELETE', `${path}?force=true`)
  const deadline = performance.now() + 10_000
  let dead: { readonly id: string } | undefined
  while (dead === undefined) {
    if (performance.now() > deadline) throw new Error('no message was given up')
    const page = await owner.call<{ notifications: { id: string }[] }>('GET', `/v1/adopters/${service}/notifications`)
    dead = page.json.notifications[0]
  }
  for (const id of [dead.id, unknown]) {
    await owner.call('POST', `/v1/adopters/${service}/notifications/${id}/resend`)
  }
  await owner.call('DELETE', `/v1/adopters/${service}`)
  const last = await owner.call('DELETE', `/v1/adopters/${unknown}`)
  await owner.event(last.eventId)
}
