/** Who gets in and who does not: forged, expired, foreign and revoked credentials, and whose trail tells of it. */
import { createHmac, createPublicKey, generateKeyPairSync, sign } from 'node:crypto'
import type { ActivityEvent } from '@keywitness/cadf'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { failuresPerSource } from '../iam/flood.ts'
import { type HttpHouse, openHttpHouse } from '../testing/http-house.ts'

let house: HttpHouse
beforeEach(async () => {
  house = await openHttpHouse()
})
afterEach(() => house.close())

function list(headers: Record<string, string>, instance = house.operator.instance) {
  return house.app.inject({ url: '/api/v2/keys', headers: { 'bluemix-instance': instance, ...headers } })
}

/** Account whose trail an event is in: the scope of its log source. */
function trailOf(event: ActivityEvent | undefined): string | undefined {
  return /:a\/([0-9a-f]{32}):/.exec(event?.logSourceCRN ?? '')?.[1]
}

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')

function claimsOf(token: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>
}

function headerOf(token: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()) as Record<string, unknown>
}

test('a token of the issuer lets in', async () => {
  const token = await house.token(house.operator.apiKey)
  expect((await list({ authorization: `Bearer ${token}` })).statusCode).toBe(200)
  expect(house.lastEvent().initiator).toMatchObject({
    id: house.operator.owner,
    name: 'owner',
    typeURI: 'service/security/account/user',
    credential: { type: 'token' },
    host: { address: '127.0.0.1', addressType: 'IPv4' },
  })
})

test('the scheme may be written in any case', async () => {
  const token = await house.token(house.operator.apiKey)
  expect((await list({ authorization: `bearer ${token}` })).statusCode).toBe(200)
})

test('every forged token is refused alike, as a critical event of the operator with an unknown initiator', async () => {
  const token = await house.token(house.operator.apiKey)
  const [head = '', body = '', signature = ''] = token.split('.')
  const jwk = house.identity.keys.published()[0]
  if (jwk === undefined) throw new Error('no key')
  const pem = createPublicKey({ key: { ...jwk }, format: 'jwk' }).export({ type: 'spki', format: 'pem' })
  const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const signed = (header: object, claims: object, key = stranger.privateKey): string => {
    const text = `${part(header)}.${part(claims)}`
    return `${text}.${sign('sha256', Buffer.from(text), key).toString('base64url')}`
  }
  const claims = claimsOf(token)
  const forged: Record<string, string> = {
    'no signature': `${head}.${body}.`,
    'algorithm none': `${part({ ...headerOf(token), alg: 'none' })}.${body}.`,
    'algorithm none with the old signature': `${part({ ...headerOf(token), alg: 'none' })}.${body}.${signature}`,
    'the public key as an HMAC secret': ((): string => {
      const text = `${part({ ...headerOf(token), alg: 'HS256' })}.${body}`
      return `${text}.${createHmac('sha256', pem).update(text).digest('base64url')}`
    })(),
    'an HMAC as long as a signature': ((): string => {
      const text = `${part({ ...headerOf(token), alg: 'HS256' })}.${body}`
      return `${text}.${createHmac('sha256', pem).update(text).digest('base64url').padEnd(342, 'A')}`
    })(),
    'a stranger under our key id': signed(headerOf(token), claims),
    'a stranger under its own key id': signed({ alg: 'RS256', kid: 'A'.repeat(43) }, claims),
    'a key id that is a path': signed({ alg: 'RS256', kid: '../../etc/passwd' }, claims),
    'a key inside the header': signed(
      { ...headerOf(token), jwk: stranger.publicKey.export({ format: 'jwk' }) },
      claims,
    ),
    'another account': `${head}.${part({ ...claims, account: { bss: house.other.account } })}.${signature}`,
    'a later end': `${head}.${part({ ...claims, exp: 9_999_999_999 })}.${signature}`,
    'a changed signature': `${head}.${body}.${signature.slice(0, -4)}AAAA`,
    'a critical extension': signed({ ...headerOf(token), crit: ['exp'] }, claims),
    'claims that are no object': `${head}.${Buffer.from('[1]').toString('base64url').padEnd(40, 'A')}.${signature}`,
    'four parts': `${token}.x`,
    'one megabyte': 'x'.repeat(9_000),
    nothing: '',
  }
  expect(Object.keys(forged).length).toBeLessThanOrEqual(failuresPerSource)
  for (const [what, value] of Object.entries(forged)) {
    house.news()
    const answer = await list({ authorization: `Bearer ${value}` })
    const [event, ...more] = house.news()
    expect([what, answer.statusCode, more.length]).toEqual([what, 401, 0])
    expect(answer.json()).toEqual({
      metadata: { collectionType: 'application/vnd.ibm.kms.error+json', collectionTotal: 1 },
      resources: [{ errorMsg: 'Unauthorized: The user does not have access to the specified resource' }],
    })
    expect(event).toMatchObject({
      action: 'hs-crypto.secrets.list',
      outcome: 'failure',
      severity: 'critical',
      reason: { reasonCode: 401 },
      initiator: { id: 'unknown' },
    })
    expect(trailOf(event)).toBe(house.operator.account)
  }
})

test.each([
  ['no credentials', {}],
  ['another scheme', { authorization: 'Basic dXNlcjpwYXNz' }],
  ['a session that never was', { cookie: `keywitness_session=${'x'.repeat(43)}` }],
])('%s are refused and recorded', async (_what, headers) => {
  house.news()
  expect((await list(headers as Record<string, string>)).statusCode).toBe(401)
  expect(house.news()).toMatchObject([{ initiator: { id: 'unknown' }, reason: { reasonCode: 401 } }])
})

test('probing the instance of a tenant never reaches the trail of the tenant', async () => {
  house.news()
  await list({ authorization: 'Bearer garbage' }, house.other.instance)
  const [event] = house.news()
  expect(trailOf(event)).toBe(house.operator.account)
  expect(JSON.stringify(event)).not.toContain(house.other.account)
})

test('an expired token names its caller in the trail of the account', async () => {
  const token = await house.token(house.other.apiKey)
  house.clock.time += 3_600_000
  house.news()
  expect((await list({ authorization: `Bearer ${token}` })).statusCode).toBe(401)
  const [event] = house.news()
  expect(event).toMatchObject({ outcome: 'failure', severity: 'critical', initiator: { id: house.other.owner } })
  expect(trailOf(event)).toBe(house.other.account)
})

test('a token verified before is refused the moment it expires', async () => {
  const token = await house.token(house.operator.apiKey)
  house.clock.time += 3_599_000
  expect((await list({ authorization: `Bearer ${token}` })).statusCode).toBe(200)
  house.clock.time += 1_000
  expect((await list({ authorization: `Bearer ${token}` })).statusCode).toBe(401)
})

async function newService(): Promise<{ id: string; keyId: string; token: string; grant: string }> {
  const post = async (url: string, payload: object): Promise<Record<string, string>> =>
    (await house.as(house.operator.apiKey, { method: 'POST', url, payload })).json()
  const service = await post('/v1/iam/service-ids', { name: 'reader' })
  const key = await post('/v1/iam/api-keys', { identity: service['id'], name: 'key' })
  const scope = { kind: 'instance', id: house.operator.instance }
  const grant = await post('/v1/iam/roles', { identity: service['id'], role: 'Reader', scope })
  return {
    id: service['id'] ?? '',
    keyId: key['id'] ?? '',
    token: await house.token(key['apikey'] ?? ''),
    grant: grant['id'] ?? '',
  }
}

test.each([
  ['its API key is disabled', 'PATCH', (s: { keyId: string }) => `/v1/iam/api-keys/${s.keyId}`, { state: 'disabled' }],
  ['its API key is deleted', 'DELETE', (s: { keyId: string }) => `/v1/iam/api-keys/${s.keyId}`, undefined],
  ['its identity is disabled', 'PATCH', (s: { id: string }) => `/v1/iam/service-ids/${s.id}`, { state: 'disabled' }],
  ['its identity is deleted', 'DELETE', (s: { id: string }) => `/v1/iam/service-ids/${s.id}`, undefined],
  ['its role is taken back', 'DELETE', (s: { grant: string }) => `/v1/iam/roles/${s.grant}`, undefined],
] as const)('a token is refused with the very next request once %s', async (_what, method, url, payload) => {
  const service = await newService()
  const authorization = `Bearer ${service.token}`
  expect((await list({ authorization })).statusCode).toBe(200)
  const changed = await house.as(house.operator.apiKey, {
    method,
    url: url(service),
    ...(payload === undefined ? {} : { payload }),
  })
  expect(changed.statusCode).toBeLessThan(300)
  expect((await list({ authorization })).statusCode).toBe(401)
})

test('a token still opens after a restart, and is worth nothing to another server', async () => {
  const token = await house.token(house.operator.apiKey)
  const stranger = await openHttpHouse()
  try {
    const answer = await stranger.app.inject({
      url: '/api/v2/keys',
      headers: { authorization: `Bearer ${token}`, 'bluemix-instance': stranger.operator.instance },
    })
    expect(answer.statusCode).toBe(401)
  } finally {
    await stranger.close()
  }
})

test('a private listener tells no address, a public one does', async () => {
  const secret = await openHttpHouse({ listener: { isPrivate: true } })
  try {
    const token = await secret.token(secret.operator.apiKey)
    await secret.app.inject({ url: '/api/v2/keys', headers: { authorization: `Bearer ${token}` } })
    expect(secret.lastEvent().initiator.host.address).toBeUndefined()
    await secret.app.inject({ url: '/api/v2/keys' })
    expect(secret.lastEvent().initiator.host.address).toBeUndefined()
  } finally {
    await secret.close()
  }
})

test('X-Forwarded-For counts from a trusted proxy only', async () => {
  const forwarded = { 'x-forwarded-for': '203.0.113.7' }
  await list(forwarded)
  expect(house.lastEvent().initiator.host.address).toBe('127.0.0.1')
  const behind = await openHttpHouse({ listener: { trustedProxies: ['127.0.0.1'] } })
  try {
    await behind.app.inject({ url: '/api/v2/keys', headers: { 'x-forwarded-for': '198.51.100.1, 203.0.113.7' } })
    expect(behind.lastEvent().initiator.host.address).toBe('203.0.113.7')
    await behind.app.inject({
      url: '/api/v2/keys',
      headers: { 'x-forwarded-for': '203.0.113.7' },
      remoteAddress: '192.0.2.1',
    })
    expect(behind.lastEvent().initiator.host.address).toBe('192.0.2.1')
  } finally {
    await behind.close()
  }
})

test('a flood from one source adds twenty events, and an honest caller beside it is served', async () => {
  const token = await house.token(house.operator.apiKey)
  house.news()
  for (let attempt = 0; attempt < 300; attempt++) {
    const answer = await list({ authorization: `Bearer ${attempt}` })
    expect(answer.statusCode).toBe(401)
    expect(answer.headers['keywitness-event-id'] !== undefined).toBe(attempt < failuresPerSource)
  }
  expect(house.news()).toHaveLength(failuresPerSource)
  expect((await list({ authorization: `Bearer ${token}` })).statusCode).toBe(200)
})
