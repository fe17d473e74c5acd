/** Marked secrets in every request: none may reach an event, the log, an error, the metrics or a store in clear. */
import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type SealedMaterial, sealMaterial } from '../../server/src/import-token/testing/sealed-material.ts'
import { Client, type Product, startProduct } from '../src/index.ts'

let product: Product
let client: Client
const planted: { what: string; bytes: Buffer }[] = []
const errors: string[] = []

beforeAll(async () => {
  product = await startProduct()
  client = await new Client(product).signIn()
})
afterAll(() => product.remove())

/** A fresh secret, remembered under a name. */
function secret(what: string, size = 32): Buffer {
  const bytes = randomBytes(size)
  planted.push({ what, bytes })
  return bytes
}

/** Every way a secret's bytes may be written down. */
function forms(bytes: Buffer): Buffer[] {
  const text = [bytes.toString('base64'), bytes.toString('base64url'), bytes.toString('hex')]
  const percent = encodeURIComponent(bytes.toString('base64'))
  return [bytes, ...[...text, percent].map((one) => Buffer.from(one)), Buffer.from(text[2]?.toUpperCase() ?? '')]
}

function found(where: string, content: Buffer): string[] {
  return planted.flatMap(({ what, bytes }) =>
    forms(bytes).some((form) => content.includes(form)) ? [`${what} in ${where}`] : [],
  )
}

interface KeyAnswer {
  readonly resources: readonly { readonly id: string }[]
  readonly ciphertext: string
  readonly plaintext: string
  /** Of an import token. */
  readonly payload: string
  readonly nonce: string
}

const call = async (method: string, path: string, options: Parameters<Client['call']>[2] = {}) => {
  const reply = await client.call<KeyAnswer>(method, path, options)
  if (reply.status >= 400) errors.push(reply.text, ...[...reply.headers].map(([, value]) => value))
  return reply
}
const base64 = (bytes: Buffer): string => bytes.toString('base64')
const envelope = (resource: object): object => ({
  metadata: { collectionType: 'application/vnd.ibm.kms.key+json', collectionTotal: 1 },
  resources: [{ type: 'application/vnd.ibm.kms.key+json', name: 'holder', ...resource }],
})

test('secrets sent in every place that takes one are answered, refused and recorded without a trace', async () => {
  const standard = await call('POST', '/api/v2/keys', {
    body: envelope({ extractable: true, payload: base64(secret('payload of a standard key')) }),
    headers: { prefer: 'return=representation' },
  })
  expect(standard.status).toBe(201)
  expect((await call('GET', `/api/v2/keys/${standard.json.resources[0]?.id}`)).status).toBe(200)
  const root = await call('POST', '/api/v2/keys', {
    body: envelope({ extractable: false, payload: base64(secret('payload of an imported root key')) }),
  })
  expect(root.status).toBe(201)
  const id = root.json.resources[0]?.id ?? ''
  const plaintext = secret('plaintext of a wrap')
  const aad = secret('additional data of a wrap').toString('hex')
  const wrapped = await call('POST', `/api/v2/keys/${id}/actions/wrap`, {
    body: { plaintext: base64(plaintext), aad: [aad] },
  })
  const ciphertext = wrapped.json.ciphertext
  planted.push({ what: 'ciphertext of a wrap', bytes: Buffer.from(ciphertext, 'base64') })
  expect((await call('POST', `/api/v2/keys/${id}/actions/unwrap`, { body: { ciphertext, aad: [aad] } })).status).toBe(
    200,
  )
  expect((await call('POST', `/api/v2/keys/${id}/actions/rewrap`, { body: { ciphertext, aad: [aad] } })).status).toBe(
    200,
  )
  const generated = await call('POST', `/api/v2/keys/${id}/actions/wrap`, { body: {} })
  planted.push({ what: 'generated data key', bytes: Buffer.from(generated.json.plaintext, 'base64') })
  expect(
    (
      await call('POST', `/api/v2/keys/${id}/actions/rotate`, {
        body: { payload: base64(secret('payload of a rotation')) },
      })
    ).status,
  ).toBe(204)

  // Material under an import token, in both forms, and everything about it that can be wrong.
  expect((await call('POST', '/api/v2/import_token', { body: {} })).status).toBe(200)
  const token = (await call('GET', '/api/v2/import_token')).json
  planted.push({ what: 'nonce of the import token', bytes: Buffer.from(token.nonce, 'base64') })
  const sealed = (form: 'hpcs' | 'key-protect', what: string, about = token): SealedMaterial => {
    const members = sealMaterial(form, about, secret(`material ${what}`))
    for (const name of ['payload', 'encryptedNonce', 'iv'] as const) {
      planted.push({ what: `${name} of material ${what}`, bytes: Buffer.from(members[name], 'base64') })
    }
    return members
  }
  const rotation = `/api/v2/keys/${id}/actions/rotate`
  for (const form of ['hpcs', 'key-protect'] as const) {
    const created = sealed(form, `of a creation (${form})`)
    expect((await call('POST', '/api/v2/keys', { body: envelope({ extractable: false, ...created }) })).status).toBe(
      201,
    )
    const otherNonce = { ...token, nonce: base64(secret('a wrong nonce', 12)) }
    for (const members of [
      sealed(form, `with a wrong nonce (${form})`, otherNonce),
      { ...sealed(form, `with a wrong iv (${form})`), iv: base64(secret('a wrong iv', form === 'hpcs' ? 16 : 12)) },
      { ...sealed(form, `with half a nonce (${form})`), iv: undefined },
      { ...sealed(form, `with a payload of nobody (${form})`), payload: base64(secret('a payload of nobody', 512)) },
      { ...sealed(form, `under an unknown algorithm (${form})`), encryptionAlgorithm: base64(secret('algorithm')) },
      { ...sealed(form, `of a standard key (${form})`), extractable: true },
    ]) {
      const body = envelope({ extractable: false, ...members })
      expect((await call('POST', '/api/v2/keys', { body })).status).toBe(400)
      expect((await call('POST', rotation, { body: { ...members, encryptedNonce: '!' } })).status).toBe(400)
    }
  }

  // The same in requests that are refused: malformed, wrong type, wrong place.
  const bad = [
    ['POST', '/api/v2/keys', `{"resources":[{"payload":"${base64(secret('payload in broken JSON'))}"`],
    [
      'POST',
      '/api/v2/keys',
      JSON.stringify(envelope({ extractable: 'yes', payload: base64(secret('payload beside a bad member')) })),
    ],
    [
      'POST',
      '/api/v2/keys',
      JSON.stringify(envelope({ extractable: false, payload: base64(secret('payload of a wrong size', 19)) })),
    ],
    [
      'POST',
      '/api/v2/keys',
      JSON.stringify(envelope({ extractable: false, payload: `!${base64(secret('payload that is no base64'))}` })),
    ],
    ['POST', '/api/v2/keys', JSON.stringify(envelope({ [base64(secret('member name'))]: 1 }))],
    [
      'POST',
      `/api/v2/keys/${id}/actions/wrap`,
      JSON.stringify({ plaintext: [base64(secret('plaintext in an array'))] }),
    ],
    [
      'POST',
      `/api/v2/keys/${id}/actions/unwrap`,
      JSON.stringify({ ciphertext: base64(secret('ciphertext of nobody')) }),
    ],
    ['POST', `/api/v2/keys/${id}?action=${base64(secret('legacy action')).replaceAll(/[+/=]/g, 'A')}`, '{}'],
    ['GET', `/api/v2/keys?payload=${encodeURIComponent(base64(secret('query parameter')))}`, undefined],
    ['POST', '/api/v2/import_token', JSON.stringify({ expiration: base64(secret('expiration of an import token')) })],
    ['GET', `/api/v2/instance/policies?policy=${encodeURIComponent(base64(secret('kind of policy')))}`, undefined],
    [
      'PUT',
      '/api/v2/instance/policies',
      JSON.stringify(envelope({ policy_type: base64(secret('type of a policy')), policy_data: { enabled: true } })),
    ],
    [
      'PUT',
      '/api/v2/instance/policies',
      JSON.stringify(
        envelope({
          policy_type: 'allowedIP',
          policy_data: { enabled: true, attributes: { allowed_ip: [base64(secret('an address'))] } },
        }),
      ),
    ],
    ['GET', `/api/v2/keys?sort=${encodeURIComponent(base64(secret('sort parameter')))}`, undefined],
    ['GET', `/api/v2/keys?search=${encodeURIComponent(base64(secret('search parameter')))}`, undefined],
    ['GET', `/api/v2/nothing?apikey=${encodeURIComponent(base64(secret('unknown path')))}`, undefined],
    [
      'GET',
      `/v1/trackers/us-south/events?text=${encodeURIComponent(base64(secret('search of the trail')))}`,
      undefined,
    ],
    ['GET', `/v1/trackers/us-south/events?cursor=${encodeURIComponent(base64(secret('cursor')))}`, undefined],
    ['POST', '/v1/iam/api-keys', JSON.stringify({ identity: base64(secret('identity')), name: 'x' })],
    ['POST', '/v1/session', JSON.stringify({ apikey: secret('API key of a sign-in', 33).toString('base64url') })],
    ['POST', '/v1/session', JSON.stringify({ link: secret('sign-in link').toString('base64url') })],
  ] as const
  for (const [method, path, body] of bad) {
    await call(method, path, body === undefined ? {} : { body, headers: { 'content-type': 'application/json' } })
  }
  for (const authorization of [
    `Bearer ${secret('opaque token', 48).toString('base64url')}`,
    `Bearer eyJhbGciOiJSUzI1NiJ9.${secret('claims', 48).toString('base64url')}.${secret('signature', 48).toString('base64url')}`,
    `Basic ${base64(secret('basic credentials'))}`,
    base64(secret('authorization without a scheme')),
  ]) {
    await call('GET', '/api/v2/keys', { headers: { authorization } })
  }
  await call('GET', '/api/v2/keys', {
    headers: { cookie: `keywitness_session=${secret('session cookie').toString('base64url')}` },
  })
  for (const name of ['apikey', 'password', 'client_secret']) {
    const body = new URLSearchParams({ grant_type: 'urn:ibm:params:oauth:grant-type:apikey', apikey: 'short' })
    body.set(name, secret(`form field ${name}`, 33).toString('base64url'))
    const answer = await fetch(`${product.url}/identity/token`, { method: 'POST', body })
    errors.push(await answer.text())
  }
  planted.push({ what: 'the access token', bytes: Buffer.from(client.token.split('.')[2] ?? '', 'base64url') })

  expect(found('an error', Buffer.from(errors.join('\n')))).toEqual([])
  const metrics = await fetch(`${product.privateUrl}/metrics`)
  expect(found('the metrics', Buffer.from(await metrics.text()))).toEqual([])
  const events = await client.events()
  expect(events.length).toBeGreaterThan(40)
  expect(found('an event', Buffer.from(JSON.stringify(events)))).toEqual([])

  await product.stop()
  const apiKey = { what: 'the first API key', bytes: Buffer.from(product.apiKey, 'base64url') }
  expect(found('the output', Buffer.from(product.output()))).toEqual([])
  // The ceremony's folder and the key's own file hold secrets on purpose, in development.
  const files = readdirSync(product.data, { withFileTypes: true, recursive: true }).filter(
    (entry) => entry.isFile() && !entry.parentPath.includes('ceremony') && entry.name !== 'api-key',
  )
  planted.push(apiKey)
  const inFiles = files.flatMap((entry) => found(entry.name, readFileSync(join(entry.parentPath, entry.name))))
  expect(inFiles).toEqual([])
})
