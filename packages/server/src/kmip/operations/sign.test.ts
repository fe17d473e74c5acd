/** Sign and Signature Verify: each scheme held against OpenSSL, digested data, which keys may, and what the event says. */
import {
  constants,
  createHash,
  generateKeyPairSync,
  type KeyObject,
  sign as opensslSign,
  verify as opensslVerify,
} from 'node:crypto'
import { beforeEach, describe, expect, test } from 'vitest'
import { enumerations } from '../ttlv/enumerations.ts'
import { boolean, bytes, enumeration, type Item, longInteger, structure } from '../ttlv/item.ts'
import { tags } from '../ttlv/tags.ts'
import { activeHalf, activePair, createPair, gotHalf, type ParameterWish, parametersOf } from '../testing/key-pairs.ts'
import { type KmipHouse, openKmipHouse } from '../testing/kmip-house.ts'
import { attribute, type SendOptions, uid } from '../testing/messages.ts'
import { activeKey, attributeOf, bytesAt, dateAttribute, revocation, toldOf } from '../testing/payloads.ts'

const { Valid, Invalid } = enumerations.ValidityIndicator
const data = Buffer.from('what is to be signed')
const rsa = generateKeyPairSync('rsa', { modulusLength: 2_048 })
const curves = {
  'P-256': 'P-256',
  'P-521': 'P-521',
  brainpoolP256r1: 'brainpoolP256r1',
  secp256k1: 'secp256k1',
} as const
const ec = Object.fromEntries(
  Object.values(curves).map((namedCurve) => [namedCurve, generateKeyPairSync('ec', { namedCurve })]),
)

let house: KmipHouse
beforeEach(async () => {
  house = await openKmipHouse()
})

const dataOf = (value: Uint8Array) => bytes(tags.Data, value)
const digestOf = (value: Uint8Array) => bytes(tags.DigestedData, value)
const signatureOf = (value: Uint8Array) => bytes(tags.SignatureData, value)

interface Pair {
  readonly privateKey: string
  readonly publicKey: string
}

async function registered(
  { privateKey, publicKey }: { privateKey: KeyObject; publicKey: KeyObject },
  attributes: readonly Item[] = [],
): Promise<Pair> {
  return {
    privateKey: await activeHalf(house.client, 'PrivateKey', privateKey, 1, attributes),
    publicKey: await activeHalf(house.client, 'PublicKey', publicKey, 2, attributes),
  }
}

const signed = async (id: string, items: readonly Item[], options?: SendOptions): Promise<Buffer> =>
  bytesAt(await house.client.ask('Sign', [uid(id), ...items], options), tags.SignatureData)
const validity = async (id: string, items: readonly Item[], options?: SendOptions) => {
  const fields = await house.client.ask('SignatureVerify', [uid(id), ...items], options)
  expect(fields.map(({ tag }) => tag)).toEqual([tags.UniqueIdentifier, tags.ValidityIndicator])
  return fields[1]?.value
}

interface Scheme {
  readonly wish: ParameterWish
  readonly hash: string
  readonly mechanism: string
  readonly salt?: number
  readonly curve?: keyof typeof curves
}

const pkcs1 = { padding: 'PKCS1V1_5' } as const
const pss = { padding: 'PSS' } as const
const schemes: readonly Scheme[] = [
  { wish: { ...pkcs1, hash: 'SHA_1' }, hash: 'sha1', mechanism: 'RSA-PKCS1-SHA-1' },
  { wish: { ...pkcs1, hash: 'SHA_224', algorithm: 'RSA' }, hash: 'sha224', mechanism: 'RSA-PKCS1-SHA-224' },
  { wish: { ...pkcs1, hash: 'SHA_256' }, hash: 'sha256', mechanism: 'RSA-PKCS1-SHA-256' },
  { wish: { ...pkcs1, hash: 'SHA_512' }, hash: 'sha512', mechanism: 'RSA-PKCS1-SHA-512' },
  { wish: { ...pkcs1, hash: 'SHA3_224' }, hash: 'sha3-224', mechanism: 'RSA-PKCS1-SHA3-224' },
  { wish: { signature: 'SHA3_384WithRSAEncryption' }, hash: 'sha3-384', mechanism: 'RSA-PKCS1-SHA3-384' },
  { wish: { signature: 'SHA_384WithRSAEncryption' }, hash: 'sha384', mechanism: 'RSA-PKCS1-SHA-384' },
  { wish: { signature: 'RSASSA_PSS', hash: 'SHA_256' }, hash: 'sha256', mechanism: 'RSA-PSS-SHA-256', salt: 32 },
  { wish: { ...pss, hash: 'SHA_512', salt: 7 }, hash: 'sha512', mechanism: 'RSA-PSS-SHA-512', salt: 7 },
  { wish: { ...pss, hash: 'SHA3_256', salt: 0, trailer: 1 }, hash: 'sha3-256', mechanism: 'RSA-PSS-SHA3-256', salt: 0 },
  {
    wish: { ...pss, signature: 'SHA_256WithRSAEncryption' },
    hash: 'sha256',
    mechanism: 'RSA-PSS-SHA-256',
    salt: 32,
  },
  { wish: { signature: 'ECDSAWithSHA_1' }, hash: 'sha1', mechanism: 'ECDSA-SHA-1', curve: 'P-256' },
  { wish: { signature: 'ECDSAWithSHA256' }, hash: 'sha256', mechanism: 'ECDSA-SHA-256', curve: 'P-256' },
  { wish: { hash: 'SHA_512', algorithm: 'EC' }, hash: 'sha512', mechanism: 'ECDSA-SHA-512', curve: 'P-521' },
  { wish: { hash: 'SHA_384' }, hash: 'sha384', mechanism: 'ECDSA-SHA-384', curve: 'brainpoolP256r1' },
  { wish: { hash: 'SHA3_256' }, hash: 'sha3-256', mechanism: 'ECDSA-SHA3-256', curve: 'secp256k1' },
]

describe.each(schemes)(
  '$mechanism ($wish.padding $wish.signature $curve)',
  ({ wish, hash, mechanism, salt, curve }) => {
    const pair = curve === undefined ? rsa : (ec[curve] as typeof rsa)
    const options =
      salt === undefined ? {} : { padding: constants.RSA_PKCS1_PSS_PADDING, ...(salt > 0 && { saltLength: salt }) }
    const parameters = parametersOf(wish)

    test('is OpenSSL’s in both directions, and each use is told', async () => {
      const ids = await registered(pair)
      const signature = await signed(ids.privateKey, [parameters, dataOf(data)])
      expect(toldOf(house.lastEvent())).toEqual({
        action: 'kmip-key.use',
        outcome: 'success',
        severity: 'normal',
        code: 200,
        target: ids.privateKey,
        request: { operation: 'Sign', mechanism },
        response: { keyId: ids.privateKey, kmipState: 2, rootKeyId: house.client.adapter.crk },
      })
      const exact = salt === 0 ? { ...options, saltLength: 0 } : options
      expect(opensslVerify(hash, data, { key: pair.publicKey, ...exact }, signature)).toBe(true)
      const theirs = opensslSign(hash, data, { key: pair.privateKey, ...exact })
      expect(await validity(ids.publicKey, [parameters, dataOf(data), signatureOf(theirs)])).toBe(Valid)
      expect(toldOf(house.lastEvent())).toMatchObject({
        target: ids.publicKey,
        request: { operation: 'SignatureVerify', mechanism },
        response: { validity: 'Valid', keyId: ids.publicKey },
      })
      expect(JSON.stringify(house.events())).not.toContain('to be signed')
    })

    test('does not verify other data, another signature, or one of another length', async () => {
      const { publicKey } = await registered(pair)
      const theirs = opensslSign(hash, data, { key: pair.privateKey, ...options })
      const altered = Buffer.from(theirs)
      altered[altered.length - 1] = (altered.at(-1) ?? 0) ^ 1
      const wrong: [Uint8Array, Uint8Array][] = [
        [Buffer.from('other data'), theirs],
        [data, altered],
        [data, theirs.subarray(1)],
        [data, Buffer.concat([theirs, Buffer.of(0)])],
        [data, Buffer.alloc(0)],
        [data, Buffer.alloc(4_096, 1)],
      ]
      for (const [text, signature] of wrong) {
        expect(await validity(publicKey, [parameters, dataOf(text), signatureOf(signature)])).toBe(Invalid)
      }
      expect(toldOf(house.lastEvent())).toMatchObject({ outcome: 'success', response: { validity: 'Invalid' } })
    })

    test('over a digest is the same signature as over its data', async () => {
      const ids = await registered(pair)
      const digest = createHash(hash).update(data).digest()
      const signature = await signed(ids.privateKey, [parameters, digestOf(digest)])
      expect(await validity(ids.publicKey, [parameters, dataOf(data), signatureOf(signature)])).toBe(Valid)
      expect(await validity(ids.publicKey, [parameters, digestOf(digest), signatureOf(signature)])).toBe(Valid)
      const short = [uid(ids.privateKey), parameters, digestOf(digest.subarray(1))]
      expect(await house.client.refused('Sign', short)).toBe('InvalidField')
    })
  },
)

test('a pair that the unit made signs and verifies', async () => {
  const pair = await activePair(house.client, { curve: 'P_256' })
  const parameters = parametersOf({ hash: 'SHA_256' })
  const signature = await signed(pair.privateKey, [parameters, dataOf(data)])
  const publicKey = await gotHalf(house.client, pair.publicKey, 'X_509')
  expect(opensslVerify('sha256', data, publicKey, signature)).toBe(true)
  expect(await validity(pair.publicKey, [parameters, dataOf(data), signatureOf(signature)])).toBe(Valid)
})

test('without a salt length, PSS verifies with the salts that signers choose by themselves, and no other', async () => {
  const { publicKey } = await registered(rsa)
  const parameters = parametersOf({ ...pss, hash: 'SHA_256' })
  for (const [saltLength, expected] of [
    [32, Valid],
    [20, Valid],
    [222, Valid],
    [21, Invalid],
  ] as const) {
    const padding = constants.RSA_PKCS1_PSS_PADDING
    const theirs = opensslSign('sha256', data, { key: rsa.privateKey, padding, saltLength })
    const minor = { minor: 2 }
    expect([saltLength, await validity(publicKey, [parameters, dataOf(data), signatureOf(theirs)], minor)]).toEqual([
      saltLength,
      expected,
    ])
  }
})

test('a mask of another hash than the data’s is what the client says it is', async () => {
  const ids = await registered(rsa)
  const parameters = parametersOf({ ...pss, hash: 'SHA_256', maskHash: 'SHA_1', salt: 20 })
  const signature = await signed(ids.privateKey, [parameters, dataOf(data)])
  expect(await validity(ids.publicKey, [parameters, dataOf(data), signatureOf(signature)])).toBe(Valid)
  const same = parametersOf({ ...pss, hash: 'SHA_256', salt: 20 })
  expect(await validity(ids.publicKey, [same, dataOf(data), signatureOf(signature)])).toBe(Invalid)
})

test('a signature of ECDSA has one form: another encoding of it is none', async () => {
  const pair = ec['P-256'] as typeof rsa
  const { publicKey } = await registered(pair)
  const theirs = opensslSign('sha256', data, pair.privateKey)
  const joined = opensslSign('sha256', data, { key: pair.privateKey, dsaEncoding: 'ieee-p1363' })
  const long = Buffer.concat([Buffer.of(0x30, 0x81), theirs.subarray(1)])
  const negative = Buffer.from(theirs)
  negative[4] = 0x80
  const huge = Buffer.concat([Buffer.of(0x30, 0x06, 0x02, 0x01, 0x01, 0x02, 0x01, 0x00)])
  for (const signature of [joined, long, negative, huge]) {
    const items = [parametersOf({ hash: 'SHA_256' }), dataOf(data), signatureOf(signature)]
    expect(await validity(publicKey, items)).toBe(Invalid)
  }
})

test('parameters of the key serve a request that has none', async () => {
  const own = attribute('Cryptographic Parameters', parametersOf({ signature: 'SHA_256WithRSAEncryption' }))
  const ids = await registered(rsa, [own])
  const signature = await signed(ids.privateKey, [dataOf(data)])
  expect(opensslVerify('sha256', data, rsa.publicKey, signature)).toBe(true)
  expect(await validity(ids.publicKey, [dataOf(data), signatureOf(signature)])).toBe(Valid)
})

describe('what is refused', () => {
  const parameters = parametersOf({ ...pkcs1, hash: 'SHA_256' })

  test.each<[string, ParameterWish, string]>([
    ['no parameters', {}, 'MissingData'],
    ['no hash', pkcs1, 'MissingData'],
    ['no padding', { hash: 'SHA_256' }, 'MissingData'],
    ['PSS without a hash', { signature: 'RSASSA_PSS' }, 'MissingData'],
    ['MD5', { signature: 'MD5WithRSAEncryption' }, 'FeatureNotSupported'],
    ['a hash that is not served', { ...pkcs1, hash: 'Tiger' }, 'FeatureNotSupported'],
    ['a padding that is none of signatures', { padding: 'OAEP', hash: 'SHA_256' }, 'FeatureNotSupported'],
    ['PSS with the padding of PKCS #1', { ...pkcs1, signature: 'RSASSA_PSS', hash: 'SHA_256' }, 'FeatureNotSupported'],
    ['ECDSA of an RSA key', { signature: 'ECDSAWithSHA256' }, 'FeatureNotSupported'],
    ['another algorithm', { ...pkcs1, hash: 'SHA_256', algorithm: 'ECDSA' }, 'FeatureNotSupported'],
    ['two hashes', { signature: 'SHA_256WithRSAEncryption', hash: 'SHA_512' }, 'InvalidField'],
    ['another trailer', { ...pss, hash: 'SHA_256', trailer: 2 }, 'FeatureNotSupported'],
    ['a salt longer than the key', { ...pss, hash: 'SHA_256', salt: 223 }, 'CryptographicFailure'],
  ])('%s', async (_, wish, reason) => {
    const { privateKey } = await registered(rsa)
    const items = [uid(privateKey), parametersOf(wish), dataOf(data)]
    expect(await house.client.refused('Sign', items)).toBe(reason)
    expect(house.lastEvent()).toMatchObject({ action: 'hs-crypto.kmip-key.use', outcome: 'failure' })
  })

  test('data that are missing, are there twice, or too many', async () => {
    const { privateKey, publicKey } = await registered(rsa)
    const digest = digestOf(createHash('sha256').update(data).digest())
    expect(await house.client.refused('Sign', [uid(privateKey), parameters])).toBe('MissingData')
    expect(await house.client.refused('Sign', [uid(privateKey), parameters, dataOf(data), digest])).toBe('InvalidField')
    const many = dataOf(Buffer.alloc(65_537))
    expect(await house.client.refused('Sign', [uid(privateKey), parameters, many])).toBe('InvalidField')
    const bare = [uid(publicKey), parameters, dataOf(data)]
    expect(await house.client.refused('SignatureVerify', bare)).toBe('MissingData')
    // Versions before 1.4 have no digested data.
    const old = await house.client.refused('Sign', [uid(privateKey), parameters, digest], { minor: 3 })
    expect(old).toBe('MissingData')
  })

  test('operations in several parts', async () => {
    const { privateKey } = await registered(rsa)
    const items = [uid(privateKey), parameters, dataOf(data), boolean(tags.InitIndicator, true)]
    expect(await house.client.refused('Sign', items)).toBe('FeatureNotSupported')
  })

  test('objects of other types, each of the halves for the other’s operation included', async () => {
    const { privateKey, publicKey } = await registered(rsa)
    const symmetric = await activeKey(house.client)
    for (const id of [publicKey, symmetric]) {
      expect(await house.client.refused('Sign', [uid(id), parameters, dataOf(data)])).toBe('IllegalOperation')
    }
    for (const id of [privateKey, symmetric]) {
      const items = [uid(id), parameters, dataOf(data), signatureOf(Buffer.alloc(256))]
      expect(await house.client.refused('SignatureVerify', items)).toBe('IllegalOperation')
    }
    expect(await house.client.refused('MAC', [uid(privateKey), dataOf(data)])).toBe('IllegalOperation')
    expect(await house.client.refused('ReKey', [uid(privateKey)])).toBe('IllegalOperation')
  })

  test('what the usage mask does not allow', async () => {
    const privateKey = await activeHalf(house.client, 'PrivateKey', rsa.privateKey, 8)
    const publicKey = await activeHalf(house.client, 'PublicKey', rsa.publicKey, 4)
    expect(await house.client.refused('Sign', [uid(privateKey), parameters, dataOf(data)])).toBe('PermissionDenied')
    const items = [uid(publicKey), parameters, dataOf(data), signatureOf(Buffer.alloc(256))]
    expect(await house.client.refused('SignatureVerify', items)).toBe('PermissionDenied')
  })

  test('a key for agreement signs nothing', async () => {
    const { privateKey } = await activePair(house.client, { algorithm: 'ECDH', length: 256 })
    const items = [uid(privateKey), parametersOf({ hash: 'SHA_256' }), dataOf(data)]
    expect(await house.client.refused('Sign', items)).toBe('FeatureNotSupported')
  })

  test('keys in a state that does not allow it: only active ones sign, and those that were active verify', async () => {
    const pair = await createPair(house.client)
    const hash = parametersOf({ hash: 'SHA_256' })
    const asked = [uid(pair.privateKey), hash, dataOf(data)]
    expect(await house.client.refused('Sign', asked)).toBe('PermissionDenied')
    for (const id of [pair.privateKey, pair.publicKey]) await house.client.ask('Activate', [uid(id)])
    const signature = await signed(pair.privateKey, [hash, dataOf(data)])
    const verifying = [hash, dataOf(data), signatureOf(signature)]
    for (const id of [pair.privateKey, pair.publicKey])
      await house.client.ask('Revoke', revocation(id, 'KeyCompromise'))
    expect(await house.client.refused('Sign', asked)).toBe('PermissionDenied')
    expect(await validity(pair.publicKey, verifying)).toBe(Valid)
    for (const id of [pair.privateKey, pair.publicKey]) await house.client.ask('Destroy', [uid(id)])
    expect(await house.client.refused('Sign', asked)).toBe('ItemNotFound')
    const last = await house.client.refused('SignatureVerify', [uid(pair.publicKey), ...verifying])
    expect(last).toBe('ItemNotFound')
  })

  test('dates that only symmetric keys have', async () => {
    const stop = dateAttribute('Protect Stop Date', 4_000_000_000)
    const payload = [uid((await createPair(house.client)).privateKey), stop]
    expect(await house.client.refused('AddAttribute', payload)).toBe('PermissionDenied')
  })

  test('more uses than the limits of the key', async () => {
    const limits = structure(0, [
      longInteger(tags.UsageLimitsTotal, 1n),
      enumeration(tags.UsageLimitsUnit, enumerations.UsageLimitsUnit.Object),
    ])
    const id = await activeHalf(house.client, 'PrivateKey', rsa.privateKey, 1, [attribute('Usage Limits', limits)])
    await signed(id, [parameters, dataOf(data)])
    expect(await house.client.refused('Sign', [uid(id), parameters, dataOf(data)])).toBe('PermissionDenied')
    const left = (await attributeOf(house.client, id, 'Usage Limits')) as readonly Item[]
    expect(left.find(({ tag }) => tag === tags.UsageLimitsCount)?.value).toBe(0n)
  })

  test('a signature that is taken back is not given', async () => {
    const { privateKey } = await registered(rsa)
    const undo = enumeration(tags.BatchErrorContinuationOption, enumerations.BatchErrorContinuationOption.Undo)
    const [first] = await house.client.send(
      [
        { operation: 'Sign', payload: [uid(privateKey), parameters, dataOf(data)] },
        { operation: 'Get', payload: [uid('nobody')] },
      ],
      { header: [undo] },
    )
    expect(first).toMatchObject({ status: 'OperationUndone', fields: [] })
  })

  test('keys of another adapter', async () => {
    const { privateKey } = await registered(rsa)
    const stranger = await house.stranger()
    expect(await stranger.refused('Sign', [uid(privateKey), parameters, dataOf(data)])).toBe('ItemNotFound')
  })
})
