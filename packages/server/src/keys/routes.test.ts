/** The key API over HTTP: statuses, bodies and headers exactly as the published clients need them. */
import { expect, test } from 'vitest'
import type { JsonValue } from '../http/json.ts'
import { keyRoutes } from './routes.ts'
import { type House, openHouse, startTime } from './testing/house.ts'
import { type Listening, openListener } from './testing/listener.ts'
import { addKey, createBody, keyType } from './testing/wishes.ts'

const plaintext = Buffer.from('a data key of the caller').toString('base64')

function open(): { house: House; api: Listening } {
  const house = openHouse()
  return { house, api: openListener(house) }
}

async function createdId(api: Listening, key: object = {}): Promise<string> {
  const answered = await api.ask('POST', '/keys', { body: createBody({ name: 'billing', extractable: false, ...key }) })
  return String(answered.json().resources[0]?.['id'])
}

test('creating a root key answers 201 with the whole resource and the event that witnesses it', async () => {
  const { house, api } = open()
  const answered = await api.ask('POST', '/keys', {
    body: createBody({ name: 'billing', description: 'for invoices', tags: ['a'], extractable: false }),
  })
  expect(answered.status).toBe(201)
  const [key] = answered.json().resources
  const id = String(key?.['id'])
  const creationDate = new Date(startTime).toISOString()
  expect(answered.json()).toEqual({
    metadata: { collectionType: keyType, collectionTotal: 1 },
    resources: [
      {
        type: keyType,
        id,
        name: 'billing',
        description: 'for invoices',
        tags: ['a'],
        state: 1,
        extractable: false,
        crn: `${house.instance.crn.slice(0, -2)}:key:${id}`,
        imported: false,
        keyRingID: 'default',
        creationDate,
        createdBy: house.call().caller.id,
        algorithmType: 'AES',
        algorithmMetadata: { bitLength: '256', mode: 'CBC_PAD' },
        algorithmBitSize: 256,
        algorithmMode: 'CBC_PAD',
        keyVersion: { id, creationDate },
        dualAuthDelete: { enabled: false },
        deleted: false,
      },
    ],
  })
  expect(answered.headers['keywitness-event-id']).toBe(house.lastEvent().id)
  expect(house.lastEvent().requestData).toMatchObject({ requestURI: '/api/v2/keys', keyType: 'root' })
})

test('a payload is shown on creation only when a representation is preferred', async () => {
  const { api } = open()
  const body = createBody({ name: 'secret', payload: plaintext })
  const shown = async (prefer?: string) => {
    const headers = prefer === undefined ? {} : { prefer }
    return (await api.ask('POST', '/keys', { body, headers })).json().resources[0]
  }
  expect(await shown('return=representation')).toMatchObject({ payload: plaintext, imported: true, extractable: true })
  expect(await shown()).not.toHaveProperty('payload')
  expect(await shown()).not.toHaveProperty('keyVersion')
  const minimal = Object.keys((await shown('return=minimal')) ?? {})
  expect(minimal.sort().join(' ')).toBe('crn deleted extractable id imported name state type')
})

test('bodies are JSON whatever their content type says, null is none, and member names have no case', async () => {
  const { api } = open()
  const body = JSON.stringify(createBody({ name: 'billing', extractable: false })).replaceAll(
    /"(metadata|resources|name|extractable)"/g,
    (member) => member.toUpperCase(),
  )
  for (const type of [undefined, 'application/json', 'application/vnd.ibm.kms.key+json', 'text/plain']) {
    const headers = type === undefined ? {} : { 'content-type': type }
    expect((await api.ask('POST', '/keys', { body, headers })).status).toBe(201)
  }
  const id = await createdId(api)
  const empty = { 'content-type': 'application/vnd.ibm.kms.key_action_rotate+json', 'content-length': '0' }
  expect(await api.ask('POST', `/keys/${id}/actions/rotate`, { headers: empty })).toMatchObject({
    status: 204,
    body: undefined,
  })
  const other = await createdId(api)
  expect((await api.ask('POST', `/keys/${other}/actions/rotate`, { body: 'null' })).status).toBe(204)
  expect((await api.ask('POST', `/keys/${other}/actions/wrap`, { body: '{}' })).status).toBe(200)
  expect((await api.ask('POST', `/keys/${other}/actions/wrap`, { body: 'null' })).status).toBe(200)
  expect((await api.ask('POST', `/keys/${other}/actions/unwrap`, { body: 'null' })).status).toBe(400)
})

test.each([
  ['actions', (id: string, action: string) => `/keys/${id}/actions/${action}`],
  ['the older form', (id: string, action: string) => `/keys/${id}?action=${action}`],
])('by %s a data key is wrapped, unwrapped, rewrapped, and the key rotated', async (_, path) => {
  const { house, api } = open()
  const id = await createdId(api)
  const ask = async (action: string, body: object) => await api.ask('POST', path(id, action), { body })
  const wrapped = (await ask('wrap', { plaintext, aad: ['a', 'b'] })).json()
  expect(Object.keys(wrapped).sort()).toEqual(['ciphertext', 'keyVersion'])
  const { ciphertext } = wrapped
  expect((await ask('unwrap', { ciphertext, aad: ['a', 'b'] })).json()).toEqual({ plaintext, keyVersion: { id } })
  const made = (await ask('wrap', {})).json()
  expect(Buffer.from(String(made['plaintext']), 'base64')).toHaveLength(32)
  const rotated = await api.ask('POST', path(id, 'rotate'), { headers: { prefer: 'return=representation' } })
  expect(rotated).toMatchObject({ status: 204, body: undefined })
  const newest = house.parts.keys.find(house.instance.guid, id)?.newest
  const opened = (await ask('unwrap', { ciphertext, aad: ['a', 'b'] })).json()
  expect(opened).toMatchObject({ plaintext, keyVersion: { id }, rewrappedKeyVersion: { id: newest } })
  const renewed = { ciphertext: opened['ciphertext'], aad: ['a', 'b'] }
  expect((await ask('unwrap', renewed)).json()).toEqual({ plaintext, keyVersion: { id: newest } })
  expect((await ask('rewrap', { ciphertext, aad: ['a', 'b'] })).json()).toMatchObject({
    keyVersion: { id },
    rewrappedKeyVersion: { id: newest },
  })
  expect(house.events().map((event) => event.action.replace('hs-crypto.secrets.', ''))).toEqual([
    'create',
    'wrap',
    'unwrap',
    'wrap',
    'rotate',
    'unwrap',
    'unwrap',
    'rewrap',
  ])
})

test('a key is listed, counted, read and described; its versions too', async () => {
  const { api } = open()
  const id = await createdId(api)
  await createdId(api, { extractable: true, payload: plaintext })
  const listed = (await api.ask('GET', '/keys?limit=2000&offset=0&state=0%2C1%2C5&sort=-creationDate')).json()
  expect(listed).toMatchObject({ metadata: { collectionType: keyType, collectionTotal: 2 } })
  expect(JSON.stringify(listed)).not.toContain('payload')
  const head = await api.ask('HEAD', '/keys?extractable=true')
  expect(head).toMatchObject({ status: 200, body: undefined, headers: { 'key-total': '1' } })
  const [first] = (await api.ask('GET', `/keys/${id}`)).json().resources
  expect((await api.ask('GET', `/keys/${id}/metadata`)).json().resources).toEqual([first])
  expect((await api.ask('GET', `/keys/${id}/versions?totalCount=true`)).json()).toEqual({
    metadata: {
      collectionType: 'application/vnd.ibm.kms.key.version+json',
      collectionTotal: 1,
      totalCount: 1,
    },
    resources: [{ id, creationDate: new Date(startTime).toISOString() }],
  })
  const page = await api.ask('GET', '/keys?limit=1')
  expect([page.json().resources.length, page.headers['key-total']]).toEqual([1, '2'])
  const searched = await api.ask('GET', '/keys?limit=1&offset=5&search=billing')
  expect([searched.json().resources.length, searched.headers['key-total']]).toEqual([0, '2'])
  expect((await api.ask('GET', '/keys?state=5')).json()).toEqual({
    metadata: { collectionType: keyType, collectionTotal: 0 },
    resources: [],
  })
})

test('a deletion is 204 and empty, or shows the destroyed key with its dates when that is preferred', async () => {
  const { api } = open()
  const id = await createdId(api)
  expect(await api.ask('DELETE', `/keys/${id}?force=true`)).toMatchObject({ status: 204, body: undefined })
  const other = await createdId(api)
  const shown = await api.ask('DELETE', `/keys/${other}`, { headers: { prefer: 'return=representation' } })
  expect(shown.status).toBe(200)
  expect(shown.json().resources).toMatchObject([
    {
      id: other,
      state: 5,
      deleted: true,
      deletionDate: '2026-03-01T12:00:00.000Z',
      restoreAllowed: true,
      restoreExpirationDate: '2026-03-31T12:00:00.000Z',
      purgeAllowed: false,
      purgeAllowedFrom: '2026-03-01T16:00:00.000Z',
      purgeScheduledOn: '2026-05-30T12:00:00.000Z',
    },
  ])
  expect((await api.ask('GET', `/keys/${id}`)).json().resources).toMatchObject([{ id, state: 5 }])
})

test('a purge that shows the key says that nothing can be done with it any more', async () => {
  const { house, api } = open()
  const id = await createdId(api)
  await api.ask('DELETE', `/keys/${id}`)
  house.time += house.parts.limits.purgeAfterMs
  const caller = house.caller(['KeyPurge'])
  const shown = await api.ask('DELETE', `/keys/${id}/purge`, { caller, headers: { prefer: 'return=representation' } })
  expect(shown.status).toBe(200)
  expect(shown.json().resources).toMatchObject([{ id, state: 5, restoreAllowed: false, purgeAllowed: false }])
})

test('a standard key whose material has no size of an AES key shows the usual size', async () => {
  const { api } = open()
  const sizes = async (bytes: number) => {
    const payload = Buffer.alloc(bytes, 1).toString('base64')
    const body = createBody({ name: 'secret', payload })
    const [key] = (await api.ask('POST', '/keys', { body })).json().resources
    return [key?.['algorithmBitSize'], key?.['algorithmMetadata']]
  }
  expect(await sizes(5)).toEqual([256, { bitLength: '256', mode: 'CBC_PAD' }])
  expect(await sizes(16)).toEqual([128, { bitLength: '128', mode: 'CBC_PAD' }])
})

test('after a rotation, and only then, the key shows when it was updated and rotated', async () => {
  const { api } = open()
  const id = await createdId(api)
  await api.ask('POST', `/keys/${id}/actions/rotate`)
  const [key] = (await api.ask('GET', `/keys/${id}`)).json().resources
  expect(key).toMatchObject({ lastUpdateDate: expect.any(String), lastRotateDate: expect.any(String) })
})

test('errors come in the envelope that clients recognise, with integer status and the member at fault', async () => {
  const { house, api } = open()
  const answered = await api.ask('POST', '/keys', { body: createBody({ name: 'x', extractable: false }) })
  expect(answered.status).toBe(400)
  expect(answered.json()).toEqual({
    metadata: { collectionType: 'application/vnd.ibm.kms.error+json', collectionTotal: 1 },
    resources: [
      {
        errorMsg: expect.stringMatching(/^Bad Request: .*\(INVALID_FIELD_ERR\)$/),
        reasons: [
          {
            code: 'INVALID_FIELD_ERR',
            status: 400,
            message: expect.any(String),
            moreInfo: 'http://localhost/docs',
            target: { type: 'field', name: 'name' },
          },
        ],
      },
    ],
  })
  expect(answered.headers['keywitness-event-id']).toBe(house.lastEvent().id)
  expect(house.lastEvent()).toMatchObject({ outcome: 'failure', severity: 'warning', reason: { reasonCode: 400 } })
})

test.each<[string, string, string, JsonValue | undefined, number, string, string]>([
  ['a malformed body', 'POST', '/keys', '{"metadata"', 400, 'BAD_BODY_ERR', 'secrets.default'],
  ['an unknown action', 'POST', '/keys/ID?action=shred', undefined, 400, 'INVALID_QUERY_PARAM_ERR', 'secrets.default'],
  ['two actions', 'POST', '/keys/ID?action=wrap&action=rotate', {}, 400, 'INVALID_QUERY_PARAM_ERR', 'secrets.default'],
  ['no action', 'POST', '/keys/ID', {}, 400, 'INVALID_QUERY_PARAM_ERR', 'secrets.default'],
  ['an inherited action', 'POST', '/keys/ID?action=constructor', {}, 400, 'INVALID_QUERY_PARAM_ERR', 'secrets.default'],
  ['an unknown sub-path', 'GET', '/keys/ID/shred', undefined, 404, 'NOT_FOUND', 'secrets.default'],
  ['a wrong method', 'PUT', '/keys', {}, 404, 'NOT_FOUND', 'secrets.default'],
  ['a bad query', 'GET', '/keys?limit=0', undefined, 400, 'INVALID_QUERY_PARAM_ERR', 'secrets.list'],
  ['a missing body', 'POST', '/keys/ID?action=unwrap', undefined, 400, 'NO_BODY_ERR', 'secrets.unwrap'],
  [
    'an unknown key',
    'GET',
    '/keys/01890a5d-ac96-774b-bcce-b302099a8057',
    undefined,
    404,
    'KEY_NOT_FOUND_ERR',
    'secrets.read',
  ],
  ['a bad force', 'DELETE', '/keys/ID?force=maybe', undefined, 400, 'INVALID_QUERY_PARAM_ERR', 'secrets.delete'],
])('%s is answered and recorded as what it is', async (_, method, path, body, status, code, action) => {
  const { house, api } = open()
  const { id } = await addKey(house)
  const answered = await api.ask(
    method as 'GET',
    path.replace('ID', id),
    body === undefined ? {} : { body: body as object },
  )
  expect(answered.status).toBe(status)
  expect(answered.json().resources[0]?.['reasons']).toMatchObject([{ code, status }])
  expect(house.lastEvent()).toMatchObject({
    action: `hs-crypto.${action}`,
    outcome: 'failure',
    reason: { reasonCode: status },
  })
})

test.each([
  ['base64 of something else', Buffer.from('something else').toString('base64')],
  [
    'a ciphertext of the service that this one replaces',
    Buffer.from(JSON.stringify({ ciphertext: plaintext, hash: plaintext })).toString('base64'),
  ],
])('unwrap and rewrap of %s say first what is wrong with the key, as wrap does', async (_, ciphertext) => {
  const { house, api } = open()
  const suspended = await createdId(api)
  const destroyed = await createdId(api)
  const standard = await createdId(api, { extractable: true })
  const active = await createdId(api)
  house.forceState(suspended, 2)
  house.forceState(destroyed, 5)
  const cases: [id: string, status: number, code: string][] = [
    ['01890a5d-ac96-774b-bcce-b302099a8057', 404, 'KEY_NOT_FOUND_ERR'],
    [standard, 400, 'KEY_ROOT_REQ_ERR'],
    [suspended, 409, 'KEY_ACTION_INVALID_STATE_ERR'],
    [destroyed, 410, 'KEY_DELETED_ERR'],
    [active, 422, 'UNPROCESSABLE_CIPHERTEXT_ERR'],
  ]
  for (const action of ['/actions/unwrap', '/actions/rewrap', '?action=unwrap', '?action=rewrap']) {
    for (const [id, status, code] of cases) {
      const answered = await api.ask('POST', `/keys/${id}${action}`, { body: { ciphertext } })
      expect([action, answered.status, answered.body]).toEqual([action, status, expect.stringContaining(code)])
      expect(house.lastEvent().reason.reasonCode).toBe(status)
    }
  }
})

test('a caller without a role is 401 without reasons, whatever else is wrong with the request', async () => {
  const { house, api } = open()
  const caller = house.caller([])
  const { id } = await addKey(house)
  const requests = [
    ['POST', '/keys'],
    ['GET', '/keys?limit=0'],
    ['POST', `/keys/${id}/actions/unwrap`],
    ['POST', `/keys/${id}?action=shred`],
    ['DELETE', `/keys/${id}?force=maybe`],
    ['GET', '/keys/01890a5d-ac96-774b-bcce-b302099a8057/versions?limit=0'],
  ] as const
  for (const [method, path] of requests) {
    const answered = await api.ask(method, path, { caller })
    expect(answered.status).toBe(401)
    expect(answered.json().resources[0]).not.toHaveProperty('reasons')
    expect(house.lastEvent()).toMatchObject({ severity: 'critical', initiator: { id: caller.id } })
  }
})

test('the header that names a ring narrows the search and stands in the event', async () => {
  const { house, api } = open()
  const id = await createdId(api)
  const inRing = (ring: string) => api.ask('GET', `/keys/${id}`, { headers: { 'x-kms-key-ring': ring } })
  expect((await inRing('default')).status).toBe(200)
  expect(house.lastEvent().requestData).toMatchObject({ keyRingId: 'default' })
  expect((await inRing('other')).status).toBe(404)
})

test('every route is described', () => {
  const { parts } = openHouse()
  const undescribed = keyRoutes(parts).filter((route) => route.schema?.summary === undefined)
  expect(undescribed).toEqual([])
})
