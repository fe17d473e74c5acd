/** Users, service IDs, API keys, roles, accounts and instances over HTTP, each change with its event. */
import type { LightMyRequestResponse } from 'fastify'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type HttpHouse, openHttpHouse } from '../../testing/http-house.ts'

let house: HttpHouse
beforeEach(async () => {
  house = await openHttpHouse()
})
afterEach(() => house.close())

type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE'

function call(method: Method, url: string, payload?: unknown, apiKey?: string): Promise<LightMyRequestResponse> {
  const body = payload === undefined ? {} : { payload: JSON.stringify(payload) }
  return house.as(apiKey ?? house.operator.apiKey, { method, url, ...body })
}

async function made(url: string, payload: unknown): Promise<Record<string, string>> {
  const answer = await call('POST', url, payload)
  expect([answer.statusCode, answer.body]).toEqual([201, expect.any(String)])
  return answer.json<Record<string, string>>()
}

const last = () => house.lastEvent()

test.each([
  ['users', '/v1/iam/users', 'user', { name: 'Ana', email: 'ana@example.org' }],
  ['serviceIds', '/v1/iam/service-ids', 'serviceid', { name: 'billing', description: 'pays' }],
])('%s are created, read, listed, disabled and deleted, with events', async (list, url, object, wish) => {
  const { id = '' } = await made(url, wish)
  expect(last()).toMatchObject({
    action: `iam-identity.${object}.create`,
    outcome: 'success',
    target: { name: wish.name },
    reason: { reasonCode: 201 },
  })
  const read = await call('GET', `${url}/${id}`)
  expect(read.json()).toMatchObject({ id, ...wish, state: 'active', createdBy: house.operator.owner })
  expect(last()).toMatchObject({ action: `iam-identity.${object}.read`, target: { name: wish.name } })

  const listed = (await call('GET', url)).json<Record<string, { id: string }[]>>()
  expect(listed[list]?.map((item) => item.id)).toContain(id)
  expect(last()).toMatchObject({
    action: `iam-identity.${object}.list`,
    responseData: { totalResources: listed[list]?.length },
  })

  const disabled = await call('PATCH', `${url}/${id}`, { state: 'disabled' })
  expect([disabled.statusCode, disabled.json()]).toMatchObject([200, { state: 'disabled' }])
  expect(last()).toMatchObject({
    action: `iam-identity.${object}.update`,
    requestData: { initialValue: { state: 'active' }, newValue: { state: 'disabled' } },
  })

  expect((await call('DELETE', `${url}/${id}`)).statusCode).toBe(204)
  expect(last()).toMatchObject({ action: `iam-identity.${object}.delete`, target: { name: wish.name } })
  expect((await call('GET', `${url}/${id}`)).statusCode).toBe(404)
  expect(last()).toMatchObject({ action: `iam-identity.${object}.read`, outcome: 'failure' })
})

test('a user is no service ID and the other way round', async () => {
  const user = await made('/v1/iam/users', { name: 'Ana' })
  const service = await made('/v1/iam/service-ids', { name: 'billing' })
  expect((await call('GET', `/v1/iam/service-ids/${user['id']}`)).statusCode).toBe(404)
  expect((await call('DELETE', `/v1/iam/users/${service['id']}`)).statusCode).toBe(404)
})

test('an API key is shown once, works, is listed without its secret, disabled and deleted', async () => {
  const service = await made('/v1/iam/service-ids', { name: 'billing' })
  const key = await made('/v1/iam/api-keys', { identity: service['id'], name: 'night job' })
  expect(key['apikey']).toMatch(/^[\w-]{44}$/)
  expect(last()).toMatchObject({
    action: 'iam-identity.apikey.create',
    target: { name: 'night job' },
    requestData: { identityId: service['id'] },
    responseData: { apikeyId: key['id'] },
  })
  for (const url of [
    '/v1/iam/api-keys',
    `/v1/iam/api-keys?identity=${service['id']}`,
    `/v1/iam/api-keys/${key['id']}`,
  ]) {
    const answer = await call('GET', url)
    expect(answer.statusCode).toBe(200)
    expect(answer.body).toContain(key['id'])
    expect(answer.body).not.toContain(key['apikey'])
  }
  expect(await house.token(key['apikey'] ?? '')).toEqual(expect.any(String))
  await call('PATCH', `/v1/iam/api-keys/${key['id']}`, { state: 'disabled' })
  expect(last()).toMatchObject({
    action: 'iam-identity.apikey.update',
    requestData: { initialValue: { state: 'active' }, newValue: { state: 'disabled' } },
  })
  expect(await house.token(key['apikey'] ?? '')).toBeUndefined()
  await call('PATCH', `/v1/iam/api-keys/${key['id']}`, { state: 'active' })
  expect(await house.token(key['apikey'] ?? '')).toEqual(expect.any(String))
  expect((await call('DELETE', `/v1/iam/api-keys/${key['id']}`)).statusCode).toBe(204)
  expect(await house.token(key['apikey'] ?? '')).toBeUndefined()
})

test('a role is granted once, listed and revoked, and the event says which, whose and where', async () => {
  const service = await made('/v1/iam/service-ids', { name: 'billing' })
  const wish = {
    identity: service['id'],
    role: 'Writer',
    scope: { kind: 'instance', id: house.operator.instance, keyRing: 'payments' },
  }
  const grant = await made('/v1/iam/roles', wish)
  const told = {
    role: 'Writer',
    identityId: service['id'],
    scope: `instance/${house.operator.instance}/payments`,
  }
  expect(last()).toMatchObject({ action: 'iam-access.role.grant', requestData: told, target: { name: 'billing' } })
  const again = await call('POST', '/v1/iam/roles', wish)
  expect([again.statusCode, again.json()]).toMatchObject([409, { code: 'ALREADY_EXISTS' }])
  const listed = (await call('GET', '/v1/iam/roles')).json<{ roles: object[] }>()
  expect(listed.roles).toContainEqual(expect.objectContaining({ id: grant['id'], ...wish }))
  expect((await call('DELETE', `/v1/iam/roles/${grant['id']}`)).statusCode).toBe(204)
  expect(last()).toMatchObject({ action: 'iam-access.role.revoke', requestData: told })
  expect((await call('DELETE', `/v1/iam/roles/${grant['id']}`)).statusCode).toBe(404)
})

test('a role is granted on every ring that can be: also on one with an underscore in its name', async () => {
  const { instance, owner } = house.operator
  const scope = { kind: 'instance', id: instance, keyRing: 'payments_2026' }
  await made('/v1/iam/roles', { identity: owner, role: 'Reader', scope })
  expect(last()).toMatchObject({ outcome: 'success', requestData: { scope: `instance/${instance}/payments_2026` } })
})

test.each([
  ['an instance role on a tracker', 'Reader', { kind: 'tracker', id: 'us-south' }, 400],
  ['a tracker role on an instance', 'Auditor', { kind: 'instance', id: 'x' }, 400],
  ['an instance scope without an instance', 'Reader', { kind: 'instance' }, 400],
  ['a key ring on the account', 'Reader', { kind: 'account', keyRing: 'ring' }, 400],
  ['an id on the account', 'Reader', { kind: 'account', id: 'x' }, 400],
  ['an unknown role', 'God', { kind: 'account' }, 400],
  ['an unknown instance', 'Reader', { kind: 'instance', id: '00000000-0000-4000-8000-000000000000' }, 404],
  ['an unknown tracker', 'Auditor', { kind: 'tracker', id: 'mars' }, 404],
])('%s cannot be granted', async (_what, role, scope, status) => {
  const answer = await call('POST', '/v1/iam/roles', { identity: house.operator.owner, role, scope })
  expect(answer.statusCode).toBe(status)
  expect(last()).toMatchObject({ action: 'iam-access.role.grant', outcome: 'failure', reason: { reasonCode: status } })
})

test('the last administrator can neither be deleted, disabled nor deprived', async () => {
  const { roles } = (await call('GET', '/v1/iam/roles')).json<{ roles: { id: string; role: string }[] }>()
  const own = roles.find(({ role }) => role === 'Administrator')?.id ?? ''
  for (const [method, url, payload] of [
    ['DELETE', `/v1/iam/users/${house.operator.owner}`, undefined],
    ['PATCH', `/v1/iam/users/${house.operator.owner}`, { state: 'disabled' }],
    ['DELETE', `/v1/iam/roles/${own}`, undefined],
  ] as const) {
    const answer = await call(method, url, payload)
    expect([answer.statusCode, answer.json()]).toMatchObject([409, { code: 'LAST_ADMINISTRATOR' }])
  }
  const second = await made('/v1/iam/users', { name: 'second' })
  await made('/v1/iam/roles', { identity: second['id'], role: 'Administrator', scope: { kind: 'account' } })
  expect((await call('DELETE', `/v1/iam/roles/${own}`)).statusCode).toBe(204)
})

test('instances are created where there are locations, listed and read', async () => {
  const instance = await made('/v1/instances', { name: 'second', location: 'eu-de' })
  expect(instance['crn']).toBe(
    `crn:v1:keywitness:public:hs-crypto:eu-de:a/${house.operator.account}:${instance['guid']}::`,
  )
  expect(last()).toMatchObject({
    action: 'hs-crypto.instance.create',
    target: { id: instance['crn'], name: 'second' },
    requestData: { location: 'eu-de' },
  })
  const listed = (await call('GET', '/v1/instances')).json<{ instances: { name: string }[] }>()
  expect(listed.instances.map(({ name }) => name).toSorted()).toEqual(['first instance', 'second'])
  const nothing = { rootKeys: 0, standardKeys: 0, kmipAdapters: 0, kmipObjects: 0 }
  const inventory = { ...nothing, ep11Keystores: 0, ep11Objects: 0 }
  expect((await call('GET', `/v1/instances/${instance['guid']}`)).json()).toEqual({
    ...instance,
    inventory,
    clientCertificates: { mtlsEnabled: false, certificates: 0, administrators: 0, nextExpiry: null },
  })
  const nowhere = await call('POST', '/v1/instances', { name: 'x', location: 'mars' })
  expect([nowhere.statusCode, nowhere.json()]).toMatchObject([400, { at: { name: 'location' } }])
})

test('lists come in pages', async () => {
  for (let count = 0; count < 5; count++) await made('/v1/iam/service-ids', { name: `service ${count}` })
  const names: string[] = []
  let next: string | null = ''
  while (next !== null) {
    const page: { serviceIds: { name: string }[]; next: string | null } = (
      await call('GET', `/v1/iam/service-ids?limit=2&after=${next}`)
    ).json()
    expect(page.serviceIds.length).toBeLessThanOrEqual(2)
    names.push(...page.serviceIds.map(({ name }) => name))
    next = page.next
  }
  expect(names.toSorted()).toEqual([0, 1, 2, 3, 4].map((count) => `service ${count}`))
})

test.each(['limit=0', 'limit=1001', 'limit=x', 'after=%00', 'limit=-1'])('a list refuses %s', async (query) => {
  const answer = await call('GET', `/v1/iam/users?${query}`)
  expect([answer.statusCode, answer.json()]).toMatchObject([400, { code: 'INVALID_QUERY_PARAM_ERR' }])
})

test.each([
  ['nothing', undefined, 'NO_BODY_ERR', undefined],
  ['a list', [], 'BAD_BODY_ERR', undefined],
  ['no name', {}, 'INVALID_FIELD_ERR', 'name'],
  ['an empty name', { name: '' }, 'INVALID_FIELD_ERR', 'name'],
  ['a long name', { name: 'x'.repeat(91) }, 'INVALID_FIELD_ERR', 'name'],
  ['a name with a line break', { name: 'a\nb' }, 'INVALID_FIELD_ERR', 'name'],
  ['a name that turns text around', { name: 'a\u202eb' }, 'INVALID_FIELD_ERR', 'name'],
  ['a name of another type', { name: 7 }, 'INVALID_FIELD_ERR', 'name'],
  ['a member too many', { name: 'x', isAdmin: true }, 'BAD_BODY_ERR', undefined],
])('a service ID from %s is refused naming the member', async (_what, wish, code, at) => {
  const answer = await call('POST', '/v1/iam/service-ids', wish)
  expect([answer.statusCode, answer.json()]).toMatchObject([400, { code }])
  expect(answer.json<{ at?: { name: string } }>().at?.name).toBe(at)
})

test('a problem document names its event', async () => {
  const answer = await call('GET', '/v1/iam/users/nobody')
  expect(answer.headers['content-type']).toBe('application/problem+json')
  expect(answer.json()).toEqual({
    type: 'urn:keywitness:error:NOT_FOUND',
    title: 'Not Found',
    status: 404,
    detail: 'There is no such resource.',
    code: 'NOT_FOUND',
    correlationId: answer.headers['correlation-id'],
    eventId: last().id,
  })
})

test('only administrators of the account see or change identities, roles and instances', async () => {
  const service = await made('/v1/iam/service-ids', { name: 'manager' })
  await made('/v1/iam/roles', { identity: service['id'], role: 'Manager', scope: { kind: 'account' } })
  await made('/v1/iam/roles', {
    identity: service['id'],
    role: 'Administrator',
    scope: { kind: 'tracker', id: 'us-south' },
  })
  const { apikey } = await made('/v1/iam/api-keys', { identity: service['id'], name: 'key' })
  for (const [method, url] of [
    ['GET', '/v1/iam/users'],
    ['POST', '/v1/iam/users'],
    ['GET', '/v1/iam/service-ids'],
    ['DELETE', `/v1/iam/service-ids/${service['id']}`],
    ['GET', '/v1/iam/api-keys'],
    ['POST', '/v1/iam/api-keys'],
    ['GET', '/v1/iam/roles'],
    ['POST', '/v1/iam/roles'],
    ['POST', '/v1/instances'],
    ['POST', '/v1/accounts'],
  ] as const) {
    const answer = await call(method, url, method === 'POST' ? { a: 1 } : undefined, apikey)
    expect([method, url, answer.statusCode]).toEqual([method, url, 401])
    expect(last()).toMatchObject({ outcome: 'failure', severity: 'critical', initiator: { id: service['id'] } })
  }
  expect((await call('GET', '/v1/instances', undefined, apikey)).json()).toMatchObject({ instances: [{}] })
})

test('only the operator founds accounts', async () => {
  const wish = { name: 'Third', home: 'us-south', owner: 'Trude' }
  const refused = await call('POST', '/v1/accounts', wish, house.other.apiKey)
  expect([refused.statusCode, refused.json()]).toMatchObject([401, { code: 'UNAUTHORIZED_ERR' }])
  const founded = await made('/v1/accounts', wish)
  expect(await house.token(founded['apikey'] ?? '')).toEqual(expect.any(String))
  expect(JSON.stringify(house.events())).not.toContain(founded['apikey'])
})
