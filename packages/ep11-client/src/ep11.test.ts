/** Every function against the EP11 listener of the server: what reaches the unit, what comes back, and what the trail says of it. */
import type { AddressInfo } from 'node:net'
import type { Asked } from '@keywitness/server/ep11/testing/fake-unit'
import { type Ep11House, openEp11House } from '@keywitness/server/ep11/testing/ep11-house'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { connectEp11, type Ep11, Ep11Error, type Ep11Options, returnValues, type Witnessed } from './index.ts'

let house: Ep11House
let identityUrl: string
let open: Ep11[]
beforeAll(async () => {
  house = await openEp11House()
  await house.app.listen({ host: '127.0.0.1', port: 0 })
  identityUrl = `http://127.0.0.1:${(house.app.server.address() as AddressInfo).port}`
})
afterAll(() => house.close())
beforeEach(() => {
  open = []
  house.unit.asked.length = 0
  house.unit.respond = () => ({})
  house.news()
})
afterEach(() => {
  for (const ep11 of open) ep11.close()
})

function connect(more: Partial<Ep11Options> = {}): Ep11 {
  const { ca, operator, ports } = house
  const ep11 = connectEp11({
    address: `localhost:${ports.public}`,
    ca,
    ...('token' in more ? {} : { apiKey: operator.apiKey, identityUrl }),
    ...more,
  } as Ep11Options)
  open.push(ep11)
  return ep11
}

const bytes = (text: string): Buffer => Buffer.from(text)
const key = bytes('a blob')
const iv = Buffer.alloc(16, 7)
const none = { kind: 'none' }

type Use = (ep11: Ep11) => Promise<unknown>

/** Function, RPC, what the unit is asked, what the program gets. */
const functions: readonly [string, string, Use, object, unknown][] = [
  [
    'generateKey',
    'GenerateKey',
    (ep11) => ep11.generateKey('CKM_AES_KEY_GEN', { CKA_VALUE_LEN: 32, CKA_EXTRACTABLE: false, CKA_LABEL: 'mine' }),
    {
      mechanism: { value: 0x1080, parameter: none },
      template: new Map<number, unknown>([
        [0x161, 32n],
        [0x162, false],
        [3, bytes('mine')],
      ]),
    },
    { key: bytes('GenerateKey.key'), checkSum: bytes('GenerateKey.checkSum') },
  ],
  [
    'generateKeyPair',
    'GenerateKeyPair',
    (ep11) =>
      ep11.generateKeyPair('CKM_EC_KEY_PAIR_GEN', {
        publicKey: { CKA_EC_PARAMS: 'P-256', CKA_VERIFY: true },
        privateKey: { CKA_SIGN: true },
      }),
    {
      mechanism: { value: 0x1040, parameter: none },
      publicTemplate: new Map<number, unknown>([
        [0x180, bytes('P-256')],
        [0x10a, true],
      ]),
      privateTemplate: new Map([[0x108, true]]),
    },
    { publicKey: bytes('GenerateKeyPair.publicKey'), privateKey: bytes('GenerateKeyPair.privateKey') },
  ],
  [
    'deriveKey',
    'DeriveKey',
    (ep11) =>
      ep11.deriveKey({ mechanism: 'CKM_ECDH1_DERIVE', publicData: bytes('point') }, key, { CKA_KEY_TYPE: 'CKK_AES' }),
    {
      mechanism: { value: 0x1050, parameter: { kind: 'bytes', bytes: bytes('point') } },
      baseKey: key,
      data: bytes(''),
      template: new Map([[0x100, 0x1fn]]),
    },
    { key: bytes('DeriveKey.key'), checkSum: bytes('DeriveKey.checkSum') },
  ],
  [
    'wrapKey',
    'WrapKey',
    (ep11) => ep11.wrapKey({ mechanism: 'CKM_AES_CBC_PAD', iv }, { key, kek: bytes('kek'), macKey: bytes('mac') }),
    {
      mechanism: { value: 0x1085, parameter: { kind: 'bytes', bytes: iv } },
      key,
      kek: bytes('kek'),
      macKey: bytes('mac'),
    },
    bytes('WrapKey.wrapped'),
  ],
  [
    'unwrapKey',
    'UnwrapKey',
    (ep11) =>
      ep11.unwrapKey('CKM_RSA_PKCS', {
        wrapped: bytes('wrapped'),
        kek: bytes('kek'),
        template: { CKA_CLASS: 'CKO_PRIVATE_KEY', CKA_KEY_TYPE: 'CKK_EC' },
      }),
    {
      mechanism: { value: 1, parameter: none },
      wrapped: bytes('wrapped'),
      kek: bytes('kek'),
      macKey: bytes(''),
      template: new Map([
        [0, 3n],
        [0x100, 3n],
      ]),
    },
    { key: bytes('UnwrapKey.key'), checkSum: bytes('UnwrapKey.checkSum') },
  ],
  ['rewrapKeyBlob', 'RewrapKeyBlob', (ep11) => ep11.rewrapKeyBlob(key), { key }, bytes('RewrapKeyBlob.key')],
  [
    'encrypt',
    'EncryptSingle',
    (ep11) => ep11.encrypt({ mechanism: 'CKM_AES_CBC', iv }, key, bytes('plain')),
    { mechanism: { value: 0x1082, parameter: { kind: 'bytes', bytes: iv } }, key, plain: bytes('plain') },
    bytes('EncryptSingle.ciphered'),
  ],
  [
    'decrypt',
    'DecryptSingle',
    (ep11) => ep11.decrypt({ mechanism: 'CKM_RSA_PKCS_OAEP', hash: 'CKM_SHA256' }, key, bytes('ciphered')),
    {
      mechanism: { value: 9, parameter: { kind: 'oaep', hash: 0x250, mgf: 2, label: undefined } },
      key,
      ciphered: bytes('ciphered'),
    },
    bytes('DecryptSingle.plain'),
  ],
  [
    'reencrypt',
    'ReencryptSingle',
    (ep11) =>
      ep11.reencrypt({ mechanism: 'CKM_AES_ECB', key }, { mechanism: 'CKM_DES3_ECB', key: bytes('k2') }, bytes('c')),
    {
      decMechanism: { value: 0x1081, parameter: none },
      encMechanism: { value: 0x132, parameter: none },
      decKey: key,
      encKey: bytes('k2'),
      ciphered: bytes('c'),
    },
    bytes('ReencryptSingle.reciphered'),
  ],
  [
    'sign',
    'SignSingle',
    (ep11) => ep11.sign('CKM_SHA384_RSA_PKCS_PSS', key, bytes('data')),
    {
      mechanism: { value: 0x44, parameter: { kind: 'pss', hash: 0x260, mgf: 3, saltBytes: 48 } },
      key,
      data: bytes('data'),
    },
    bytes('SignSingle.signature'),
  ],
  [
    'verify',
    'VerifySingle',
    (ep11) => ep11.verify('CKM_ECDSA_SHA256', key, bytes('data'), bytes('signature')),
    { mechanism: { value: 0x1044, parameter: none }, key, data: bytes('data'), signature: bytes('signature') },
    true,
  ],
  [
    'digest',
    'DigestSingle',
    (ep11) => ep11.digest('CKM_IBM_SHA3_256', bytes('data')),
    { mechanism: { value: 0x80010002, parameter: none }, data: bytes('data') },
    bytes('DigestSingle.digest'),
  ],
  ['random', 'GenerateRandom', (ep11) => ep11.random(21), { length: 21 }, bytes('GenerateRandom.random')],
  ['mechanisms', 'GetMechanismList', (ep11) => ep11.mechanisms(), {}, ['CKM_RSA_PKCS', 'CKM_IBM_DILITHIUM']],
  [
    'mechanismInfo',
    'GetMechanismInfo',
    (ep11) => ep11.mechanismInfo('CKM_AES_CBC'),
    { mechanism: 0x1082 },
    { keySizeMin: 0x8001_0001, keySizeMax: 0x8001_0001, flags: ['CKF_GENERATE_KEY_PAIR'] },
  ],
  [
    'getAttributes',
    'GetAttributeValue',
    (ep11) => ep11.getAttributes(key, ['CKA_EXTRACTABLE', 'CKA_VALUE_LEN', 'CKA_CHECK_VALUE']),
    { object: key, attributes: [0x161, 0x162, 0x90].toSorted((a, b) => a - b) },
    expect.anything(),
  ],
  [
    'setAttributes',
    'SetAttributeValue',
    (ep11) => ep11.setAttributes(key, { CKA_EXTRACTABLE: false }),
    { object: key, attributes: new Map([[0x162, false]]) },
    bytes('SetAttributeValue.object'),
  ],
]

test.each(functions)('%s is %s, with everything that was given, and one event', async (_, name, use, asked, got) => {
  expect(await use(connect())).toEqual(got)
  expect(house.unit.asked).toEqual([{ instance: house.operator.instance, session: undefined, name, request: asked }])
  expect(house.uses()).toMatchObject([{ outcome: 'success', requestData: { method: name } }])
})

test('a login is shown with every call that is made in it, and ends with its logout', async () => {
  const ep11 = connect()
  const inSession = await ep11.login(bytes('store'), bytes('pin-1234'))
  await inSession.random(21)
  await inSession.with({ correlationId: 'other' }).random(21)
  const after = await inSession.logout()
  await after.random(21)
  await ep11.random(21)
  const pinBlob = bytes('Login.pinBlob')
  expect(house.unit.asked.map(({ name, session }) => [name, session])).toEqual([
    ['Login', undefined],
    ['GenerateRandom', pinBlob],
    ['GenerateRandom', pinBlob],
    ['Logout', pinBlob],
    ['GenerateRandom', undefined],
    ['GenerateRandom', undefined],
  ])
})

const refusal = (name: keyof typeof returnValues, message = 'It is so.') => ({
  facts: { request: {}, response: {} },
  refusal: { code: returnValues[name], message },
})

test('an error tells its return value, and the event in which it is recorded', async () => {
  house.unit.respond = () => refusal('CKR_KEY_UNEXTRACTABLE', 'The key is not extractable.')
  const error = await connect({ correlationId: 'order-17' })
    .wrapKey('CKM_RSA_PKCS', { key, kek: key })
    .catch((reason: unknown) => reason)
  const [event] = house.uses()
  expect(error).toBeInstanceOf(Ep11Error)
  expect(error).toMatchObject({
    message: 'WrapKey: CKR_KEY_UNEXTRACTABLE: The key is not extractable.',
    returnValue: 'CKR_KEY_UNEXTRACTABLE',
    code: 0x6a,
    retry: false,
    correlationId: 'order-17',
    eventId: event?.id,
  })
  expect(event).toMatchObject({ correlationId: 'order-17', outcome: 'failure' })
})

test('each answer names its event, that of a repetition too', async () => {
  const told: Witnessed[] = []
  house.unit.respond = () => (house.unit.asked.length < 2 ? refusal('CKR_DEVICE_REMOVED') : {})
  await connect({ onWitnessed: (call) => told.push(call), correlationId: 'mine' }).random(21)
  expect(told).toEqual(
    house.uses().map(({ id, outcome }) => ({ method: 'GenerateRandom', correlationId: 'mine', eventId: id, outcome })),
  )
  expect(told.map(({ outcome }) => outcome)).toEqual(['failure', 'success'])
})

test('a signature that is not one is an answer, and whatever else fails is an error', async () => {
  const verify = (): Promise<boolean> => connect().verify('CKM_ECDSA', key, bytes('digest'), bytes('signature'))
  for (const name of ['CKR_SIGNATURE_INVALID', 'CKR_SIGNATURE_LEN_RANGE'] as const) {
    house.unit.respond = () => refusal(name)
    expect(await verify()).toBe(false)
  }
  house.unit.respond = () => refusal('CKR_KEY_TYPE_INCONSISTENT')
  await expect(verify()).rejects.toThrow('CKR_KEY_TYPE_INCONSISTENT')
})

test('without rights the refusal is told, and nothing reaches the unit', async () => {
  const apiKey = await house.withRole('Reader')
  const error = await connect({ apiKey, identityUrl })
    .generateKey('CKM_AES_KEY_GEN', { CKA_VALUE_LEN: 16 })
    .catch((reason: unknown) => reason)
  expect(error).toMatchObject({ returnValue: 'CKR_FUNCTION_REJECTED', retry: false, eventId: expect.any(String) })
  expect(house.unit.asked).toEqual([])
})

test('an API key that is none is told as that, and not sent to the service', async () => {
  const apiKey = 'not-an-api-key-of-this-house-0123456789abcde'
  const error = (await connect({ apiKey, identityUrl })
    .mechanisms()
    .catch((reason: unknown) => reason)) as Ep11Error
  expect(error.message).toBe(
    'identity/token: CKR_GREP11_NOT_AUTHENTICATED: The identity service refused the API key (400).',
  )
  expect(house.uses()).toEqual([])
})

test('the instance is that of the metadata', async () => {
  const theirs = { apiKey: house.other.apiKey, identityUrl }
  await connect({ ...theirs, instance: house.other.instance }).mechanisms()
  expect(house.unit.asked[0]?.instance).toBe(house.other.instance)
  await expect(connect({ instance: house.other.instance }).mechanisms()).rejects.toThrow('CKR_')
})

/** Answers as a unit would: each state says what it has taken. */
function running({ name, request }: Asked): object {
  const state = request['state'] as Buffer | undefined
  const data = (request['data'] ?? request['plain'] ?? request['ciphered']) as Buffer | undefined
  if (name.endsWith('Init')) return { answer: { state: Buffer.from('state:') } }
  if (name.endsWith('Update')) {
    const next = Buffer.concat([state ?? Buffer.alloc(0), Buffer.from(`${data?.length},`)])
    return { answer: { state: next, ciphered: data, plain: data } }
  }
  const end = state ?? Buffer.from('single')
  return { answer: { ciphered: end, plain: end, signature: end, digest: end } }
}

const mechanism = { mechanism: 'CKM_AES_CBC_PAD', iv } as const
const inParts: readonly [string, string, (ep11: Ep11, data: Uint8Array) => Promise<unknown>][] = [
  ['sign', 'Sign', (ep11, data) => ep11.sign('CKM_SHA256_HMAC', key, data)],
  ['verify', 'Verify', (ep11, data) => ep11.verify('CKM_SHA256_HMAC', key, data, bytes('signature'))],
  ['digest', 'Digest', (ep11, data) => ep11.digest('CKM_SHA256', data)],
  ['encrypt', 'Encrypt', (ep11, data) => ep11.encrypt(mechanism, key, data)],
  ['decrypt', 'Decrypt', (ep11, data) => ep11.decrypt(mechanism, key, data)],
]

test.each(inParts)('%s goes in one call up to the size of a part, and above in parts', async (_, family, use) => {
  house.unit.respond = running
  const ep11 = connect({ partBytes: 64 })
  const names = (): string[] => house.unit.asked.splice(0).map(({ name }) => name)
  await use(ep11, Buffer.alloc(0))
  await use(ep11, Buffer.alloc(64))
  expect(names()).toEqual([`${family}Single`, `${family}Single`])
  await use(ep11, Buffer.alloc(65))
  const update = `${family}Update`
  expect(names()).toEqual([`${family}Init`, update, update, `${family}Final`])
})

test('ten megabytes go in parts of one, and come back whole', async () => {
  house.unit.respond = running
  const data = Buffer.alloc(10 * 1024 * 1024 + 5, 'a pattern that repeats')
  const got = await connect().encrypt(mechanism, key, data)
  const sizes = Array.from({ length: 10 }, () => '1048576,').join('')
  expect(got.subarray(0, data.length).equals(data)).toBe(true)
  expect(got.subarray(data.length).toString()).toBe(`state:${sizes}5,`)
})

async function* pieces(sizes: readonly number[], ended: () => void = () => undefined): AsyncGenerator<Uint8Array> {
  try {
    for (const size of sizes) {
      await Promise.resolve()
      yield Buffer.alloc(size, size)
    }
  } finally {
    ended()
  }
}

test('pieces of a stream are put together to parts', async () => {
  house.unit.respond = running
  const ep11 = connect({ partBytes: 64 })
  const got = await ep11.digest('CKM_SHA256', pieces([1, 0, 62, 5, 200, 3]))
  expect(got.toString()).toBe('state:64,64,64,64,15,')
  expect((await ep11.digest('CKM_SHA256', pieces([10, 20]))).toString()).toBe('single')
})

test('whoever stops reading ends the stream that was read from', async () => {
  house.unit.respond = running
  let isEnded = false
  const out = connect({ partBytes: 64 }).encryptStream(
    mechanism,
    key,
    pieces([64, 64, 64, 64, 64, 64], () => (isEnded = true)),
  )
  for await (const piece of out) {
    expect(piece).toHaveLength(64)
    break
  }
  expect(isEnded).toBe(true)
  expect(house.unit.asked.map(({ name }) => name)).toEqual(['EncryptInit', 'EncryptUpdate'])
})

test('a stream that fails fails the function, with its own error', async () => {
  house.unit.respond = running
  const broken = new Error('the disk is gone')
  async function* breaks(): AsyncGenerator<Uint8Array> {
    yield* pieces([64, 64, 64])
    throw broken
  }
  await expect(connect({ partBytes: 64 }).sign('CKM_SHA256_RSA_PKCS', key, breaks())).rejects.toBe(broken)
})

test('what a mechanism signs at once is not cut: it is refused above the size of a message', async () => {
  const ep11 = connect({ partBytes: 64 })
  await ep11.sign('CKM_IBM_ED25519_SHA512', key, Buffer.alloc(4 * 1024 * 1024 - 65_536))
  expect(house.unit.asked.map(({ name }) => name)).toEqual(['SignSingle'])
  await expect(ep11.sign('CKM_IBM_ED25519_SHA512', key, Buffer.alloc(4 * 1024 * 1024))).rejects.toThrow(RangeError)
  expect(house.unit.asked).toHaveLength(1)
})

test('more calls than a connection has room for wait for their turn', async () => {
  let most = 0
  let underway = 0
  house.unit.respond = async () => {
    most = Math.max(most, ++underway)
    await new Promise((resolve) => setImmediate(resolve))
    underway--
    return {}
  }
  const ep11 = connect()
  await ep11.mechanisms()
  const all = await Promise.all(Array.from({ length: 300 }, () => ep11.random(21)))
  expect(all).toHaveLength(300)
  expect(most).toBeLessThanOrEqual(90)
})
