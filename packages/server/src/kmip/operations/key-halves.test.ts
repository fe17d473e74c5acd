/** Register and Get of public and private keys: each format, what must fit, conversion, wrapping, and what is no key. */
import { createDecipheriv, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { algorithmIdentifier, privateKeyInfo, unsignedInteger } from '@keywitness/crypto-unit/ep11/der'
import { sequence } from '@keywitness/crypto-unit/tke/der'
import { beforeEach, describe, expect, test } from 'vitest'
import { decode } from '../ttlv/decode.ts'
import { encode } from '../ttlv/encode.ts'
import { enumerations } from '../ttlv/enumerations.ts'
import { bigInteger, boolean, bytes, enumeration, integer, type Item, structure, text } from '../ttlv/item.ts'
import { tags } from '../ttlv/tags.ts'
import { createPair, curveAttribute, gotHalf, halfPayload } from '../testing/key-pairs.ts'
import { type KmipHouse, openKmipHouse } from '../testing/kmip-house.ts'
import { attribute, uid, uidOf } from '../testing/messages.ts'
import { attributeOf, attributesOf, bytesAt, fieldAt, symmetricKey, toldOf } from '../testing/payloads.ts'

const { CryptographicAlgorithm, KeyFormatType, RecommendedCurve } = enumerations
type Format = keyof typeof KeyFormatType

const rsa = generateKeyPairSync('rsa', { modulusLength: 2_048 })
const ec = generateKeyPairSync('ec', { namedCurve: 'P-384' })

const der = (key: KeyObject, type: 'pkcs1' | 'pkcs8' | 'sec1' | 'spki'): Buffer =>
  key.type === 'private'
    ? key.export({ format: 'der', type: type as 'pkcs8' })
    : key.export({ format: 'der', type: type as 'spki' })

/** Big-endian, with a sign and whole blocks of eight bytes. */
function big(tag: number, base64url: string | undefined): Item {
  const number = Buffer.from(base64url ?? '', 'base64url')
  const padded = Buffer.alloc(Math.ceil((number.length + 1) / 8) * 8)
  number.copy(padded, padded.length - number.length)
  return bigInteger(tag, padded)
}

const rsaNumbers = rsa.privateKey.export({ format: 'jwk' })
const transparentRsaPrivate = structure(0, [
  big(tags.Modulus, rsaNumbers.n),
  big(tags.PrivateExponent, rsaNumbers.d),
  big(tags.PublicExponent, rsaNumbers.e),
  big(tags.P, rsaNumbers.p),
  big(tags.Q, rsaNumbers.q),
  big(tags.PrimeExponentP, rsaNumbers.dp),
  big(tags.PrimeExponentQ, rsaNumbers.dq),
  big(tags.CRTCoefficient, rsaNumbers.qi),
])
const transparentRsaPublic = structure(0, [big(tags.Modulus, rsaNumbers.n), big(tags.PublicExponent, rsaNumbers.e)])
const ecNumbers = ec.privateKey.export({ format: 'jwk' })
const p384 = enumeration(tags.RecommendedCurve, RecommendedCurve.P_384)
const point = Buffer.concat([
  Buffer.of(4),
  Buffer.from(ecNumbers.x ?? '', 'base64url'),
  Buffer.from(ecNumbers.y ?? '', 'base64url'),
])
const transparentEcPrivate = structure(0, [p384, big(tags.D, ecNumbers.d)])
const transparentEcPublic = structure(0, [p384, bytes(tags.QString, point)])

type Case = readonly [half: 'PublicKey' | 'PrivateKey', format: Format, material: Uint8Array | Item, key: KeyObject]

const cases: readonly Case[] = [
  ['PrivateKey', 'PKCS_1', der(rsa.privateKey, 'pkcs1'), rsa.privateKey],
  ['PrivateKey', 'PKCS_8', der(rsa.privateKey, 'pkcs8'), rsa.privateKey],
  ['PrivateKey', 'TransparentRSAPrivateKey', transparentRsaPrivate, rsa.privateKey],
  ['PublicKey', 'PKCS_1', der(rsa.publicKey, 'pkcs1'), rsa.publicKey],
  ['PublicKey', 'X_509', der(rsa.publicKey, 'spki'), rsa.publicKey],
  ['PublicKey', 'TransparentRSAPublicKey', transparentRsaPublic, rsa.publicKey],
  ['PrivateKey', 'PKCS_8', der(ec.privateKey, 'pkcs8'), ec.privateKey],
  ['PrivateKey', 'ECPrivateKey', der(ec.privateKey, 'sec1'), ec.privateKey],
  ['PrivateKey', 'TransparentECPrivateKey', transparentEcPrivate, ec.privateKey],
  ['PrivateKey', 'TransparentECDSAPrivateKey', transparentEcPrivate, ec.privateKey],
  ['PublicKey', 'X_509', der(ec.publicKey, 'spki'), ec.publicKey],
  ['PublicKey', 'TransparentECPublicKey', transparentEcPublic, ec.publicKey],
  ['PublicKey', 'TransparentECDHPublicKey', transparentEcPublic, ec.publicKey],
]

let house: KmipHouse
beforeEach(async () => {
  house = await openKmipHouse()
})

const maskOf = (half: 'PublicKey' | 'PrivateKey'): number => (half === 'PublicKey' ? 2 : 1)
const registered = async (half: 'PublicKey' | 'PrivateKey', format: Format, material: Uint8Array | Item) =>
  uidOf(await house.client.ask('Register', halfPayload(half, material, { format }, maskOf(half))))

/** The Key Material of an answer, whatever it is. */
const materialAt = (fields: readonly Item[]): Item => fieldAt(structure(0, fields), tags.KeyMaterial) as Item

describe.each(cases)('a %s in %s', (half, format, material, key) => {
  test('comes back as it was registered, and tells what it is', async () => {
    const id = await registered(half, format, material)
    const fields = await house.client.ask('Get', [uid(id)])
    expect(fieldAt(structure(0, fields), tags.KeyFormatType)?.value).toBe(KeyFormatType[format])
    const got = materialAt(fields)
    const given = material instanceof Uint8Array ? bytes(0, material) : material
    expect(plain(got)).toEqual(plain({ ...given, tag: tags.KeyMaterial }))
    const isRsa = key.asymmetricKeyType === 'rsa'
    const attributes = await attributesOf(house.client, id)
    expect(attributes['Cryptographic Algorithm']).toEqual([CryptographicAlgorithm[isRsa ? 'RSA' : 'EC']])
    expect(attributes['Cryptographic Length']).toEqual([isRsa ? 2_048 : 384])
    expect(attributes['Cryptographic Domain Parameters']).toEqual(isRsa ? undefined : [[p384]])
  })

  test('is the same key in the format that others read', async () => {
    const id = await registered(half, format, material)
    const got = await gotHalf(house.client, id, half === 'PublicKey' ? 'X_509' : 'PKCS_8')
    expect(got.equals(key)).toBe(true)
  })
})

/** Without leading zeros, which a number may have or not. */
function plain(item: Item): unknown {
  if (item.type === 'Structure') return [item.tag, item.value.map(plain)]
  if (item.type === 'BigInteger')
    return [
      item.tag,
      Buffer.from(item.value)
        .toString('hex')
        .replace(/^(?:00)+/, ''),
    ]
  return [item.tag, item.value instanceof Uint8Array ? Buffer.from(item.value).toString('hex') : item.value]
}

test('every format of a key is one that it can be registered in, and stays the same key', async () => {
  for (const [half, , , key] of cases) {
    const formats = cases
      .filter(([other, , , of]) => other === half && of === key)
      .map(([, format]) => format)
      .filter((format) => half === 'PublicKey' || format !== 'TransparentECDSAPrivateKey')
    const [, , material] = cases.find(([other, , , of]) => other === half && of === key) as Case
    const id = await registered(half, formats[0] as Format, material)
    for (const format of formats) {
      const fields = await house.client.ask('Get', [uid(id), enumeration(tags.KeyFormatType, KeyFormatType[format])])
      const got = materialAt(fields)
      const again = await registered(half, format, got.type === 'ByteString' ? got.value : got)
      const read = await gotHalf(house.client, again, half === 'PublicKey' ? 'X_509' : 'PKCS_8')
      expect([half, format, read.equals(key)]).toEqual([half, format, true])
    }
  }
})

test('the event of a registered private key tells what it is and nothing of it', async () => {
  const id = await registered('PrivateKey', 'ECPrivateKey', der(ec.privateKey, 'sec1'))
  expect(toldOf(house.lastEvent())).toEqual({
    action: 'kmip-key.create',
    outcome: 'success',
    severity: 'normal',
    code: 201,
    target: id,
    request: {
      operation: 'Register',
      objectType: 'PrivateKey',
      cryptographicAlgorithm: 'EC',
      cryptographicLength: 384,
      usageMask: 1,
      attributeNames: [
        'CryptographicUsageMask',
        'CryptographicDomainParameters',
        'CryptographicAlgorithm',
        'CryptographicLength',
      ],
    },
    response: { keyId: id, kmipState: 1, rootKeyId: house.client.adapter.crk },
  })
  await house.client.ask('Get', [uid(id)])
  expect(toldOf(house.lastEvent()).response).toMatchObject({ keyFormatType: 'ECPrivateKey', keyId: id })
})

const swapped = createPrivateKey({
  key: {
    ...rsaNumbers,
    kty: 'RSA',
    d: generateKeyPairSync('rsa', { modulusLength: 2_048 }).privateKey.export({ format: 'jwk' }).d ?? '',
  },
  format: 'jwk',
})
const dsa = generateKeyPairSync('dsa', { modulusLength: 1_024, divisorLength: 160 }).privateKey
const longDsa = ((): Buffer => {
  const number = unsignedInteger(Buffer.alloc(6_000, 0xfb))
  const idDsa = Buffer.from('2a8648ce380401', 'hex')
  return privateKeyInfo(algorithmIdentifier(idDsa, sequence(number, number, unsignedInteger(Buffer.of(2)))), number)
})()
const other = generateKeyPairSync('ec', { namedCurve: 'P-384' })
const mismatched = ((): Buffer => {
  const mine = der(ec.privateKey, 'sec1')
  return Buffer.concat([mine.subarray(0, mine.length - 97), der(other.publicKey, 'spki').subarray(-97)])
})()
const algorithm = (name: keyof typeof CryptographicAlgorithm) =>
  attribute('Cryptographic Algorithm', enumeration(0, CryptographicAlgorithm[name]))
const length = (bits: number) => attribute('Cryptographic Length', integer(0, bits))

test.each<[string, 'PublicKey' | 'PrivateKey', Format, Uint8Array | Item, Item[]]>([
  ['bytes that are no key', 'PrivateKey', 'PKCS_8', Buffer.alloc(64, 0x30), []],
  ['a public key as a private one', 'PrivateKey', 'PKCS_8', der(rsa.publicKey, 'spki'), []],
  ['a private key as a public one', 'PublicKey', 'X_509', der(rsa.privateKey, 'pkcs8'), []],
  ['what something follows', 'PublicKey', 'X_509', Buffer.concat([der(rsa.publicKey, 'spki'), Buffer.of(0)]), []],
  ['a key cut off', 'PrivateKey', 'PKCS_1', der(rsa.privateKey, 'pkcs1').subarray(0, 600), []],
  ['a key of another algorithm', 'PublicKey', 'X_509', der(rsa.publicKey, 'spki'), [algorithm('EC')]],
  ['a key of no pair', 'PublicKey', 'X_509', der(rsa.publicKey, 'spki'), [algorithm('AES')]],
  ['a key of another length', 'PublicKey', 'X_509', der(rsa.publicKey, 'spki'), [length(3_072)]],
  ['a key on another curve', 'PublicKey', 'X_509', der(ec.publicKey, 'spki'), [curveAttribute('P_256')]],
  ['an EC key as PKCS #1', 'PrivateKey', 'PKCS_1', der(ec.privateKey, 'pkcs8'), []],
  ['RSA numbers that do not belong together', 'PrivateKey', 'PKCS_8', der(swapped, 'pkcs8'), []],
  ['a point that is not the private key’s', 'PrivateKey', 'ECPrivateKey', mismatched, []],
  ['structures where bytes belong', 'PublicKey', 'X_509', transparentEcPublic, []],
  ['bytes where a structure belongs', 'PublicKey', 'TransparentECPublicKey', der(ec.publicKey, 'spki'), []],
  ['a point on no curve', 'PublicKey', 'TransparentECPublicKey', pointAt(RecommendedCurve.P_256), []],
  ['a curve that is not served', 'PublicKey', 'TransparentECPublicKey', pointAt(RecommendedCurve.B_571), []],
  [
    'a negative number',
    'PublicKey',
    'TransparentRSAPublicKey',
    structure(0, [bigInteger(tags.Modulus, Buffer.alloc(256, 0xff)), big(tags.PublicExponent, 'AQAB')]),
    [],
  ],
  ['a number missing', 'PublicKey', 'TransparentRSAPublicKey', structure(0, [big(tags.Modulus, rsaNumbers.n)]), []],
  [
    'a small RSA key',
    'PublicKey',
    'X_509',
    der(generateKeyPairSync('rsa', { modulusLength: 768 }).publicKey, 'spki'),
    [],
  ],
  ['a DSA key', 'PrivateKey', 'PKCS_8', der(dsa, 'pkcs8'), []],
  ['a DSA key as PKCS #1', 'PrivateKey', 'PKCS_1', der(dsa, 'pkcs8'), []],
  ['a DSA key as ECPrivateKey', 'PrivateKey', 'ECPrivateKey', der(dsa, 'pkcs8'), []],
  ['a DSA key that OpenSSL would compute with for long', 'PrivateKey', 'PKCS_8', longDsa, []],
  [
    'an exponent longer than its modulus',
    'PublicKey',
    'TransparentRSAPublicKey',
    structure(0, [big(tags.Modulus, rsaNumbers.n), big(tags.PublicExponent, `${rsaNumbers.n}${rsaNumbers.n}`)]),
    [],
  ],
  [
    'an Edwards key',
    'PublicKey',
    'X_509',
    generateKeyPairSync('ed25519').publicKey.export({ format: 'der', type: 'spki' }),
    [],
  ],
])('%s is refused', async (_, half, format, material, attributes) => {
  const payload = halfPayload(half, material, { format }, maskOf(half), attributes)
  expect(await house.client.refused('Register', payload)).toBe('InvalidField')
})

function pointAt(curve: number): Item {
  return structure(0, [enumeration(tags.RecommendedCurve, curve), bytes(tags.QString, point)])
}

test.each([
  ['PrivateKey', 'Raw'],
  ['PublicKey', 'Raw'],
  ['PublicKey', 'PKCS_8'],
  ['PrivateKey', 'X_509'],
  ['PrivateKey', 'Opaque'],
  ['PrivateKey', 'TransparentDHPrivateKey'],
] as const)('a %s is not registered as %s', async (half, format) => {
  const payload = halfPayload(half, Buffer.alloc(32, 7), { format }, 1)
  expect(await house.client.refused('Register', payload)).toBe('KeyFormatTypeNotSupported')
})

test.each<[KeyObject, 'PublicKey' | 'PrivateKey', Format]>([
  [rsa.privateKey, 'PrivateKey', 'ECPrivateKey'],
  [rsa.privateKey, 'PrivateKey', 'X_509'],
  [rsa.publicKey, 'PublicKey', 'PKCS_8'],
  [rsa.publicKey, 'PublicKey', 'Raw'],
  [ec.privateKey, 'PrivateKey', 'PKCS_1'],
  [ec.publicKey, 'PublicKey', 'PKCS_1'],
  [ec.publicKey, 'PublicKey', 'TransparentRSAPublicKey'],
])('a key is not given in a format that it does not have: %#', async (key, half, format) => {
  const isPrivate = half === 'PrivateKey'
  const id = await registered(half, isPrivate ? 'PKCS_8' : 'X_509', der(key, isPrivate ? 'pkcs8' : 'spki'))
  const asked = [uid(id), enumeration(tags.KeyFormatType, KeyFormatType[format])]
  expect(await house.client.refused('Get', asked)).toBe('KeyFormatTypeNotSupported')
})

test('a key of which only what is known is registered has no value, and does not change for it', async () => {
  const block = { format: 'PKCS_8', algorithm: CryptographicAlgorithm.RSA, length: 2_048 } as const
  const id = uidOf(await house.client.ask('Register', halfPayload('PrivateKey', undefined, block, 1)))
  expect(await attributeOf(house.client, id, 'Key Value Present')).toBe(false)
  const bare = halfPayload('PrivateKey', undefined, { format: 'PKCS_8' }, 1)
  expect(await house.client.refused('Register', bare)).toBe('InvalidField')
})

describe('a wrapped private key', () => {
  const kek = Buffer.alloc(32, 0x4b)
  const wrappingKey = async (): Promise<string> => {
    const mask = attribute('Cryptographic Usage Mask', integer(0, 0x10))
    const id = uidOf(await house.client.ask('Register', symmetricKey(kek, {}, [mask])))
    await house.client.ask('Activate', [uid(id)])
    return id
  }
  const specification = (id: string, mode: number, encoding?: number): Item =>
    structure(tags.KeyWrappingSpecification, [
      enumeration(tags.WrappingMethod, enumerations.WrappingMethod.Encrypt),
      structure(tags.EncryptionKeyInformation, [
        text(tags.UniqueIdentifier, id),
        structure(tags.CryptographicParameters, [enumeration(tags.BlockCipherMode, mode)]),
      ]),
      ...(encoding === undefined ? [] : [enumeration(tags.EncodingOption, encoding)]),
    ])
  const unwrapped = (value: Uint8Array, name: string, iv: string): Buffer => {
    const decipher = createDecipheriv(name, kek, Buffer.from(iv, 'hex'))
    return Buffer.concat([decipher.update(value), decipher.final()])
  }
  const { NISTKeyWrap, AESKeyWrapPadding } = enumerations.BlockCipherMode
  const { NoEncoding } = enumerations.EncodingOption

  test('is given by itself and as the TTLV of its value, in each format', async () => {
    const { privateKey } = await createPair(house.client)
    const wrapping = await wrappingKey()
    const pkcs8 = [uid(privateKey), enumeration(tags.KeyFormatType, KeyFormatType.PKCS_8)]
    const bare = await house.client.ask('Get', [...pkcs8, specification(wrapping, AESKeyWrapPadding, NoEncoding)])
    const key = unwrapped(bytesAt(bare, tags.KeyValue), 'id-aes256-wrap-pad', 'a65959a6')
    const plainKey = await gotHalf(house.client, privateKey, 'PKCS_8')
    expect(createPrivateKey({ key, format: 'der', type: 'pkcs8' }).equals(plainKey)).toBe(true)
    const transparent = enumeration(tags.KeyFormatType, KeyFormatType.TransparentECPrivateKey)
    const whole = await house.client.ask('Get', [uid(privateKey), transparent, specification(wrapping, NISTKeyWrap)])
    const value = decode(unwrapped(bytesAt(whole, tags.KeyValue), 'id-aes256-wrap', 'a6a6a6a6a6a6a6a6'))
    const d = Buffer.from(fieldAt(value, tags.D)?.value as Uint8Array)
    expect(BigInt(`0x${d.toString('hex')}`)).toBe(
      BigInt(`0x${Buffer.from(plainKey.export({ format: 'jwk' }).d ?? '', 'base64url').toString('hex')}`),
    )
    const refused = [uid(privateKey), transparent, specification(wrapping, AESKeyWrapPadding, NoEncoding)]
    expect(await house.client.refused('Get', refused)).toBe('KeyFormatTypeNotSupported')
  })

  test('leaves wrapped only where it is sensitive, and not at all where it is not extractable', async () => {
    const wrapping = await wrappingKey()
    const flag = (name: string, value: boolean) => attribute(name, boolean(0, value))
    const sensitive = await createPair(house.client, { privateOwn: [flag('Sensitive', true)] })
    expect(await house.client.refused('Get', [uid(sensitive.privateKey)])).toBe('Sensitive')
    await house.client.ask('Get', [uid(sensitive.privateKey), specification(wrapping, NISTKeyWrap)])
    const kept = await createPair(house.client, { privateOwn: [flag('Extractable', false)] })
    const asked = [uid(kept.privateKey), specification(wrapping, NISTKeyWrap)]
    expect(await house.client.refused('Get', asked)).toBe('NotExtractable')
    await house.client.ask('Get', [uid(kept.publicKey)])
  })

  test('that a client brings wrapped comes back so, and is used for nothing', async () => {
    const data = structure(tags.KeyWrappingData, [
      enumeration(tags.WrappingMethod, enumerations.WrappingMethod.Encrypt),
      structure(tags.EncryptionKeyInformation, [text(tags.UniqueIdentifier, 'theirs')]),
    ])
    const wish = { format: 'PKCS_8', algorithm: CryptographicAlgorithm.RSA, length: 2_048, wrapping: data } as const
    const id = uidOf(await house.client.ask('Register', halfPayload('PrivateKey', Buffer.alloc(40, 9), wish, 1)))
    const fields = await house.client.ask('Get', [uid(id)])
    expect(bytesAt(fields, tags.KeyValue)).toEqual(Buffer.alloc(40, 9))
    expect(encode(fieldAt(structure(0, fields), tags.KeyWrappingData) as Item)).toEqual(encode(data))
    const pkcs1 = enumeration(tags.KeyFormatType, KeyFormatType.PKCS_1)
    expect(await house.client.refused('Get', [uid(id), pkcs1])).toBe('KeyFormatTypeNotSupported')
    await house.client.ask('Activate', [uid(id)])
    expect(await house.client.refused('Sign', [uid(id), bytes(tags.Data, Buffer.of(1))])).toBe('IllegalOperation')
  })
})

test('clients of versions that have no name for a format are told so', async () => {
  const id = await registered('PublicKey', 'TransparentECPublicKey', transparentEcPublic)
  expect(await house.client.refused('Get', [uid(id)], { minor: 2 })).toBe('FeatureNotSupported')
  const spki = [uid(id), enumeration(tags.KeyFormatType, KeyFormatType.X_509)]
  const key = bytesAt(await house.client.ask('Get', spki, { minor: 2 }), tags.KeyMaterial)
  expect(createPublicKey({ key, format: 'der', type: 'spki' }).equals(ec.publicKey)).toBe(true)
})
