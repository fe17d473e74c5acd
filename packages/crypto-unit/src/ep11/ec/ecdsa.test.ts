/** ECDSA over digests and data: against vectors of NIST, RFC 6979 and Wycheproof, OpenSSL, and @noble/curves. */
import { createHash, generateKeyPairSync, sign, verify } from 'node:crypto'
import { brainpoolP256r1, brainpoolP384r1, brainpoolP512r1 } from '@noble/curves/misc.js'
import { p256, p384, p521 } from '@noble/curves/nist.js'
import { secp256k1 } from '@noble/curves/secp256k1.js'
import { expect, test } from 'vitest'
import { keyTypes } from '../attributes.ts'
import { integerOf, unsignedBytes } from '../integers.ts'
import type { SignatureMechanism } from '../mechanism-parts.ts'
import { mechanisms } from '../mechanisms.ts'
import { refusalOf, returnValueOf } from '../../testing/refusals.ts'
import { wycheproof } from '../../testing/wycheproof.ts'
import type { ReturnValue } from '../return-values.ts'
import type { AsymmetricKey } from '../usable-key.ts'
import { curveOfParameters, curves, type WeierstrassCurve } from './curves.ts'
import { generateEc, pointOf, privateKeyOfSecret, publicKeyOfPoint, secretOf } from './ec-keys.ts'
import { baseMultipleBytes, bytesOfPoint, plusBaseMultiple, pointOfBytes } from './points.ts'
import { leftmostBits, modulo, quotient } from './scalars.ts'
import { ecSignatures } from './signatures.ts'

const none = { kind: 'none' } as const
const raw = mechanismOf(mechanisms.CKM_ECDSA.value)
const weierstrassCurves = curves.filter((curve) => curve.kind === 'weierstrass')

/** By the names of Wycheproof. */
const mechanismsByHash: Record<string, number> = {
  'SHA-1': mechanisms.CKM_ECDSA_SHA1.value,
  'SHA-224': mechanisms.CKM_ECDSA_SHA224.value,
  'SHA-256': mechanisms.CKM_ECDSA_SHA256.value,
  'SHA-384': mechanisms.CKM_ECDSA_SHA384.value,
  'SHA-512': mechanisms.CKM_ECDSA_SHA512.value,
}

function mechanismOf(value: number): SignatureMechanism {
  return ecSignatures.get(value) as SignatureMechanism
}

function usable(key: AsymmetricKey['key']): AsymmetricKey {
  return { keyType: keyTypes.CKK_EC, key }
}

function outcomeOf(mechanism: SignatureMechanism, key: AsymmetricKey, data: Buffer, signature: Buffer): ReturnValue {
  return returnValueOf(() => mechanism.verify(key, none, data, signature))
}

function curveNamed(name: string): WeierstrassCurve {
  const curve = weierstrassCurves.find(({ node, name: own }) => node === name || own === name)
  return curve ?? (curveOfParameters(Buffer.from(name === 'secp192r1' ? 'P-192' : 'P-256')) as WeierstrassCurve)
}

test('Wycheproof: data, their digest and their digest in parts verify, or do not, as published', () => {
  const counts = { valid: 0, acceptable: 0, invalid: 0 }
  for (const { curve: name, sha, tests } of wycheproof('ecdsa.json')) {
    const curve = curveNamed(name)
    const mechanism = mechanismOf(mechanismsByHash[sha] as number)
    for (const vector of tests) {
      const key = usable(publicKeyOfPoint(curve, vector.bytes('publicKey')))
      const data = vector.bytes('msg')
      const signature = vector.bytes('sig')
      const digest = createHash(sha.replace('-', '')).update(data).digest()
      const outcomes = [
        returnValueOf(() => mechanism.verify(key, none, data, signature)),
        returnValueOf(() => mechanism.digested?.verify(key, none, digest, signature)),
        returnValueOf(() => raw.verify(key, none, digest, signature)),
      ]
      const isOfLength = signature.length === 2 * curve.bytes
      const refusal = isOfLength ? 'CKR_SIGNATURE_INVALID' : 'CKR_SIGNATURE_LEN_RANGE'
      const expected = vector.result === 'valid' ? 'CKR_OK' : refusal
      expect([vector.name, ...outcomes]).toEqual([vector.name, expected, expected, expected])
      counts[vector.result]++
    }
  }
  expect(counts.valid).toBeGreaterThan(50)
  expect(counts.invalid).toBeGreaterThan(100)
})

/** RFC 6979, A.2.3 to A.2.7: curve, private key, hash, signature of `sample`. */
const rfc6979 = [
  [
    'P-192',
    '6fab034934e4c0fc9ae67f5b5659a9d7d1fefd187ee09fd4',
    'SHA-256',
    '4b0b8ce98a92866a2820e20aa6b75b56382e0f9bfd5ecb55',
    'ccdb006926ea9565cbadc840829d8c384e06de1f1e381b85',
  ],
  [
    'P-224',
    'f220266e1105bfe3083e03ec7a3a654651f45e37167e88600bf257c1',
    'SHA-256',
    '61aa3da010e8e8406c656bc477a7a7189895e7e840cdfe8ff42307ba',
    'bc814050dab5d23770879494f9e0a680dc1af7161991bde692b10101',
  ],
  [
    'P-256',
    'c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721',
    'SHA-256',
    'efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716',
    'f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8',
  ],
  [
    'P-384',
    '6b9d3dad2e1b8c1c05b19875b6659f4de23c3b667bf297ba9aa47740787137d896d5724e4c70a825f872c9ea60d2edf5',
    'SHA-384',
    '94edbb92a5ecb8aad4736e56c691916b3f88140666ce9fa73d64c4ea95ad133c81a648152e44acf96e36dd1e80fabe46',
    '99ef4aeb15f178cea1fe40db2603138f130e740a19624526203b6351d0a3a94fa329c145786e679e7b82c71a38628ac8',
  ],
  [
    'P-521',
    '00fad06daa62ba3b25d2fb40133da757205de67f5bb0018fee8c86e1b68c7e75caa896eb32f1f47c70855836a6d16fcc1466f6d8fbec67db89ec0c08b0e996b83538',
    'SHA-512',
    '00c328fafcbd79dd77850370c46325d987cb525569fb63c5d3bc53950e6d4c5f174e25a1ee9017b5d450606add152b534931d7d4e8455cc91f9b15bf05ec36e377fa',
    '00617cce7cf5064806c467f678d3b4080d6f1cc50af26ca209417308281b68af282623eaa63e5b5c0723d8b8c37ff0777b1a20f8ccb1dccc43997f1ee0e44da4a67a',
  ],
] as const

test('the signatures of RFC 6979 verify, and what these keys sign verifies with OpenSSL', () => {
  for (const [name, secret, sha, r, s] of rfc6979) {
    const key = usable(privateKeyOfSecret(curveNamed(name), Buffer.from(secret, 'hex')))
    const publicKey = usable(publicKeyOfPoint(curveNamed(name), pointOf(key.key)))
    const hash = sha.replace('-', '')
    const digest = createHash(hash).update('sample').digest()
    expect(outcomeOf(raw, publicKey, digest, Buffer.from(r + s, 'hex'))).toBe('CKR_OK')
    expect(
      outcomeOf(
        mechanismOf(mechanismsByHash[sha] as number),
        publicKey,
        Buffer.from('sample'),
        Buffer.from(r + s, 'hex'),
      ),
    ).toBe('CKR_OK')
    const signature = raw.sign(key, none, digest)
    expect(verify(hash, Buffer.from('sample'), { key: publicKey.key, dsaEncoding: 'ieee-p1363' }, signature)).toBe(true)
  }
})

/** CAVS 11.2, FIPS 186-2 SigGen, the first of each curve: message, key, signature over SHA-1. */
const cavs = [
  [
    'P-192',
    '66e98a165854cd07989b1ee0ec3f8dbe0ee3c2fb0051ef53a0be03457c4f21bce7dc50ef4df37486c3207dfee26bde4ed62340cbb2da784906b1b783b4d601bdff4ae1a7e5e85a85afa3208dc60f0990c823bedddb3db663426665152ed7b093d6bda506c93a694b83ac71553f31f5cc0d6ba2fa248090e8796573c4915d1586',
    '14f69738599689f5706ab71343becc886ef1569a2d1137fe0cf5a433909e33217fb4df6b9593f71d43fb1c2a5653b763',
    'af1f749e3df6220ff04efd178618a977e0838b1b9dc126e38990a04c6cc0ff26264ecf8f7831381a9dbc6e53cc8cc860',
  ],
  [
    'P-224',
    '66e98a165854cd07989b1ee0ec3f8dbe0ee3c2fb0051ef53a0be03457c4f21bce7dc50ef4df37486c3207dfee26bde4ed62340cbb2da784906b1b783b4d601bdff4ae1a7e5e85a85afa3208dc60f0990c823bedddb3db663426665152ed7b093d6bda506c93a694b83ac71553f31f5cc0d6ba2fa248090e8796573c4915d1586',
    '56fb6538f1723d2bef3c764134320b44ba615f663db804e54050b95a9514a442eb66dbf2b450746f66d54101877a50d4bc2910c61d005add',
    '9660bfffc173431d29f83fa2af0ba581791be3f43625316f395d27ff9e8c3b82bca2a4467c9694c666dff7f0e79d279bd64eb83bce2e3018',
  ],
  [
    'P-256',
    '5ff1fa17c2a67ce599a34688f6fb2d4a8af17532d15fa1868a598a8e6a0daf9b11edcc483d11ae003ed645c0aaccfb1e51cf448b737376d531a6dcf0429005f5e7be626b218011c6218ff32d00f30480b024ec9a3370d1d30a9c70c9f1ce6c61c9abe508d6bc4d3f2a167756613af1778f3a94e7771d5989fe856fa4df8f8ae5',
    'e9cd2e8f15bd90cb0707e05ed3b601aace7ef57142a64661ea1dd7199ebba9acc96b0115bed1c134b68f89584b040a194bfad94a404fdb37adad107d5a0b4c5e',
    '15bf46937c7a1e2fa7adc65c89fe03ae602dd7dfa6722cdafa92d624b32b156e59c591792ee94f0b202e7a590e70d01dd8a9774884e2b5ba9945437cfed01686',
  ],
] as const

test('NIST’s signatures over SHA-1 verify', () => {
  for (const [name, message, point, signature] of cavs) {
    const key = usable(publicKeyOfPoint(curveNamed(name), Buffer.from(`04${point}`, 'hex')))
    const data = Buffer.from(message, 'hex')
    expect(outcomeOf(mechanismOf(mechanisms.CKM_ECDSA_SHA1.value), key, data, Buffer.from(signature, 'hex'))).toBe(
      'CKR_OK',
    )
    expect(outcomeOf(raw, key, createHash('sha1').update(data).digest(), Buffer.from(signature, 'hex'))).toBe('CKR_OK')
  }
})

test('on every curve and with every hash, what is signed over data verifies over their digest, and the other way', () => {
  const data = Buffer.from('data of the test')
  for (const curve of weierstrassCurves) {
    const pair = generateEc(curve)
    for (const [sha, value] of Object.entries(mechanismsByHash)) {
      const mechanism = mechanismOf(value)
      const digest = createHash(sha.replace('-', '')).update(data).digest()
      mechanism.check(usable(pair.privateKey), none)
      expect(outcomeOf(mechanism, usable(pair.publicKey), data, raw.sign(usable(pair.privateKey), none, digest))).toBe(
        'CKR_OK',
      )
      expect(outcomeOf(raw, usable(pair.publicKey), digest, mechanism.sign(usable(pair.privateKey), none, data))).toBe(
        'CKR_OK',
      )
    }
  }
})

test('the older names are the same mechanisms, and say which digest goes before', () => {
  const twins = [
    [mechanisms.CKM_IBM_ECDSA_SHA224, mechanisms.CKM_ECDSA_SHA224, mechanisms.CKM_SHA224],
    [mechanisms.CKM_IBM_ECDSA_SHA256, mechanisms.CKM_ECDSA_SHA256, mechanisms.CKM_SHA256],
    [mechanisms.CKM_IBM_ECDSA_SHA384, mechanisms.CKM_ECDSA_SHA384, mechanisms.CKM_SHA384],
    [mechanisms.CKM_IBM_ECDSA_SHA512, mechanisms.CKM_ECDSA_SHA512, mechanisms.CKM_SHA512],
    [mechanisms.CKM_ECDSA_SHA1, mechanisms.CKM_ECDSA_SHA1, mechanisms.CKM_SHA_1],
  ] as const
  const { privateKey, publicKey } = generateEc(curveNamed('P-256'))
  for (const [older, newer, digest] of twins) {
    expect(mechanismOf(older.value).digested?.digest).toBe(digest.value)
    const signature = mechanismOf(older.value).sign(usable(privateKey), none, Buffer.from('x'))
    expect(outcomeOf(mechanismOf(newer.value), usable(publicKey), Buffer.from('x'), signature)).toBe('CKR_OK')
  }
  expect(raw.digested).toBeUndefined()
})

test('digests of extreme values, zero, shorter and longer than the order are signed and verified', () => {
  for (const curve of weierstrassCurves) {
    const { privateKey, publicKey } = generateEc(curve)
    const values = [
      Buffer.alloc(1),
      Buffer.alloc(curve.bytes),
      Buffer.alloc(curve.bytes, 0xff),
      unsignedBytes(curve.order, curve.bytes),
      Buffer.from('01', 'hex'),
      Buffer.alloc(100, 0xa5),
    ]
    for (const value of values) {
      expect(outcomeOf(raw, usable(publicKey), value, raw.sign(usable(privateKey), none, value))).toBe('CKR_OK')
    }
  }
})

test('of data longer than the order only the leftmost bits count', () => {
  const curve = curveNamed('P-256')
  const { privateKey, publicKey } = generateEc(curve)
  const data = Buffer.alloc(64, 7)
  const signature = raw.sign(usable(privateKey), none, data)
  expect(outcomeOf(raw, usable(publicKey), data.subarray(0, 32), signature)).toBe('CKR_OK')
  const other = Buffer.from(data)
  other[31] = 8
  expect(refusalOf(() => raw.verify(usable(publicKey), none, other, signature))).toBe('CKR_SIGNATURE_INVALID')
  const wide = curveNamed('P-521')
  expect(leftmostBits(Buffer.alloc(66, 0xff), wide)).toBe((1n << 521n) - 1n)
  expect(leftmostBits(Buffer.alloc(65, 0xff), wide)).toBe((1n << 520n) - 1n)
})

test('@noble/curves verifies what is signed here, and what it signs verifies here, high s or low', () => {
  const peers = [
    ['P-256', p256],
    ['P-384', p384],
    ['P-521', p521],
    ['SECP256K1', secp256k1],
    ['BP-256R', brainpoolP256r1],
    ['BP-384R', brainpoolP384r1],
    ['BP-512R', brainpoolP512r1],
  ] as const
  for (const [name, peer] of peers) {
    const curve = curveNamed(name)
    const { privateKey, publicKey } = generateEc(curve)
    const secret = secretOf(privateKey)
    const digest = createHash('sha256').update(name).digest()
    const options = { prehash: false, lowS: false } as const
    expect(peer.verify(raw.sign(usable(privateKey), none, digest), digest, pointOf(publicKey), options)).toBe(true)
    const signature = Buffer.from(peer.sign(digest, secret, options))
    expect(outcomeOf(raw, usable(publicKey), digest, signature)).toBe('CKR_OK')
    const s = integerOf(signature.subarray(curve.bytes))
    const other = Buffer.concat([signature.subarray(0, curve.bytes), unsignedBytes(curve.order - s, curve.bytes)])
    expect(outcomeOf(raw, usable(publicKey), digest, other)).toBe('CKR_OK')
  }
})

test('an altered signature, digest or key does not verify, nor r or s that are zero or not below the order', () => {
  for (const curve of weierstrassCurves) {
    const { privateKey, publicKey } = generateEc(curve)
    const digest = createHash('sha1').update(curve.name).digest()
    const signature = raw.sign(usable(privateKey), none, digest)
    const refused = (changed: Buffer, of: Buffer = digest, by = publicKey): void =>
      expect(refusalOf(() => raw.verify(usable(by), none, of, changed))).toBe('CKR_SIGNATURE_INVALID')
    for (const at of [0, curve.bytes - 1, curve.bytes, 2 * curve.bytes - 1]) refused(flipped(signature, at))
    refused(signature, flipped(digest, 3))
    refused(signature, digest, generateEc(curve).publicKey)
    const [r, s] = [signature.subarray(0, curve.bytes), signature.subarray(curve.bytes)]
    for (const half of [
      Buffer.alloc(curve.bytes),
      unsignedBytes(curve.order, curve.bytes),
      Buffer.alloc(curve.bytes, 255),
    ]) {
      refused(Buffer.concat([half, s]))
      refused(Buffer.concat([r, half]))
    }
  }
})

test('a signature of another length, and no data, are refused as such', () => {
  const { privateKey, publicKey } = generateEc(curveNamed('P-521'))
  const signature = raw.sign(usable(privateKey), none, Buffer.from('01', 'hex'))
  expect(signature.length).toBe(132)
  for (const changed of [signature.subarray(1), Buffer.concat([signature, Buffer.alloc(1)]), Buffer.alloc(0)]) {
    for (const value of [mechanisms.CKM_ECDSA.value, mechanisms.CKM_ECDSA_SHA256.value]) {
      expect(outcomeOf(mechanismOf(value), usable(publicKey), Buffer.of(1), changed)).toBe('CKR_SIGNATURE_LEN_RANGE')
    }
  }
  expect(refusalOf(() => raw.sign(usable(privateKey), none, Buffer.alloc(0)))).toBe('CKR_DATA_LEN_RANGE')
  expect(refusalOf(() => raw.verify(usable(publicKey), none, Buffer.alloc(0), signature))).toBe('CKR_DATA_LEN_RANGE')
  const hashed = mechanismOf(mechanisms.CKM_ECDSA_SHA256.value)
  expect(
    outcomeOf(hashed, usable(publicKey), Buffer.alloc(0), hashed.sign(usable(privateKey), none, Buffer.alloc(0))),
  ).toBe('CKR_OK')
})

test('a key chosen so that the other key of verification is at infinity, or twice its own, is verified all the same', () => {
  const curve = curveNamed('P-256')
  const { order } = curve
  const digest = createHash('sha256').update('chosen').digest()
  const hash = leftmostBits(createHash('sha512').update('keywitness 0').digest(), curve)
  for (const factor of [1n, -1n]) {
    // Of a nonce whose r makes the key: d = ∓(e − h) / r, so that the shift of the key is its opposite, or itself.
    const nonce = 0x1234_5678_9abc_def0n
    const r = modulo(pointOfBytes(curve, baseMultipleBytes(curve, unsignedBytes(nonce, 32))).x, order)
    const secret = quotient(factor * (integerOf(digest) - hash), r, order)
    const s = quotient(integerOf(digest) + r * secret, nonce, order)
    const key = publicKeyOfPoint(curve, baseMultipleBytes(curve, unsignedBytes(secret, 32)))
    const signature = Buffer.concat([unsignedBytes(r, 32), unsignedBytes(s, 32)])
    expect(outcomeOf(raw, usable(key), digest, signature)).toBe('CKR_OK')
    expect(refusalOf(() => raw.verify(usable(key), none, digest, flipped(signature, 40)))).toBe('CKR_SIGNATURE_INVALID')
  }
})

test('sums with multiples of the base point are those of the exponents, at infinity too', () => {
  for (const curve of weierstrassCurves) {
    const point = (scalar: bigint): Buffer => baseMultipleBytes(curve, unsignedBytes(scalar, curve.bytes))
    const sum = (one: bigint, other: bigint): Buffer | undefined => {
      const found = plusBaseMultiple(curve, pointOfBytes(curve, point(one)), other)
      return found === undefined ? undefined : bytesOfPoint(curve, found)
    }
    expect(sum(5n, 0n)).toEqual(point(5n))
    expect(sum(5n, 7n)).toEqual(point(12n))
    expect(sum(5n, 5n)).toEqual(point(10n))
    expect(sum(5n, curve.order - 3n)).toEqual(point(2n))
    expect(sum(5n, curve.order - 5n)).toBeUndefined()
  }
})

test('no two signatures share a nonce', () => {
  const { privateKey } = generateEc(curveNamed('P-256'))
  const firsts = Array.from({ length: 50 }, () => {
    return raw.sign(usable(privateKey), none, Buffer.from('same')).subarray(0, 32).toString('hex')
  })
  expect(new Set(firsts).size).toBe(50)
})

test('a key of another kind or curve, and any parameter but an empty one, are refused before anything is signed', () => {
  const { privateKey: key } = generateEc(curveNamed('P-256'))
  const edwards = generateEc(curveOfParameters(Buffer.from('ed25519'))).privateKey
  const rsa = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey
  for (const value of [mechanisms.CKM_ECDSA.value, mechanisms.CKM_IBM_ECDSA_SHA512.value]) {
    const { check } = mechanismOf(value)
    check(usable(key), { kind: 'bytes', bytes: Buffer.alloc(0) })
    expect(refusalOf(() => check(usable(edwards), none))).toBe('CKR_CURVE_NOT_SUPPORTED')
    expect(refusalOf(() => check({ keyType: keyTypes.CKK_RSA, key: rsa }, none))).toBe('CKR_KEY_TYPE_INCONSISTENT')
    for (const parameter of [
      { kind: 'bytes', bytes: Buffer.alloc(1) },
      { kind: 'other' },
      { kind: 'ecsg', type: 3 },
    ] as const) {
      expect(refusalOf(() => check(usable(key), parameter))).toBe('CKR_MECHANISM_PARAM_INVALID')
    }
  }
})

test('what OpenSSL signs with keys on every curve verifies here', () => {
  for (const curve of weierstrassCurves) {
    const { privateKey, publicKey } = generateEc(curve)
    const signature = sign('sha384', Buffer.from('text'), { key: privateKey, dsaEncoding: 'ieee-p1363' })
    expect(outcomeOf(raw, usable(publicKey), createHash('sha384').update('text').digest(), signature)).toBe('CKR_OK')
  }
})

function flipped(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes)
  copy[at] = (copy[at] as number) ^ 0x01
  return copy
}
