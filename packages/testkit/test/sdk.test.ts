/** The official Key Protect SDK, unmodified, against a real server: what it does, and what the trail says of it. */
import { IamAuthenticator } from '@ibm-cloud/ibm-key-protect/auth/index.js'
import KeyProtect from '@ibm-cloud/ibm-key-protect/ibm-key-protect-api/v2.js'
import { verifyReceipt, parseVerifierKey } from '@keywitness/tlog'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Client, type Product, startProduct } from '../src/index.ts'

let product: Product
let sdk: InstanceType<typeof KeyProtect>
let client: Client
let bluemixInstance: string

beforeAll(async () => {
  product = await startProduct()
  const { url, apiKey } = product
  sdk = new KeyProtect({ authenticator: new IamAuthenticator({ apikey: apiKey, url }), serviceUrl: url })
  client = await new Client(product).signIn()
  bluemixInstance = product.instance
})
afterAll(async () => {
  await product.stop()
  product.remove()
})

/** What the answers hold that this test looks at; the SDK's own types are looser. */
interface KeyResource {
  readonly id: string
  readonly crn: string
  readonly payload?: string
  readonly keyVersion: { readonly id: string; readonly creationDate: string }
}
interface Unwrapped {
  readonly plaintext: string
  readonly ciphertext: string
  readonly keyVersion: { readonly id: string }
  readonly rewrappedKeyVersion: { readonly id: string }
}
const keysOf = (answer: { result: unknown }): KeyResource[] => (answer.result as { resources: KeyResource[] }).resources
const firstOf = (answer: { result: unknown }): KeyResource => keysOf(answer)[0] as KeyResource
const openedOf = (answer: { result: unknown }): Unwrapped => answer.result as Unwrapped

const collection = 'application/vnd.ibm.kms.key+json'
const keyBody = (name: string, extractable: boolean, payload?: string): never =>
  ({
    metadata: { collectionType: collection, collectionTotal: 1 },
    resources: [{ type: collection, name, extractable, ...(payload === undefined ? {} : { payload }) }],
  }) as never
const eventOf = async (response: { headers: unknown }) => {
  const headers = response.headers as Record<string, string>
  return await client.event(headers['keywitness-event-id'])
}
const key = (id: string) => `:key:${id}`

test('a root key is created, listed, read, wrapped with, unwrapped with, rotated and deleted; each is witnessed', async () => {
  const created = await sdk.createKey({ bluemixInstance, body: keyBody('billing', false) })
  expect(created.status).toBe(201)
  const root = firstOf(created)
  expect(root).toMatchObject({ name: 'billing', extractable: false, state: 1, imported: false, deleted: false })
  const creation = await eventOf(created)
  expect(creation).toMatchObject({
    action: 'hs-crypto.secrets.create',
    message: 'Keywitness: create secret billing',
    severity: 'normal',
    outcome: 'success',
    dataEvent: true,
    reason: { reasonCode: 201, reasonType: 'Created' },
    initiator: { name: 'owner', typeURI: 'service/security/account/user', credential: { type: 'token' } },
    target: { name: 'billing', typeURI: 'hs-crypto/secrets' },
    requestData: { requestURI: '/api/v2/keys', instanceID: bluemixInstance, keyType: 'root' },
    responseData: {
      keyId: root.id,
      keyVersionId: root.keyVersion.id,
      keyVersionCreationDate: root.keyVersion.creationDate,
      keyState: 1,
    },
    observer: { name: 'ActivityTracker' },
    saveServiceCopy: true,
  })
  expect(creation.initiator.host?.address).toBe('127.0.0.1')
  expect(creation.target.id).toBe(root.crn)
  expect(creation.target.id).toContain(key(root.id))
  expect(creation.correlationId).toBe((created.headers as Record<string, string>)['correlation-id'])

  const listed = await sdk.getKeys({ bluemixInstance })
  expect(keysOf(listed).map((one) => one.id)).toEqual([root.id])
  expect(await eventOf(listed)).toMatchObject({
    action: 'hs-crypto.secrets.list',
    responseData: { totalResources: 1 },
  })

  const metadata = await sdk.getKeyMetadata({ bluemixInstance, id: root.id })
  expect(firstOf(metadata)).toMatchObject({ id: root.id })
  expect(await eventOf(metadata)).toMatchObject({
    action: 'hs-crypto.secrets-metadata.read',
    requestData: { keyType: 'root' },
    responseData: { keyState: 1, keyVersionId: root.keyVersion.id },
  })

  const read = await sdk.getKey({ bluemixInstance, id: root.id })
  expect(firstOf(read).payload).toBeUndefined()
  expect(await eventOf(read)).toMatchObject({ action: 'hs-crypto.secrets.read', requestData: { keyType: 'root' } })

  const plaintext = Buffer.from('a data encryption key, 32 bytes!').toString('base64')
  const wrapped = await sdk.wrapKey({
    bluemixInstance,
    id: root.id,
    keyActionWrapBody: { plaintext, aad: ['a', 'b'] } as never,
  })
  const { ciphertext } = openedOf(wrapped)
  expect(await eventOf(wrapped)).toMatchObject({
    action: 'hs-crypto.secrets.wrap',
    severity: 'normal',
    responseData: { keyVersionId: root.keyVersion.id },
  })

  const unwrapped = await sdk.unwrapKey({
    bluemixInstance,
    id: root.id,
    keyActionUnwrapBody: { ciphertext, aad: ['a', 'b'] } as never,
  })
  expect(openedOf(unwrapped).plaintext).toBe(plaintext)

  const rotated = await sdk.rotateKey({ bluemixInstance, id: root.id, keyActionRotateBody: {} as never })
  expect(rotated.status).toBe(204)
  expect(await eventOf(rotated)).toMatchObject({ action: 'hs-crypto.secrets.rotate', severity: 'warning' })

  const old = await sdk.unwrapKey({
    bluemixInstance,
    id: root.id,
    keyActionUnwrapBody: { ciphertext, aad: ['a', 'b'] } as never,
  })
  expect(openedOf(old).plaintext).toBe(plaintext)
  expect(openedOf(old).keyVersion.id).toBe(root.keyVersion.id)
  expect(openedOf(old).rewrappedKeyVersion.id).not.toBe(root.keyVersion.id)
  const renewed = openedOf(old).ciphertext
  const again = await sdk.unwrapKey({
    bluemixInstance,
    id: root.id,
    keyActionUnwrapBody: { ciphertext: renewed, aad: ['a', 'b'] } as never,
  })
  expect(openedOf(again).plaintext).toBe(plaintext)

  const deleted = await sdk.deleteKey({ bluemixInstance, id: root.id, prefer: 'return=representation' })
  expect(firstOf(deleted)).toMatchObject({ state: 5, deleted: true })
  expect(await eventOf(deleted)).toMatchObject({
    action: 'hs-crypto.secrets.delete',
    message: 'Keywitness: delete secret billing',
    severity: 'critical',
    outcome: 'success',
    responseData: { keyState: 5 },
  })
})

test('a standard key is created with its payload and read back', async () => {
  const payload = Buffer.from('a standard secret').toString('base64')
  const body = keyBody('standard', true, payload)
  const created = await sdk.createKey({ bluemixInstance, body, prefer: 'return=representation' })
  const standard = firstOf(created)
  expect(standard.payload).toBe(payload)
  const read = await sdk.getKey({ bluemixInstance, id: standard.id })
  expect(firstOf(read).payload).toBe(payload)
  const event = await eventOf(read)
  expect(event).toMatchObject({ action: 'hs-crypto.secrets.read', requestData: { keyType: 'standard' } })
  expect(JSON.stringify(event)).not.toContain(payload)
})

test('what is refused is witnessed as the seed says', async () => {
  const refused = async (call: Promise<unknown>) => {
    interface SdkError {
      readonly status: number
      readonly body: string
      readonly headers: Readonly<Record<string, string>>
    }
    const error = (await call.then(
      () => {
        throw new Error('the call was not refused')
      },
      (thrown: unknown) => thrown,
    )) as SdkError
    return { status: error.status, event: await client.event(error.headers['keywitness-event-id']), body: error.body }
  }
  const unknownKey = await refused(sdk.getKey({ bluemixInstance, id: '11111111-1111-4111-8111-111111111111' }))
  expect(unknownKey.status).toBe(404)
  expect(unknownKey.body).toContain('KEY_NOT_FOUND_ERR')
  expect(unknownKey.event).toMatchObject({
    action: 'hs-crypto.secrets.read',
    outcome: 'failure',
    severity: 'warning',
    reason: { reasonCode: 404, reasonType: 'Not Found' },
  })
  expect(unknownKey.event.message.endsWith('-failure')).toBe(true)

  const foreign = await refused(sdk.getKeys({ bluemixInstance: '22222222-2222-4222-8222-222222222222' }))
  expect(foreign.status).toBe(401)
  expect(foreign.event).toMatchObject({
    action: 'hs-crypto.secrets.list',
    severity: 'critical',
    reason: { reasonCode: 401, reasonType: 'Unauthorized' },
    requestData: { instanceID: '22222222-2222-4222-8222-222222222222' },
  })

  const malformed = await client.call('POST', '/api/v2/keys', { body: '{"metadata":' })
  expect(malformed.status).toBe(400)
  expect(malformed.text).toContain('errorMsg')
  expect(await client.event(malformed.eventId)).toMatchObject({
    action: 'hs-crypto.secrets.default',
    outcome: 'failure',
    severity: 'warning',
    reason: { reasonCode: 400 },
  })

  const badToken = await client.call('GET', '/api/v2/keys', {
    headers: { authorization: 'Bearer eyJhbGciOiJub25lIn0.e30.' },
  })
  expect(badToken.status).toBe(401)
  expect(await client.event(badToken.eventId)).toMatchObject({
    action: 'hs-crypto.secrets.list',
    severity: 'critical',
    initiator: { id: 'unknown' },
    reason: { reasonCode: 401 },
  })

  const wrongKey = await fetch(`${product.url}/identity/token`, {
    method: 'POST',
    body: new URLSearchParams({ grant_type: 'urn:ibm:params:oauth:grant-type:apikey', apikey: 'x'.repeat(44) }),
  })
  expect(wrongKey.status).toBe(400)
  expect(((await wrongKey.json()) as { errorCode: string }).errorCode).toBe('BXNIM0415E')
  expect(await client.event(wrongKey.headers.get('keywitness-event-id') ?? '')).toMatchObject({
    action: 'iam-identity.apikey.login',
    outcome: 'failure',
    severity: 'critical',
  })
})

test('a reader may not write, and that is witnessed with who tried', async () => {
  const service = await client.call<{ id: string }>('POST', '/v1/iam/service-ids', { body: { name: 'reporting' } })
  expect(service.status).toBe(201)
  const role = await client.call('POST', '/v1/iam/roles', {
    body: { identity: service.json.id, role: 'Reader', scope: { kind: 'instance', id: bluemixInstance } },
  })
  expect(role.status).toBe(201)
  const made = await client.call<{ apikey: string }>('POST', '/v1/iam/api-keys', {
    body: { identity: service.json.id, name: 'reporting' },
  })
  const reader = await new Client({ ...product, apiKey: made.json.apikey }).signIn()
  expect((await reader.call('GET', '/api/v2/keys')).status).toBe(200)
  const refused = await reader.call('POST', '/api/v2/keys', { body: keyBody('forbidden', false) })
  expect(refused.status).toBe(401)
  expect(await client.event(refused.eventId)).toMatchObject({
    action: 'hs-crypto.secrets.create',
    outcome: 'failure',
    severity: 'critical',
    initiator: { id: service.json.id, name: 'reporting', typeURI: 'service/security/account/serviceid' },
    reason: { reasonCode: 401 },
  })
})

test('every event of the run is in the log exactly once, in gap-free numbers, and its receipt verifies', async () => {
  const found = await client.events()
  expect(found.map((one) => one.index)).toEqual(found.map((_, at) => at))
  expect(new Set(found.map((one) => one.event.id)).size).toBe(found.length)
  const verifierKey = (await client.call('GET', `/v1/trackers/${product.location}/log/key`)).text.trim()
  const wrap = found.find((one) => one.event.action === 'hs-crypto.secrets.wrap')
  const receipt = await client.receipt(wrap?.event.id ?? '')
  const verified = await verifyReceipt(receipt, [parseVerifierKey(verifierKey)])
  expect(verified.index).toBe(wrap?.index)
  const entry = JSON.parse(new TextDecoder().decode(verified.entry)) as { event: unknown }
  expect(entry.event).toEqual(wrap?.event)
})
