/** The rules that break real clients when missed (reference: kms-rest-api.md, section 1), each held by the real product. */
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  Client,
  GoError,
  type GoResource,
  GoStyleClient,
  newCertificate,
  type Product,
  type Reply,
  startProduct,
} from '../src/index.ts'

let product: Product
let client: Client
let go: GoStyleClient
beforeAll(async () => {
  product = await startProduct()
  client = await new Client(product).signIn()
  go = new GoStyleClient(product)
})
afterAll(async () => {
  await product.stop()
  product.remove()
})

interface Envelope {
  readonly metadata: { readonly collectionType: string; readonly collectionTotal: number; readonly totalCount?: number }
  readonly resources: readonly GoResource[]
}

const keyType = 'application/vnd.ibm.kms.key+json'
const unknown = '11111111-1111-4111-8111-111111111111'
const newKey = (name: string, members: object = {}): object => ({
  metadata: { collectionType: keyType, collectionTotal: 1 },
  resources: [{ type: keyType, name, extractable: false, ...members }],
})
const call = (method: string, path: string, options: Parameters<Client['call']>[2] = {}): Promise<Reply<Envelope>> =>
  client.call<Envelope>(method, `/api/v2${path}`, options)
const rootKey = (members: { tags?: readonly string[] } = {}): Promise<GoResource> =>
  go.createKey('rules', { extractable: false, ...members })
const refusalOf = async (work: Promise<unknown>): Promise<GoError> => {
  try {
    await work
  } catch (error) {
    if (error instanceof GoError) return error
    throw error
  }
  throw new Error('nothing was refused')
}

/** Every refusal that can be provoked without waiting: what is asked, and the status it must have. */
async function refusals(): Promise<readonly (readonly [string, Reply<Envelope>, number])[]> {
  const root = await rootKey()
  const standard = await go.createKey('rules', { extractable: true })
  const asked: readonly (readonly [string, string, number, Parameters<Client['call']>[2]?])[] = [
    ['POST', '/keys', 400, { body: '{"metadata":' }],
    ['POST', '/keys', 400, {}],
    ['POST', '/keys', 400, { body: newKey('') }],
    ['POST', '/keys', 404, { body: newKey('rules'), headers: { 'x-kms-key-ring': 'nowhere' } }],
    ['GET', '/keys?limit=0', 400],
    ['GET', '/keys?sort=colour', 400],
    ['GET', `/keys/${unknown}`, 404],
    ['GET', `/keys/${unknown}/metadata`, 404],
    ['GET', `/keys/${root.id}/nothing`, 404],
    ['PUT', '/keys', 404],
    ['GET', '/keys', 400, { headers: { 'bluemix-instance': '' } }],
    ['POST', `/keys/${standard.id}/actions/wrap`, 400, { body: {} }],
    ['POST', `/keys/${root.id}/actions/unwrap`, 400, { body: {} }],
    ['POST', `/keys/${root.id}/actions/unwrap`, 400],
    ['POST', `/keys/${root.id}/actions/rotate`, 400, { body: { payload: Buffer.alloc(32).toString('base64') } }],
    ['POST', `/keys/${root.id}?action=explode`, 400],
    ['POST', `/keys/${root.id}/actions/setKeyForDeletion`, 409],
    ['POST', `/keys/${root.id}/actions/enable`, 409],
    ['POST', `/keys/${root.id}/restore`, 409],
    ['PATCH', `/keys/${root.id}`, 404, { body: { keyRingID: 'nowhere' } }],
    ['POST', `/keys/${root.id}/aliases/keys`, 400],
    ['DELETE', `/keys/${root.id}/aliases/nothing`, 404],
    ['POST', '/key_rings/default', 409],
    ['POST', '/key_rings/x', 400],
    ['DELETE', '/key_rings/nowhere', 404],
    ['PUT', `/keys/${root.id}/policies`, 400, { body: {} }],
    ['GET', `/keys/${unknown}/policies`, 404],
    ['PUT', '/instance/policies', 400, { body: {} }],
    ['POST', '/import_token', 400, { body: { expiration: 1 } }],
    ['GET', '/kmip_adapters/nothing', 404],
    ['POST', '/kmip_adapters', 400, { body: {} }],
    ['GET', '/kmip_adapters?limit=0', 400],
    ['POST', '/keys', 413, { body: 'x'.repeat(1024 * 1024 + 1) }],
    ['GET', '/nothing/here', 404],
  ]
  const answers: (readonly [string, Reply<Envelope>, number])[] = []
  for (const [method, path, status, options] of asked) {
    answers.push([`${method} ${path}`, await call(method, path, options), status])
  }
  return answers
}

test('rule 1: a JSON content type with an empty body is taken', async () => {
  const { id } = await rootKey()
  for (const type of ['application/json', 'application/vnd.ibm.kms.key_action_rotate+json']) {
    const { id: fresh } = await rootKey()
    const rotated = await call('POST', `/keys/${fresh}/actions/rotate`, { headers: { 'content-type': type } })
    expect([rotated.status, rotated.text], type).toEqual([204, ''])
  }
  const json = { headers: { 'content-type': 'application/json' } }
  expect((await call('POST', `/keys/${id}/aliases/rule-one`, json)).status).toBe(201)
  expect((await call('POST', '/key_rings/rule-one', json)).status).toBe(201)
  expect((await call('POST', `/keys/${id}/actions/sync`, json)).status).toBe(204)
  expect((await call('POST', `/keys/${id}/actions/disable`, json)).status).toBe(204)
  // What is refused is refused for the key's state, not for the empty body.
  for (const action of ['setKeyForDeletion', 'unsetKeyForDeletion', 'enable']) {
    expect((await call('POST', `/keys/${id}/actions/${action}`, json)).status, action).toBe(409)
  }
  expect((await call('POST', `/keys/${id}/restore`, json)).status).toBe(409)
})

test('rule 2: JSON is parsed whatever the content type', async () => {
  const types = [undefined, 'application/json', keyType, 'application/vnd.ibm.kms.anything+json', 'text/plain']
  for (const type of types) {
    const headers: Record<string, string> = type === undefined ? {} : { 'content-type': type }
    const body = new TextEncoder().encode(JSON.stringify(newKey('rule-two')))
    expect((await call('POST', '/keys', { body, headers })).status, type).toBe(201)
  }
})

test('rule 3: the body `null` is no body', async () => {
  const { id } = await rootKey()
  await go.act(id, 'rotate')
  await go.act(id, 'disable')
  for (const action of ['enable', 'setKeyForDeletion', 'unsetKeyForDeletion']) {
    expect((await refusalOf(go.act(id, action))).status, action).toBe(409)
  }
  expect((await call('POST', '/keys', { body: 'null' })).text).toContain('NO_BODY_ERR')
})

test('rule 4: member names are matched without regard to case', async () => {
  expect(await rootKey({ tags: ['one', 'two'] })).toMatchObject({ tags: ['one', 'two'] })
  const { id } = await rootKey()
  await go.createRing('rule-four')
  expect(await go.setKeyRing(id, 'rule-four')).toMatchObject({ keyRingID: 'rule-four' })
  const body = {
    METADATA: { collectiontype: keyType, CollectionTotal: 1 },
    Resources: [{ TYPE: keyType, Name: 'four' }],
  }
  expect((await call('POST', '/keys', { body })).status).toBe(201)
})

test('rule 5: what returns nothing answers 204', async () => {
  const { id } = await rootKey()
  const policies = { metadata: { collectionType: 'x', collectionTotal: 1 } }
  const metrics = { ...policies, resources: [{ policy_type: 'metrics', policy_data: { enabled: false } }] }
  const fresh = await rootKey()
  await go.createAlias(id, 'rule-five')
  await go.createRing('rule-five')
  for (const [method, path, body] of [
    ['POST', `/keys/${id}/actions/rotate`, undefined],
    ['POST', `/keys/${fresh.id}/actions/sync`, undefined],
    ['POST', `/keys/${id}/actions/disable`, undefined],
    ['DELETE', `/keys/${id}/aliases/rule-five`, undefined],
    ['DELETE', '/key_rings/rule-five', undefined],
    ['PUT', '/instance/policies', metrics],
    ['DELETE', `/keys/${id}`, undefined],
  ] as const) {
    const { status, text } = await call(method, path, body === undefined ? {} : { body })
    expect([status, text], `${method} ${path}`).toEqual([204, ''])
  }
})

test('rule 6: creating a key ring answers 201 with an empty body', async () => {
  await go.createRing('rule-six')
  expect([go.last?.status, go.last?.text]).toEqual([201, ''])
})

test('rule 7: every other creation answers 201 with a resource', async () => {
  const { id } = await rootKey()
  expect(go.last?.status).toBe(201)
  const made = [
    await go.createKeyWithOverrides('rule-seven', { extractable: false }, { rotation: { interval_month: 2 } }),
    await go.createAlias(id, 'rule-seven'),
    await go.createAdapter(id, { name: 'rule-seven' }),
    await go.createCertificate('rule-seven', newCertificate('rule-seven')),
  ]
  expect(made).toMatchObject([
    { rotation: { enabled: true, interval_month: 2 } },
    { keyId: id, alias: 'rule-seven' },
    { profile_data: { crk_id: id } },
    { certificate: expect.stringContaining('BEGIN CERTIFICATE') },
  ])
})

test('rule 9: every error is the envelope with `errorMsg`, and the status in it is an integer', async () => {
  for (const [what, reply, status] of await refusals()) {
    expect(reply.status, what).toBe(status)
    expect(reply.text, what).toContain('"errorMsg"')
    const { metadata, resources } = reply.json
    expect(metadata, what).toEqual({ collectionType: 'application/vnd.ibm.kms.error+json', collectionTotal: 1 })
    const [{ reasons }] = resources as unknown as [{ reasons: { code: string; message: string; status: number }[] }]
    expect(reasons, what).toEqual([expect.objectContaining({ status, code: expect.stringMatching(/^[A-Z_]+$/) })])
  }
})

test('rule 11: one trailing comma of a search is dropped, its options come in any order', async () => {
  const name = `foobar-${unknown.slice(0, 8)}`
  const { id } = await go.createKey(name, { extractable: false })
  for (const search of [`name:exact:${name},`, `exact:name:${name},`, `name:exact:${name}`]) {
    expect(await go.listKeys(`search=${encodeURIComponent(search)}`), search).toMatchObject([{ id }])
  }
  expect(await go.listKeys(`search=${encodeURIComponent(`exact:${name},,`)}`)).toEqual([])
})

test('rule 12: lists in parameters come joined by commas', async () => {
  const active = await rootKey()
  const deleted = await rootKey()
  await go.deleteKey(deleted.id, 'minimal')
  const ids = async (query: string) => (await go.listKeys(query)).map(({ id }) => id)
  expect(await ids('state=0%2C1%2C5')).toEqual(expect.arrayContaining([active.id, deleted.id]))
  expect(await ids('state=0%2C1')).not.toContain(deleted.id)
})

test('rule 13: the token is a JWT with `iat` and `exp`, and lives longer than clients cut off', async () => {
  for (const path of ['/identity/token', '/oidc/token']) {
    const form = { apikey: product.apiKey, grant_type: 'urn:ibm:params:oauth:grant-type:apikey' }
    const body = new URLSearchParams({ ...form, response_type: 'cloud_iam' })
    const answer = await fetch(`${product.url}${path}`, { method: 'POST', body })
    expect(answer.status).toBe(200)
    const token = (await answer.json()) as Record<string, unknown>
    expect(token).toMatchObject({ token_type: 'Bearer', refresh_token: expect.any(String) })
    expect(Number.isInteger(token['expires_in']) && Number(token['expires_in']) > 60).toBe(true)
    const [, claims] = String(token['access_token']).split('.')
    const { iat, exp } = JSON.parse(Buffer.from(claims ?? '', 'base64url').toString('utf8')) as Record<string, number>
    expect(Number(exp) - Number(iat)).toBe(token['expires_in'])
    expect(token['expiration']).toBe(exp)
  }
})

test('rule 14: 401 and 403 mean authentication and authorisation only', async () => {
  for (const [what, reply] of await refusals()) expect([401, 403], what).not.toContain(reply.status)
  const foreign = await call('GET', '/keys', { headers: { 'bluemix-instance': unknown } })
  const unsigned = await call('GET', '/keys', { headers: { authorization: 'Bearer nothing' } })
  expect([foreign.status, unsigned.status]).toEqual([401, 401])
})

test('rule 15: a client that retries 429 and 5xx has nothing to retry (Retry-After: server/src/http/answer.test.ts)', async () => {
  const before = go.sent
  await refusalOf(go.getKey(unknown))
  await refusalOf(go.act(unknown, 'rotate'))
  expect(go.sent).toBe(before + 2)
})

test('rules 16 and 17: `deleted` is on every key; dates of changes come with the first change', async () => {
  const created = await rootKey()
  expect(created).toMatchObject({ deleted: false })
  expect(created).not.toHaveProperty('lastUpdateDate')
  expect(created).not.toHaveProperty('lastRotateDate')
  await go.act(created.id, 'rotate')
  const rotated = await go.getKeyMetadata(created.id)
  expect(rotated).toMatchObject({ lastUpdateDate: expect.any(String), lastRotateDate: expect.any(String) })
  for (const key of await go.keys()) expect(key).toHaveProperty('deleted', false)
  const minimal = await call('POST', '/keys', { body: newKey('minimal'), headers: { prefer: 'return=minimal' } })
  expect(minimal.json.resources).toMatchObject([{ deleted: false }])
  expect(await go.deleteKey(created.id, 'representation')).toMatchObject({ deleted: true })
})

test('rule 18: no policies are an empty list', async () => {
  const { id } = await rootKey()
  for (const path of [`/keys/${id}/policies`, `/keys/${id}/policies?policy=rotation`]) {
    const { status, json } = await call('GET', path)
    expect([status, json.resources, json.metadata.collectionTotal], path).toEqual([200, [], 0])
  }
})

test('rule 19: static paths win over parameters', async () => {
  const listed = await call('GET', '/keys/registrations')
  expect([listed.status, listed.json.resources]).toEqual([200, []])
  expect(await client.event(listed.eventId)).toMatchObject({ action: 'hs-crypto.registrations.list' })
  const { id } = await rootKey()
  for (const alias of ['registrations', 'keys', 'metadata', 'policies', 'versions', 'rotate', 'wrap', unknown]) {
    expect((await refusalOf(go.createAlias(id, alias))).status, alias).toBe(400)
  }
})

test('rule 20: path parameters are decoded once, slashes in resource names included', async () => {
  const { id } = await rootKey()
  await go.createAlias(id, 'rule-twenty')
  expect(await go.getKeyMetadata('rule%2Dtwenty')).toMatchObject({ id })
  expect((await refusalOf(go.getKeyMetadata('rule%252Dtwenty'))).status).toBe(404)
  const crn = 'crn:v1:bluemix:public:cloud-object-storage:global:a/59bcbfa6ea2f006b4ed7094c1a08dcdd:1a0ec336:bucket:b/c'
  const registration = await call('POST', `/keys/${id}/registrations/${encodeURIComponent(crn)}`, { body: {} })
  // A person may not register; that it says so means that the path was understood.
  expect([registration.status, registration.text]).toEqual([403, expect.stringContaining('SERVICE_ONLY_ERR')])
  for (const query of [crn, encodeURIComponent(crn)]) {
    const path = `/keys/registrations?urlEncodedResourceCRNQuery=${encodeURIComponent(query)}`
    expect((await call('GET', path)).status, query).toBe(200)
  }
})

test('rule 21: bodies come compressed and in chunks', async () => {
  const json = JSON.stringify(newKey('rule-twenty-one'))
  const zipped = await call('POST', '/keys', { body: gzipSync(json), headers: { 'content-encoding': 'gzip' } })
  expect(zipped.status).toBe(201)
  const chunks = (async function* () {
    for (let at = 0; at < json.length; at += 40) yield Buffer.from(json.slice(at, at + 40))
  })()
  const chunked = await fetch(`${product.url}/api/v2/keys`, {
    method: 'POST',
    headers: { authorization: `Bearer ${client.token}`, 'bluemix-instance': product.instance },
    body: ReadableStream.from(chunks),
    duplex: 'half',
  })
  expect(chunked.status).toBe(201)
})

test('rule 22: no path ends with a slash, for clients cut it off', async () => {
  const described = await client.call<{ paths: Record<string, unknown> }>('GET', '/openapi.json')
  const paths = Object.keys(described.json.paths).filter((path) => /^\/(api|identity|oidc|governance)\//.test(path))
  expect(paths.length).toBeGreaterThan(30)
  expect(paths.filter((path) => path.endsWith('/'))).toEqual([])
})

test('rules 8 and 10: nothing but 200, 201 and 204 is a success, and every date has a zone', async () => {
  const events = (await client.events()).map(({ event }) => event)
  const codes = new Set(
    events
      .filter(({ action, outcome }) => /^hs-crypto\.(?!producer|tke|storage)/.test(action) && outcome === 'success')
      .map(({ reason }) => reason.reasonCode),
  )
  expect([...codes].toSorted((a, b) => a - b)).toEqual([200, 201, 204])
  // What this client reads of keys, policies and adapters it decodes, dates strictly, or fails.
  for (const key of await go.listKeys('state=0,1,2,3,5&limit=5000')) {
    expect(key).toMatchObject({ creationDate: expect.stringMatching(/T\d\d:\d\d:\d\d\.\d{3}Z$/) })
  }
  for (const adapter of await go.adapters()) {
    expect(adapter).toMatchObject({ created_at: expect.stringMatching(/Z$/), updated_at: expect.stringMatching(/Z$/) })
  }
})

test('an answer says in its media type what it holds: the published Python client reads by it', async () => {
  const { id } = await rootKey()
  await go.createAlias(id, 'media-types')
  await call('POST', '/import_token', { body: {} })
  for (const [method, path, kind, body] of [
    ['GET', '/keys', 'key', undefined],
    ['GET', `/keys/${id}`, 'key', undefined],
    ['POST', '/keys', 'key', newKey('media-types')],
    ['POST', `/keys/${id}/actions/wrap`, 'key_action', {}],
    ['GET', `/keys/${id}/versions`, 'key.version', undefined],
    ['GET', `/keys/${id}/policies`, 'policy', undefined],
    ['GET', '/instance/policies', 'policy', undefined],
    ['GET', '/key_rings', 'key_ring', undefined],
    ['GET', '/keys/registrations', 'registration', undefined],
    ['GET', '/import_token', 'import_token', undefined],
    ['GET', '/kmip_adapters', 'kmip_adapter', undefined],
  ] as const) {
    const reply = await call(method, path, body === undefined ? {} : { body })
    expect(reply.headers.get('content-type')?.split(';')[0], `${method} ${path}`).toBe(
      `application/vnd.ibm.kms.${kind}+json`,
    )
  }
})
