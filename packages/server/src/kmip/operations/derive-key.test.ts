/** Derive Key: each method held against OpenSSL, what the objects say of each other, what is refused, and the event. */
import { execFileSync } from 'node:child_process'
import { createCipheriv, createHash, createHmac, diffieHellman, pbkdf2Sync } from 'node:crypto'
import { beforeEach, describe, expect, test } from 'vitest'
import { enumerations } from '../ttlv/enumerations.ts'
import { bytes, enumeration, integer, type Item, longInteger, structure } from '../ttlv/item.ts'
import { tags } from '../ttlv/tags.ts'
import { activePair, createPair, gotHalf } from '../testing/key-pairs.ts'
import { type KmipHouse, openKmipHouse } from '../testing/kmip-house.ts'
import { attribute, nameAttribute, uid, uidOf } from '../testing/messages.ts'
import {
  algorithmAttribute,
  attributeOf,
  attributesOf,
  bytesAt,
  lengthAttribute,
  maskAttribute,
  opaqueObject,
  revocation,
  secretData,
  symmetricKey,
  template,
  toldOf,
} from '../testing/payloads.ts'

const { BlockCipherMode, CryptographicAlgorithm, DerivationMethod, HashingAlgorithm, LinkType, ObjectType } =
  enumerations
type Method = keyof typeof DerivationMethod

const password = Buffer.from('a password that nobody guesses')
const label = Buffer.from('label\0context')
const salt = Buffer.from('salt and pepper')
const deriving = 0x200

let house: KmipHouse
beforeEach(async () => {
  house = await openKmipHouse()
})

interface ParameterWish {
  readonly hash?: keyof typeof HashingAlgorithm
  readonly mode?: keyof typeof BlockCipherMode
  readonly iv?: Uint8Array
  readonly data?: readonly Uint8Array[]
  readonly salt?: Uint8Array
  readonly count?: number
}

function parametersOf({ hash, mode, iv, data = [], salt: given, count }: ParameterWish): Item {
  const cryptographic = [
    ...(mode === undefined ? [] : [enumeration(tags.BlockCipherMode, BlockCipherMode[mode])]),
    ...(hash === undefined ? [] : [enumeration(tags.HashingAlgorithm, HashingAlgorithm[hash])]),
  ]
  return structure(tags.DerivationParameters, [
    ...(cryptographic.length === 0 ? [] : [structure(tags.CryptographicParameters, cryptographic)]),
    ...(iv === undefined ? [] : [bytes(tags.InitializationVector, iv)]),
    ...data.map((piece) => bytes(tags.DerivationData, piece)),
    ...(given === undefined ? [] : [bytes(tags.Salt, given)]),
    ...(count === undefined ? [] : [integer(tags.IterationCount, count)]),
  ])
}

interface Wish {
  readonly type?: keyof typeof ObjectType
  readonly attributes?: readonly Item[]
}

const aes256 = [algorithmAttribute('AES'), lengthAttribute(256), maskAttribute(12)]

function payloadOf(bases: readonly string[], method: Method, parameters: ParameterWish, wish: Wish = {}): Item[] {
  const { type = 'SymmetricKey', attributes = aes256 } = wish
  return [
    enumeration(tags.ObjectType, ObjectType[type]),
    ...bases.map(uid),
    enumeration(tags.DerivationMethod, DerivationMethod[method]),
    parametersOf(parameters),
    template(...attributes),
  ]
}

const derived = async (...asked: Parameters<typeof payloadOf>) =>
  uidOf(await house.client.ask('DeriveKey', payloadOf(...asked)))
const refused = (...asked: Parameters<typeof payloadOf>) => house.client.refused('DeriveKey', payloadOf(...asked))

const materialOf = async (id: string): Promise<Buffer> =>
  bytesAt(await house.client.ask('Get', [uid(id)]), tags.KeyMaterial)

/** Active secret data to derive from. */
async function secret(material: Uint8Array = password, mask = deriving): Promise<string> {
  const id = uidOf(await house.client.ask('Register', secretData(material, {}, [maskAttribute(mask)])))
  await house.client.ask('Activate', [uid(id)])
  return id
}

/** An active symmetric key to derive from. */
async function key(material: Uint8Array, algorithm: keyof typeof CryptographicAlgorithm = 'AES'): Promise<string> {
  const wish = { algorithm: CryptographicAlgorithm[algorithm] }
  const payload = symmetricKey(material, wish, [maskAttribute(deriving)])
  const id = uidOf(await house.client.ask('Register', payload))
  await house.client.ask('Activate', [uid(id)])
  return id
}

/** KBKDF of the command line's OpenSSL, whose fixed input is the label alone. */
function kbkdf(
  mode: 'counter' | 'feedback',
  digest: string,
  base: Uint8Array,
  count: number,
  seed?: Uint8Array,
): Buffer {
  const hex = (value: Uint8Array): string => Buffer.from(value).toString('hex')
  const options = [
    'mac:HMAC',
    `digest:${digest}`,
    `mode:${mode}`,
    `hexkey:${hex(base)}`,
    `hexsalt:${hex(label)}`,
    'use-l:0',
    'use-separator:0',
    ...(seed === undefined ? [] : [`hexseed:${hex(seed)}`]),
  ]
  const args = options.flatMap((option) => ['-kdfopt', option])
  return execFileSync('openssl', ['kdf', '-keylen', String(count), ...args, '-binary', 'KBKDF'])
}

/** SP 800-108r1, section 4.3, as it is written there. */
function doublePipeline(hash: string, base: Uint8Array, count: number): Buffer {
  const mac = (...pieces: Uint8Array[]) => createHmac(hash, base).update(Buffer.concat(pieces)).digest()
  let output = Buffer.alloc(0)
  let a: Uint8Array = label
  for (let i = 1; output.length < count; i += 1) {
    a = mac(a)
    output = Buffer.concat([output, mac(a, Buffer.of(0, 0, 0, i), label)])
  }
  return output.subarray(0, count)
}

describe('what is derived is what OpenSSL derives', () => {
  const seed = Buffer.alloc(20, 0x5e)
  const vector = Buffer.alloc(16, 0x1f)
  const aesKey = Buffer.alloc(32, 0xae)

  test.each<[string, Method, ParameterWish, () => Buffer]>([
    [
      'PBKDF2',
      'PBKDF2',
      { hash: 'SHA_256', salt, count: 2_000 },
      () => pbkdf2Sync(password, salt, 2_000, 32, 'sha256'),
    ],
    [
      'PBKDF2 of several blocks',
      'PBKDF2',
      { hash: 'SHA_1', salt, count: 1 },
      () => pbkdf2Sync(password, salt, 1, 32, 'sha1'),
    ],
    ['HASH', 'HASH', { hash: 'SHA3_512' }, () => createHash('sha3-512').update(password).digest().subarray(0, 32)],
    [
      'HMAC over data in pieces',
      'HMAC',
      { hash: 'SHA_384', data: [label.subarray(0, 3), label.subarray(3)] },
      () => createHmac('sha384', password).update(label).digest().subarray(0, 32),
    ],
    [
      'NIST800-108-C',
      'NIST800_108_C',
      { hash: 'SHA_256', data: [label] },
      () => kbkdf('counter', 'SHA256', password, 32),
    ],
    [
      'NIST800-108-C of several blocks',
      'NIST800_108_C',
      { hash: 'SHA_1', data: [label] },
      () => kbkdf('counter', 'SHA1', password, 32),
    ],
    [
      'NIST800-108-F',
      'NIST800_108_F',
      { hash: 'SHA_1', data: [label], iv: seed },
      () => kbkdf('feedback', 'SHA1', password, 32, seed),
    ],
    [
      'NIST800-108-DPI',
      'NIST800_108_DPI',
      { hash: 'SHA_1', data: [label] },
      () => doublePipeline('sha1', password, 32),
    ],
  ])('%s', async (_, method, parameters, expected) => {
    const base = await secret()
    const id = await derived([base], method, parameters)
    expect(await materialOf(id)).toEqual(expected())
    const digest = (await attributeOf(house.client, id, 'Digest')) as readonly Item[]
    const sha256 = createHash('sha256').update(expected()).digest()
    expect(Buffer.from(digest[1]?.value as Uint8Array)).toEqual(sha256)
  })

  test.each<[string, ParameterWish, () => Buffer]>([
    [
      'CBC',
      { mode: 'CBC', iv: vector, data: [Buffer.alloc(48, 3)] },
      () => createCipheriv('aes-256-cbc', aesKey, vector).setAutoPadding(false).update(Buffer.alloc(48, 3)),
    ],
    [
      'ECB',
      { mode: 'ECB', data: [Buffer.alloc(32, 3)] },
      () => createCipheriv('aes-256-ecb', aesKey, null).setAutoPadding(false).update(Buffer.alloc(32, 3)),
    ],
  ])('ENCRYPT in %s', async (_, parameters, expected) => {
    const base = await key(aesKey)
    const id = await derived([base], 'ENCRYPT', parameters)
    expect(await materialOf(id)).toEqual(expected().subarray(0, 32))
    // The same again is the same key.
    expect(await materialOf(await derived([base], 'ENCRYPT', parameters))).toEqual(expected().subarray(0, 32))
  })

  test('the hash of an HMAC key need not be said', async () => {
    const base = await key(aesKey, 'HMAC_SHA512')
    const id = await derived([base], 'HMAC', { data: [label] })
    expect(await materialOf(id)).toEqual(createHmac('sha512', aesKey).update(label).digest().subarray(0, 32))
  })

  test('a key of 3DES gets its parity bits', async () => {
    const attributes = [algorithmAttribute('DES3'), lengthAttribute(168), maskAttribute(12)]
    const id = await derived([await secret()], 'HMAC', { hash: 'SHA_256', data: [label] }, { attributes })
    const expected = createHmac('sha256', password).update(label).digest().subarray(0, 24)
    const material = await materialOf(id)
    expect([...material].map((byte) => byte >> 1)).toEqual([...expected].map((byte) => byte >> 1))
    for (const byte of material) expect(byte.toString(2).replaceAll('0', '').length % 2).toBe(1)
  })

  test('secret data are derived as long as is asked', async () => {
    const wish = { type: 'SecretData', attributes: [lengthAttribute(1_024)] } as const
    const id = await derived([await secret()], 'NIST800_108_C', { hash: 'SHA_512', data: [label] }, wish)
    expect(await materialOf(id)).toEqual(kbkdf('counter', 'SHA512', password, 128))
    expect(await attributeOf(house.client, id, 'Cryptographic Usage Mask')).toBe(0)
  })

  test('a secret that two keys agree on is that of both', async () => {
    const [mine, theirs] = [
      await activePair(house.client, { algorithm: 'ECDH', curve: 'P_256', privateMask: 0x800, publicMask: 0x800 }),
      await createPair(house.client, { algorithm: 'ECDH', curve: 'P_256', privateMask: 0x800, publicMask: 0x800 }),
    ]
    const id = await derived([mine.privateKey, theirs.publicKey], 'AsymmetricKey', {})
    const privateKey = await gotHalf(house.client, theirs.privateKey, 'PKCS_8')
    const publicKey = await gotHalf(house.client, mine.publicKey, 'X_509')
    expect(await materialOf(id)).toEqual(diffieHellman({ privateKey, publicKey }))
    expect(
      toldOf(house.events().find(({ requestData }) => requestData['operation'] === 'DeriveKey') as never),
    ).toMatchObject({ request: { baseKeyIds: [mine.privateKey, theirs.publicKey], derivationMethod: 'AsymmetricKey' } })
    const other = await createPair(house.client, { algorithm: 'ECDH', curve: 'P_384' })
    expect(await refused([mine.privateKey, other.publicKey], 'AsymmetricKey', {})).toBe('CryptographicFailure')
    expect(await refused([mine.privateKey], 'AsymmetricKey', {})).toBe('IllegalOperation')
    expect(await refused([mine.privateKey, mine.privateKey], 'AsymmetricKey', {})).toBe('IllegalOperation')
  })
})

test('one event tells of the new key and what it is derived from; base and key tell of each other', async () => {
  const base = await secret()
  const asked = { attributes: [...aes256, nameAttribute('derived')] }
  const id = await derived([base], 'PBKDF2', { hash: 'SHA_256', salt, count: 10 }, asked)
  expect(toldOf(house.lastEvent())).toEqual({
    action: 'kmip-key.create',
    outcome: 'success',
    severity: 'normal',
    code: 201,
    target: 'derived',
    request: {
      operation: 'DeriveKey',
      objectType: 'SymmetricKey',
      cryptographicAlgorithm: 'AES',
      cryptographicLength: 256,
      usageMask: 12,
      derivationMethod: 'PBKDF2',
      baseKeyIds: [base],
      attributeNames: ['CryptographicAlgorithm', 'CryptographicUsageMask', 'Name', 'CryptographicLength'],
    },
    response: { keyId: id, kmipState: 1, rootKeyId: house.client.adapter.crk },
  })
  expect(JSON.stringify(house.events())).not.toContain('pepper')
  const link = async (of: string) =>
    ((await attributeOf(house.client, of, 'Link')) as readonly Item[]).map(({ value }) => value)
  expect(await link(id)).toEqual([LinkType.DerivationBaseObjectLink, base])
  expect(await link(base)).toEqual([LinkType.DerivedKeyLink, id])
})

test('in each version a key is derived without a usage mask: then it encrypts and decrypts', async () => {
  const base = await secret()
  const attributes = [algorithmAttribute('AES'), lengthAttribute(128)]
  for (const minor of [0, 1, 2, 3, 4]) {
    const payload = payloadOf([base], 'HASH', { hash: 'SHA_256' }, { attributes })
    const id = uidOf(await house.client.ask('DeriveKey', payload, { minor }))
    expect(await attributeOf(house.client, id, 'Cryptographic Usage Mask')).toBe(12)
  }
})

test('a base tells of its first 64 keys; further ones tell of it', async () => {
  const base = await secret()
  const payload = payloadOf([base], 'HASH', { hash: 'SHA_256' })
  const many = Array.from({ length: 35 }, () => ({ operation: 'DeriveKey', payload }) as const)
  for (let round = 0; round < 2; round += 1) await house.client.send(many)
  expect((await attributesOf(house.client, base))['Link']?.length).toBe(64)
  const linked = attribute('Link', structure(0, [bytesText(base)]))
  expect(await house.client.ask('Locate', [linked])).toHaveLength(71)
})

const bytesText = (id: string): Item => ({ tag: tags.LinkedObjectIdentifier, type: 'TextString', value: id })

test('the base is what the placeholder means, and then the key is', async () => {
  const [, , gotten] = await house.client.send([
    {
      operation: 'Locate',
      payload: [attribute('Unique Identifier', { tag: 0, type: 'TextString', value: await secret() })],
    },
    { operation: 'DeriveKey', payload: payloadOf([], 'HASH', { hash: 'SHA_256' }) },
    { operation: 'Get' },
  ])
  expect(bytesAt(gotten?.fields ?? [], tags.KeyMaterial)).toEqual(createHash('sha256').update(password).digest())
})

describe('what is refused', () => {
  const hashed = { hash: 'SHA_256' } as const

  test.each<[string, Method, ParameterWish, string]>([
    ['PBKDF2 without a salt', 'PBKDF2', { ...hashed, count: 1 }, 'MissingData'],
    ['PBKDF2 without a count', 'PBKDF2', { ...hashed, salt }, 'MissingData'],
    ['PBKDF2 with the count 0', 'PBKDF2', { ...hashed, salt, count: 0 }, 'InvalidField'],
    ['PBKDF2 with too high a count', 'PBKDF2', { ...hashed, salt, count: 1_000_001 }, 'InvalidField'],
    ['no hash', 'HMAC', { data: [label] }, 'MissingData'],
    ['a hash that is not served', 'HMAC', { hash: 'Whirlpool', data: [label] }, 'FeatureNotSupported'],
    ['HASH of the client’s own data', 'HASH', { ...hashed, data: [label] }, 'InvalidField'],
    ['a hash that is too short for the key', 'HASH', { hash: 'SHA_1' }, 'CryptographicFailure'],
    ['HMAC without data', 'HMAC', hashed, 'MissingData'],
    ['NIST800-108-C without data', 'NIST800_108_C', hashed, 'MissingData'],
    ['ENCRYPT by what encrypts nothing', 'ENCRYPT', { mode: 'CBC', data: [label] }, 'FeatureNotSupported'],
    ['agreement of what agrees on nothing', 'AsymmetricKey', {}, 'IllegalOperation'],
    [
      'data that are too many',
      'HMAC',
      { ...hashed, data: [Buffer.alloc(40_000), Buffer.alloc(40_000)] },
      'InvalidField',
    ],
  ])('%s', async (_, method, parameters, reason) => {
    const base = await secret()
    expect(await refused([base], method, parameters)).toBe(reason)
    expect(toldOf(house.lastEvent())).toMatchObject({ action: 'kmip-key.create', outcome: 'failure' })
    expect((await attributesOf(house.client, base))['Link']).toBeUndefined()
  })

  test('encryption without a vector, without data, and of data that do not fit', async () => {
    const base = await key(Buffer.alloc(32, 1))
    expect(await refused([base], 'ENCRYPT', { mode: 'CBC', data: [Buffer.alloc(32)] })).toBe('MissingData')
    expect(await refused([base], 'ENCRYPT', { mode: 'ECB' })).toBe('MissingData')
    const sealed = { mode: 'GCM', iv: Buffer.alloc(12), data: [Buffer.alloc(32)] } as const
    expect(await refused([base], 'ENCRYPT', sealed)).toBe('FeatureNotSupported')
    expect(await refused([base], 'ENCRYPT', { mode: 'ECB', data: [Buffer.alloc(33)] })).toBe('CryptographicFailure')
    expect(await refused([base], 'ENCRYPT', { mode: 'ECB', data: [Buffer.alloc(16)] })).toBe('CryptographicFailure')
  })

  test.each<[string, Wish]>([
    ['a private key', { type: 'PrivateKey' }],
    ['a key of no length', { attributes: [algorithmAttribute('AES'), maskAttribute(12)] }],
    ['a key of no algorithm', { attributes: [lengthAttribute(256), maskAttribute(12)] }],
    ['a key pair’s algorithm', { attributes: [algorithmAttribute('RSA'), lengthAttribute(2_048), maskAttribute(1)] }],
    ['secret data of no length', { type: 'SecretData', attributes: [] }],
    ['secret data of broken bytes', { type: 'SecretData', attributes: [lengthAttribute(12)] }],
  ])('%s as what is derived', async (_, wish) => {
    expect(await refused([await secret()], 'HMAC', { ...hashed, data: [label] }, wish)).toBe('InvalidField')
  })

  test('secret data that are longer than any', async () => {
    const wish = { type: 'SecretData', attributes: [lengthAttribute(4_104)] } as const
    const asked = refused([await secret()], 'NIST800_108_C', { ...hashed, data: [label] }, wish)
    expect(await asked).toBe('CryptographicFailure')
  })

  test('bases that are no base, that may not, or are not active', async () => {
    const asked = ['HASH', hashed] as const
    const opaque = uidOf(await house.client.ask('Register', opaqueObject(Buffer.of(1))))
    const { privateKey } = await activePair(house.client)
    for (const id of [opaque, privateKey]) expect(await refused([id], ...asked)).toBe('IllegalOperation')
    expect(await refused(['00000000-0000-4000-8000-000000000000'], ...asked)).toBe('ItemNotFound')
    expect(await refused([await secret(password, 4)], ...asked)).toBe('PermissionDenied')
    const passive = uidOf(await house.client.ask('Register', secretData(password, {}, [maskAttribute(deriving)])))
    expect(await refused([passive], ...asked)).toBe('PermissionDenied')
    const ended = await secret()
    await house.client.ask('Revoke', revocation(ended, 'KeyCompromise'))
    expect(await refused([ended], ...asked)).toBe('PermissionDenied')
    await house.client.ask('Destroy', [uid(ended)])
    expect(await refused([ended], ...asked)).toBe('ItemNotFound')
    const [one, two] = [await secret(), await secret()]
    expect(await refused([one, two], ...asked)).toBe('FeatureNotSupported')
    expect(await refused([one, two, one], ...asked)).toBe('InvalidField')
    const stranger = await house.stranger()
    expect(await stranger.refused('DeriveKey', payloadOf([one], ...asked))).toBe('ItemNotFound')
  })

  test('more derivations than the limits of the base', async () => {
    const limits = structure(0, [
      longInteger(tags.UsageLimitsTotal, 1n),
      enumeration(tags.UsageLimitsUnit, enumerations.UsageLimitsUnit.Object),
    ])
    const attributes = [maskAttribute(deriving), attribute('Usage Limits', limits)]
    const base = uidOf(await house.client.ask('Register', symmetricKey(Buffer.alloc(32, 1), {}, attributes)))
    await house.client.ask('Activate', [uid(base)])
    await derived([base], 'HASH', hashed)
    expect(await refused([base], 'HASH', hashed)).toBe('PermissionDenied')
  })

  test('a name that another object has', async () => {
    const named = { attributes: [...aes256, nameAttribute('once')] }
    await derived([await secret()], 'HASH', hashed, named)
    expect(await refused([await secret()], 'HASH', hashed, named)).toBe('InvalidField')
  })
})
