/** What every request meets on its way in and every answer on its way out. */
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type HttpHouse, openHttpHouse } from '../testing/http-house.ts'

let house: HttpHouse
let authorization: string
beforeAll(async () => {
  house = await openHttpHouse()
  authorization = `Bearer ${await house.token(house.operator.apiKey)}`
})
afterAll(() => house.close())

const uuid = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/

function create(payload: string | Buffer | undefined, headers: Record<string, string> = {}) {
  return house.app.inject({
    method: 'POST',
    url: '/api/v2/keys',
    headers: { authorization, 'bluemix-instance': house.operator.instance, ...headers },
    ...(payload === undefined ? {} : { payload }),
  })
}

test('a correlation id of the caller comes back and stands in the event', async () => {
  const answer = await create('{}', { 'correlation-id': 'order-66/äbc'.replace('ä', 'a') })
  expect(answer.headers['correlation-id']).toBe('order-66/abc')
  expect(house.lastEvent().correlationId).toBe('order-66/abc')
})

test.each([
  ['absent', undefined],
  ['too long', 'x'.repeat(129)],
  ['with a blank', 'a b'],
  ['empty', ''],
])('a correlation id that is %s is replaced by a new UUID', async (_what, given) => {
  const answer = await create('{}', given === undefined ? {} : { 'correlation-id': given })
  expect(answer.headers['correlation-id']).toMatch(uuid)
  expect(house.lastEvent().correlationId).toBe(answer.headers['correlation-id'])
})

test.each(['/api/v2/keys', '/nowhere', '/identity/keys', '/v1/session'])(
  '%s carries the security headers',
  async (url) => {
    const { headers } = await house.app.inject({ url })
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      'cross-origin-resource-policy': 'same-origin',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    })
  },
)

test('an answer names its event', async () => {
  const answer = await create('{}')
  expect(answer.headers['keywitness-event-id']).toBe(house.lastEvent().id)
})

test.each([
  'application/json',
  'application/vnd.ibm.kms.key+json',
  'text/plain',
  'application/x-www-form-urlencoded',
  'nonsense',
])('a body is read as JSON whatever its content type: %s', async (type) => {
  const answer = await create('{"a":1}', { 'content-type': type })
  expect([answer.statusCode, answer.json()]).toMatchObject([201, { got: { a: 1 } }])
})

test.each([
  ['nothing at all', undefined, {}],
  ['no bytes with a JSON content type', '', { 'content-type': 'application/json', 'content-length': '0' }],
  ['the four bytes null', 'null', { 'content-type': 'application/json' }],
  ['white space', ' \n', {}],
])('%s is no body', async (_what, payload, headers) => {
  const answer = await create(payload, headers)
  expect([answer.statusCode, answer.json()]).toMatchObject([201, { got: null }])
})

test('a gzip body is inflated', async () => {
  const answer = await create(gzipSync('{"a":"b"}'), { 'content-encoding': 'gzip' })
  expect(answer.json()).toMatchObject({ got: { a: 'b' } })
})

test.each([
  [
    'a gzip bomb',
    () => gzipSync(Buffer.alloc(64 * 1024 * 1024)),
    { 'content-encoding': 'gzip' },
    413,
    'BODY_TOO_LARGE',
  ],
  ['broken gzip', () => Buffer.from('{}'), { 'content-encoding': 'gzip' }, 400, 'BAD_BODY_ERR'],
  ['another encoding', () => Buffer.from('{}'), { 'content-encoding': 'br' }, 400, 'BAD_BODY_ERR'],
  ['more than a megabyte', () => Buffer.alloc(1024 * 1024 + 1, 32), {}, 413, 'BODY_TOO_LARGE'],
  ['text that is no JSON', () => Buffer.from('{"a":'), {}, 400, 'BAD_BODY_ERR'],
  ['bytes that are no UTF-8', () => Buffer.from([0x22, 0xff, 0x22]), {}, 400, 'BAD_BODY_ERR'],
  ['half a surrogate pair', () => Buffer.from('{"a":"\\ud800"}'), {}, 400, 'BAD_BODY_ERR'],
  ['a deep body', () => Buffer.from('['.repeat(200_000) + ']'.repeat(200_000)), {}, 400, 'BAD_BODY_ERR'],
  ['too many values', () => Buffer.from(`[${'0,'.repeat(100_000)}0]`), {}, 400, 'BAD_BODY_ERR'],
  ['a way to the prototype', () => Buffer.from('{"a":{"__proto__":{"admin":true}}}'), {}, 400, 'BAD_BODY_ERR'],
  ['a constructor', () => Buffer.from('{"constructor":{"prototype":{"x":1}}}'), {}, 400, 'BAD_BODY_ERR'],
])('%s is refused in the form of Key Protect, with its event', async (_what, payload, headers, status, code) => {
  house.news()
  const answer = await create(payload(), headers)
  expect(answer.statusCode).toBe(status)
  expect(answer.headers['keywitness-reason']).toBe(code)
  expect(answer.json()).toMatchObject({
    metadata: { collectionType: 'application/vnd.ibm.kms.error+json', collectionTotal: 1 },
    resources: [{ errorMsg: expect.stringContaining(`(${code})`), reasons: [{ code, status }] }],
  })
  const events = house.news()
  expect(events).toHaveLength(1)
  expect(events[0]).toMatchObject({
    id: answer.headers['keywitness-event-id'],
    action: 'hs-crypto.secrets.create',
    outcome: 'failure',
    reason: { reasonCode: status },
  })
})

test('after a body that was not read to its end the connection closes', async () => {
  const answer = await create(Buffer.alloc(1024 * 1024 + 1, 32))
  expect(answer.headers['connection']).toBe('close')
})

test('a 401 in the form of Key Protect says in a header whether the caller or the right is missing', async () => {
  const headers = { 'bluemix-instance': house.other.instance }
  const withoutRight = await house.as(house.operator.apiKey, { method: 'GET', url: '/api/v2/keys', headers })
  const unknown = await house.app.inject({ method: 'GET', url: '/api/v2/keys', headers })
  for (const [answer, code] of [
    [withoutRight, 'UNAUTHORIZED_ERR'],
    [unknown, 'UNAUTHENTICATED'],
  ] as const) {
    expect([answer.statusCode, answer.headers['keywitness-reason']]).toEqual([401, code])
    expect(answer.body).not.toContain('reasons')
  }
  const withoutInstance = await house.as(house.operator.apiKey, { method: 'GET', url: '/api/v2/keys' })
  expect(withoutInstance.headers['keywitness-reason']).toBe('INSTANCE_REQUIRED')
  expect((await house.as(house.operator.apiKey, { method: 'GET', url: '/v1/nothing' })).headers).not.toHaveProperty(
    'keywitness-reason',
  )
})

test('a failed authentication outranks a malformed body', async () => {
  const answer = await create('{"a":', { authorization: 'Bearer nothing' })
  expect(answer.statusCode).toBe(401)
  expect(house.lastEvent()).toMatchObject({ severity: 'critical', reason: { reasonCode: 401 } })
})

test('a missing permission outranks a malformed body', async () => {
  const made = await house.as(house.operator.apiKey, {
    method: 'POST',
    url: '/v1/iam/service-ids',
    payload: { name: 'nobody' },
  })
  const key = await house.as(house.operator.apiKey, {
    method: 'POST',
    url: '/v1/iam/api-keys',
    payload: { identity: made.json<{ id: string }>().id, name: 'key' },
  })
  const token = await house.token(key.json<{ apikey: string }>().apikey)
  const answer = await create('{"a":', { authorization: `Bearer ${token}` })
  expect([answer.statusCode, answer.json()]).toEqual([
    401,
    {
      metadata: { collectionType: 'application/vnd.ibm.kms.error+json', collectionTotal: 1 },
      resources: [{ errorMsg: 'Unauthorized: The user does not have access to the specified resource' }],
    },
  ])
})

test('key ring and preference are handed to the operation', async () => {
  const answer = await create('{}', { 'x-kms-key-ring': 'ring-1', prefer: 'respond-async, return=Minimal; x=1' })
  expect(answer.json()).toMatchObject({ keyRing: 'ring-1', prefer: 'minimal' })
})

test('a path parameter is decoded once, an encoded slash stays inside it', async () => {
  const answer = await house.app.inject({
    url: '/api/v2/keys/a%252Fb%2Fc',
    headers: { authorization, 'bluemix-instance': house.operator.instance },
  })
  expect(answer.json()).toEqual({ id: 'a%2Fb/c' })
})

test('an event keeps of the query only what cannot hold a secret', async () => {
  await house.app.inject({
    url: '/api/v2/keys?limit=5&search=top-secret&state=0%2C1&unknown=1',
    headers: { authorization, 'bluemix-instance': house.operator.instance },
  })
  const uri = house.lastEvent().requestData['requestURI']
  expect(uri).toContain('limit=5')
  expect(uri).not.toContain('secret')
})

test('a request of no operation in a known family is an event of the family', async () => {
  house.news()
  const answer = await house.app.inject({
    method: 'PUT',
    url: '/api/v2/keys/x/policies',
    headers: { authorization, 'bluemix-instance': house.operator.instance },
  })
  expect(answer.statusCode).toBe(404)
  expect(house.news().map(({ action, outcome }) => [action, outcome])).toEqual([
    ['hs-crypto.policies.default', 'failure'],
  ])
})

test.each([
  ['/api/v2/nothing', 'application/json', { resources: [{ reasons: [{ code: 'NOT_FOUND' }] }] }],
  ['/identity/nothing', 'application/json', { context: { requestType: 'incoming.Identity_Token' } }],
  ['/v1/nothing', 'application/problem+json', { code: 'NOT_FOUND', status: 404 }],
])('%s is not there, in the form of its neighbours, and is no event', async (url, type, body) => {
  house.news()
  const answer = await house.app.inject({ url, headers: { authorization } })
  expect([answer.statusCode, answer.headers['content-type']]).toEqual([404, type])
  expect(answer.json()).toMatchObject(body)
  expect(house.news()).toEqual([])
})

test('a path that cannot be decoded is refused', async () => {
  const answer = await house.app.inject({ url: '/v1/iam/users/%zz', headers: { authorization } })
  expect([answer.statusCode, answer.json()]).toMatchObject([400, { code: 'MALFORMED_REQUEST' }])
  expect(answer.headers['x-content-type-options']).toBe('nosniff')
})

test('a missing instance is 400 and an event of the family in the home of the account', async () => {
  house.news()
  const answer = await house.app.inject({ url: '/api/v2/keys', headers: { authorization } })
  expect([answer.statusCode, answer.json()]).toMatchObject([
    400,
    { resources: [{ reasons: [{ code: 'INVALID_FIELD_ERR', target: { type: 'field', name: 'bluemix-instance' } }] }] },
  ])
  expect(house.news()).toMatchObject([{ action: 'hs-crypto.secrets.default', outcome: 'failure' }])
})

test('an error nobody expected is a 500 without its text, and the log has it', async () => {
  const broken = await openHttpHouse({
    extend: (app) => {
      app.get('/broken', () => {
        throw new Error('the cause with details')
      })
    },
  })
  try {
    const answer = await broken.app.inject({ url: '/broken' })
    expect([answer.statusCode, answer.json()]).toMatchObject([500, { code: 'INTERNAL' }])
    expect(answer.body).not.toContain('details')
    expect(broken.logged.join('')).toContain('the cause with details')
  } finally {
    await broken.close()
  }
})
