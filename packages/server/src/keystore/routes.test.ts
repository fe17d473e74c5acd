/** Keystores over HTTP: forms of requests and answers, errors, ETags, hostile input, and nothing of an object in the trail. */
import { type ActivityEvent, explain } from '@keywitness/cadf'
import type { FastifyInstance } from 'fastify'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import pino from 'pino'
import type { Caller } from '../caller.ts'
import { acceptedCertificates } from '../certificates/anchors.ts'
import { createListener } from '../http/listener.ts'
import { readStanding } from '../http/standing.ts'
import { readAccounts } from '../iam/accounts.ts'
import { readIdentities } from '../iam/identities.ts'
import { readInstances } from '../instances/instances.ts'
import { policiesInForce } from '../policies/in-force.ts'
import { addKeystoreRoutes } from './routes.ts'
import { keystoreLimits } from './limits.ts'
import { type KeystoreHouse, openKeystoreHouse } from './testing/keystore-house.ts'

const id = '0f8fad5b-d9cb-469f-a165-70867728950e'
const key = '11111111-2222-4333-8444-555555555555'

interface Asked {
  readonly body?: object | string
  readonly headers?: Readonly<Record<string, string>>
  readonly caller?: Caller
  readonly instance?: string
}

let keystores: KeystoreHouse
let app: FastifyInstance
let caller: Caller

beforeEach(() => {
  keystores = openKeystoreHouse()
  const { house, parts } = keystores
  caller = house.call().caller
  app = createListener({
    isPrivate: true,
    log: pino({ level: 'trace' }, { write: (line) => void house.logged.push(line) }),
    trustedProxies: [],
  })
  const door = {
    audit: house.audit,
    authenticator: {
      authenticate: () => Promise.resolve(caller),
      session: () => undefined,
      isStillGood: () => true,
      denied: () => {
        throw new Error('nobody is denied here')
      },
    },
    accounts: readAccounts(house.store),
    standing: readStanding(house.store),
    cname: 'keywitness',
  }
  const policies = policiesInForce(house.store, house.parts.random)
  const accepted = acceptedCertificates(house.store)
  const identities = readIdentities(house.store)
  addKeystoreRoutes(app, { door, instances: readInstances(house.store), policies, accepted, identities }, parts)
})

afterEach(() => app.close())

async function ask(method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, asked: Asked = {}) {
  caller = asked.caller ?? keystores.house.call().caller
  const response = await app.inject({
    method,
    url: `/v1/keystores/${asked.instance ?? keystores.house.instance.guid}${path}`,
    headers: { 'content-type': 'application/json', ...asked.headers },
    ...(asked.body === undefined
      ? {}
      : { payload: typeof asked.body === 'string' ? asked.body : JSON.stringify(asked.body) }),
  })
  const json = (): Record<string, unknown> => response.json()
  return { status: response.statusCode, headers: response.headers, text: response.body, json }
}

const base64 = (text: string | Buffer): string => Buffer.from(text).toString('base64')

test('a keystore and a key in it: made, read, changed, found and deleted', async () => {
  const { ep11, house } = keystores
  const made = await ask('POST', '', { body: { id: id.toUpperCase(), name: 'payments', type: 'public' } })
  expect([made.status, made.json()]).toMatchObject([
    201,
    { id, name: 'payments', type: 'public', authenticated: false, objects: 0, version: 0 },
  ])
  expect(made.headers['keywitness-event-id']).toBe(house.lastEvent().id)
  const object = base64(ep11.key())
  const attributes = { CKA_LABEL: { text: 'billing' }, CKA_ID: base64('7'), '0x80070001': 5 }
  const stored = await ask('POST', `/${id}/keys`, { body: { id: key, object, attributes, txId: base64('write-1') } })
  expect([stored.status, stored.headers['etag'], stored.json()]).toMatchObject([
    201,
    'W/"0"',
    {
      id: key,
      keystore: id,
      version: 0,
      class: 'CKO_SECRET_KEY',
      keyType: 'CKK_AES',
      label: 'billing',
      object,
      attributes: {
        CKA_LABEL: base64('billing'),
        CKA_ID: base64('7'),
        CKA_ENCRYPT: true,
        CKA_VALUE_LEN: 32,
        CKA_GREP11_WKID: base64(Buffer.alloc(16, 0xaa)),
        '0x80070001': 5,
      },
    },
  ])
  expect((await ask('GET', `/${id}/keys/${key}`)).json()).toEqual(stored.json())
  const listed = (await ask('GET', `/${id}/keys?objects=false`)).json()
  const { object: _, ...head } = stored.json()
  expect(listed).toEqual({ keys: [head], next: null })
  const change = {
    body: { attributes: { CKA_LABEL: { text: 'paid' }, CKA_ID: null } },
    headers: { 'if-match': 'W/"0"' },
  }
  const changed = await ask('PATCH', `/${id}/keys/${key}`, change)
  expect([changed.status, changed.headers['etag'], changed.json()]).toMatchObject([
    200,
    'W/"1"',
    { version: 1, label: 'paid', object },
  ])
  expect(changed.json()['attributes']).not.toHaveProperty('CKA_ID')
  expect([(await ask('PATCH', `/${id}/keys/${key}`, change)).status]).toEqual([412])
  const found = await ask('POST', '/search', { body: { attributes: { CKA_LABEL: { text: 'paid' } }, objects: false } })
  expect(found.json()).toMatchObject({ keys: [{ id: key, version: 1 }], next: null })
  const keystore = await ask('GET', `/${id}`)
  expect([keystore.headers['etag'], keystore.json()]).toMatchObject(['W/"2"', { objects: 1, version: 2 }])
  expect((await ask('DELETE', `/${id}/keys/${key}`, { headers: { 'if-match': '"0"' } })).status).toBe(412)
  expect((await ask('DELETE', `/${id}/keys/${key}`, { headers: { 'if-match': '"1"' } })).status).toBe(204)
  expect((await ask('GET', `/${id}/keys/${key}`)).status).toBe(404)
  expect((await ask('DELETE', `/${id}`)).status).toBe(204)
  expect((await ask('GET', `/${id}`)).status).toBe(404)
})

test('lists of keystores ask by ids or by attributes, and are recorded as what they ask', async () => {
  const { house } = keystores
  await ask('POST', '', { body: { id, type: 'private', name: 'a b' } })
  const { id: createdBy, name: createdByName } = caller
  await ask('POST', '', { body: { type: 'public' } })
  expect((await ask('GET', '')).json()['keystores']).toHaveLength(2)
  expect((await ask('GET', `/${id}`)).json()).toMatchObject({ createdBy, createdByName })
  expect(house.lastEvent().action).toBe('hs-crypto.keystore.listkeystoresbyids')
  expect((await ask('GET', `?id=${id}&id=${key}`)).json()['keystores']).toMatchObject([{ id }])
  const named = await ask('GET', '?type=private&name=a%20b&limit=1')
  expect(named.json()).toMatchObject({ keystores: [{ id, createdBy, createdByName }], next: null })
  expect(house.lastEvent()).toMatchObject({
    action: 'hs-crypto.keystore.listkeystoresbyattributes',
    requestData: { requestURI: expect.not.stringContaining('a%20b'), attributeNames: ['type', 'name'] },
  })
  for (const query of ['?id=1', '?type=other', `?type=public&id=${id}`, '?type=public&limit=0', '?name=x&after=!!']) {
    expect([query, (await ask('GET', query)).json()['code']]).toEqual([query, 'INVALID_QUERY_PARAM_ERR'])
  }
})

test('errors are problem documents with a stable code and the event that witnesses them', async () => {
  const { house, ep11 } = keystores
  await ask('POST', '', { body: { id, type: 'public' } })
  const object = base64(ep11.key())
  const cases: [Asked['body'], string, number][] = [
    ['{', 'BAD_BODY_ERR', 400],
    [{}, 'INVALID_FIELD_ERR', 400],
    [{ object: 'no base64!' }, 'INVALID_FIELD_ERR', 400],
    [{ object, unknown: 1 }, 'BAD_BODY_ERR', 400],
    [{ object, id: 'x' }, 'INVALID_FIELD_ERR', 400],
    [{ object, attributes: { LABEL: true } }, 'INVALID_FIELD_ERR', 400],
    [{ object, attributes: { CKA_NO_SUCH: true } }, 'KEYSTORE_ATTRIBUTES', 400],
    [{ object, attributes: { CKA_VALUE: object } }, 'KEYSTORE_SECRET_ATTRIBUTE', 400],
    [{ object, attributes: { CKA_GREP11_KEYSTORE_PASSWORD: object } }, 'KEYSTORE_SECRET_ATTRIBUTE', 400],
    [{ object, attributes: { CKA_SIGN: 7 } }, 'KEYSTORE_ATTRIBUTES', 400],
    [{ object, attributes: { CKA_PRIVATE: true } }, 'KEYSTORE_PRIVATE_OBJECT', 400],
    [{ object: base64(Buffer.alloc(100, 1)) }, 'KEYSTORE_OTHER_MASTER_KEY', 409],
    [{ object: base64(Buffer.alloc(keystoreLimits.objectBytes + 1)) }, 'BODY_TOO_LARGE', 413],
    [{ object: base64(Buffer.alloc(keystoreLimits.objectBytes + 3)) }, 'INVALID_FIELD_ERR', 400],
  ]
  for (const [body, code, status] of cases) {
    const answer = await ask('POST', `/${id}/keys`, { body: body ?? '' })
    expect([answer.status, answer.headers['content-type'], answer.json()]).toMatchObject([
      status,
      expect.stringContaining('application/problem+json'),
      { code, status, eventId: house.lastEvent().id },
    ])
    expect(house.lastEvent()).toMatchObject({ action: 'hs-crypto.keystore.storenewkey', outcome: 'failure' })
  }
  const unnamed = await ask('PATCH', `/${id}/keys/${key}`, { body: {} })
  expect(unnamed.json()).toMatchObject({ code: 'INVALID_FIELD_ERR', at: { name: 'if-match' } })
  for (const path of ['/no-uuid', '/no-uuid/keys', `/${id}/keys/no-uuid`]) {
    expect((await ask('GET', path)).json()).toMatchObject({ code: 'NOT_FOUND' })
  }
})

test('an instance of another account, or none, is refused like one that does not exist', async () => {
  const { house } = keystores
  for (const instance of [house.foreign.guid, key, 'x']) {
    const answer = await ask('GET', '', { instance })
    expect([answer.status, answer.json()['code']]).toEqual([401, 'UNAUTHORIZED_ERR'])
    expect(house.lastEvent()).toMatchObject({ outcome: 'failure', severity: 'critical' })
    expect(house.lastEvent().logSourceCRN).toContain(house.instance.account)
  }
})

test('callers from where the instance takes no requests are refused, and that is recorded', async () => {
  const { house } = keystores
  house.store.run(
    `INSERT INTO instance_policies (instance, kind, revision, enabled, attributes, created_at, created_by, updated_at,
      updated_by) VALUES (?, 'allowedIP', 1, 1, '{"allowed_ip":["192.0.2.0/24"]}', 0, 'me', 0, 'me')`,
    [house.instance.guid],
  )
  const answer = await ask('POST', '', { body: { id, type: 'public' } })
  expect([answer.status, answer.json()['code']]).toEqual([401, 'UNAUTHORIZED_ERR'])
  expect(house.lastEvent()).toMatchObject({ action: 'hs-crypto.keystore.createkeystore', severity: 'critical' })
  expect(house.lastEvent().reason.reasonForFailure).toContain('address')
})

test('whatever stands in a request, the answer is one of ours, and the event of it is made', async () => {
  const { house } = keystores
  await ask('POST', '', { body: { id, type: 'public' } })
  const paths = fc.constantFrom('', '/search', `/${id}/keys`, `/${id}/keys/${key}`, `/${id}`)
  const names = fc.constantFrom(
    'id',
    'type',
    'name',
    'object',
    'attributes',
    'txId',
    'limit',
    'after',
    'keystores',
    'CKA_LABEL',
  )
  const leaf = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null), fc.constant({ text: '\u0000' }))
  const body = fc.dictionary(names, fc.oneof(leaf, fc.array(leaf, { maxLength: 3 }), fc.dictionary(names, leaf)))
  await fc.assert(
    fc.asyncProperty(fc.constantFrom('GET', 'POST', 'PATCH', 'DELETE'), paths, body, async (method, path, sent) => {
      const before = house.events().length
      const answer = await ask(method, path, { body: sent, headers: { 'if-match': '"0"' } })
      expect(answer.status).toBeLessThan(500)
      const isRoute = answer.status !== 404 || answer.headers['keywitness-event-id'] !== undefined
      expect(house.events().length - before).toBe(isRoute ? 1 : 0)
    }),
    { numRuns: 150 },
  )
  expect(house.logged.filter((line) => /"level":(50|60)/.test(line))).toEqual([])
})

test('nothing of an object or a value of an attribute is in an event, a log line or an error', async () => {
  const { ep11, house } = keystores
  await ask('POST', '', { body: { id, type: 'public' } })
  const canary = 'canary-of-the-keystore'
  const data = base64(`${canary}-data`)
  const altered = Buffer.concat([ep11.key(), Buffer.from(canary)])
  const attributes = { CKA_LABEL: { text: `${canary}-label` } }
  const answers = [
    await ask('POST', `/${id}/keys`, { body: { object: data, attributes: { ...attributes, CKA_CLASS: 0 } } }),
    await ask('POST', `/${id}/keys`, { body: { object: base64(altered), attributes } }),
    await ask('POST', `/${id}/keys`, { body: { object: data, attributes: { CKA_VALUE: data } } }),
    await ask('POST', '/search', { body: { attributes: { ...attributes, CKA_SIGN: { text: canary } } } }),
  ]
  expect(answers.map(({ status }) => status)).toEqual([201, 400, 400, 400])
  const told = JSON.stringify([house.events(), house.logged, answers.slice(1).map(({ text }) => text)])
  for (const form of [canary, base64(canary).slice(0, 24), Buffer.from(canary).toString('hex')]) {
    expect(told).not.toContain(form)
  }
})

test('while the instance accepts certificates of clients its keystores are refused over HTTP, whatever is asked', async () => {
  const { house } = keystores
  await ask('POST', '', { body: { id, name: 'payments', type: 'public' } })
  const accept = (): unknown =>
    house.store.run(
      `INSERT INTO accepted_certificates
         (instance, administrator, id, fingerprint, certificate, not_after, created_at, updated_at)
       VALUES (?, 'somebody', 'ca', ?, x'00', 0, 0, 0)`,
      [house.instance.guid, 'a'.repeat(64)],
    )
  accept()
  const before = house.events().length
  const requests = [
    ['GET', ''],
    ['GET', '?name=payments'],
    ['POST', ''],
    ['GET', `/${id}`],
    ['DELETE', `/${id}`],
    ['POST', '/search'],
    ['GET', `/${id}/keys`],
    ['POST', `/${id}/keys`],
    ['GET', `/${id}/keys/${key}`],
    ['PATCH', `/${id}/keys/${key}`],
    ['DELETE', `/${id}/keys/${key}`],
  ] as const
  for (const [method, path] of requests) {
    const { status, json } = await ask(method, path)
    expect([method, path, status, json()['code']]).toEqual([method, path, 403, 'KEYSTORE_OVER_EP11_ONLY'])
  }
  const refused = house.events().slice(before)
  expect(refused).toHaveLength(requests.length)
  expect(new Set(refused.map(({ outcome, severity }) => `${outcome} ${severity}`))).toEqual(
    new Set(['failure critical']),
  )
  expect(explain(refused[0] as ActivityEvent)[0]?.meaning).toMatch(/over EP11 only/)
  house.store.run('DELETE FROM accepted_certificates', [])
  expect((await ask('GET', `/${id}`)).status).toBe(200)
})
