/** The published Node SDK, unmodified, drives the key service over a real socket. */
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type House, openHouse } from './testing/house.ts'
import { openListener } from './testing/listener.ts'
import { createBody } from './testing/wishes.ts'

interface Response {
  readonly status: number
  readonly result: { readonly resources: readonly Record<string, unknown>[]; readonly [member: string]: unknown }
  readonly headers: Readonly<Record<string, string>>
}
type Method = (parameters: object) => Promise<Response>
interface Sdk {
  readonly [method: string]: Method
}

const require = createRequire(import.meta.url)
const modules = {
  sdk: require('@ibm-cloud/ibm-key-protect/ibm-key-protect-api/v2.js') as new (options: object) => Sdk,
  core: require('@ibm-cloud/ibm-key-protect/auth/index.js') as { NoAuthAuthenticator: new () => object },
}

let house: House
let close: () => Promise<void>
let sdk: Sdk

beforeAll(async () => {
  house = openHouse()
  const { app } = openListener(house)
  await app.listen({ host: '127.0.0.1', port: 0 })
  close = () => app.close()
  const { port } = app.server.address() as AddressInfo
  const authenticator = new modules.core.NoAuthAuthenticator()
  sdk = new modules.sdk({ authenticator, serviceUrl: `http://127.0.0.1:${port}` })
})
afterAll(async () => {
  await close()
})

function call(method: string, parameters: object = {}): Promise<Response> {
  const run = sdk[method]
  if (run === undefined) throw new Error(`the SDK has no ${method}`)
  return run.call(sdk, { bluemixInstance: house.instance.guid, ...parameters })
}

async function created(key: object, prefer = 'return=representation'): Promise<Record<string, unknown>> {
  const body = createBody(key)
  const { status, result } = await call('createKey', { body, keyCreateBody: body, prefer })
  expect(status).toBe(201)
  return result.resources[0] ?? {}
}

test('it creates, lists, counts, reads, wraps, unwraps, rotates, rewraps and deletes a root key', async () => {
  const { id } = await created({ name: 'billing', extractable: false })
  expect((await call('getKeys')).result.resources).toMatchObject([{ id, name: 'billing' }])
  expect((await call('getKeyCollectionMetadata')).headers['key-total']).toBe('1')
  expect((await call('getKey', { id })).result.resources[0]).not.toHaveProperty('payload')
  expect((await call('getKeyMetadata', { id })).result.resources).toMatchObject([{ id, state: 1 }])

  const plaintext = Buffer.from('a data key').toString('base64')
  const wrapped = await call('wrapKey', { id, keyActionWrapBody: { plaintext } })
  const { ciphertext } = wrapped.result
  const opened = await call('unwrapKey', { id, keyActionUnwrapBody: { ciphertext } })
  expect(opened.result).toEqual({ plaintext, keyVersion: { id } })
  expect((await call('rotateKey', { id })).status).toBe(204)
  const renewed = await call('unwrapKey', { id, keyActionUnwrapBody: { ciphertext } })
  expect(renewed.result).toMatchObject({ plaintext, ciphertext: expect.any(String) })
  const moved = await call('rewrapKey', { id, keyActionRewrapBody: { ciphertext } })
  expect(moved.result).toMatchObject({ keyVersion: { id }, ciphertext: expect.any(String) })
  expect((await call('getKeyVersions', { id })).result).toMatchObject({ metadata: { collectionTotal: 2 } })

  expect((await call('deleteKey', { id })).status).toBe(204)
  expect((await call('getKeys')).result.resources).toEqual([])
  expect((await call('getKey', { id })).result.resources).toMatchObject([{ id, state: 5, deleted: true }])
})

test('it creates and reads a standard key', async () => {
  const payload = Buffer.from('a secret').toString('base64')
  const { id } = await created({ name: 'secret', payload })
  expect((await call('getKey', { id })).result.resources).toMatchObject([{ id, payload, extractable: true }])
  const shown = await call('deleteKey', { id, prefer: 'return=representation' })
  expect(shown.result.resources).toMatchObject([{ id, state: 5 }])
})

test('it gets refusals in the form it reads', async () => {
  const { id } = await created({ name: 'secret' })
  await expect(call('wrapKey', { id, keyActionWrapBody: {} })).rejects.toMatchObject({
    status: 400,
    body: expect.stringContaining('KEY_ROOT_REQ_ERR'),
  })
})

test('every call of it left exactly one event', () => {
  const events = house.events()
  expect(new Set(events.map((event) => event.id)).size).toBe(events.length)
  expect(events.map((event) => event.action.replace('hs-crypto.', ''))).toEqual(
    `secrets.create secrets.list secrets.head secrets.read secrets-metadata.read secrets.wrap secrets.unwrap
    secrets.rotate secrets.unwrap secrets.rewrap secrets-key-versions.list secrets.delete secrets.list secrets.read
    secrets.create secrets.read secrets.delete secrets.create secrets.wrap`.split(/\s+/),
  )
})
