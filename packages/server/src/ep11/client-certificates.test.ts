/** Clients of EP11 with and without a certificate: who is let in, who is refused and how, and when that ends. */
import { once } from 'node:events'
import { connect, type ClientHttp2Session } from 'node:http2'
import { connect as connectTls, type ConnectionOptions, type TLSSocket } from 'node:tls'
import { catalogue, explain, sentence } from '@keywitness/cadf'
import { returnValues } from '@keywitness/crypto-unit/ep11/return-values'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import * as make from '../certificates/testing/mint.ts'
import { authority, type Minted, mint } from '../certificates/testing/mint.ts'
import { recordFloods } from '../http/flood-events.ts'
import { failuresPerSource } from '../iam/flood.ts'
import type { Ep11Method } from './method.ts'
import { type Ep11House, openEp11House } from './testing/ep11-house.ts'
import {
  type ClientOptions,
  detailOf,
  type Ended,
  type Generation,
  type Grep11Client,
} from './testing/grep11-client.ts'
import { endOf, framed, openStream } from './testing/raw-stream.ts'

const NOT_AUTHENTICATED = [16, 0x8004_0001]
const day = 24 * 3_600_000

const root = authority('root')
const other = authority('another root')
const shown = mint({ subject: 'client', issuer: root, version: 1 })
const foreign = mint({ subject: 'client', issuer: other })

/** Of services beside cryptography: it has an action of its own. */
const beside: Ep11Method = {
  path: '/grep11.Keystore/ListKeystoresByIds',
  name: 'ListKeystoresByIds',
  action: 'hs-crypto.keystore.listkeystoresbyids',
  permissions: ['ep11.use'],
  run: () => Promise.resolve({ answer: Buffer.alloc(0) }),
}

let house: Ep11House
let sessions: { destroy(): unknown }[]
let begin: number
beforeAll(async () => {
  house = await openEp11House({ methods: () => [beside] })
  begin = house.clock.time
})
afterAll(() => house.close())
beforeEach(() => {
  sessions = []
  house.store.run('DELETE FROM accepted_certificates', [])
  house.clock.time = begin
  // A minute of which nothing was counted yet.
  house.clock.elapsed += 60_001
  house.unit.respond = () => ({})
})
afterEach(() => {
  for (const session of sessions) session.destroy()
})

const client = (identity?: Minted, options: Partial<ClientOptions> & { readonly apiKey?: string } = {}) =>
  house.client('c', { ...options, ...(identity === undefined ? {} : { identity }) })
const ask = (by: Grep11Client, more: Record<string, string> = {}): Promise<Ended> =>
  by.ends('GetMechanismList', {}, more)
const tellOf = ({ error }: Ended): unknown => (error === undefined ? 'served' : [error.code, detailOf(error).ckr])
const codeOf = (reason: string | undefined): string | undefined => /\((\w+)\)$/.exec(reason ?? '')?.[1]
/** How a call ended, and the code and what was wrong with its client’s certificate by its one event. */
async function outcome(by: Grep11Client, more: Record<string, string> = {}): Promise<string> {
  house.news()
  const ended = await ask(by, more)
  const events = house.news()
  expect(events).toHaveLength(1)
  const failure = events[0]?.requestData?.['tlsFailure'] as string | undefined
  if (ended.error === undefined) return failure === undefined ? 'served' : 'served in spite of that'
  expect(tellOf(ended)).toEqual(NOT_AUTHENTICATED)
  expect(events[0]).toMatchObject({ outcome: 'failure', severity: 'critical', reason: { reasonCode: 401 } })
  return `${codeOf(events[0]?.reason.reasonForFailure)} ${failure}`
}

/** By what was wrong, as lists of events tell it. */
const inWords: Readonly<Record<string, string>> = {
  missing: 'no client certificate',
  untrusted: 'client certificate of an authority that is not accepted',
  unfit: 'client certificate not fit for clients',
  expired: 'client certificate expired',
  'not-yet-valid': 'client certificate not valid yet',
  'wrong-instance': 'client certificate of another instance',
}

const required = 'EP11_CERTIFICATE_REQUIRED missing'
const untrusted = 'EP11_CERTIFICATE_UNTRUSTED untrusted'
const unfit = 'EP11_CERTIFICATE_UNTRUSTED unfit'

/** A connection that is used by nothing else. */
async function openSession(options: ConnectionOptions = {}): Promise<ClientHttp2Session> {
  const port = house.ports.public
  const socket = connectTls({
    port,
    host: '127.0.0.1',
    servername: 'localhost',
    ca: house.ca,
    ALPNProtocols: ['h2'],
    ...options,
  })
  await once(socket, 'secureConnect')
  const session = connect('https://localhost', { createConnection: () => socket })
  session.on('error', () => undefined)
  sessions.push(session)
  return session
}

async function statusOn(session: ClientHttp2Session): Promise<number | undefined> {
  const token = await house.token(house.operator.apiKey)
  const stream = openStream(session, token, '/grep11.Crypto/GetMechanismList')
  stream.end(framed(Buffer.alloc(0)))
  return (await endOf(stream)).status
}

const identityOf = ({ cert, key }: Minted): ConnectionOptions => ({ cert, key })
const isOver = (session: ClientHttp2Session): Promise<unknown> =>
  session.closed || session.destroyed ? Promise.resolve() : once(session, 'close')

test('an instance that accepts no certificate serves everybody, and its events name the certificate that was shown as not checked', async () => {
  expect(await outcome(await client())).toBe('served')
  expect(await outcome(await client(foreign))).toBe('served')
  expect(house.lastEvent().requestData).toMatchObject({
    certFingerprint: make.fingerprintOf(foreign),
    certChecked: false,
  })
  expect(await outcome(await client())).toBe('served')
  expect(house.lastEvent().requestData).not.toHaveProperty('certChecked')
})

test.each(['a', 'b', 'c'] satisfies Generation[])(
  'a client of generation %s is served with an accepted certificate, and without it refused with words and one event',
  async (generation) => {
    house.accept('ca', root)
    const good = await house.client(generation, { identity: shown })
    expect(await outcome(good)).toBe('served')
    expect(house.lastEvent()).toMatchObject({
      outcome: 'success',
      severity: 'normal',
      requestData: { method: 'GetMechanismList', certFingerprint: make.fingerprintOf(shown), certChecked: true },
    })
    const bare = await house.client(generation)
    house.unit.asked.length = 0
    house.news()
    const { error, headers } = await ask(bare)
    const [event] = house.news()
    expect(error?.details).toMatch(/^CKR_GREP11_NOT_AUTHENTICATED: .*Give the client its certificate/)
    expect(detailOf(error)).toMatchObject({ ckr: 0x8004_0001, retry: false })
    expect(headers.get('keywitness-event-id')).toEqual([event?.id])
    expect(event).toMatchObject({
      action: 'hs-crypto.ep11.use',
      outcome: 'failure',
      severity: 'critical',
      initiator: { id: house.operator.owner },
      reason: { reasonCode: 401 },
      requestData: { method: 'GetMechanismList', tlsFailure: 'missing', instanceID: house.operator.instance },
    })
    expect(event?.requestData).not.toHaveProperty('certFingerprint')
    expect(event?.target.id).toContain(house.operator.instance)
    expect(house.unit.asked).toEqual([])
  },
)

test('each way that a certificate can be wrong is told as such, and explained', async () => {
  house.accept('ca', root)
  const now = house.clock.time
  const odd = make.extension('1.3.6.1.4.1.99999.1', Buffer.from([5, 0]), true)
  const of = (more: Partial<make.MintOptions>): Minted => mint({ subject: 'client', issuer: root, ...more })
  const cases: [Minted | undefined, string, RegExp][] = [
    [undefined, required, /showed no certificate/],
    [foreign, untrusted, /issued by none that the instance accepts/],
    [of({ to: now - 1_000 }), 'EP11_CERTIFICATE_EXPIRED expired', /not valid at that time/],
    [of({ from: now + day }), 'EP11_CERTIFICATE_NOT_YET_VALID not-yet-valid', /not valid at that time/],
    [of({ extensions: [make.extKeyUsage('serverAuth')] }), unfit, /cannot be a client’s/],
    [of({ extensions: [odd] }), unfit, /cannot be a client’s/],
    [of({ extensions: [make.keyUsage(0x20)] }), unfit, /cannot be a client’s/],
    [of({ version: 1, extensions: [make.basicConstraints(false)] }), unfit, /cannot be a client’s/],
    [of({ hash: 'sha224' }), unfit, /cannot be a client’s/],
    [mint({ subject: 'root', keys: make.newKeys() }), untrusted, /issued by none/],
    [mint({ subject: 'client', issuer: { ...root, keys: make.newKeys() } }), untrusted, /issued by none/],
  ]
  for (const [identity, told, words] of cases) {
    expect(await outcome(await client(identity))).toBe(told)
    expect(explain(house.lastEvent()).map(({ meaning }) => meaning)).toEqual([expect.stringMatching(words)])
    const fingerprint = identity === undefined ? undefined : make.fingerprintOf(identity)
    expect(house.lastEvent().requestData?.['certFingerprint']).toBe(fingerprint)
    expect(house.lastEvent().requestData?.['certChecked']).toBe(identity === undefined ? undefined : true)
    expect(sentence(house.lastEvent())).toContain(`EP11 GetMechanismList (401, ${inWords[told.split(' ')[1] ?? '']})`)
  }
})

test('no method escapes, nor one that does not exist, and none has its message read', async () => {
  house.accept('ca', root)
  const bare = await client()
  const paths = bare.methods.map((name) => bare.message(name, { Mech: { Mechanism: 1 } }).path)
  paths.push(beside.path, '/grep11.Crypto/Nothing', '/nothing.at.All/Really', '/')
  house.unit.asked.length = 0
  for (const path of paths) {
    // Beyond so many in a minute they are counted.
    house.clock.elapsed += 60_001
    house.news()
    const ended = await bare.raw(path, Buffer.from('no message of any method'))
    expect([path, tellOf(ended)]).toEqual([path, NOT_AUTHENTICATED])
    const events = house.news()
    const action = path === beside.path ? beside.action : 'hs-crypto.ep11.use'
    expect(events.map((event) => [event.action, event.outcome, event.severity])).toEqual([
      [action, 'failure', 'critical'],
    ])
    expect(events[0]?.requestData).toMatchObject({ tlsFailure: 'missing' })
  }
  expect(paths).toHaveLength(44)
  expect(house.unit.asked).toEqual([])
  const good = await client(shown)
  house.news()
  expect((await good.raw(beside.path, Buffer.alloc(0))).error).toBeUndefined()
  expect(house.lastEvent().requestData).toMatchObject({ certFingerprint: make.fingerprintOf(shown) })
})

test('a call is refused by its headers alone', async () => {
  house.accept('ca', root)
  const bare = await openSession()
  const stream = openStream(bare, await house.token(house.operator.apiKey), '/grep11.Crypto/GetMechanismList')
  expect((await endOf(stream)).status).toBe(16)
})

test('every action of the listener has fields for the certificate', () => {
  const actions = ['hs-crypto.ep11.use', ...catalogue.all().map(({ action }) => action)].filter((name) =>
    /^hs-crypto\.(ep11|keystore)\./.test(name),
  )
  expect(actions.length).toBeGreaterThan(5)
  for (const action of actions) {
    const names = catalogue.entry(action)?.request.map(({ name }) => name)
    expect([action, names]).toEqual([action, expect.arrayContaining(['tlsFailure', 'certFingerprint', 'certChecked'])])
  }
})

test('an accepted intermediate needs no root, and a client shows what is between it and an accepted one', async () => {
  const inner = authority('inner', root)
  const of = mint({ subject: 'client', issuer: inner })
  house.accept('ca', inner)
  expect(await outcome(await client(of))).toBe('served')
  house.drop('ca')
  house.accept('ca', root)
  expect(await outcome(await client(of))).toBe(untrusted)
  expect(await outcome(await client({ ...of, cert: of.cert + inner.cert }))).toBe('served')
})

test('certificates of two administrators are accepted side by side, and each that goes takes its clients with it, also open connections', async () => {
  house.accept('one', root)
  house.accept('two', other)
  const [first, second, bare] = [await client(shown), await client(foreign), await client()]
  expect([await outcome(first), await outcome(second), await outcome(bare)]).toEqual(['served', 'served', required])
  const idle = await openSession(identityOf(shown))
  const stays = await openSession(identityOf(foreign))
  expect([await statusOn(idle), await statusOn(stays)]).toEqual([0, 0])
  house.drop('one')
  await isOver(idle)
  expect(await outcome(first)).toBe(untrusted)
  expect([await outcome(second), await statusOn(stays)]).toEqual(['served', 0])
  expect(await outcome(bare)).toBe(required)
  house.drop('two')
  for (const any of [first, second, bare]) expect(await outcome(any)).toBe('served')
  expect(await statusOn(stays)).toBe(0)
})

test('the first accepted certificate ends connections of clients without it at once, and no others', async () => {
  const bare = await openSession()
  const good = await openSession(identityOf(shown))
  const unused = await openSession()
  expect([await statusOn(bare), await statusOn(good)]).toEqual([0, 0])
  house.accept('ca', root)
  await isOver(bare)
  expect(await statusOn(good)).toBe(0)
  expect(unused.closed).toBe(false)
  expect(await statusOn(unused)).toBe(16)
  await isOver(unused)
})

test('a connection ends after a refused call, with what else is being answered on it', async () => {
  const { guid } = await secondInstance()
  house.accept('ca', root, guid)
  const session = await openSession()
  const token = await house.token(house.operator.apiKey)
  let answer: (() => void) | undefined
  house.unit.respond = () => new Promise<Record<string, never>>((resolve) => (answer = () => resolve({})))
  const served = openStream(session, token, '/grep11.Crypto/GetMechanismList')
  served.end(framed(Buffer.alloc(0)))
  await expect.poll(() => answer).toBeDefined()
  const refused = openStream(session, token, '/grep11.Crypto/GetMechanismList', { 'bluemix-instance': guid })
  refused.end(framed(Buffer.alloc(0)))
  expect((await endOf(refused)).status).toBe(16)
  answer?.()
  expect((await endOf(served)).status).toBe(0)
  await isOver(session)
})

test('a certificate that is removed, or the first one, while a call is answered refuses it: what it made is not told', async () => {
  const during = async (
    change: () => void,
    identity?: Minted,
    answer: Awaited<ReturnType<typeof house.unit.respond>> = {},
  ): Promise<string> => {
    const by = await client(identity)
    house.unit.asked.length = 0
    house.unit.respond = () => {
      change()
      return answer
    }
    const told = await outcome(by)
    expect(house.unit.asked).toHaveLength(1)
    return told
  }
  expect(await during(() => house.accept('one', root))).toBe(required)
  house.accept('two', other)
  expect(await during(() => house.drop('one'), shown)).toBe(untrusted)
  // Nor is it told what the unit refused: whether a signature is good, for one.
  house.drop('two')
  const refusal = { code: returnValues.CKR_SIGNATURE_INVALID, message: 'It is not good.' }
  expect(await during(() => house.accept('one', root), undefined, { refusal })).toBe(required)
})

test('certificates that begin and end do so for calls over open connections', async () => {
  const now = house.clock.time
  const timed = authority('timed', undefined, { to: now + 2 * day })
  house.accept('ca', timed)
  const by = await client(mint({ subject: 'client', issuer: timed, from: now + day, to: now + 3 * day }))
  expect(await outcome(by)).toBe('EP11_CERTIFICATE_NOT_YET_VALID not-yet-valid')
  const at = async (time: number): Promise<string> => {
    house.clock.time = time
    return outcome(by, { authorization: `Bearer ${await house.token(house.operator.apiKey)}` })
  }
  expect(await at(now + day)).toBe('served')
  expect(await at(now + 2 * day - 1)).toBe('served')
  expect(await at(now + 2 * day)).toBe('EP11_CERTIFICATE_EXPIRED expired')
  expect(await at(now + day)).toBe('served')
})

async function secondInstance(): Promise<{ guid: string }> {
  house.clock.time += 1_000
  const payload = { name: 'second', location: 'us-south' }
  const made = await house.as(house.operator.apiKey, { method: 'POST', url: '/v1/instances', payload })
  const { guid } = made.json<{ guid: string }>()
  const { apiKey, owner } = house.operator
  const scope = { kind: 'instance', id: guid }
  await house.as(apiKey, { method: 'POST', url: '/v1/iam/roles', payload: { identity: owner, role: 'Manager', scope } })
  return { guid }
}

test('a certificate is good for its own instance, however the call names another', async () => {
  const { guid } = await secondInstance()
  const { instance } = house.operator
  house.accept('ca', root)
  house.accept('ca', other, guid)
  const name = `${guid}.ep11.localhost`
  const wrong = 'EP11_CERTIFICATE_OF_ANOTHER_INSTANCE wrong-instance'
  const byName = { 'grpc.ssl_target_name_override': name, 'grpc.default_authority': name }
  const byAuthority = { 'grpc.default_authority': name, 'grpc.ssl_target_name_override': 'localhost' }
  const by = await client(shown)
  expect(await outcome(by, { 'bluemix-instance': instance })).toBe('served')
  expect(await outcome(by, { 'bluemix-instance': guid })).toBe(wrong)
  for (const channel of [byName, byAuthority]) {
    expect(await outcome(await client(shown, { channel }))).toBe(wrong)
    expect(sentence(house.lastEvent())).toContain(`(401, ${inWords['wrong-instance']})`)
    expect(await outcome(await client(foreign, { channel }))).toBe('served')
    expect(await outcome(await client(undefined, { channel }))).toBe(required)
    const { error } = await ask(await client(foreign, { channel }), { 'bluemix-instance': instance })
    expect([error?.code, house.lastEvent().reason.reasonCode]).toEqual([3, 400])
  }
})

test('what other accounts accept is nobody’s business', async () => {
  house.accept('ca', root)
  house.accept('ca', other, house.other.instance)
  expect(await outcome(await client(foreign))).toBe(untrusted)
  const { error } = await ask(await client(foreign), { 'bluemix-instance': house.other.instance })
  expect(error?.code).toBe(7)
  const theirs = await client(foreign, { apiKey: house.other.apiKey })
  expect(await outcome(theirs)).toBe('served')
})

test('a token is looked at first, and rights last', async () => {
  house.accept('ca', root)
  const bare = await client()
  await ask(bare, { authorization: 'nonsense' })
  expect(house.lastEvent().requestData).not.toHaveProperty('tlsFailure')
  const apiKey = await house.withRole('KmipAdapterManager')
  expect(await outcome(await client(undefined, { apiKey }))).toBe(required)
  expect((await ask(await client(shown, { apiKey }))).error?.code).toBe(7)
})

test('on the private listener it is the same, without an address', async () => {
  house.accept('ca', root)
  const { private: port } = house.ports
  expect(await outcome(await client(shown, { port }))).toBe('served')
  expect(await outcome(await client(undefined, { port }))).toBe(required)
  expect(house.lastEvent().initiator.host).not.toHaveProperty('address')
})

test('refusals beyond a few of one address are the same to the client, and one event counts them', async () => {
  house.accept('ca', root)
  const bare = await client()
  house.news()
  const told = new Set<string>()
  for (let call = 0; call < failuresPerSource + 10; call++) told.add(JSON.stringify(tellOf(await ask(bare))))
  expect([...told]).toEqual([JSON.stringify(NOT_AUTHENTICATED)])
  expect(house.news()).toHaveLength(failuresPerSource)
  expect(await outcome(await client(shown))).toBe('served')
  await recordFloods(house.floodParts, true)
  expect(house.lastEvent()).toMatchObject({ action: 'iam-identity.authentication.flood' })
})

test.each(['TLSv1.2', 'TLSv1.3'] as const)(
  'a session of %s is not resumed, so that each connection shows its certificate',
  async (version) => {
    house.accept('ca', root)
    const bounds: ConnectionOptions = { minVersion: version, maxVersion: version }
    const connectWith = async (options: ConnectionOptions): Promise<[TLSSocket, Buffer | undefined]> => {
      const kept: Buffer[] = []
      const port = house.ports.public
      const more = { port, host: '127.0.0.1', servername: 'localhost', ca: house.ca, ALPNProtocols: ['h2'] }
      const socket = connectTls({ ...more, ...bounds, ...options })
      socket.on('session', (session: Buffer) => kept.push(session))
      await once(socket, 'secureConnect')
      const session = connect('https://localhost', { createConnection: () => socket })
      sessions.push(session)
      session.on('error', () => undefined)
      await new Promise((resolve) => session.ping(resolve))
      return [socket, kept.at(-1) ?? socket.getSession()]
    }
    const [first, session] = await connectWith(identityOf(shown))
    expect(session).toBeInstanceOf(Buffer)
    expect(first.isSessionReused()).toBe(false)
    const [second] = await connectWith({ ...identityOf(shown), ...(session === undefined ? {} : { session }) })
    expect(second.isSessionReused()).toBe(false)
    const bare = await openSession({ ...bounds, ...(session === undefined ? {} : { session }) })
    expect(await statusOn(bare)).toBe(16)
  },
)

test('more certificates than are kept, and some that are none, are refused and cost no one else', async () => {
  house.accept('ca', root)
  const many = Array.from({ length: 20 }, (_, index) => authority(`other ${index}`).cert).join('')
  expect(await outcome(await client({ ...shown, cert: shown.cert + many }))).toBe(unfit)
  expect(house.lastEvent().reason.reasonForFailure).toMatch(/more than 8 certificates/)
  expect(house.lastEvent().requestData).toMatchObject({ certFingerprint: make.fingerprintOf(shown) })
  const keys = make.newKeys()
  const same = Array.from({ length: 6 }, () => authority('root', { ...root, keys }, { keys }).cert).join('')
  expect(await outcome(await client({ ...shown, cert: shown.cert + same }))).toBe('served')
  const tricky = mint({
    subject: make.nameOf('client\u0000,O=root'),
    issuer: { ...root, name: make.nameOf('root\u0000') },
  })
  expect(await outcome(await client(tricky))).toBe(untrusted)
})
