/** The token issuer: IAM's form of answer and of error, and what its keys publish. */
import type { LightMyRequestResponse } from 'fastify'
import { createLocalJWKSet, jwtVerify } from 'jose'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type HttpHouse, openHttpHouse, tellingOf, tokenForm } from '../../testing/http-house.ts'

let house: HttpHouse
beforeAll(async () => {
  house = await openHttpHouse()
})
afterAll(() => house.close())
beforeEach(() => {
  // Another minute: failures of one test are no flood to the next.
  house.clock.elapsed += 60_000
  house.identity.flood.ended()
  house.news()
})

function ask(fields: Record<string, string> | string, headers: Record<string, string> = {}, url = '/identity/token') {
  return house.app.inject({
    method: 'POST',
    url,
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    payload: typeof fields === 'string' ? fields : new URLSearchParams(fields).toString(),
  })
}

const grant = 'urn:ibm:params:oauth:grant-type:apikey'

test.each(['/identity/token', '/oidc/token'])('%s answers in the form of IAM', async (url) => {
  const answer = await house.app.inject({ method: 'POST', url, ...tokenForm(house.operator.apiKey) })
  expect(answer.statusCode).toBe(200)
  expect(answer.headers['cache-control']).toBe('no-store')
  const iat = house.clock.time / 1_000
  expect(answer.json()).toEqual({
    access_token: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
    refresh_token: 'not_supported',
    token_type: 'Bearer',
    expires_in: 3_600,
    expiration: iat + 3_600,
    scope: 'ibm openid',
  })
})

test('the token carries the claims of IAM and verifies with the published keys', async () => {
  const token = await house.token(house.operator.apiKey)
  const jwks = (await house.app.inject({ url: '/identity/keys' })).json<Parameters<typeof createLocalJWKSet>[0]>()
  const { payload, protectedHeader } = await jwtVerify(token, createLocalJWKSet(jwks), {
    issuer: house.issuer,
    algorithms: ['RS256'],
    currentDate: new Date(house.clock.time),
  })
  expect(protectedHeader).toEqual({ alg: 'RS256', kid: jwks.keys[0]?.kid })
  expect(payload).toMatchObject({
    iam_id: house.operator.owner,
    id: house.operator.owner,
    realmid: 'KWid',
    account: { bss: house.operator.account },
    name: 'owner',
    grant_type: grant,
    scope: 'ibm openid',
    iat: house.clock.time / 1_000,
    exp: house.clock.time / 1_000 + 3_600,
  })
})

test('the token of a service ID says that it is one', async () => {
  const post = async (url: string, payload: object) =>
    (await house.as(house.operator.apiKey, { method: 'POST', url, payload })).json<Record<string, string>>()
  const service = await post('/v1/iam/service-ids', { name: 'billing' })
  const key = await post('/v1/iam/api-keys', { identity: service['id'], name: 'key' })
  const token = await house.token(key['apikey'] ?? '')
  const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as object
  const bare = service['id']?.replace('iam-', '')
  expect(claims).toMatchObject({ iam_id: service['id'], sub: bare, sub_type: 'ServiceId', realmid: 'iam' })
})

test('a sign-in is an event of the account, named after the API key', async () => {
  await ask({ apikey: house.other.apiKey, grant_type: grant })
  expect(house.lastEvent()).toMatchObject({
    action: 'iam-identity.apikey.login',
    outcome: 'success',
    initiator: { id: house.other.owner, credential: { type: 'apikey' } },
    target: { name: 'first key', id: expect.stringContaining(`a/${house.other.account}::apikey:ApiKey-`) },
    requestData: { grantType: 'apikey', requestURI: '/identity/token' },
  })
})

test('basic credentials and unknown form fields are ignored', async () => {
  const fields = { apikey: house.operator.apiKey, grant_type: grant, scope: 'x', whatever: 'y' }
  expect((await ask(fields, { authorization: 'Basic Yng6Yng=' })).statusCode).toBe(200)
})

test.each([
  ['no grant type', { apikey: 'x'.repeat(44) }, 'BXNIM0109E', 'Property missing or empty.'],
  [
    'another grant type',
    { apikey: 'x'.repeat(44), grant_type: 'password' },
    'BXNIM0109E',
    'Property missing or empty.',
  ],
  ['no API key', { grant_type: grant }, 'BXNIM0109E', 'Property missing or empty.'],
  ['an empty API key', { grant_type: grant, apikey: '' }, 'BXNIM0109E', 'Property missing or empty.'],
  [
    'an unknown API key',
    { grant_type: grant, apikey: 'x'.repeat(44) },
    'BXNIM0415E',
    'Provided API key could not be found.',
  ],
  ['half an API key', { grant_type: grant, apikey: 'x' }, 'BXNIM0415E', 'Provided API key could not be found.'],
  ['no form', 'not a form', 'BXNIM0109E', 'Property missing or empty.'],
])('%s is refused as IAM refuses it, as a critical event', async (_what, fields, errorCode, errorMessage) => {
  const answer = await ask(fields, { 'correlation-id': 'ask-1' })
  expect(answer.statusCode).toBe(400)
  expect(answer.json()).toMatchObject({
    errorCode,
    errorMessage,
    context: { requestId: 'ask-1', requestType: 'incoming.Identity_Token', url: '/identity/token' },
  })
  const events = house.news()
  expect(events.map(tellingOf)).toEqual([
    { action: 'iam-identity.apikey.login', outcome: 'failure', code: 400, initiator: 'unknown' },
  ])
  expect(events[0]?.severity).toBe('critical')
})

test('a form of more than a megabyte is refused', async () => {
  expect((await ask(`apikey=${'x'.repeat(1024 * 1024)}`)).statusCode).toBe(413)
})

test('a disabled API key gets the answer of an unknown one, and its account learns who tried', async () => {
  const unknown = await ask({ grant_type: grant, apikey: 'y'.repeat(44) }, { 'correlation-id': 'same' })
  const key = house.identity.apiKeys.present(house.other.apiKey)
  house.store.run("UPDATE api_keys SET state = 'disabled' WHERE id = ?", [key?.id ?? ''])
  house.news()
  const answer = await ask({ grant_type: grant, apikey: house.other.apiKey }, { 'correlation-id': 'same' })
  expect([answer.statusCode, answer.json()]).toEqual([unknown.statusCode, unknown.json()])
  expect(house.news()).toMatchObject([
    {
      outcome: 'failure',
      initiator: { id: house.other.owner },
      target: { id: expect.stringContaining(key?.id ?? '?') },
    },
  ])
})

test('the form may stand in the query of a request without a body, as clients of GREP11 send it', async () => {
  const inQuery = (apikey: string): Promise<LightMyRequestResponse> =>
    house.app.inject({
      method: 'POST',
      url: `/identity/token?${new URLSearchParams({ grant_type: grant, apikey })}`,
      headers: { accept: 'application/json' },
    })
  const answer = await inQuery(house.operator.apiKey)
  expect(answer.json()).toMatchObject({
    access_token: expect.any(String),
    expiration: house.clock.time / 1_000 + 3_600,
    expires_in: 3_600,
  })
  const succeeded = house.lastEvent()
  expect(succeeded).toMatchObject({ outcome: 'success', requestData: { requestURI: '/identity/token' } })
  const unknown = await inQuery('PLANTED-unknown-api-key-that-must-not-show-up-44')
  expect(unknown.json()).toMatchObject({ errorCode: 'BXNIM0415E', errorMessage: expect.any(String) })
  const bodyWins = await house.app.inject({
    method: 'POST',
    url: `/identity/token?${new URLSearchParams({ grant_type: grant, apikey: house.operator.apiKey })}`,
    ...tokenForm('PLANTED-another-unknown-api-key-that-must-not-44'),
  })
  expect(bodyWins.statusCode).toBe(400)
  const everything = [unknown.body, bodyWins.body, JSON.stringify(house.events()), ...house.logged].join('\n')
  for (const secret of ['PLANTED', house.operator.apiKey, 'apikey=']) expect(everything).not.toContain(secret)
})

test('an API key is nowhere: not in an answer, an event, the log', async () => {
  const secret = 'PLANTED-api-key-that-must-not-show-up-anywhere-1'
  const answer = await ask({ grant_type: grant, apikey: secret })
  await ask({ grant_type: secret, apikey: secret })
  await house.app.inject({ method: 'POST', url: `/identity/token?apikey=${secret}` })
  const everything = [answer.body, JSON.stringify(house.events()), ...house.logged].join('\n')
  expect(everything).not.toContain(secret)
  expect(everything).not.toContain(house.operator.apiKey)
})
