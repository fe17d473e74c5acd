/** Mechanisms, templates and public keys in their forms on the wire, and what is none of them. */
import { create } from '@bufbuild/protobuf'
import { createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto'
import { expect, test } from 'vitest'
import { type AttributeName, mechanisms } from './index.ts'
import { type Mechanism, mechanismMessage, takesOnePart } from './mechanism.ts'
import { publicKeyInfo, signatureDer } from './public-key.ts'
import { AttributeValueSchema, MechanismSchema } from './schema/grep11_pb.ts'
import { attributesOf, namesMessage, type Template, templateMessage } from './template.ts'

const point = Buffer.from('a point')
const label = Buffer.from('label')

/** Numbers typed in from the reference grep11, section 3. */
const parameters: readonly [string, Mechanism, string | undefined, object | undefined][] = [
  ['none', 'CKM_AES_ECB', undefined, undefined],
  ['empty bytes', { mechanism: 'CKM_AES_ECB', parameter: new Uint8Array() }, undefined, undefined],
  ['raw bytes of a number', { mechanism: 0x8001_0099, parameter: point }, 'parameterB', point],
  ['an IV', { mechanism: 'CKM_DES3_CBC', iv: Buffer.alloc(8) }, 'parameterB', Buffer.alloc(8)],
  [
    'OAEP',
    { mechanism: 'CKM_RSA_PKCS_OAEP', hash: 'CKM_SHA_1' },
    'rsaOaepParameter',
    { hashMech: 0x220n, mgf: 1, encodingParmType: 0 },
  ],
  [
    'OAEP with a label and another MGF',
    { mechanism: 'CKM_RSA_PKCS_OAEP', hash: 'CKM_IBM_SHA3_512', mgf: 'CKG_MGF1_SHA224', label },
    'rsaOaepParameter',
    { hashMech: 0x8001_0004n, mgf: 5, encodingParmType: 1, encodingParm: label },
  ],
  [
    'PSS over a digest',
    { mechanism: 'CKM_RSA_PKCS_PSS', hash: 'CKM_SHA512' },
    'rsaPssParameter',
    { hashMech: 0x270n, mgf: 4, saltByteCount: 64n },
  ],
  ['PSS by its name', 'CKM_SHA1_RSA_PKCS_PSS', 'rsaPssParameter', { hashMech: 0x220n, mgf: 1, saltByteCount: 20n }],
  [
    'PSS without salt',
    { mechanism: 'CKM_SHA256_RSA_PKCS_PSS', saltBytes: 0 },
    'rsaPssParameter',
    { hashMech: 0x250n, mgf: 2, saltByteCount: 0n },
  ],
  ['ECDH', { mechanism: 'CKM_ECDH1_DERIVE', publicData: point }, 'parameterB', point],
  [
    'ECDH with a KDF',
    { mechanism: 'CKM_IBM_EC_X25519', publicData: point, kdf: 'CKD_SHA256', sharedData: label },
    'ecdh1DeriveParameter',
    { kdf: 6, publicData: point, sharedData: label },
  ],
  ['DH', { mechanism: 'CKM_DH_PKCS_DERIVE', publicData: point }, 'parameterB', point],
  [
    'a hardened child of BIP32',
    { mechanism: 'CKM_IBM_BTC_DERIVE', type: 'CKG_BTC_BIP0032_PRV2PRV', childKeyIndex: 0x8000_0000, chainCode: point },
    'btcDeriveParameter',
    { type: 1, childKeyIndex: 0x8000_0000n, chainCode: point, version: 1n },
  ],
  [
    'a master of SLIP-10',
    { mechanism: 'CKM_IBM_BTC_DERIVE', type: 'CKG_BTC_SLIP0010_MASTERK' },
    'btcDeriveParameter',
    { type: 8, childKeyIndex: 0n, version: 1n },
  ],
  [
    'Schnorr',
    { mechanism: 'CKM_IBM_ECDSA_OTHER', type: 'CKG_ECSG_IBM_ECSDSA_COMPR_MULTI' },
    'ecsgParameter',
    { type: 5 },
  ],
  ['a KEM', { mechanism: 'CKM_ML_KEM', mode: 'encapsulate' }, 'kyberKemParameter', { mode: 1, kdf: 1 }],
  [
    'a KEM backwards',
    { mechanism: 'CKM_ML_KEM', mode: 'decapsulate', cipherText: point },
    'kyberKemParameter',
    { mode: 2, kdf: 1, cipherText: point },
  ],
]

test.each(parameters)('a parameter with %s', (_, mechanism, kind, value) => {
  const message = create(MechanismSchema, mechanismMessage(mechanism))
  const name = typeof mechanism === 'string' ? mechanism : mechanism.mechanism
  expect(message.mechanism).toBe(BigInt(typeof name === 'number' ? name : mechanisms[name]))
  expect(message.parameter.case).toBe(kind)
  expect(message.parameter).toMatchObject(value === undefined ? {} : { value })
})

test.each(['CKM_NOTHING', 'constructor', '__proto__'])('%s is no mechanism, and not repeated', (name) => {
  const ask = () => mechanismMessage(name as Mechanism)
  expect(ask).toThrow(TypeError)
  expect(ask).not.toThrow(name)
})

test.each([
  { mechanism: 'CKM_AES_CBC' },
  { mechanism: 'CKM_AES_CBC', iv: 'secret' },
  { mechanism: 'CKM_RSA_PKCS_OAEP', hash: 'secret' },
  { mechanism: 'CKM_RSA_PKCS_PSS', hash: 'constructor' },
  { mechanism: 'CKM_SHA256_RSA_PKCS_PSS', mgf: 'secret' },
  { mechanism: 'CKM_IBM_ECDSA_OTHER', type: 'secret' },
  { mechanism: 'CKM_IBM_BTC_DERIVE', type: 'secret' },
  { mechanism: 'CKM_ECDH1_DERIVE', publicData: point, kdf: 'secret' },
])('programs without types are told that %j is no mechanism’s parameter', (mechanism) => {
  const ask = () => mechanismMessage(mechanism as Mechanism)
  expect(ask).toThrow(TypeError)
  expect(ask).not.toThrow('secret')
})

test('signatures over what is there at once take one part', () => {
  expect(takesOnePart('CKM_ECDSA')).toBe(true)
  expect(takesOnePart('CKM_ECDSA_SHA256')).toBe(false)
  expect(takesOnePart({ mechanism: mechanisms.CKM_IBM_ED448_SHA3, parameter: label })).toBe(true)
})

test('each attribute is sent in the arm of its kind', () => {
  const template: Template = {
    CKA_CLASS: 'CKO_SECRET_KEY',
    CKA_KEY_TYPE: 'CKK_GENERIC_SECRET',
    CKA_ENCRYPT: false,
    CKA_VALUE_LEN: 32,
    CKA_LABEL: 'Schlüssel',
    CKA_ID: label,
    CKA_EC_PARAMS: 'BP-256R',
    CKA_PUBLIC_EXPONENT: 65_537n,
    CKA_KEY_GEN_MECHANISM: 'CKM_AES_KEY_GEN',
  }
  const sent = templateMessage(template)
  expect(Object.fromEntries(Object.entries(sent).map(([type, { oneAttr }]) => [type, oneAttr]))).toEqual({
    0: { case: 'attributeI', value: 4n },
    256: { case: 'attributeI', value: 16n },
    260: { case: 'attributeTf', value: false },
    353: { case: 'attributeI', value: 32n },
    3: { case: 'attributeB', value: Buffer.from('Schlüssel') },
    258: { case: 'attributeB', value: label },
    384: { case: 'attributeB', value: Buffer.from('BP-256R') },
    290: { case: 'attributeI', value: 65_537n },
    358: { case: 'attributeI', value: 0x1080n },
  })
})

const wrong: readonly [AttributeName | 'CKA_SECRET', unknown][] = [
  ['CKA_SECRET', true],
  ['CKA_ENCRYPT', 1],
  ['CKA_ENCRYPT', 'secret'],
  ['CKA_VALUE_LEN', -1],
  ['CKA_VALUE_LEN', 1.5],
  ['CKA_VALUE_LEN', '32'],
  ['CKA_KEY_TYPE', 'secret'],
  ['CKA_KEY_TYPE', 31],
  ['CKA_CLASS', 'toString'],
  ['CKA_LABEL', 5],
  ['CKA_ID', 'secret'],
  ['CKA_EC_PARAMS', 256],
  ['CKA_PUBLIC_EXPONENT', -3n],
  ['CKA_PUBLIC_EXPONENT', 1n << 64n],
  ['CKA_KEY_GEN_MECHANISM', null],
]

test.each(wrong)('a template with %s as %s is refused, and the value not repeated', (name, value) => {
  const make = () => templateMessage({ [name]: value })
  expect(make).toThrow(TypeError)
  expect(make).not.toThrow(/secret/i)
})

test('values are read in whatever arm they come', () => {
  const value = (oneAttr: Parameters<typeof create<typeof AttributeValueSchema>>[1]) =>
    create(AttributeValueSchema, oneAttr)
  const tf = (truth: boolean) => value({ oneAttr: { case: 'attributeTf', value: truth } })
  const i = (number: bigint) => value({ oneAttr: { case: 'attributeI', value: number } })
  const b = (hex: string) => value({ oneAttr: { case: 'attributeB', value: Buffer.from(hex, 'hex') } })
  expect(
    attributesOf({
      260: tf(true),
      261: b('01'),
      262: b('00'),
      353: i(32n),
      289: b('0000000000000800'),
      0: i(3n),
      256: b('03'),
      358: i(0x7777n),
      3: b(Buffer.from('mein Schlüssel').toString('hex')),
      290: i(65_537n),
      384: b('06082a8648ce3d030107'),
      4_242: tf(true),
      263: value({}),
    }),
  ).toEqual({
    CKA_ENCRYPT: true,
    CKA_DECRYPT: true,
    CKA_WRAP: false,
    CKA_VALUE_LEN: 32,
    CKA_MODULUS_BITS: 2048,
    CKA_CLASS: 'CKO_PRIVATE_KEY',
    CKA_KEY_TYPE: 'CKK_EC',
    CKA_KEY_GEN_MECHANISM: 0x7777,
    CKA_LABEL: 'mein Schlüssel',
    CKA_PUBLIC_EXPONENT: Buffer.from('010001', 'hex'),
    CKA_EC_PARAMS: Buffer.from('06082a8648ce3d030107', 'hex'),
  })
})

test('more attributes than there are are not asked for', () => {
  expect(() => namesMessage(Array.from({ length: 300 }, () => 'CKA_ID' as const))).toThrow(TypeError)
  expect(() => namesMessage(['CKA_SECRET' as AttributeName])).toThrow(TypeError)
})

const tail = Buffer.from('0410000102030405060708090a0b0c0d0e0f', 'hex')

test.each([
  ['rsa', generateKeyPairSync('rsa', { modulusLength: 2048 })],
  ['ec', generateKeyPairSync('ec', { namedCurve: 'P-521' })],
])('what the unit puts behind a public key of %s is left out', (_, { publicKey }) => {
  const spki = publicKey.export({ type: 'spki', format: 'der' })
  expect(publicKeyInfo(Buffer.concat([spki, tail]))).toEqual(spki)
  expect(publicKeyInfo(spki)).toEqual(spki)
})

test.each(['ed25519', 'ed448', 'x25519', 'x448'] as const)('a key of %s gets the form that Node reads', (kind) => {
  const { publicKey } = generateKeyPairSync(kind as 'ed25519')
  const spki = publicKey.export({ type: 'spki', format: 'der' })
  // As EP11 has it: id-ecPublicKey with the curve as parameter.
  const curve = spki.subarray(4, 9)
  const bits = spki.subarray(9)
  const algorithm = Buffer.concat([Buffer.from('300e06072a8648ce3d0201', 'hex'), curve])
  const object = Buffer.concat([Buffer.from([0x30, algorithm.length + bits.length]), algorithm, bits, tail])
  expect(publicKeyInfo(object)).toEqual(spki)
  expect(createPublicKey({ key: publicKeyInfo(object), format: 'der', type: 'spki' }).equals(publicKey)).toBe(true)
})

test.each(['', '30', '3003', '308200', '3080', '04020000', '30050203010203', '0000'])('%s is no public key', (hex) => {
  expect(() => publicKeyInfo(Buffer.from(hex, 'hex'))).toThrow(TypeError)
})

test('signatures of ECDSA become what OpenSSL verifies, whatever zeros they have', () => {
  for (const namedCurve of ['P-256', 'P-521']) {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve })
    for (let count = 0; count < 40; count++) {
      const data = Buffer.from([count])
      const plain = sign('sha256', data, { key: privateKey, dsaEncoding: 'ieee-p1363' })
      expect(verify('sha256', data, publicKey, signatureDer(plain))).toBe(true)
    }
  }
  expect(signatureDer(Buffer.from('00800001', 'hex')).toString('hex')).toBe('300702020080020101')
  expect(signatureDer(Buffer.alloc(4)).toString('hex')).toBe('3006020100020100')
  for (const bad of [0, 3, 2_000]) expect(() => signatureDer(Buffer.alloc(bad))).toThrow(TypeError)
})
