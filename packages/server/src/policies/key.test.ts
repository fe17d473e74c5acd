/** Policies of one key over HTTP: setting, reading, and what is refused. */
import { expect, test } from 'vitest'
import { factsOf, openHouse } from '../keys/testing/house.ts'
import { envelope, type Listeners, newKey, openListeners } from './testing/listeners.ts'

const type = 'application/vnd.ibm.kms.policy+json'

function open() {
  const house = openHouse()
  const listeners = openListeners(house)
  return { house, ...listeners }
}

async function createKey({ ask }: Pick<Listeners, 'ask'>, members: object = {}): Promise<string> {
  const answer = await ask('POST', '/keys', { body: newKey(members) })
  return String(answer.json().resources[0]?.['id'])
}

test('both policies are set together, read back, and told by their event', async () => {
  const { house, ask } = open()
  const id = await createKey({ ask })
  const path = `/keys/${id}/policies`
  expect((await ask('GET', path)).json()).toEqual({
    metadata: { collectionType: type, collectionTotal: 0 },
    resources: [],
  })
  const body = envelope(
    { type, rotation: { enabled: true, interval_month: 3 } },
    { type, dualAuthDelete: { enabled: false } },
  )
  const put = await ask('PUT', path, { body, headers: { 'x-kms-key-ring': 'default' } })
  expect(put.status).toBe(200)
  const { caller } = house.call()
  const stamps = {
    type,
    createdBy: caller.id,
    creationDate: '2026-03-01T12:00:00.000Z',
    updatedBy: caller.id,
    lastUpdateDate: '2026-03-01T12:00:00.000Z',
  }
  const crn = new RegExp(`^${house.instance.crn.slice(0, -2)}:policy:[0-9a-f-]{36}$`)
  const both = [
    {
      ...stamps,
      id: expect.any(String),
      crn: expect.stringMatching(crn),
      rotation: { enabled: true, interval_month: 3 },
    },
    { ...stamps, id: expect.any(String), crn: expect.stringMatching(crn), dualAuthDelete: { enabled: false } },
  ]
  expect(put.json().resources).toEqual(both)
  expect(house.lastEvent()).toMatchObject({
    action: 'hs-crypto.policies.write',
    outcome: 'success',
    severity: 'warning',
    target: { id: `${house.instance.crn.slice(0, -2)}:key:${id}`, name: 'billing', typeURI: 'hs-crypto/policies' },
  })
  expect(house.lastEvent().requestData).toEqual({
    requestURI: `/api/v2/keys/${id}/policies`,
    instanceID: house.instance.guid,
    keyRingId: 'default',
    keyType: 'root',
    initialValue: { policyRotationEnabled: false, policyDualAuthDeleteEnabled: false },
    newValue: { policyRotationEnabled: true, policyRotationIntervalMonth: 3, policyDualAuthDeleteEnabled: false },
  })
  // Three months of thirty days, and one day.
  expect(house.lastEvent().responseData).toEqual({ keyRingId: 'default', rotationDueDate: '2026-05-31T12:00:00.000Z' })
  expect((await ask('GET', path)).json().resources).toEqual(both)
  expect(factsOf(house.lastEvent())).toMatchObject({
    action: 'hs-crypto.policies.read',
    outcome: 'success',
    requestData: { keyType: 'root' },
    responseData: { keyRingId: 'default' },
  })
  expect((await ask('GET', `${path}?policy=dualAuthDelete`)).json().resources).toEqual(both.slice(1))
})

test('rotation is switched off and on again without losing its interval', async () => {
  const { house, ask } = open()
  const path = `/keys/${await createKey({ ask })}/policies?policy=rotation`
  const put = (rotation: object) => ask('PUT', path, { body: envelope({ rotation }) })
  const first = (await put({ interval_month: 12 })).json().resources[0]
  expect(first).toMatchObject({ rotation: { enabled: true, interval_month: 12 } })
  house.time += 60_000
  const off = (await put({ enabled: false })).json().resources[0]
  expect(off).toMatchObject({
    id: first?.['id'],
    creationDate: first?.['creationDate'],
    lastUpdateDate: '2026-03-01T12:01:00.000Z',
    rotation: { enabled: false, interval_month: 12 },
  })
  expect((await put({ enabled: true })).json().resources[0]).toMatchObject({
    rotation: { enabled: true, interval_month: 12 },
  })
  expect(house.lastEvent().requestData).toMatchObject({
    initialValue: { policyRotationEnabled: false, policyRotationIntervalMonth: 12 },
    newValue: { policyRotationEnabled: true, policyRotationIntervalMonth: 12 },
  })
})

test('rotation can be switched off before it ever had an interval, but not on', async () => {
  const { ask } = open()
  const path = `/keys/${await createKey({ ask })}/policies`
  const put = (rotation: object) => ask('PUT', path, { body: envelope({ rotation }) })
  expect((await put({ enabled: false })).json().resources[0]).toMatchObject({ rotation: { enabled: false } })
  const on = await put({ enabled: true })
  expect([on.status, on.code]).toEqual([400, 'INVALID_FIELD_ERR'])
  expect(on.body).toContain('1 to 12')
})

test('the deletion of a key by two people cannot be switched off again', async () => {
  const { house, ask } = open()
  const path = `/keys/${await createKey({ ask }, { extractable: true })}/policies`
  const put = (enabled: boolean) => ask('PUT', path, { body: envelope({ type, dualAuthDelete: { enabled } }) })
  expect((await put(true)).status).toBe(200)
  expect((await put(true)).status).toBe(200)
  const off = await put(false)
  expect([off.status, off.code]).toEqual([400, 'INVALID_FIELD_ERR'])
  expect(factsOf(house.lastEvent())).toMatchObject({
    action: 'hs-crypto.policies.write',
    outcome: 'failure',
    code: 400,
  })
  expect((await ask('GET', path)).json().resources).toMatchObject([{ dualAuthDelete: { enabled: true } }])
})

const rotation = { rotation: { enabled: true, interval_month: 1 } }
const dualAuthDelete = { dualAuthDelete: { enabled: true } }

test.each<[string, string, unknown, string]>([
  ['no body', '', undefined, 'NO_BODY_ERR'],
  ['an empty envelope', '', envelope(), 'BAD_BODY_ERR'],
  [
    'a wrong total',
    '',
    { metadata: { collectionType: type, collectionTotal: 3 }, resources: [rotation] },
    'COLLECTION_TOTAL_MISMATCH_ERR',
  ],
  [
    'another policy than the query names',
    '?policy=dualAuthDelete',
    envelope(rotation),
    'BODY_QUERY_PARAM_MISMATCH_ERR',
  ],
  [
    'two where the query names one',
    '?policy=rotation',
    envelope(rotation, dualAuthDelete),
    'NUM_COLLECTION_RESOURCE_ERR',
  ],
  ['a query that names no policy of keys', '?policy=metrics', envelope(rotation), 'INVALID_QUERY_PARAM_ERR'],
  ['both kinds in one resource', '', envelope({ ...rotation, ...dualAuthDelete }), 'BAD_BODY_ERR'],
  ['neither kind', '', envelope({ type }), 'BAD_BODY_ERR'],
  ['the same kind twice', '', envelope(rotation, rotation), 'BAD_BODY_ERR'],
  ['an unknown member', '', envelope({ rotation: { interval_month: 1, unit: 'day' } }), 'BAD_BODY_ERR'],
  ['another type', '', envelope({ ...rotation, type: 'application/json' }), 'INVALID_FIELD_ERR'],
  ['no word on dual authorisation', '', envelope({ dualAuthDelete: {} }), 'INVALID_FIELD_ERR'],
  ['an interval of 0', '', envelope({ rotation: { interval_month: 0 } }), 'INVALID_FIELD_ERR'],
  ['an interval of -1', '', envelope({ rotation: { interval_month: -1 } }), 'INVALID_FIELD_ERR'],
  ['an interval of 13', '', envelope({ rotation: { interval_month: 13 } }), 'INVALID_FIELD_ERR'],
])('%s is refused and changes nothing', async (_what, query, body, code) => {
  const { ask } = open()
  const path = `/keys/${await createKey({ ask })}/policies`
  const answer = await ask('PUT', `${path}${query}`, body === undefined ? {} : { body: body as object })
  expect([answer.status, answer.code]).toEqual([400, code])
  expect((await ask('GET', path)).json().resources).toEqual([])
})

test('a standard key and an imported root key cannot rotate by themselves', async () => {
  const { ask } = open()
  const payload = Buffer.alloc(32, 5).toString('base64')
  for (const [members, code] of [
    [{ extractable: true }, 'KEY_ROOT_REQ_ERR'],
    [{ payload }, 'INVALID_FIELD_ERR'],
  ] as const) {
    const path = `/keys/${await createKey({ ask }, members)}/policies`
    const answer = await ask('PUT', path, { body: envelope(rotation) })
    expect([answer.status, answer.code]).toEqual([400, code])
    expect((await ask('PUT', path, { body: envelope(dualAuthDelete) })).status).toBe(200)
  }
})

test('unknown, foreign and destroyed keys', async () => {
  const { house, ask } = open()
  const unknown = await ask('PUT', '/keys/11111111-1111-4111-8111-111111111111/policies', { body: envelope(rotation) })
  expect([unknown.status, unknown.code]).toEqual([404, 'KEY_NOT_FOUND_ERR'])
  const id = await createKey({ ask })
  const path = `/keys/${id}/policies`
  await ask('PUT', path, { body: envelope(rotation) })
  house.forceState(id, 5)
  const gone = await ask('PUT', path, { body: envelope(rotation) })
  expect([gone.status, gone.code]).toEqual([410, 'KEY_DELETED_ERR'])
  expect((await ask('GET', path)).json().resources).toHaveLength(1)
})

test('a deactivated key gets no rotation policy, but may be kept from being deleted by one person', async () => {
  const { house, ask } = open()
  const path = `/keys/${await createKey({ ask }, { expirationDate: '2026-03-01T12:00:01Z' })}/policies`
  house.time += 1_000
  const refused = await ask('PUT', path, { body: envelope(rotation) })
  expect([refused.status, refused.code]).toEqual([409, 'KEY_ACTION_INVALID_STATE_ERR'])
  expect(refused.body).toContain('to set a rotation policy it must be active or suspended')
  expect((await ask('PUT', path, { body: envelope(dualAuthDelete) })).status).toBe(200)
})

test('a suspended key gets both policies', async () => {
  const { house, ask } = open()
  const id = await createKey({ ask })
  house.forceState(id, 2)
  expect((await ask('PUT', `/keys/${id}/policies`, { body: envelope(rotation, dualAuthDelete) })).status).toBe(200)
})

test('setting a policy updates the key', async () => {
  const { house, ask } = open()
  const id = await createKey({ ask })
  house.time += 60_000
  await ask('PUT', `/keys/${id}/policies`, { body: envelope(dualAuthDelete) })
  expect((await ask('GET', `/keys/${id}/metadata`)).json().resources[0]).toMatchObject({
    dualAuthDelete: { enabled: true },
    lastUpdateDate: '2026-03-01T12:01:00.000Z',
  })
})

test('only managers of the key’s ring see and set its policies, and a missing role outranks a bad body', async () => {
  const { house, ask } = open()
  const id = await createKey({ ask })
  for (const caller of [house.caller(['Writer']), house.caller(['Manager'], 'payments')]) {
    for (const method of ['GET', 'PUT'] as const) {
      expect((await ask(method, `/keys/${id}/policies`, { caller, body: '{' })).status).toBe(401)
      expect(house.lastEvent()).toMatchObject({ outcome: 'failure', severity: 'critical' })
    }
  }
  const manager = house.caller(['Manager'], 'default')
  expect((await ask('GET', `/keys/${id}/policies`, { caller: manager })).status).toBe(200)
})

test('a key changed at the same time: its policy is decided on what it became', async () => {
  const { ask } = open()
  const id = await createKey({ ask })
  const [policy, deletion] = await Promise.all([
    ask('PUT', `/keys/${id}/policies`, { body: envelope(rotation) }),
    ask('DELETE', `/keys/${id}`),
  ])
  // Whichever was first, the other was decided after it.
  expect([
    [200, 204],
    [410, 204],
  ]).toContainEqual([policy.status, deletion.status])
})

test('a key is named by its alias too, and the event names the key', async () => {
  const { house, ask } = open()
  const id = await createKey({ ask }, { aliases: ['billing-key'] })
  expect((await ask('PUT', '/keys/billing-key/policies', { body: envelope(rotation) })).status).toBe(200)
  expect(house.lastEvent().target).toMatchObject({
    id: `${house.instance.crn.slice(0, -2)}:key:${id}`,
    name: 'billing',
  })
  expect((await ask('GET', '/keys/billing-key/policies')).json().resources).toHaveLength(1)
})

test('two policies of one request are set together or not at all', async () => {
  const { house, ask } = open()
  const path = `/keys/${await createKey({ ask }, { extractable: true })}/policies`
  const answer = await ask('PUT', path, { body: envelope(dualAuthDelete, rotation) })
  expect([answer.status, answer.code]).toEqual([400, 'KEY_ROOT_REQ_ERR'])
  expect(house.lastEvent().requestData).not.toHaveProperty('newValue')
  expect((await ask('GET', path)).json().resources).toEqual([])
})
