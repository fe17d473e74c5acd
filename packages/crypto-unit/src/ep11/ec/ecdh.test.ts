/** Agreement: against Wycheproof, RFC 7748 and OpenSSL, with and without KDF; nothing is agreed off the curve. */
import { createECDH, createHash, diffieHellman, generateKeyPairSync } from 'node:crypto'
import { expect, test } from 'vitest'
import { octets } from '../../tke/der.ts'
import { keyTypes } from '../attributes.ts'
import { Ep11Error } from '../ep11-error.ts'
import { mechanisms } from '../mechanisms.ts'
import type { MechanismParameter } from '../parameter.ts'
import { openssl } from '../../testing/openssl.ts'
import { refusalOf, returnValueOf } from '../../testing/refusals.ts'
import { wycheproof } from '../../testing/wycheproof.ts'
import type { AsymmetricKey } from '../usable-key.ts'
import { curveNotSupported, curveOf, curveOfParameters, curves, type Curve } from './curves.ts'
import { importEcSpki } from './ec-key-formats.ts'
import { generateEc, pointOf, privateKeyOfSecret } from './ec-keys.ts'
import { ecdhDerive } from './ecdh.ts'

const ecdh1 = mechanisms.CKM_ECDH1_DERIVE.value
const hashes = { 2: 'sha1', 5: 'sha224', 6: 'sha256', 7: 'sha384', 8: 'sha512' } as const

function usable(key: AsymmetricKey['key']): AsymmetricKey {
  return { keyType: keyTypes.CKK_EC, key }
}

function peer(bytes: Uint8Array): MechanismParameter {
  return { kind: 'bytes', bytes: Buffer.from(bytes) }
}

function structured(kdf: number, point: Buffer, shared = Buffer.alloc(0)): MechanismParameter {
  return { kind: 'ecdh', kdf, peer: point, shared }
}

function mechanismOf(curve: Curve): number {
  if (curve.kind === 'weierstrass') return ecdh1
  return curve.node === 'x25519' ? mechanisms.CKM_IBM_EC_X25519.value : mechanisms.CKM_IBM_EC_X448.value
}

function curveNamed(name: string): Curve {
  return curveOfParameters(Buffer.from(name))
}

test('Wycheproof: points agree, or are refused, as published', () => {
  let agreed = 0
  for (const { curve: name, tests } of wycheproof('ecdh.json').filter(({ encoding }) => encoding === 'ecpoint')) {
    const curve = curves.find(({ node }) => node === (name === 'secp256r1' ? 'prime256v1' : name)) as Curve
    for (const vector of tests) {
      const key = usable(privateKeyOfSecret(curve, ofLength(vector.bytes('private'), curve)))
      const point = vector.bytes('public')
      const expected =
        vector.result === 'valid' ? vector.bytes('shared').toString('hex') : 'CKR_MECHANISM_PARAM_INVALID'
      expect([vector.name, secretOrRefusal(() => ecdhDerive(ecdh1, key, peer(point)))]).toEqual([vector.name, expected])
      agreed++
    }
  }
  expect(agreed).toBeGreaterThan(30)
})

test('Wycheproof: SPKIs agree, or are refused; of those that may be either, none gives another secret', () => {
  const outcomes = new Map<string, number>()
  for (const { curve: name, tests } of wycheproof('ecdh.json').filter(({ encoding }) => encoding === 'asn')) {
    const curve = curves.find(({ node }) => node === (name === 'secp256r1' ? 'prime256v1' : name)) as Curve
    for (const vector of tests) {
      const key = usable(privateKeyOfSecret(curve, ofLength(vector.bytes('private'), curve)))
      const found = secretOrRefusal(() => {
        const publicKey = importEcSpki(vector.bytes('public'))
        // A point that two curves share: of an SPKI whoever calls compares the curve, as a bare point has none.
        if (curveOf(publicKey) !== curve) throw curveNotSupported()
        return ecdhDerive(ecdh1, key, peer(pointOf(publicKey)))
      })
      const agrees = found === vector.bytes('shared').toString('hex')
      const refused = found.startsWith('CKR_')
      const fits = { valid: agrees, invalid: refused, acceptable: agrees || refused }[vector.result]
      expect([vector.name, fits ? 'as published' : found]).toEqual([vector.name, 'as published'])
      outcomes.set(vector.result, (outcomes.get(vector.result) ?? 0) + 1)
    }
  }
  for (const result of ['valid', 'invalid', 'acceptable']) expect(outcomes.get(result)).toBeGreaterThan(20)
})

test('Wycheproof: X25519 and X448 agree, unless the secret would be zero', () => {
  let refusals = 0
  for (const { curve: name, tests } of wycheproof('xdh.json')) {
    const curve = curveNamed(name === 'x25519' ? 'curve25519' : name)
    for (const vector of tests) {
      const key = usable(privateKeyOfSecret(curve, vector.bytes('private')))
      const isRefused = vector.flags.includes('ZeroSharedSecret') || vector.result === 'invalid'
      const expected = isRefused ? 'CKR_MECHANISM_PARAM_INVALID' : vector.bytes('shared').toString('hex')
      const found = secretOrRefusal(() => ecdhDerive(mechanismOf(curve), key, peer(vector.bytes('public'))))
      expect([vector.name, found]).toEqual([vector.name, expected])
      if (isRefused) refusals++
    }
  }
  expect(refusals).toBeGreaterThan(20)
})

/** RFC 7748, 6.1 and 6.2: curve, secret of one, public key of the other, shared secret. */
const rfc7748 = [
  [
    'curve25519',
    '5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb',
    '8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a',
    '4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742',
  ],
  [
    'x448',
    '9a8f4925d1519f5775cf46b04b5800d4ee9ee8bae8bc5565d498c28dd9c9baf574a9419744897391006382a6f127ab1d9ac2d8c0a598726b',
    '3eb7a829b0cd20f5bcfc0b599b6feccf6da4627107bdb0d4f345b43027d8b972fc3e34fb4232a13ca706dcb57aec3dae07bdc1c67bf33609',
    '07fff4181ac6cc95ec1c16a94a0f74d12da232ce40a77552281d282bb60c0b56fd2464c335543936521c24403085d59a449a5037514a879d',
  ],
] as const

test('the secrets of RFC 7748 are agreed', () => {
  for (const [name, secret, publicKey, shared] of rfc7748) {
    const curve = curveNamed(name)
    const key = usable(privateKeyOfSecret(curve, Buffer.from(secret, 'hex')))
    const point = Buffer.from(publicKey, 'hex')
    expect(ecdhDerive(mechanismOf(curve), key, peer(point)).toString('hex')).toBe(shared)
  }
})

test('on every curve both sides agree on what OpenSSL agrees on, in each form of the parameter', () => {
  for (const curve of curves) {
    if (curve.kind === 'edwards') continue
    const mechanism = mechanismOf(curve)
    const [alice, bob] = [generateEc(curve), generateEc(curve)]
    const shared = diffieHellman({ privateKey: alice.privateKey, publicKey: bob.publicKey })
    const point = pointOf(bob.publicKey)
    const forms = [peer(point), peer(octets(point)), structured(0, point), structured(1, octets(point))]
    for (const form of forms) expect(ecdhDerive(mechanism, usable(alice.privateKey), form)).toEqual(shared)
    expect(ecdhDerive(mechanism, usable(bob.privateKey), peer(pointOf(alice.publicKey)))).toEqual(shared)
    expect(ecdhDerive(mechanism, usable(alice.privateKey), peer(point), 5)).toEqual(shared.subarray(-5))
  }
})

test('an object of OpenSSL’s older interface agrees on the same x-coordinate', () => {
  const older = createECDH('brainpoolP384t1')
  older.generateKeys()
  const { privateKey, publicKey } = generateEc(curveNamed('BP-384T'))
  const found = ecdhDerive(ecdh1, usable(privateKey), peer(older.getPublicKey()))
  expect(found).toEqual(older.computeSecret(pointOf(publicKey)))
})

test('the KDF of ANSI X9.63 hashes secret, counter and shared data, as often as bytes are asked for', () => {
  const [alice, bob] = [generateEc(curveNamed('P-256')), generateEc(curveNamed('P-256'))]
  const secret = diffieHellman({ privateKey: alice.privateKey, publicKey: bob.publicKey })
  const point = pointOf(bob.publicKey)
  for (const [kdf, hash] of Object.entries(hashes)) {
    for (const shared of [Buffer.alloc(0), Buffer.from('shared data')]) {
      const block = (counter: number): Buffer =>
        createHash(hash)
          .update(secret)
          .update(Buffer.from([0, 0, 0, counter]))
          .update(shared)
          .digest()
      const stream = Buffer.concat([block(1), block(2), block(3)])
      const parameter = structured(Number(kdf), point, shared)
      for (const count of [1, 16, 32, 50, stream.length]) {
        expect(ecdhDerive(ecdh1, usable(alice.privateKey), parameter, count)).toEqual(stream.subarray(0, count))
      }
      expect(ecdhDerive(ecdh1, usable(alice.privateKey), parameter)).toEqual(block(1))
    }
  }
})

test('OpenSSL’s command derives the same from the secret', () => {
  const [alice, bob] = [generateEc(curveNamed('BP-256T')), generateEc(curveNamed('BP-256T'))]
  const point = pointOf(bob.publicKey)
  const secret = ecdhDerive(ecdh1, usable(alice.privateKey), peer(point)).toString('hex')
  for (const [kdf, hash] of Object.entries(hashes)) {
    const options = [`digest:${hash}`, `hexkey:${secret}`, 'hexinfo:0a0b0c'].flatMap((option) => ['-kdfopt', option])
    const said = openssl({}, 'kdf', '-keylen', '100', '-binary', ...options, 'X963KDF')
    const parameter = structured(Number(kdf), point, Buffer.from('0a0b0c', 'hex'))
    expect(ecdhDerive(ecdh1, usable(alice.privateKey), parameter, 100)).toEqual(said)
  }
})

test('a secret of zero length and one too long are refused, by what the agreement gives', () => {
  const { privateKey, publicKey } = generateEc(curveNamed('P-192'))
  const point = pointOf(publicKey)
  for (const count of [0, -1, 25]) {
    expect(refusalOf(() => ecdhDerive(ecdh1, usable(privateKey), peer(point), count))).toBe('CKR_KEY_SIZE_RANGE')
  }
  expect(ecdhDerive(ecdh1, usable(privateKey), structured(6, point), 256).length).toBe(256)
  expect(refusalOf(() => ecdhDerive(ecdh1, usable(privateKey), structured(6, point), 257))).toBe('CKR_KEY_SIZE_RANGE')
})

test('a peer that is on no curve, at infinity, compressed, hybrid, cut off or too long is refused', () => {
  const { privateKey, publicKey } = generateEc(curveNamed('P-256'))
  const point = pointOf(publicKey)
  const off = Buffer.from(point)
  off[40] = (off[40] as number) ^ 1
  const hybrid = Buffer.from(point)
  hybrid[0] = 6 + ((point[64] as number) & 1)
  const peers = [
    Buffer.alloc(0),
    Buffer.from([0]),
    off,
    hybrid,
    point.subarray(0, 64),
    Buffer.concat([point, Buffer.alloc(1)]),
    Buffer.concat([octets(point), Buffer.alloc(1)]),
    octets(off),
    Buffer.concat([Buffer.from([2 + ((point[64] as number) & 1)]), point.subarray(1, 33)]),
    pointOf(generateEc(curveNamed('SECP256K1')).publicKey),
    Buffer.concat([Buffer.from([4]), Buffer.alloc(64)]),
  ]
  for (const bytes of peers) {
    expect(refusalOf(() => ecdhDerive(ecdh1, usable(privateKey), peer(bytes)))).toBe('CKR_MECHANISM_PARAM_INVALID')
    expect(refusalOf(() => ecdhDerive(ecdh1, usable(privateKey), structured(6, bytes)))).toBe(
      'CKR_MECHANISM_PARAM_INVALID',
    )
  }
})

test('a KDF that is not offered, shared data without one, and parameters of other kinds are refused', () => {
  const { privateKey, publicKey } = generateEc(curveNamed('P-256'))
  const point = pointOf(publicKey)
  const parameters: MechanismParameter[] = [
    structured(3, point),
    structured(0x80_0001, point),
    structured(1, point, Buffer.from('shared')),
    structured(0, point, Buffer.from('shared')),
    { kind: 'none' },
    { kind: 'other' },
    { kind: 'ecsg', type: 3 },
  ]
  for (const parameter of parameters) {
    expect(refusalOf(() => ecdhDerive(ecdh1, usable(privateKey), parameter))).toBe('CKR_MECHANISM_PARAM_INVALID')
  }
})

test('each mechanism agrees on its own curves only', () => {
  const { CKM_IBM_EC_X25519: x25519, CKM_IBM_EC_X448: x448, CKM_ECDSA: other } = mechanisms
  const rows = [
    ['ed25519', ecdh1],
    ['curve25519', ecdh1],
    ['P-256', x25519.value],
    ['x448', x25519.value],
    ['curve25519', x448.value],
    ['ed448', x448.value],
  ] as const
  for (const [name, mechanism] of rows) {
    const { privateKey, publicKey } = generateEc(curveNamed(name))
    const parameter = peer(pointOf(publicKey))
    expect(refusalOf(() => ecdhDerive(mechanism, usable(privateKey), parameter))).toBe('CKR_CURVE_NOT_SUPPORTED')
    expect(refusalOf(() => ecdhDerive(other.value, usable(privateKey), parameter))).toBe('CKR_MECHANISM_INVALID')
  }
  const rsa = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey
  const rsaKey = { keyType: keyTypes.CKK_RSA, key: rsa }
  expect(returnValueOf(() => curveOf(rsa))).toBe('CKR_KEY_TYPE_INCONSISTENT')
  expect(refusalOf(() => ecdhDerive(ecdh1, rsaKey, peer(Buffer.alloc(65, 4))))).toBe('CKR_KEY_TYPE_INCONSISTENT')
})

function secretOrRefusal(derive: () => Buffer): string {
  try {
    return derive().toString('hex')
  } catch (error) {
    if (error instanceof Ep11Error) return error.returnValue
    throw error
  }
}

/** Wycheproof writes numbers as Java does: with a zero before a high bit, and without leading ones. */
function ofLength(number: Buffer, { bytes }: Curve): Buffer {
  return Buffer.concat([Buffer.alloc(bytes), number]).subarray(-bytes)
}
