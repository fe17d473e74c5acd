/** Clients of all three generations: each of their methods reaches the unit with what they sent, and they read the answer. */
import { type CallName, calls } from '@keywitness/crypto-unit/ep11/calls'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type Ep11House, openEp11House } from './testing/ep11-house.ts'
import type { Generation, Grep11Client, Message } from './testing/grep11-client.ts'

let house: Ep11House
const clients = new Map<Generation, Grep11Client>()
beforeAll(async () => {
  house = await openEp11House()
  for (const generation of ['a', 'b', 'c'] as const) clients.set(generation, await house.client(generation))
})
afterAll(() => house.close())
beforeEach(() => {
  house.unit.asked.length = 0
  house.news()
})

function clientOf(generation: Generation): Grep11Client {
  const client = clients.get(generation)
  if (client === undefined) throw new Error('there is no such generation')
  return client
}

const bytes = (text: string): Buffer => Buffer.from(text)
const AES = 0x1082
const vendor = '2147549185'

/** A field as each generation writes it, and as the unit gets it. */
const keyAs = (generation: Generation, text: string): unknown =>
  generation === 'c' ? { KeyBlobs: [bytes(text), bytes('another')], Version: '3', TxID: bytes('x') } : bytes(text)
const templateAs = (generation: Generation): unknown =>
  generation === 'a'
    ? { 353: bytes('0000000000000020'), 356: Buffer.from([1]), [vendor]: bytes('v') }
    : { 353: { AttributeI: '32' }, 356: { AttributeTF: true }, [vendor]: { AttributeB: bytes('v') }, 3: {} }
const templateFrom = (generation: Generation): Map<number, unknown> =>
  generation === 'a'
    ? new Map<number, unknown>([
        [353, bytes('0000000000000020')],
        [356, Buffer.from([1])],
        [0x8001_0001, bytes('v')],
      ])
    : new Map<number, unknown>([
        [3, undefined],
        [353, 32n],
        [356, true],
        [0x8001_0001, bytes('v')],
      ])
const mechanismAs = (generation: Generation): unknown =>
  generation === 'a' ? { Mechanism: AES, Parameter: bytes('iv') } : { Mechanism: AES, ParameterB: bytes('iv') }
const mechanism = { value: AES, parameter: { kind: 'bytes', bytes: bytes('iv') } }

/** Names of request fields as clients write them, by the unit's; whatever the generation. */
const fieldNames: Readonly<Partial<Record<CallName, Readonly<Record<string, string>>>>> = {
  GenerateRandom: { length: 'Len' },
  SignInit: { key: 'PrivKey' },
  SignSingle: { key: 'PrivKey' },
  VerifyInit: { key: 'PubKey' },
  VerifySingle: { key: 'PubKey' },
  ReencryptSingle: { decMechanism: 'DecMech', encMechanism: 'EncMech' },
  GenerateKeyPair: { privateTemplate: 'PrivKeyTemplate', publicTemplate: 'PubKeyTemplate' },
  WrapKey: { kek: 'KeK' },
  UnwrapKey: { kek: 'KeK' },
  Login: { storeId: 'Storeid' },
}

const spelled = (name: string): string => `${name[0]?.toUpperCase()}${name.slice(1)}`

/** A request of the method in which every field says which it is, and what the unit is to be asked then. */
function sample(name: CallName, generation: Generation): { request: Message; asked: Message } {
  const request: Record<string, unknown> = {}
  const asked: Record<string, unknown> = {}
  for (const [field, type] of Object.entries(calls[name].request)) {
    const isMechanism = type === 'mechanism' && field === 'mechanism'
    const written = fieldNames[name]?.[field] ?? (isMechanism ? 'Mech' : spelled(field))
    const isKey = /key$/i.test(field) || field === 'kek'
    if (type === 'bytes') {
      request[written] = isKey ? keyAs(generation, field) : bytes(field)
      asked[field] = bytes(field)
    } else if (type === 'u32') {
      request[written] = '2147549185'
      asked[field] = 0x8001_0001
    } else if (type === 'mechanism') {
      request[written] = mechanismAs(generation)
      asked[field] = mechanism
    } else if (type === 'template') {
      request[written] = templateAs(generation)
      asked[field] = templateFrom(generation)
    }
  }
  if (name === 'GetMechanismInfo') {
    request['Mech'] = request['Mechanism']
    delete request['Mechanism']
  }
  if (name === 'RewrapKeyBlob') return { request: { WrappedKey: keyAs(generation, 'key') }, asked }
  if (name !== 'GetAttributeValue') return { request, asked }
  const types = generation === 'a' ? { 353: bytes(''), 356: bytes(''), 384: bytes('') } : templateAs(generation)
  const attributes = generation === 'a' ? [353, 356, 384] : [3, 353, 356, 0x8001_0001]
  return { request: { Object: bytes('object'), Attributes: types }, asked: { object: bytes('object'), attributes } }
}

/** What clients of a generation do not know yet. */
const unknownTo = {
  a: ['ReencryptSingle', 'Login', 'Logout', 'RewrapKeyBlob'],
  b: ['ReencryptSingle'],
  c: [],
} as const satisfies Record<Generation, readonly CallName[]>
const rpcs = (Object.keys(calls) as CallName[]).filter((name) => calls[name].code <= 40)
const samples = (['a', 'b', 'c'] as const).flatMap((generation) =>
  rpcs
    .filter((name) => !(unknownTo[generation] as readonly CallName[]).includes(name))
    .map((name) => ({ generation, name, title: `${generation}: ${name}` })),
)

test('clients know 36, 39 and 40 methods', () => {
  expect((['a', 'b', 'c'] as const).map((generation) => clientOf(generation).methods.length)).toEqual([36, 39, 40])
  expect(samples).toHaveLength(36 + 39 + 40)
})

test.each(samples)('$title reaches the unit with every field, once, and is one event', async ({ generation, name }) => {
  const client = clientOf(generation)
  const { request, asked } = sample(name, generation)
  await client.ask(name, request)
  expect(house.unit.asked).toEqual([{ instance: house.operator.instance, session: undefined, name, request: asked }])
  const uses = house.uses()
  expect(uses).toHaveLength(1)
  expect(uses[0]).toMatchObject({
    outcome: 'success',
    severity: 'normal',
    dataEvent: true,
    reason: { reasonCode: 200 },
    requestData: { method: name, requestURI: `/grep11.Crypto/${name}`, instanceID: house.operator.instance },
    target: { typeURI: 'hs-crypto/ep11' },
  })
})

test('keys that are made come as bytes and as a KeyBlob to those who know it', async () => {
  const made = bytes('GenerateKey.key')
  const request = (generation: Generation): Message => ({ Mech: mechanismAs(generation), Template: {} })
  expect(await clientOf('a').ask('GenerateKey', request('a'))).toMatchObject({ Key: made })
  expect(await clientOf('b').ask('GenerateKey', request('b'))).toMatchObject({ Key: made })
  expect(await clientOf('c').ask('GenerateKey', request('c'))).toMatchObject({
    KeyBytes: made,
    Key: { KeyBlobs: [made] },
    CheckSum: bytes('GenerateKey.checkSum'),
  })
  const pair = await clientOf('c').ask('GenerateKeyPair', { Mech: mechanismAs('c') })
  expect(pair).toMatchObject({
    PrivKeyBytes: bytes('GenerateKeyPair.privateKey'),
    PubKeyBytes: bytes('GenerateKeyPair.publicKey'),
    PrivKey: { KeyBlobs: [bytes('GenerateKeyPair.privateKey')] },
    PubKey: { KeyBlobs: [bytes('GenerateKeyPair.publicKey')] },
  })
  for (const [name, key, blob] of [
    ['UnwrapKey', 'UnwrappedBytes', 'Unwrapped'],
    ['DeriveKey', 'NewKeyBytes', 'NewKey'],
  ] as const) {
    const other = bytes(`${name}.key`)
    expect(await clientOf('c').ask(name, { Mech: mechanismAs('c') })).toMatchObject({
      [key]: other,
      [blob]: { KeyBlobs: [other] },
    })
  }
  const rewrapped = bytes('RewrapKeyBlob.key')
  expect(await clientOf('b').ask('RewrapKeyBlob', { WrappedKey: bytes('k') })).toEqual({ RewrappedKey: rewrapped })
  expect(await clientOf('c').ask('RewrapKeyBlob', { WrappedKeyBytes: bytes('k') })).toMatchObject({
    RewrappedKeyBytes: rewrapped,
    RewrappedKey: { KeyBlobs: [rewrapped] },
  })
})

test('a KeyBlob without any blob gives way to the bytes; with neither the unit is asked about an empty key', async () => {
  const request = { Mech: mechanismAs('c'), Plain: bytes('p'), Key: { KeyBlobs: [], KeyBlobID: bytes('id') } }
  await clientOf('c').ask('EncryptSingle', request)
  await clientOf('b').ask('EncryptSingle', { Mech: mechanismAs('b'), Plain: bytes('p'), Key: bytes('older') })
  expect(house.unit.asked.map(({ request: { key } }) => key)).toEqual([bytes(''), bytes('older')])
})

test('attributes are answered in the form they were asked in: one byte, eight bytes, or an arm', async () => {
  const types = { 356: bytes(''), 353: bytes(''), 384: bytes('') }
  const asBytes = await clientOf('b').ask('GetAttributeValue', { Object: bytes('o'), AttributesBytes: types })
  expect(Object.values(asBytes['AttributesBytes'] as object)).toEqual([
    Buffer.from([1]),
    Buffer.from('000000000000012c', 'hex'),
    bytes('value'),
  ])
  expect(asBytes['Attributes']).toEqual({})
  const values = { 356: { AttributeTF: false }, 353: { AttributeI: '0' }, 384: { AttributeB: bytes('') } }
  const answer = await clientOf('c').ask('GetAttributeValue', { Object: bytes('o'), Attributes: values })
  expect(
    Object.values(answer['Attributes'] as object).map((value: Message) => value[value['OneAttr'] as string]),
  ).toEqual([true, '300', bytes('value')])
})

test('numbers of mechanisms come back whole, vendor constants too', async () => {
  expect(await clientOf('c').ask('GetMechanismList', {})).toEqual({ Mechs: ['1', '2147549219'] })
  expect(await clientOf('a').ask('GetMechanismInfo', { Mech: AES })).toEqual({
    MechInfo: { MinKeySize: vendor, MaxKeySize: vendor, Flags: vendor },
  })
})

const parameters: readonly [string, Message, unknown][] = [
  ['none', {}, { kind: 'none' }],
  ['ParameterB', { ParameterB: bytes('') }, { kind: 'none' }],
  [
    'RSAOAEPParameter',
    { RSAOAEPParameter: { HashMech: 0x250, Mgf: 0x80_0001, EncodingParmType: 1, EncodingParm: bytes('label') } },
    { kind: 'oaep', hash: 0x250, mgf: 0x80_0001, label: bytes('label') },
  ],
  [
    'RSAOAEPParameter without a label',
    { RSAOAEPParameter: { HashMech: 0x220, Mgf: 1, EncodingParm: bytes('ignored') } },
    { kind: 'oaep', hash: 0x220, mgf: 1, label: undefined },
  ],
  [
    'RSAPSSParameter',
    { RSAPSSParameter: { HashMech: 0x250, Mgf: 2, SaltByteCount: 32 } },
    { kind: 'pss', hash: 0x250, mgf: 2, saltBytes: 32 },
  ],
  [
    'ECDH1DeriveParameter',
    { ECDH1DeriveParameter: { Kdf: 6, SharedData: bytes('s'), PublicData: bytes('p') } },
    { kind: 'ecdh', kdf: 6, shared: bytes('s'), peer: bytes('p') },
  ],
  [
    'BTCDeriveParameter',
    { BTCDeriveParameter: { Type: 5, ChildKeyIndex: '2147483648', ChainCode: bytes('c'), Version: 1 } },
    { kind: 'btc', type: 5, childIndex: 0x8000_0000, chainCode: bytes('c'), version: 1 },
  ],
  ['ECSGParameter', { ECSGParameter: { Type: 3 } }, { kind: 'ecsg', type: 3 }],
  [
    'KyberKEMParameter',
    { KyberKEMParameter: { Version: 1, Mode: 2, Kdf: 1, CipherText: bytes('k') } },
    { kind: 'kem', version: 1, mode: 2, kdf: 1, ciphertext: bytes('k') },
  ],
  ['ECAGGParameter', { ECAGGParameter: { Version: 1 } }, { kind: 'other' }],
]

test.each(parameters)('the parameter %s reaches the unit', async (_, parameter, asked) => {
  await clientOf('c').ask('DigestInit', { Mech: { Mechanism: 7, ...parameter } })
  expect(house.unit.asked[0]?.request).toEqual({ mechanism: { value: 7, parameter: asked } })
})

test('identifiers that older clients send with new keys are read over', async () => {
  const { unit } = house
  await clientOf('a').ask('GenerateKey', { Mech: mechanismAs('a'), KeyId: 'mine' })
  await clientOf('a').ask('GenerateKeyPair', { Mech: mechanismAs('a'), PrivKeyId: 'one', PubKeyId: 'other' })
  expect(JSON.stringify(unit.asked)).not.toMatch(/mine|other/)
})
