/** Who may call EP11, which instance a call is about, from where it may come, and what its event says of that. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { failuresPerSource } from '../iam/flood.ts'
import { recordFloods } from '../http/flood-events.ts'
import { type Ep11House, openEp11House } from './testing/ep11-house.ts'
import { detailOf, type Ended, type Grep11Client } from './testing/grep11-client.ts'

let house: Ep11House
let client: Grep11Client
beforeAll(async () => {
  house = await openEp11House()
  client = await house.client()
})
afterAll(() => house.close())
beforeEach(() => {
  house.unit.asked.length = 0
  house.unit.respond = () => ({})
  house.news()
})

const ask = (more: Record<string, string> = {}, by = client): Promise<Ended> => by.ends('GetMechanismList', {}, more)
const tellOf = ({ error }: Ended) => [error?.code, detailOf(error).ckr]
const UNAUTHENTICATED = [16, 0x8004_0001]
const PERMISSION_DENIED = [7, 0x200]
const INVALID_ARGUMENT = [3, 7]

test('an answered call tells its correlation id and its event', async () => {
  const { headers, answer } = await ask({ 'x-correlation-id': 'mine-1' })
  const [event] = house.uses()
  expect(answer).toBeDefined()
  expect(event?.correlationId).toBe('mine-1')
  expect(headers.get('x-correlation-id')).toEqual(['mine-1'])
  expect(headers.get('correlation-id')).toEqual(['mine-1'])
  expect(headers.get('keywitness-event-id')).toEqual([event?.id])
})

test('without a correlation id, or with one that no event may carry, there is a new one', async () => {
  await ask({ 'correlation-id': 'theirs' })
  await ask({ 'correlation-id': 'with a blank' })
  await ask()
  const [given, ...made] = house.uses().map(({ correlationId }) => correlationId)
  expect(given).toBe('theirs')
  for (const id of made) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f-]{27}$/)
})

test('a refused call tells them too', async () => {
  const { headers } = await ask({ authorization: 'nonsense', 'x-correlation-id': 'refused-1' })
  expect(headers.get('x-correlation-id')).toEqual(['refused-1'])
  expect(headers.get('keywitness-event-id')).toEqual([house.uses()[0]?.id])
})

test('a token is taken with its prefix, in whatever letters, and without', async () => {
  const token = await house.token(house.operator.apiKey)
  for (const authorization of [`Bearer ${token}`, `bearer ${token}`, `BEARER   ${token}`, token]) {
    expect((await ask({ authorization })).error).toBeUndefined()
  }
})

test('the initiator is whoever the token names, with address and agent on the public listener', async () => {
  await ask()
  expect(house.uses()[0]?.initiator).toMatchObject({
    id: house.operator.owner,
    credential: { type: 'token' },
    host: { address: '127.0.0.1', addressType: 'IPv4', agent: expect.stringContaining('grpc-node') },
  })
})

test('on the private listener there is no host address', async () => {
  const inside = await house.client('c', { port: house.ports.private })
  await ask({}, inside)
  await ask({ authorization: 'nonsense' }, inside)
  const [used, refused] = house.uses()
  expect(used?.initiator.host).toEqual({ agent: expect.any(String) })
  expect(refused?.initiator.host).toEqual({ agent: expect.any(String) })
})

test.each([
  ['no token', { authorization: '' }],
  ['a token that is none', { authorization: 'Bearer a.b.c' }],
  ['other credentials', { authorization: 'Basic dXNlcjpwYXNz' }],
])('a call with %s is refused before its message is read, and told to the operator', async (_, more) => {
  const ended = await ask({ ...more, 'bluemix-instance': house.other.instance })
  expect(tellOf(ended)).toEqual(UNAUTHENTICATED)
  expect(house.unit.asked).toEqual([])
  const [event] = house.uses()
  expect(event).toMatchObject({
    outcome: 'failure',
    severity: 'critical',
    initiator: { id: 'unknown' },
    reason: { reasonCode: 401, reasonForFailure: expect.stringMatching(/\(UNAUTHENTICATED\)$/) },
    requestData: {
      method: 'GetMechanismList',
      requestURI: '/grep11.Crypto/GetMechanismList',
      instanceID: house.other.instance,
    },
  })
  expect(event?.logSourceCRN).toContain(house.operator.account)
})

test('an expired token names whose it was', async () => {
  const late = await house.client()
  house.clock.time += 3_601_000
  try {
    expect(tellOf(await ask({}, late))).toEqual(UNAUTHENTICATED)
    expect(house.uses()[0]).toMatchObject({ initiator: { id: house.operator.owner }, reason: { reasonCode: 401 } })
  } finally {
    house.clock.time -= 3_601_000
  }
})

test('a role that is taken away ends a call that is being answered, and what it made is not told', async () => {
  const apiKey = await house.withRole('Manager')
  const theirs = await house.client('c', { apiKey })
  const { roles } = (await house.as(house.operator.apiKey, { url: '/v1/iam/roles?limit=100' })).json<{
    roles: { id: string; role: string; identity: string; scope: { kind: string } }[]
  }>()
  const granted = roles.find(({ role, scope }) => role === 'Manager' && scope.kind === 'instance')
  house.unit.respond = async () => {
    await house.as(house.operator.apiKey, { method: 'DELETE', url: `/v1/iam/roles/${granted?.id}` })
    return {}
  }
  expect(tellOf(await theirs.ends('GenerateKey', { Mech: { Mechanism: 1 } }))).toEqual(PERMISSION_DENIED)
  expect(house.unit.asked).toHaveLength(1)
  expect(house.uses().map(({ outcome, reason }) => [outcome, reason.reasonCode])).toEqual([['failure', 403]])
})

/** Reference: grep11.md, section 14.5, typed in again. */
const readers = [
  'GetMechanismList',
  'GetMechanismInfo',
  'GenerateRandom',
  'DigestInit',
  'Digest',
  'DigestUpdate',
  'DigestKey',
  'DigestFinal',
  'DigestSingle',
  'EncryptInit',
  'EncryptUpdate',
  'Encrypt',
  'EncryptFinal',
  'EncryptSingle',
  'DecryptInit',
  'DecryptUpdate',
  'Decrypt',
  'DecryptFinal',
  'DecryptSingle',
  'ReencryptSingle',
  'SignInit',
  'SignUpdate',
  'Sign',
  'SignFinal',
  'SignSingle',
  'VerifyInit',
  'VerifyUpdate',
  'Verify',
  'VerifyFinal',
  'VerifySingle',
  'WrapKey',
  'UnwrapKey',
  'RewrapKeyBlob',
  'GetAttributeValue',
  'SetAttributeValue',
  'Login',
  'Logout',
]
const writers = ['GenerateKey', 'GenerateKeyPair', 'DeriveKey']
const mechanisms = { Mech: { Mechanism: 1 }, DecMech: { Mechanism: 1 }, EncMech: { Mechanism: 1 } }

test.each([
  ['Reader', readers],
  ['ReaderPlus', readers],
  ['Writer', [...readers, ...writers]],
  ['Manager', [...readers, ...writers]],
  ['CryptoOperator', [...readers, ...writers]],
  ['KmipAdapterManager', []],
  ['CryptoUnitAdministrator', []],
] as const)('with the role %s exactly the methods of the table may be called', async (role, permitted) => {
  const theirs = await house.client('c', { apiKey: await house.withRole(role) })
  const allowed: string[] = []
  const refusals = new Set<string>()
  for (const name of theirs.methods) {
    const request = name === 'GetMechanismInfo' ? { Mech: 1 } : mechanisms
    const ended = await theirs.ends(name, request)
    if (ended.error === undefined) allowed.push(name)
    else refusals.add(tellOf(ended).join())
  }
  expect(allowed.toSorted()).toEqual([...permitted].toSorted())
  expect([...refusals]).toEqual(allowed.length === 40 ? [] : [PERMISSION_DENIED.join()])
  const uses = house.uses()
  expect(uses).toHaveLength(40)
  expect(uses.filter(({ severity }) => severity === 'critical')).toHaveLength(40 - permitted.length)
})

test('the metadata, the host and its TLS name each tell the instance; without any it is the first of the account', async () => {
  const { apiKey, instance } = house.operator
  house.clock.time += 1_000
  const made = await house.as(apiKey, {
    method: 'POST',
    url: '/v1/instances',
    payload: { name: 'second', location: 'us-south' },
  })
  const { guid } = made.json<{ guid: string }>()
  const second = await house.withRole('Reader', guid)
  const first = await house.withRole('Reader')
  const name = `${guid}.ep11.localhost`
  const byName = { 'grpc.ssl_target_name_override': name, 'grpc.default_authority': name }
  const instancesOf = async (by: Grep11Client, more: Record<string, string> = {}): Promise<unknown> => {
    house.unit.asked.length = 0
    const ended = await ask(more, by)
    return ended.error === undefined ? house.unit.asked.map((asked) => asked.instance) : tellOf(ended)
  }
  const ofSecond = await house.client('a', { apiKey: second })
  expect(await instancesOf(ofSecond, { 'bluemix-instance': guid })).toEqual([guid])
  expect(await instancesOf(ofSecond, { 'bluemix-instance': guid.toUpperCase() })).toEqual([guid])
  expect(await instancesOf(ofSecond)).toEqual(PERMISSION_DENIED)
  expect(await instancesOf(await house.client('c', { apiKey: second, channel: byName }))).toEqual([guid])
  const authorityOnly = { 'grpc.default_authority': name, 'grpc.ssl_target_name_override': 'localhost' }
  expect(await instancesOf(await house.client('c', { apiKey: second, channel: authorityOnly }))).toEqual([guid])
  expect(await instancesOf(await house.client('b', { apiKey: first }))).toEqual([instance])
  const both = await house.client('a', { apiKey: second, channel: byName })
  expect(await instancesOf(both, { 'bluemix-instance': guid })).toEqual([guid])
  house.news()
  expect(await instancesOf(both, { 'bluemix-instance': instance })).toEqual(INVALID_ARGUMENT)
  expect(house.uses()[0]).toMatchObject({ reason: { reasonCode: 400 }, severity: 'warning' })
})

test.each([
  ['of another account', () => house.other.instance],
  ['that nobody has', () => '00000000-0000-4000-8000-000000000000'],
  ['that is no GUID', () => 'everything'],
])('an instance %s is refused alike, and the event stays with the caller', async (_, instance) => {
  expect(tellOf(await ask({ 'bluemix-instance': instance() }))).toEqual(PERMISSION_DENIED)
  const [event] = house.uses()
  expect(event).toMatchObject({ reason: { reasonCode: 403 }, initiator: { id: house.operator.owner } })
  expect(event?.logSourceCRN).toContain(house.operator.account)
  expect(house.unit.asked).toEqual([])
})

test('an instance that takes calls from its private network only is reached there, and not on the public listener', async () => {
  const { store, operator } = house
  const restrict = (enabled: number, kind: string, attributes: object): void => {
    store.run(
      `INSERT OR REPLACE INTO instance_policies (instance, kind, revision, enabled, attributes, created_at, created_by, updated_at, updated_by)
       VALUES (?, ?, 1, ?, ?, 0, 'x', 0, 'x')`,
      [operator.instance, kind, enabled, JSON.stringify(attributes)],
    )
    store.run('UPDATE instances SET network_revision = network_revision + 1 WHERE guid = ?', [operator.instance])
  }
  const inside = await house.client('c', { port: house.ports.private })
  try {
    restrict(1, 'allowedNetwork', { allowed_network: 'private-only' })
    expect(tellOf(await ask())).toEqual(PERMISSION_DENIED)
    expect(house.uses()[0]?.reason.reasonForFailure).toBe(
      'This instance takes requests from its private network only. (EP11_UNAUTHORIZED)',
    )
    expect((await ask({}, inside)).error).toBeUndefined()
    restrict(1, 'allowedIP', { allowed_ip: ['10.0.0.0/8'] })
    expect(tellOf(await ask({}, inside))).toEqual(PERMISSION_DENIED)
    expect(house.uses().at(-1)?.reason.reasonForFailure).toContain('no requests from this address')
  } finally {
    restrict(0, 'allowedNetwork', { allowed_network: 'private-only' })
    restrict(0, 'allowedIP', { allowed_ip: ['10.0.0.0/8'] })
  }
})

test('a session of the metadata reaches the unit; one that no login can have made does not', async () => {
  const session = Buffer.from('a pin blob')
  await client.ask('EncryptInit', { Mech: { Mechanism: 1 } }, { 'ep11-session-bin': session as never })
  expect(house.unit.asked[0]?.session).toEqual(session)
  const tooLong = { 'ep11-session-bin': Buffer.alloc(257, 1) as never }
  const { error } = await client.ends('EncryptInit', { Mech: { Mechanism: 1 } }, tooLong)
  expect(detailOf(error).ckr).toBe(0xb3)
  expect(house.unit.asked).toHaveLength(1)
})

test('failed authentications beyond a few of a source are refused all the same, and one event counts them', async () => {
  const [reasons, before] = [new Set<unknown>(), house.events().length]
  for (let call = 0; call < failuresPerSource + 10; call++) {
    const ended = await ask({ authorization: 'nonsense' })
    reasons.add(JSON.stringify(tellOf(ended)))
  }
  expect([...reasons]).toEqual([JSON.stringify(UNAUTHENTICATED)])
  expect(house.events().length - before).toBeLessThanOrEqual(failuresPerSource)
  await recordFloods(house.floodParts, true)
  expect(house.lastEvent().action).toBe('iam-identity.authentication.flood')
})
