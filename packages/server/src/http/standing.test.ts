/** A call under way while rights end or a network closes: it is decided again, and recorded as what it then is. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { deleteRoleGrant } from '../iam/role-grants.ts'
import { putInstancePolicy, readInstancePolicies } from '../policies/instance-policy.ts'
import { type HttpHouse, openHttpHouse } from '../testing/http-house.ts'
import { addAccountRoute } from './account-route.ts'
import { spyingReader } from '../testing/spying-reader.ts'
import { readStanding } from './standing.ts'
import { kmsRoute } from './witnessed.ts'

let house: HttpHouse
/** What happens between the next decision of a call and its record. */
let meanwhile: (() => Promise<unknown>) | undefined
let decisions: number

async function happen(): Promise<void> {
  decisions += 1
  const happening = meanwhile
  meanwhile = undefined
  await happening?.()
}

beforeEach(async () => {
  meanwhile = undefined
  decisions = 0
  house = await openHttpHouse({
    routes: [
      kmsRoute({
        method: 'GET',
        url: '/api/v2/keys',
        action: 'hs-crypto.secrets.list',
        operation: async ({ caller, instance }, seen) => {
          house.identity.access.rings(caller, instance, 'keys.list')
          seen.response.totalResources = 0
          await happen()
          return { code: 200, result: { body: { resources: [] } } }
        },
      }),
    ],
    extend: (app, { door, access }) =>
      addAccountRoute(app, door, {
        method: 'GET',
        url: '/v1/whatever',
        action: 'iam-access.role.list',
        operation: async ({ caller }, seen) => {
          access.requireAccount(caller, 'identities.read')
          seen.response.totalResources = 0
          await happen()
          return { code: 200, result: { body: {} } }
        },
      }),
  })
})
afterEach(() => house.close())

const own = (method: 'POST' | 'PATCH' | 'DELETE', url: string, payload?: object) =>
  house.as(house.operator.apiKey, { method, url, ...(payload === undefined ? {} : { payload }) })

interface Reader {
  readonly identity: string
  readonly key: string
  readonly apiKey: string
  readonly roles: readonly string[]
}

/** A service ID with an API key that reads the instance and administers the account. */
async function addReader(name = 'reader'): Promise<Reader> {
  const identity = (await own('POST', '/v1/iam/service-ids', { name })).json<{ id: string }>().id
  const roles: string[] = []
  for (const [role, scope] of [
    ['Reader', { kind: 'instance', id: house.operator.instance }],
    ['Administrator', { kind: 'account' }],
  ] as const) {
    roles.push((await own('POST', '/v1/iam/roles', { identity, role, scope })).json<{ id: string }>().id)
  }
  const made = await own('POST', '/v1/iam/api-keys', { identity, name })
  const { id: key, apikey: apiKey } = made.json<{ id: string; apikey: string }>()
  return { identity, key, apiKey, roles }
}

const listKeys = { url: '/api/v2/keys', headers: () => ({ 'bluemix-instance': house.operator.instance }) }
const listRoles = { url: '/v1/whatever', headers: () => ({}) }

async function ask({ apiKey }: Reader, { url, headers }: typeof listKeys | typeof listRoles): Promise<number> {
  return (await house.as(apiKey, { method: 'GET', url, headers: headers() })).statusCode
}

/** What the calls since then were recorded as. */
function told(before: number): string[] {
  return house
    .events()
    .slice(before)
    .filter(({ action }) => action !== 'iam-identity.apikey.login')
    .map(({ action, outcome, reason }) => `${action} ${outcome} ${reason.reasonCode}`)
}

function setPolicy(instance: string, kind: 'allowedNetwork' | 'metrics'): void {
  const attributes = kind === 'metrics' ? {} : { allowed_network: 'private-only' as const }
  const by = { createdAt: 0, createdBy: '', updatedAt: 0, updatedBy: '' }
  const before = readInstancePolicies(house.store).find(instance, kind)
  const { sql, params } = putInstancePolicy(instance, before, { kind, enabled: true, attributes, ...by })
  expect(house.store.run(sql, params)).toBe(1)
}

type End = readonly [what: string, action: string, end: (reader: Reader) => Promise<unknown>]
const ends: readonly End[] = [
  ['its role is taken back', 'iam-access.role.revoke', ({ roles }) => own('DELETE', `/v1/iam/roles/${roles[0]}`)],
  [
    'its identity is disabled',
    'iam-identity.serviceid.update',
    ({ identity }) => own('PATCH', `/v1/iam/service-ids/${identity}`, { state: 'disabled' }),
  ],
  [
    'its identity is deleted',
    'iam-identity.serviceid.delete',
    ({ identity }) => own('DELETE', `/v1/iam/service-ids/${identity}`),
  ],
  [
    'its API key is disabled',
    'iam-identity.apikey.update',
    ({ key }) => own('PATCH', `/v1/iam/api-keys/${key}`, { state: 'disabled' }),
  ],
  ['its API key is deleted', 'iam-identity.apikey.delete', ({ key }) => own('DELETE', `/v1/iam/api-keys/${key}`)],
]

test.each(ends)('a call on keys is refused when %s meanwhile', async (_, action, end) => {
  const reader = await addReader()
  const before = house.events().length
  meanwhile = () => end(reader)
  expect(await ask(reader, listKeys)).toBe(401)
  const [first, second, ...others] = told(before)
  expect([first?.startsWith(`${action} success`), second, others]).toEqual([
    true,
    'hs-crypto.secrets.list failure 401',
    [],
  ])
  expect(decisions).toBe(1)
})

const endsOnAccount: readonly End[] = [
  ['its role is taken back', 'iam-access.role.revoke', ({ roles }) => own('DELETE', `/v1/iam/roles/${roles[1]}`)],
  ...ends.slice(1),
]

test.each(endsOnAccount)('a call on the account is refused when %s meanwhile', async (_, action, end) => {
  const reader = await addReader()
  const before = house.events().length
  meanwhile = () => end(reader)
  expect(await ask(reader, listRoles)).toBe(401)
  const [first, ...others] = told(before)
  expect([first?.startsWith(`${action} success`), others]).toEqual([true, ['iam-access.role.list failure 401']])
})

test('a console call is refused when it is signed out meanwhile', async () => {
  const payload = { apikey: house.operator.apiKey }
  const signedIn = await house.app.inject({ method: 'POST', url: '/v1/session', payload })
  const cookie = String(signedIn.headers['set-cookie']).split(';')[0] ?? ''
  const headers = { cookie, host: 'localhost:80' }
  const same = { 'x-keywitness-console': '1', origin: 'http://localhost:80', 'sec-fetch-site': 'same-origin' }
  meanwhile = () => house.app.inject({ method: 'DELETE', url: '/v1/session', headers: { ...headers, ...same } })
  const before = house.events().length
  const answer = await house.app.inject({ url: listRoles.url, headers })
  expect(answer.statusCode).toBe(401)
  expect(told(before)).toEqual(['iam-identity.session.delete success 204', 'iam-access.role.list failure 401'])
})

test('a call through the public network is refused when its instance is made private meanwhile', async () => {
  const reader = await addReader()
  for (const _ of ['the first time', 'a later time']) {
    meanwhile = () => Promise.resolve(setPolicy(house.operator.instance, 'allowedNetwork'))
    expect(await ask(reader, listKeys)).toBe(401)
    expect(house.lastEvent()).toMatchObject({ action: 'hs-crypto.secrets.list', outcome: 'failure' })
    expect(house.lastEvent().reason.reasonForFailure).toContain('private network')
    house.store.run('UPDATE instance_policies SET enabled = 0', [])
  }
})

test('what takes nothing from the caller does not send its call back to the decision', async () => {
  const [reader, other] = [await addReader(), await addReader('other')]
  const scope = { kind: 'instance', id: house.operator.instance }
  for (const happening of [
    () => own('POST', '/v1/iam/roles', { identity: reader.identity, role: 'Writer', scope }),
    () => own('POST', '/v1/iam/api-keys', { identity: reader.identity, name: 'second' }),
    () => own('DELETE', `/v1/iam/roles/${other.roles[0]}`),
    () => own('DELETE', `/v1/iam/service-ids/${other.identity}`),
    () => Promise.resolve(setPolicy(house.other.instance, 'allowedNetwork')),
    () => Promise.resolve(setPolicy(house.operator.instance, 'metrics')),
  ]) {
    decisions = 0
    meanwhile = happening
    expect([await ask(reader, listKeys), decisions]).toEqual([200, 1])
  }
})

test('a call whose caller lost something else is decided again and succeeds', async () => {
  const reader = await addReader()
  meanwhile = () => own('DELETE', `/v1/iam/roles/${reader.roles[1]}`)
  expect([await ask(reader, listKeys), decisions]).toEqual([200, 2])
})

test('a right that ends in the same commit, just before the call, has ended', async () => {
  const { identity, roles } = await addReader()
  const { store } = house
  const { access, accounts, door, grants, instances } = house.identity
  const account = accounts.operator()
  const instance = instances.find(house.operator.instance)
  const grant = grants.find(house.operator.account, roles[0] ?? '')
  if (account === undefined || instance === undefined || grant === undefined) throw new Error('the house is empty')
  const caller = {
    id: identity,
    name: 'reader',
    kind: 'serviceId',
    account: account.id,
    credential: 'token',
    isPrivate: false,
  } as const
  const destination = { account: account.id, location: account.home }
  const circumstances = { caller, destination, logSourceCRN: instance.crn }
  const target = { id: instance.crn, name: '' }
  const standing = readStanding(store)
  const before = house.events().length
  const [revoked, used] = await Promise.allSettled([
    door.audit.witness('iam-access.role.revoke', circumstances, target, () => ({
      code: 204,
      result: undefined,
      changes: [deleteRoleGrant(grant)],
    })),
    door.audit.witness('hs-crypto.secrets.list', circumstances, target, () => {
      decisions += 1
      const { condition } = standing(caller.id, instance.guid)
      access.rings(caller, instance, 'keys.list')
      return { code: 200, result: undefined, conditions: [condition] }
    }),
  ])
  expect([revoked.status, used.status, decisions]).toEqual(['fulfilled', 'rejected', 2])
  expect(told(before)).toEqual(['iam-access.role.revoke success 204', 'hs-crypto.secrets.list failure 401'])
})

test('what a call stands on is read and held by keys alone, however many identities and instances there are', () => {
  const { store, operator } = house
  const asked: string[] = []
  const standing = readStanding(spyingReader(store, asked))
  for (const instance of [undefined, operator.instance]) asked.push(standing(operator.owner, instance).condition.sql)
  expect(asked).toHaveLength(4)
  for (const sql of asked) {
    const count = (sql.match(/\?/g) ?? []).length
    const params = Array.from({ length: count }, () => null)
    for (const { detail } of store.all<{ detail: string }>(`EXPLAIN QUERY PLAN ${sql}`, ...params)) {
      expect(detail).toMatch(/^SEARCH [in]\w* USING PRIMARY KEY/)
    }
  }
})
