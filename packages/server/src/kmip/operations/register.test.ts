/** Register: keys, secret data and opaque objects that a client brings, whole, wrapped, or only what is known of them. */
import { createHash, randomBytes } from 'node:crypto'
import { beforeEach, expect, test } from 'vitest'
import { enumerations } from '../ttlv/enumerations.ts'
import { encode } from '../ttlv/encode.ts'
import { bytes, enumeration, integer, type Item, structure, text } from '../ttlv/item.ts'
import { tags } from '../ttlv/tags.ts'
import { type KmipHouse, openKmipHouse } from '../testing/kmip-house.ts'
import { attribute, nameAttribute, uid, uidOf } from '../testing/messages.ts'
import {
  algorithmAttribute,
  attributesOf,
  bytesAt,
  fieldAt,
  keyBlock,
  lengthAttribute,
  maskAttribute,
  named,
  opaqueObject,
  secretData,
  symmetricKey,
  template,
  textAttribute,
  toldOf,
} from '../testing/payloads.ts'

const { CryptographicAlgorithm: algorithms, ObjectType: types } = enumerations
const nothing = structure(0, [])
const material = Buffer.from('0000111122223333444455556666777788889999aaaabbbbccccddddeeeeffff', 'hex')

let house: KmipHouse
beforeEach(async () => {
  house = await openKmipHouse()
})

const register = async (payload: readonly Item[]): Promise<string> => uidOf(await house.client.ask('Register', payload))
const refusal = (payload: readonly Item[]): Promise<string> => house.client.refused('Register', payload)

test('a key comes back as it was registered, and the answer has its identifier only', async () => {
  const answer = await house.client.ask('Register', symmetricKey(material, {}, [maskAttribute(12), nameAttribute('k')]))
  expect(answer.map(({ tag }) => tag)).toEqual([tags.UniqueIdentifier])
  const id = uidOf(answer)
  expect(toldOf(house.lastEvent())).toMatchObject({
    action: 'kmip-key.create',
    code: 201,
    target: 'k',
    request: {
      operation: 'Register',
      objectType: 'SymmetricKey',
      cryptographicAlgorithm: 'AES',
      cryptographicLength: 256,
      usageMask: 12,
    },
    response: { keyId: id, kmipState: 1, rootKeyId: house.client.adapter.crk },
  })
  const got = await house.client.ask('Get', [uid(id)])
  expect(got[2]).toEqual(structure(tags.SymmetricKey, [keyBlock(material, { algorithm: algorithms.AES, length: 256 })]))
})

test('nothing of a registered key is written anywhere but under the root key', async () => {
  await register(symmetricKey(material, {}, [maskAttribute(12), nameAttribute('k')]))
  const rows = house.store.all<{ form: string; attributes: Uint8Array; blob: Uint8Array }>('SELECT * FROM kmip_objects')
  const written = Buffer.concat([
    ...rows.flatMap(({ form, attributes, blob }) => [Buffer.from(form), attributes, blob]),
    Buffer.from(JSON.stringify(house.events()) + house.logged.join()),
  ])
  for (let at = 0; at + 8 <= material.length; at += 1) {
    expect(written.includes(material.subarray(at, at + 8))).toBe(false)
  }
})

test('the digest is of the bytes of a raw key, and of the TTLV of the material of a transparent one', async () => {
  const raw = await register(symmetricKey(material))
  const transparent = await register(symmetricKey(material, { format: 'TransparentSymmetricKey' }))
  const digest = async (id: string, minor = 4) =>
    fieldAt(structure(0, await house.client.ask('GetAttributes', named(id, 'Digest'), { minor })), tags.AttributeValue)
  const digestOf = (hex: string, format: number): Item =>
    structure(tags.AttributeValue, [
      enumeration(tags.HashingAlgorithm, enumerations.HashingAlgorithm.SHA_256),
      bytes(tags.DigestValue, Buffer.from(hex, 'hex')),
      enumeration(tags.KeyFormatType, format),
    ])
  // Of the test cases of OASIS, TC-181.
  expect(await digest(raw)).toEqual(digestOf('6c064fe051add11edc07727b594eb48711df843e08445bba2cd786bc16bc58e8', 1))
  expect(await digest(transparent)).toEqual(
    digestOf('499ce96ff6f5e19fe9fe7a2fe4c3e92b88db0001a4e8df28d9966856b6c4b87c', 7),
  )
  // KMIP 1.0 does not say of which format.
  expect(fieldAt(structure(0, [(await digest(raw, 0)) ?? nothing]), tags.KeyFormatType)).toBeUndefined()
})

test('the digest of secret data is kept nowhere, told when somebody asks, and not while the root key is disabled', async () => {
  const password = Buffer.from('correct horse')
  const id = await register(secretData(password))
  const sha256 = createHash('sha256').update(password).digest()
  const [row] = house.store.all<{ attributes: Uint8Array }>('SELECT attributes FROM kmip_objects')
  expect(Buffer.from(row?.attributes ?? []).includes(sha256)).toBe(false)
  expect(bytesAt(await house.client.ask('GetAttributes', named(id, 'Digest')), tags.DigestValue)).toEqual(sha256)
  expect(bytesAt(await house.client.ask('GetAttributes', [uid(id)]), tags.DigestValue)).toEqual(sha256)
  const names = await house.client.ask('GetAttributeList', [uid(id)])
  expect(names.map(({ value }) => value)).toContain('Digest')
  house.forceState(house.client.adapter.crk, 2)
  expect(await attributesOf(house.client, id, ['Digest', 'State'])).toEqual({ State: [1] })
})

test.each(['Raw', 'Opaque'] as const)('secret data in the format %s come back so', async (format) => {
  const id = await register(secretData(Buffer.from('secret'), { format }))
  expect(await house.client.ask('Get', [uid(id)])).toEqual([
    enumeration(tags.ObjectType, types.SecretData),
    uid(id),
    structure(tags.SecretData, [
      enumeration(tags.SecretDataType, enumerations.SecretDataType.Password),
      keyBlock(Buffer.from('secret'), { format }),
    ]),
  ])
  expect(house.lastEvent().responseData['keyFormatType']).toBe(format)
  expect((await attributesOf(house.client, id))['Cryptographic Usage Mask']).toEqual([0])
})

test('an opaque object comes back as it is, has no state that a client sees, and is not activated', async () => {
  const id = await register(opaqueObject(Buffer.from('anything'), [nameAttribute('thing')]))
  expect(toldOf(house.lastEvent()).response).toEqual({ keyId: id, rootKeyId: house.client.adapter.crk })
  expect((await house.client.ask('Get', [uid(id)]))[2]).toEqual(
    structure(tags.OpaqueObject, [
      enumeration(tags.OpaqueDataType, 0x8000_0001),
      bytes(tags.OpaqueDataValue, Buffer.from('anything')),
    ]),
  )
  const attributes = Object.keys(await attributesOf(house.client, id))
  expect(attributes).toEqual(['Unique Identifier', 'Name', 'Object Type', 'Digest', 'Initial Date', 'Last Change Date'])
  expect(await house.client.refused('Activate', [uid(id)])).toBe('IllegalOperation')
  await house.client.ask('Destroy', [uid(id)])
  expect(house.lastEvent().responseData).not.toHaveProperty('newValue')
})

test('algorithm and length may stand in the key block, among the attributes, or in both alike', async () => {
  const inAttributes = [algorithmAttribute('AES'), lengthAttribute(256), maskAttribute(12)]
  const unsaid = { algorithm: undefined, length: undefined }
  const plain = (wish: object, attributes: readonly Item[]): Item[] => [
    enumeration(tags.ObjectType, types.SymmetricKey),
    template(...attributes),
    structure(tags.SymmetricKey, [keyBlock(material, wish)]),
  ]
  for (const payload of [
    plain(unsaid, inAttributes),
    plain({ algorithm: algorithms.AES }, []),
    plain({ algorithm: algorithms.AES, length: 256 }, inAttributes),
  ]) {
    const id = await register(payload)
    expect(await attributesOf(house.client, id)).toMatchObject({
      'Cryptographic Algorithm': [algorithms.AES],
      'Cryptographic Length': [256],
    })
  }
  for (const payload of [
    plain(unsaid, []),
    plain({ algorithm: algorithms.AES, length: 128 }, inAttributes),
    plain({ algorithm: algorithms.DES3, length: 256 }, inAttributes),
    plain({ algorithm: algorithms.AES, length: 128 }, []),
    plain({ algorithm: 0x7fff, length: 256 }, []),
    plain({ algorithm: algorithms.RSA, length: 256 }, []),
  ]) {
    expect(await refusal(payload)).toBe('InvalidField')
  }
})

test.each([
  ['DES3', 24, undefined, 168],
  ['DES3', 24, 168, 168],
  ['DES3', 24, 192, 192],
  ['DES3', 16, 112, 112],
  ['DES3', 16, 128, 128],
  ['HMAC_SHA256', 20, undefined, 160],
  ['ChaCha20', 32, undefined, 256],
] as const)('%s of %i bytes, told as %s bits, is a key of %i bits', async (algorithm, count, length, bits) => {
  const wish = { algorithm: algorithms[algorithm], length }
  const block = structure(tags.SymmetricKey, [
    keyBlock(randomBytes(count), length === undefined ? { algorithm: wish.algorithm } : { ...wish, length }),
  ])
  const id = await register([enumeration(tags.ObjectType, types.SymmetricKey), template(), block])
  expect((await attributesOf(house.client, id))['Cryptographic Length']).toEqual([bits])
})

test.each([
  ['another object than its type says', [enumeration(tags.ObjectType, 7), ...symmetricKey(material).slice(1)]],
  ['no object', symmetricKey(material).slice(0, 2)],
  ['a certificate', [enumeration(tags.ObjectType, 1), template()]],
  ['a type that nobody knows', [enumeration(tags.ObjectType, 99), template()]],
  ['an empty key', symmetricKey(Buffer.alloc(0), { length: 256 })],
  ['a key that is too long', opaqueObject(Buffer.alloc(16 * 1_024 + 1))],
  ['secret data of an unknown type', secretOfType(0x7777)],
  ['a negative length', secretData(material, { length: -1 })],
  ['an unknown algorithm of a secret', secretData(material, { algorithm: 0x7fff })],
  ['a plain value that is bytes', symmetricKeyWith(bytes(tags.KeyValue, material))],
  ['material that is a text', symmetricKeyWith(structure(tags.KeyValue, [text(tags.KeyMaterial, 'key')]))],
  ['an attribute of keys for an opaque object', opaqueObject(material, [maskAttribute(1)])],
])('%s is an invalid field', async (_, payload) => {
  expect(await refusal(payload)).toBe('InvalidField')
  expect(house.store.all('SELECT 1 FROM kmip_objects')).toEqual([])
})

function secretOfType(type: number): Item[] {
  const [object, attributes] = secretData(material)
  const secret = structure(tags.SecretData, [enumeration(tags.SecretDataType, type), keyBlock(material)])
  return [object ?? secret, attributes ?? secret, secret]
}

function symmetricKeyWith(value: Item): Item[] {
  const [object, attributes] = symmetricKey(material)
  const block = structure(tags.KeyBlock, [
    enumeration(tags.KeyFormatType, 1),
    value,
    enumeration(tags.CryptographicAlgorithm, algorithms.AES),
    integer(tags.CryptographicLength, 256),
  ])
  return [object ?? block, attributes ?? block, structure(tags.SymmetricKey, [block])]
}

test.each(['PKCS_1', 'PKCS_8', 'Opaque'] as const)('a key in the format %s is not supported', async (format) => {
  expect(await refusal(symmetricKey(material, { format }))).toBe('KeyFormatTypeNotSupported')
})

test('attributes inside of a key value are read over', async () => {
  const value = structure(tags.KeyValue, [bytes(tags.KeyMaterial, material), textAttribute('x-Place', 'Ulm')])
  const id = await register(symmetricKeyWith(value))
  expect(await attributesOf(house.client, id)).not.toHaveProperty('x-Place')
  expect(bytesAt(await house.client.ask('Get', [uid(id)]), tags.KeyMaterial)).toEqual(material)
})

test('of a key without a value everything is kept but the value', async () => {
  const place = structure(0, [text(tags.KeyValueLocationValue, 'vault 7'), enumeration(tags.KeyValueLocationType, 1)])
  const id = await register(symmetricKey(undefined, {}, [maskAttribute(12), attribute('Key Value Location', place)]))
  expect(house.lastEvent().responseData).not.toHaveProperty('rootKeyId')
  expect(await attributesOf(house.client, id, ['Key Value Present', 'Digest', 'State'])).toEqual({
    'Key Value Present': [false],
    State: [1],
  })
  expect((await house.client.ask('Get', [uid(id)]))[2]).toEqual(
    structure(tags.SymmetricKey, [keyBlock(undefined, { algorithm: algorithms.AES, length: 256 })]),
  )
  await house.client.ask('Activate', [uid(id)])
  expect(await house.client.refused('Encrypt', [uid(id), ...ecb(), bytes(tags.Data, Buffer.alloc(16))])).toBe(
    'KeyValueNotPresent',
  )
})

function ecb(): Item[] {
  return [structure(tags.CryptographicParameters, [enumeration(tags.BlockCipherMode, 2)])]
}

const wrappingData = structure(tags.KeyWrappingData, [
  enumeration(tags.WrappingMethod, 1),
  structure(tags.EncryptionKeyInformation, [uid('a key of the client')]),
  enumeration(tags.EncodingOption, enumerations.EncodingOption.NoEncoding),
])

test('what was registered wrapped stays wrapped, and nobody here knows its digest', async () => {
  const wrapped = randomBytes(40)
  const id = await register(symmetricKey(wrapped, { length: 256, wrapping: wrappingData }))
  const expected = keyBlock(wrapped, { algorithm: algorithms.AES, length: 256, wrapping: wrappingData })
  for (const payload of [[uid(id)], [uid(id), enumeration(tags.KeyWrapType, 2)]]) {
    const got = (await house.client.ask('Get', payload))[2] ?? nothing
    expect(encode(got)).toEqual(encode(structure(tags.SymmetricKey, [expected])))
  }
  expect(await attributesOf(house.client, id)).not.toHaveProperty('Digest')
  expect(await house.client.refused('Get', [uid(id), enumeration(tags.KeyWrapType, 1)])).toBe('FeatureNotSupported')
  expect(await house.client.refused('Get', [uid(id), enumeration(tags.KeyFormatType, 7)])).toBe(
    'KeyFormatTypeNotSupported',
  )
  await house.client.ask('Activate', [uid(id)])
  expect(await house.client.refused('Encrypt', [uid(id), ...ecb(), bytes(tags.Data, Buffer.alloc(16))])).toBe(
    'IllegalOperation',
  )
  // KMIP 1.0 has no words for how it was encoded.
  expect(await house.client.refused('Get', [uid(id)], { minor: 0 })).toBe('FeatureNotSupported')
})

test('a sensitive key that was registered wrapped leaves so', async () => {
  const sensitive = attribute('Sensitive', { tag: 0, type: 'Boolean', value: true })
  const id = await register(symmetricKey(randomBytes(40), { length: 256, wrapping: wrappingData }, [sensitive]))
  expect(await house.client.ask('Get', [uid(id)])).toHaveLength(3)
})

test('a wrapped key without a value, or with a plain one, is refused', async () => {
  expect(await refusal(symmetricKey(undefined, { wrapping: wrappingData }))).toBe('InvalidField')
  const [object, attributes] = symmetricKey(material)
  const block = structure(tags.KeyBlock, [
    enumeration(tags.KeyFormatType, 1),
    structure(tags.KeyValue, [bytes(tags.KeyMaterial, material)]),
    enumeration(tags.CryptographicAlgorithm, algorithms.AES),
    integer(tags.CryptographicLength, 256),
    wrappingData,
  ])
  expect(await refusal([object ?? block, attributes ?? block, structure(tags.SymmetricKey, [block])])).toBe(
    'InvalidField',
  )
})
