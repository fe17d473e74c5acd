/** Policies on the real server: networks and addresses decide before anything else, and import tokens bring material in. */
import { createHash, randomBytes } from 'node:crypto'
import { request as httpRequest } from 'node:http'
import { attachedLists } from '@keywitness/cadf'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { sealMaterial } from '../../server/src/import-token/testing/sealed-material.ts'
import { Client, type Product, startProduct } from '../src/index.ts'

let product: Product
let outside: Client
let inside: Client

beforeAll(async () => {
  product = await startProduct()
  outside = await new Client(product).signIn()
  inside = await new Client({ ...product, url: product.privateUrl }).signIn()
})
afterAll(async () => {
  await product.stop()
  product.remove()
})

function policies(...resources: readonly object[]): object {
  return {
    metadata: { collectionType: 'application/vnd.ibm.kms.policy+json', collectionTotal: resources.length },
    resources,
  }
}

function policy(policy_type: string, enabled: boolean, attributes?: object): object {
  return { policy_type, policy_data: { enabled, ...(attributes === undefined ? {} : { attributes }) } }
}

async function set(...resources: readonly object[]): Promise<void> {
  const answer = await inside.call('PUT', '/api/v2/instance/policies', { body: policies(...resources) })
  expect([answer.status, answer.text]).toEqual([204, ''])
}

/** Status of a list of keys asked for on the public network from another address of this machine. */
async function statusFrom(localAddress: string): Promise<number | undefined> {
  return await new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${outside.token}`, 'bluemix-instance': product.instance }
    const request = httpRequest(`${product.url}/api/v2/keys`, { localAddress, headers, agent: false }, (answer) => {
      answer.resume()
      resolve(answer.statusCode)
    })
    request.on('error', reject).end()
  })
}

test('a private instance is reached through the private listener only, on every path of the key API', async () => {
  const id = await outside.createKey('walled')
  await set(policy('allowedNetwork', true, { allowed_network: 'private-only' }))
  const calls = [
    ['GET', '/api/v2/keys'],
    ['HEAD', '/api/v2/keys'],
    ['POST', '/api/v2/keys'],
    ['GET', `/api/v2/keys/${id}`],
    ['POST', `/api/v2/keys/${id}/actions/wrap`],
    ['POST', `/api/v2/keys/${id}?action=rotate`],
    ['DELETE', `/api/v2/keys/${id}`],
    ['GET', `/api/v2/keys/${id}/policies`],
    ['PUT', '/api/v2/instance/policies'],
    ['GET', '/api/v2/instance/allowed_ip_port'],
    ['POST', '/api/v2/import_token'],
    ['GET', '/api/v2/key_rings'],
    ['GET', '/api/v2/kmip_adapters'],
    ['GET', '/api/v2/keys/registrations'],
  ] as const
  for (const [method, path] of calls) {
    const refused = await outside.call(method, path)
    expect([method, path, refused.status]).toEqual([method, path, 401])
    const event = await inside.event(refused.eventId)
    expect([event.outcome, event.severity, event.reason.reasonCode]).toEqual(['failure', 'critical', 401])
    expect(event.initiator.host.address).toBe('127.0.0.1')
  }
  expect((await inside.call('GET', `/api/v2/keys/${id}`)).status).toBe(200)
  await set(policy('allowedNetwork', false, { allowed_network: 'private-only' }))
  expect((await outside.call('GET', `/api/v2/keys/${id}`)).status).toBe(200)
})

test('only the allowed addresses reach the instance, and the port for them can be asked for', async () => {
  expect(await statusFrom('127.0.0.2')).toBe(200)
  await set(policy('allowedIP', true, { allowed_ip: ['127.0.0.1/32', '127.0.0.4/30', '::1/128'] }))
  const statuses = await Promise.all(['127.0.0.1', '127.0.0.2', '127.0.0.4', '127.0.0.7', '127.0.0.8'].map(statusFrom))
  expect(statuses).toEqual([200, 401, 200, 200, 401])
  const port = await outside.call<{ resources: { private_endpoint_port: number }[] }>(
    'GET',
    '/api/v2/instance/allowed_ip_port',
  )
  expect(port.json.resources).toEqual([{ private_endpoint_port: Number(new URL(product.privateUrl).port) }])
  expect((await outside.event(port.eventId)).action).toBe('hs-crypto.instance-allowed-ip-port.read')
  await set(policy('allowedIP', false))
  expect(await statusFrom('127.0.0.2')).toBe(200)
})

test('lists too long for an event are attached to it, and handed out as long as the log stands', async () => {
  const blocks = (last: number): string[] =>
    Array.from({ length: 1_000 }, (_, at) =>
      at === 0 ? '127.0.0.1/32' : `2001:db8:aaaa:bbbb:cccc:dddd:${at.toString(16).padStart(4, '0')}:${last}/128`,
    )
  await set(policy('allowedIP', true, { allowed_ip: blocks(1000) }))
  const body = policies(policy('allowedIP', true, { allowed_ip: blocks(2000) }))
  const { eventId = '' } = await inside.call('PUT', '/api/v2/instance/policies', { body })
  const [attached] = attachedLists(await inside.event(eventId))
  const whole = JSON.stringify(blocks(1000))
  expect(attached).toEqual({
    at: 'requestData.initialValue.policyAllowedIPAttribute',
    sha256: createHash('sha256').update(whole).digest('hex'),
    bytes: whole.length,
    count: 1_000,
    first: blocks(1000).slice(0, 10),
  })
  const path = `/v1/trackers/${product.location}/events/${eventId}/attachments`
  const answer = await inside.call('GET', `${path}/${attached?.sha256}`)
  expect([answer.status, answer.text]).toEqual([200, whole])
  expect((await inside.event(answer.eventId)).requestData).toMatchObject({ eventId, attachment: attached?.sha256 })
  // Asked for by an event that does not name it, it does not exist.
  expect((await inside.call('GET', `${path}/${'00'.repeat(32)}`)).status).toBe(404)
  const others = path.replace(eventId, answer.eventId ?? '')
  expect((await inside.call('GET', `${others}/${attached?.sha256}`)).status).toBe(404)
  await set(policy('allowedIP', false))
})

interface Token {
  readonly payload: string
  readonly nonce: string
  readonly remainingRetrievals: number
}

function newKey(members: object): object {
  const type = 'application/vnd.ibm.kms.key+json'
  return {
    metadata: { collectionType: type, collectionTotal: 1 },
    resources: [{ type, name: 'brought', extractable: false, ...members }],
  }
}

test('material comes in under an import token, and only so where the policy wants it', async () => {
  await set(policy('keyCreateImportAccess', true, { enforce_token: true }))
  const plain = await outside.call('POST', '/api/v2/keys', {
    body: newKey({ payload: randomBytes(32).toString('base64') }),
  })
  expect([plain.status, plain.text.includes('KEY_CREATE_IMPORT_ACCESS_ERR')]).toEqual([409, true])
  expect((await outside.call('POST', '/api/v2/import_token', { body: { maxAllowedRetrievals: 1 } })).status).toBe(200)
  const token = (await outside.call<Token>('GET', '/api/v2/import_token')).json
  expect(token.remainingRetrievals).toBe(0)
  const made = await outside.call<{ resources: { id: string; imported: boolean }[] }>('POST', '/api/v2/keys', {
    body: newKey(sealMaterial('hpcs', token, randomBytes(32))),
  })
  const [key] = made.json.resources
  expect([made.status, key?.imported]).toEqual([201, true])
  const rotate = (body: object) => outside.call('POST', `/api/v2/keys/${key?.id}/actions/rotate`, { body })
  expect((await rotate({ payload: randomBytes(32).toString('base64') })).status).toBe(409)
  expect((await rotate(sealMaterial('hpcs', token, randomBytes(32)))).status).toBe(204)
  const wrapped = await outside.call<{ ciphertext: string }>('POST', `/api/v2/keys/${key?.id}/actions/wrap`, {
    body: {},
  })
  expect(wrapped.status).toBe(200)
  await set(policy('keyCreateImportAccess', false))
})

test('requests and latency are metered for an instance that wants it, on the private listener', async () => {
  const series = async (): Promise<string[]> => {
    const answer = await fetch(`${product.privateUrl}/metrics`)
    return (await answer.text()).split('\n').filter((line) => /^ibm_hpcs_api_\w+\{/.test(line))
  }
  expect(await series()).toEqual([])
  await set(policy('metrics', true))
  await outside.call('GET', '/api/v2/keys')
  await outside.call('GET', '/api/v2/keys?limit=many')
  const shown = await series()
  expect(shown.filter((line) => line.includes('ibm_hpcs_api="hs-crypto.secrets.list"'))).toEqual([
    expect.stringMatching(/^ibm_hpcs_api_request_gauge\{.*ibm_hpcs_response_code="200".*\} 1$/),
    expect.stringMatching(/^ibm_hpcs_api_request_gauge\{.*ibm_hpcs_response_code="400".*\} 1$/),
    expect.stringMatching(/^ibm_hpcs_api_latency_gauge\{.*ibm_hpcs_response_code="200".*\} [\d.]+$/),
    expect.stringMatching(/^ibm_hpcs_api_latency_gauge\{.*ibm_hpcs_response_code="400".*\} [\d.]+$/),
  ])
  expect(shown.every((line) => line.includes(`ibm_service_instance="${product.instance}"`))).toBe(true)
  await set(policy('metrics', false))
  expect(await series()).toEqual([])
})
