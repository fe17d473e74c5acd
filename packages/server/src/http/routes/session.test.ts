/** The console session: one-time links, cookies, fixation, requests from other sites, and what ends it. */
import type { InjectOptions, LightMyRequestResponse } from 'fastify'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { newSignInLink } from '../../iam/bootstrap.ts'
import { sessionLifetimeMs, sessionsMax, signInLinkLifetimeMs } from '../../iam/sessions.ts'
import { type HttpHouse, openHttpHouse, tellingOf } from '../../testing/http-house.ts'

let house: HttpHouse
beforeEach(async () => {
  house = await openHttpHouse()
})
afterEach(() => house.close())

function signIn(payload: object, headers: Record<string, string> = {}): Promise<LightMyRequestResponse> {
  return house.app.inject({ method: 'POST', url: '/v1/session', payload, headers })
}

function newLink(): string {
  const { token, change } = newSignInLink(
    { random: (count) => crypto.getRandomValues(new Uint8Array(count)), clock: { now: () => house.clock.time } },
    { id: house.operator.owner },
  )
  house.store.run(change.sql, change.params)
  return token
}

function cookieOf(answer: LightMyRequestResponse): string {
  return String(answer.headers['set-cookie']).split(';')[0] ?? ''
}

const console = { 'x-keywitness-console': '1', origin: 'http://localhost:80', 'sec-fetch-site': 'same-origin' }

function request(cookie: string, options: InjectOptions): Promise<LightMyRequestResponse> {
  return house.app.inject({ ...options, headers: { host: 'localhost:80', cookie, ...options.headers } })
}

test('an API key signs in: the cookie is out of reach of scripts and other sites', async () => {
  const answer = await signIn({ apikey: house.operator.apiKey })
  expect(answer.statusCode).toBe(200)
  expect(answer.json()).toEqual({
    identity: { id: house.operator.owner, name: 'owner', kind: 'user' },
    account: house.operator.account,
    expiresAt: new Date(house.clock.time + sessionLifetimeMs).toISOString(),
    rights: [{ scope: { kind: 'account' }, roles: ['Administrator', 'Manager'], can: expect.any(Array) }],
  })
  expect(answer.headers['set-cookie']).toMatch(
    /^keywitness_session=[\w-]{43}; Max-Age=43200; Path=\/; HttpOnly; SameSite=Strict$/,
  )
  expect(house.lastEvent()).toMatchObject({
    action: 'iam-identity.session.create',
    outcome: 'success',
    requestData: { method: 'apikey' },
    initiator: { id: house.operator.owner, credential: { type: 'apikey' } },
  })
})

test('over TLS the cookie never travels in clear', async () => {
  const proxied = await openHttpHouse({ listener: { trustedProxies: ['127.0.0.1'] } })
  try {
    const answer = await proxied.app.inject({
      method: 'POST',
      url: '/v1/session',
      payload: { apikey: proxied.operator.apiKey },
      headers: { 'x-forwarded-proto': 'https' },
    })
    expect(answer.headers['set-cookie']).toContain('; Secure')
  } finally {
    await proxied.close()
  }
})

test('a sign-in link opens one session, once', async () => {
  const link = newLink()
  expect((await signIn({ link })).statusCode).toBe(200)
  const again = await signIn({ link })
  expect([again.statusCode, again.json()]).toMatchObject([401, { code: 'SIGN_IN_REFUSED' }])
  expect(house.lastEvent()).toMatchObject({ action: 'iam-identity.session.create', severity: 'critical' })
})

test('two that use the same link at once get one session between them', async () => {
  const link = newLink()
  const answers = await Promise.all([signIn({ link }), signIn({ link }), signIn({ link })])
  expect(answers.map(({ statusCode }) => statusCode).toSorted((a, b) => a - b)).toEqual([200, 401, 401])
})

test('a sign-in link ends after fifteen minutes', async () => {
  const link = newLink()
  house.clock.time += signInLinkLifetimeMs
  expect((await signIn({ link })).statusCode).toBe(401)
})

test.each([
  ['an unknown link', { link: 'x'.repeat(43) }, 401],
  ['an unknown API key', { apikey: 'x'.repeat(44) }, 401],
  ['both', { link: 'x'.repeat(43), apikey: 'x'.repeat(44) }, 400],
  ['neither', {}, 400],
  ['something else', { password: 'x' }, 400],
  ['no string', { apikey: { $ne: '' } }, 400],
])('%s does not sign in and is recorded', async (_what, payload, status) => {
  house.news()
  expect((await signIn(payload)).statusCode).toBe(status)
  expect(house.news().map(tellingOf)).toEqual([
    { action: 'iam-identity.session.create', outcome: 'failure', code: status, initiator: 'unknown' },
  ])
})

test('a cookie planted before signing in is worth nothing after it', async () => {
  const planted = `keywitness_session=${'p'.repeat(43)}`
  const answer = await signIn({ apikey: house.operator.apiKey }, { cookie: planted })
  expect(cookieOf(answer)).not.toBe(planted)
  expect((await request(planted, { url: '/v1/session' })).statusCode).toBe(401)
})

test('signing in again ends the session the browser had', async () => {
  const first = cookieOf(await signIn({ apikey: house.operator.apiKey }))
  const second = cookieOf(await signIn({ apikey: house.operator.apiKey }, { cookie: first }))
  expect((await request(first, { url: '/v1/session' })).statusCode).toBe(401)
  expect((await request(second, { url: '/v1/session' })).statusCode).toBe(200)
})

test('the session tells the rights in force of who asks, and of nobody else, without an event', async () => {
  const { apiKey } = house.operator
  const made = await house.as(apiKey, { method: 'POST', url: '/v1/iam/users', payload: { name: 'Ana' } })
  const { id } = made.json<{ id: string }>()
  const keyed = await house.as(apiKey, {
    method: 'POST',
    url: '/v1/iam/api-keys',
    payload: { identity: id, name: 'console' },
  })
  const cookie = cookieOf(await signIn({ apikey: keyed.json<{ apikey: string }>().apikey }))
  const rights = async () => (await request(cookie, { url: '/v1/session' })).json<{ rights: unknown }>().rights
  expect(await rights()).toEqual([])
  const grant = (role: string, scope: object) =>
    house.as(apiKey, { method: 'POST', url: '/v1/iam/roles', payload: { identity: id, role, scope } })
  await grant('Officer', { kind: 'tracker', id: 'us-south' })
  const onRing = { kind: 'instance', id: house.operator.instance, keyRing: 'payments' }
  const granted = await grant('KeyPurge', onRing)
  house.news()
  const officer = {
    scope: { kind: 'tracker', id: 'us-south' },
    roles: ['Officer'],
    can: ['trail.read', 'trail.watch'],
  }
  expect(await rights()).toEqual([
    { scope: onRing, roles: ['KeyPurge'], can: ['instance.read', 'keys.purge'] },
    officer,
  ])
  expect(house.news()).toEqual([])
  await house.as(apiKey, { method: 'DELETE', url: `/v1/iam/roles/${granted.json<{ id: string }>().id}` })
  expect(await rights()).toEqual([officer])
})

test('a session reads without further headers and shows itself as the credential of a user', async () => {
  const cookie = cookieOf(await signIn({ apikey: house.operator.apiKey }))
  expect((await request(cookie, { url: '/v1/iam/users' })).statusCode).toBe(200)
  expect(house.lastEvent().initiator).toMatchObject({ id: house.operator.owner, credential: { type: 'user' } })
})

test('a session changes things from the console', async () => {
  const cookie = cookieOf(await signIn({ apikey: house.operator.apiKey }))
  const payload = { name: 'new service' }
  const answer = await request(cookie, { method: 'POST', url: '/v1/iam/service-ids', payload, headers: console })
  expect(answer.statusCode).toBe(201)
})

test.each([
  ['without the header of the console', { origin: 'http://localhost:80' }],
  ['with another value in it', { ...console, 'x-keywitness-console': '0' }],
  ['without saying where it comes from', { 'x-keywitness-console': '1' }],
  ['from another origin', { ...console, origin: 'http://evil.example' }],
  ['from another port', { ...console, origin: 'http://localhost:81' }],
  ['from another scheme', { ...console, origin: 'https://localhost:80' }],
  ['from a sandboxed frame', { ...console, origin: 'null' }],
  ['from another site', { ...console, 'sec-fetch-site': 'cross-site' }],
  ['from a sibling site', { ...console, 'sec-fetch-site': 'same-site' }],
])('a change with the cookie %s is refused and recorded', async (_what, headers) => {
  const cookie = cookieOf(await signIn({ apikey: house.operator.apiKey }))
  house.news()
  const payload = { name: 'stolen' }
  const answer = await request(cookie, { method: 'POST', url: '/v1/iam/service-ids', payload, headers })
  expect([answer.statusCode, answer.json()]).toMatchObject([403, { code: 'CROSS_SITE_REFUSED' }])
  expect(house.news()).toMatchObject([
    { action: 'iam-identity.serviceid.create', outcome: 'failure', severity: 'critical', reason: { reasonCode: 403 } },
  ])
})

test('a page of another origin neither reads with the cookie nor signs anybody in', async () => {
  const cookie = cookieOf(await signIn({ apikey: house.operator.apiKey }))
  const foreign = { origin: 'http://evil.example', 'sec-fetch-site': 'cross-site' }
  expect((await request(cookie, { url: '/v1/iam/users', headers: foreign })).statusCode).toBe(403)
  expect((await signIn({ apikey: house.operator.apiKey }, foreign)).statusCode).toBe(403)
})

test('a bearer token needs no header of the console', async () => {
  const answer = await house.as(house.operator.apiKey, {
    method: 'POST',
    url: '/v1/iam/service-ids',
    payload: { name: 'by token' },
  })
  expect(answer.statusCode).toBe(201)
})

test('a session ends after twelve hours, and its cookie is taken back without an event', async () => {
  const cookie = cookieOf(await signIn({ apikey: house.operator.apiKey }))
  house.clock.time += sessionLifetimeMs
  house.news()
  const answer = await request(cookie, { url: '/v1/session' })
  expect(answer.statusCode).toBe(401)
  expect(answer.headers['set-cookie']).toContain('Max-Age=0')
  expect(house.news()).toEqual([])
})

test('a console that never signed in learns so without an event', async () => {
  house.news()
  expect((await house.app.inject({ url: '/v1/session' })).statusCode).toBe(401)
  expect(house.news()).toEqual([])
})

test('guessing a session is a failed authentication', async () => {
  house.news()
  expect((await request(`keywitness_session=${'g'.repeat(43)}`, { url: '/v1/session' })).statusCode).toBe(401)
  expect(house.news()).toMatchObject([{ action: 'iam-identity.session.create', initiator: { id: 'unknown' } }])
})

test('signing out ends the session', async () => {
  const cookie = cookieOf(await signIn({ apikey: house.operator.apiKey }))
  const out = await request(cookie, { method: 'DELETE', url: '/v1/session', headers: console })
  expect([out.statusCode, out.headers['set-cookie']]).toEqual([204, expect.stringContaining('Max-Age=0')])
  expect(house.lastEvent()).toMatchObject({ action: 'iam-identity.session.delete', outcome: 'success' })
  expect((await request(cookie, { url: '/v1/session' })).statusCode).toBe(401)
})

test('a bearer token has no session to end', async () => {
  expect((await house.as(house.operator.apiKey, { method: 'DELETE', url: '/v1/session' })).statusCode).toBe(404)
})

test('a session ends at once with the API key that opened it', async () => {
  const cookie = cookieOf(await signIn({ apikey: house.operator.apiKey }))
  const { apiKeys } = (await house.as(house.operator.apiKey, { url: '/v1/iam/api-keys' })).json<{
    apiKeys: { id: string }[]
  }>()
  const disabled = await house.as(house.operator.apiKey, {
    method: 'PATCH',
    url: `/v1/iam/api-keys/${apiKeys[0]?.id}`,
    payload: { state: 'disabled' },
  })
  expect(disabled.statusCode).toBe(200)
  expect((await request(cookie, { url: '/v1/session' })).statusCode).toBe(401)
  expect((await request(cookie, { url: '/v1/iam/users' })).statusCode).toBe(401)
})

test('a disabled API key is told in the trail of its account', async () => {
  const key = house.identity.apiKeys.present(house.other.apiKey)
  house.store.run("UPDATE api_keys SET state = 'disabled' WHERE id = ?", [key?.id ?? ''])
  house.news()
  expect((await signIn({ apikey: house.other.apiKey })).statusCode).toBe(401)
  expect(house.news()).toMatchObject([{ initiator: { id: house.other.owner }, outcome: 'failure' }])
})

test('an identity keeps a bounded number of sessions, the newest', async () => {
  const cookies: string[] = []
  for (let count = 0; count < sessionsMax + 2; count++) {
    house.clock.time += 1_000
    cookies.push(cookieOf(await signIn({ apikey: house.operator.apiKey })))
  }
  const status = async (at: number) => (await request(cookies.at(at) ?? '', { url: '/v1/session' })).statusCode
  expect([await status(0), await status(1), await status(2), await status(-1)]).toEqual([401, 401, 200, 200])
})

test('neither link nor API key nor cookie stands in the store, an event or the log', async () => {
  const link = newLink()
  const cookie = cookieOf(await signIn({ link })).split('=')[1] ?? ''
  await signIn({ apikey: house.operator.apiKey })
  const tables = ['sessions', 'sign_in_links', 'api_keys', 'outbox']
  const stored = tables.flatMap((table) => house.store.all<Record<string, unknown>>(`SELECT * FROM ${table}`))
  const text = [
    ...stored.flatMap((row) =>
      Object.values(row).map((v) => (v instanceof Uint8Array ? Buffer.from(v).toString('latin1') : String(v))),
    ),
    ...house.logged,
  ].join('\n')
  for (const secret of [link, cookie, house.operator.apiKey]) expect(text.includes(secret)).toBe(false)
})

test('two that sign in at once over the same old session both get one of their own', async () => {
  const old = cookieOf(await signIn({ apikey: house.operator.apiKey }))
  const answers = await Promise.all([1, 2, 3].map(() => signIn({ apikey: house.operator.apiKey }, { cookie: old })))
  expect(answers.map(({ statusCode }) => statusCode)).toEqual([200, 200, 200])
  expect(new Set(answers.map(cookieOf)).size).toBe(3)
  expect((await request(old, { url: '/v1/session' })).statusCode).toBe(401)
})

test('links nobody used are forgotten once they are over', async () => {
  newLink()
  newLink()
  house.clock.time += signInLinkLifetimeMs + 1
  await signIn({ link: newLink() })
  expect(house.store.get('SELECT count(*) AS count FROM sign_in_links')).toEqual({ count: 0 })
})
