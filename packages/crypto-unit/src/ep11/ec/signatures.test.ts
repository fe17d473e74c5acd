/** EdDSA and Schnorr: against RFC 8032, Wycheproof, Zilliqa's vectors, and equations done by @noble/curves. */
import { createHash, generateKeyPairSync } from 'node:crypto'
import { ed25519 } from '@noble/curves/ed25519.js'
import { ed448 } from '@noble/curves/ed448.js'
import { brainpoolP256r1 } from '@noble/curves/misc.js'
import { p256 } from '@noble/curves/nist.js'
import { secp256k1 } from '@noble/curves/secp256k1.js'
import { expect, test } from 'vitest'
import { keyTypes } from '../attributes.ts'
import { integerOf, unsignedBytes } from '../integers.ts'
import type { SignatureMechanism } from '../mechanism-parts.ts'
import { mechanisms } from '../mechanisms.ts'
import { vectors } from '../../testing/asymmetric-keys.ts'
import { refusalOf, returnValueOf } from '../../testing/refusals.ts'
import { wycheproof } from '../../testing/wycheproof.ts'
import type { AsymmetricKey } from '../usable-key.ts'
import { curveOfParameters, type Curve, type WeierstrassCurve } from './curves.ts'
import { generateEc, pointOf, privateKeyOfSecret, publicKeyOfPoint, secretOf, uncompressed } from './ec-keys.ts'
import { baseMultipleBytes, multipleOf, pointOfBytes } from './points.ts'
import { modulo } from './scalars.ts'
import { ecSignatures } from './signatures.ts'

const none = { kind: 'none' } as const
const s256 = { kind: 'ecsg', type: 3 } as const
const comprMulti = { kind: 'ecsg', type: 5 } as const
const schnorr = ecSignatures.get(mechanisms.CKM_IBM_ECDSA_OTHER.value) as SignatureMechanism

const eddsas = [
  ['ed25519', mechanisms.CKM_IBM_ED25519_SHA512.value, ed25519],
  ['ed448', mechanisms.CKM_IBM_ED448_SHA3.value, ed448],
] as const

function curveNamed(name: string): Curve {
  return curveOfParameters(Buffer.from(name))
}

function usable(key: AsymmetricKey['key']): AsymmetricKey {
  return { keyType: keyTypes.CKK_EC, key }
}

test('Wycheproof: EdDSA verifies, or does not, as published', () => {
  const counts = { valid: 0, acceptable: 0, invalid: 0 }
  for (const { curve, tests } of wycheproof('eddsa.json')) {
    const [, value, { lengths }] = eddsas.find(([name]) => name === curve) as (typeof eddsas)[number]
    const mechanism = ecSignatures.get(value) as SignatureMechanism
    for (const vector of tests) {
      const key = usable(publicKeyOfPoint(curveNamed(curve), vector.bytes('publicKey')))
      const signature = vector.bytes('sig')
      const outcome = returnValueOf(() => mechanism.verify(key, none, vector.bytes('msg'), signature))
      const refusal = signature.length === lengths.signature ? 'CKR_SIGNATURE_INVALID' : 'CKR_SIGNATURE_LEN_RANGE'
      expect([vector.name, outcome]).toEqual([vector.name, vector.result === 'valid' ? 'CKR_OK' : refusal])
      counts[vector.result]++
    }
  }
  expect(counts.valid).toBeGreaterThan(10)
  expect(counts.invalid).toBeGreaterThan(30)
})

/** RFC 8032, 7.1 (TEST 1 to 3) and 7.4 (Blank, 1 octet): curve, secret, public key, message, signature. */
const rfc8032 = [
  [
    'ed25519',
    '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
    'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
    '',
    'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
  ],
  [
    'ed25519',
    '4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb',
    '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
    '72',
    '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
  ],
  [
    'ed25519',
    'c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7',
    'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025',
    'af82',
    '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a',
  ],
  [
    'ed448',
    '6c82a562cb808d10d632be89c8513ebf6c929f34ddfa8c9f63c9960ef6e348a3528c8a3fcc2f044e39a3fc5b94492f8f032e7549a20098f95b',
    '5fd7449b59b461fd2ce787ec616ad46a1da1342485a70e1f8a0ea75d80e96778edf124769b46c7061bd6783df1e50f6cd1fa1abeafe8256180',
    '',
    '533a37f6bbe457251f023c0d88f976ae2dfb504a843e34d2074fd823d41a591f2b233f034f628281f2fd7a22ddd47d7828c59bd0a21bfd3980ff0d2028d4b18a9df63e006c5d1c2d345b925d8dc00b4104852db99ac5c7cdda8530a113a0f4dbb61149f05a7363268c71d95808ff2e652600',
  ],
] as const

test('EdDSA signs as RFC 8032 prints it, from the secret that stands there', () => {
  for (const [name, secret, publicKey, message, signature] of rfc8032) {
    const [, value] = eddsas.find((row) => row[0] === name) as (typeof eddsas)[number]
    const mechanism = ecSignatures.get(value) as SignatureMechanism
    const key = privateKeyOfSecret(curveNamed(name), Buffer.from(secret, 'hex'))
    mechanism.check(usable(key), none)
    expect(pointOf(key).toString('hex')).toBe(publicKey)
    expect(mechanism.sign(usable(key), none, Buffer.from(message, 'hex')).toString('hex')).toBe(signature)
  }
})

test('@noble/curves makes the same EdDSA signatures, and altered ones are refused', () => {
  for (const [name, value, peer] of eddsas) {
    const mechanism = ecSignatures.get(value) as SignatureMechanism
    const { privateKey, publicKey } = generateEc(curveNamed(name))
    const data = Buffer.alloc(300, 9)
    const signature = mechanism.sign(usable(privateKey), none, data)
    expect(Buffer.from(peer.sign(data, secretOf(privateKey)))).toEqual(signature)
    const refused = (changed: Buffer, of: Buffer = data): void =>
      expect(refusalOf(() => mechanism.verify(usable(publicKey), none, of, changed))).toBe('CKR_SIGNATURE_INVALID')
    for (const at of [0, signature.length / 2, signature.length - 2]) refused(flipped(signature, at))
    refused(signature, flipped(data, 0))
    expect(refusalOf(() => mechanism.verify(usable(publicKey), none, data, signature.subarray(1)))).toBe(
      'CKR_SIGNATURE_LEN_RANGE',
    )
  }
})

test('EdDSA takes keys of its own curve only, and no parameter', () => {
  const others = { ed25519: 'ed448', ed448: 'ed25519' } as const
  for (const [name, value] of eddsas) {
    const { check } = ecSignatures.get(value) as SignatureMechanism
    const { privateKey } = generateEc(curveNamed(name))
    expect(refusalOf(() => check(usable(privateKey), s256))).toBe('CKR_MECHANISM_PARAM_INVALID')
    for (const other of [others[name], 'curve25519', 'P-256']) {
      const wrong = generateEc(curveNamed(other)).privateKey
      expect(refusalOf(() => check(usable(wrong), none))).toBe('CKR_CURVE_NOT_SUPPORTED')
    }
    const rsa = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey
    expect(refusalOf(() => check({ keyType: keyTypes.CKK_RSA, key: rsa }, none))).toBe('CKR_KEY_TYPE_INCONSISTENT')
  }
})

interface ZilliqaVector {
  readonly msg: string
  readonly pub: string
  readonly r: string
  readonly s: string
}

test('Zilliqa’s own signatures verify, and not with another message', () => {
  const published = vectors<readonly ZilliqaVector[]>('schnorr/zilliqa.json')
  expect(published.length).toBe(4)
  const curve = curveNamed('SECP256K1')
  for (const { msg, pub, r, s } of published) {
    const key = usable(publicKeyOfPoint(curve, uncompressed(curve, Buffer.from(pub, 'hex'))))
    const message = Buffer.from(msg, 'hex')
    const signature = Buffer.from(r + s, 'hex')
    schnorr.verify(key, comprMulti, message, signature)
    expect(refusalOf(() => schnorr.verify(key, comprMulti, flipped(message, 9), signature))).toBe(
      'CKR_SIGNATURE_INVALID',
    )
    expect(refusalOf(() => schnorr.verify(key, s256, message, signature))).toBe('CKR_SIGNATURE_INVALID')
  }
})

const peers = { 'P-256': p256, SECP256K1: secp256k1, 'BP-256R': brainpoolP256r1 } as const

test('Schnorr signatures fulfil their equations, done by @noble/curves', () => {
  for (const [name, { Point }] of Object.entries(peers)) {
    const { order } = curveNamed(name) as WeierstrassCurve
    const { privateKey, publicKey } = generateEc(curveNamed(name))
    const message = Buffer.from('a message')
    const key = Point.fromBytes(pointOf(publicKey))
    const noncePoint = (signature: Buffer): Buffer => {
      const r = modulo(integerOf(signature.subarray(0, 32)), order)
      return Buffer.from(
        Point.BASE.multiply(integerOf(signature.subarray(32)))
          .add(key.multiply(r))
          .toBytes(true),
      )
    }
    const zilliqa = schnorr.sign(usable(privateKey), comprMulti, message)
    const hash = createHash('sha256').update(noncePoint(zilliqa)).update(key.toBytes(true)).update(message).digest()
    expect(integerOf(zilliqa.subarray(0, 32))).toBe(integerOf(hash) % order)
    const tr03111 = schnorr.sign(usable(privateKey), s256, message)
    const other = createHash('sha256').update(message).update(noncePoint(tr03111).subarray(1)).digest()
    expect(tr03111.subarray(0, 32)).toEqual(other)
  }
})

test('both variants sign and verify on the four curves of 256 bits, and alterations are refused', () => {
  for (const name of ['P-256', 'SECP256K1', 'BP-256R', 'BP-256T']) {
    const { order } = curveNamed(name) as WeierstrassCurve
    const { privateKey, publicKey } = generateEc(curveNamed(name))
    for (const parameter of [s256, comprMulti]) {
      schnorr.check(usable(privateKey), parameter)
      for (const message of [Buffer.alloc(0), Buffer.alloc(12 * 1024, 3)]) {
        const signature = schnorr.sign(usable(privateKey), parameter, message)
        expect(signature.length).toBe(64)
        schnorr.verify(usable(publicKey), parameter, message, signature)
      }
      const message = Buffer.from('message')
      const signature = schnorr.sign(usable(privateKey), parameter, message)
      const refused = (changed: Buffer, by = publicKey, type = parameter): void =>
        expect(refusalOf(() => schnorr.verify(usable(by), type, message, changed))).toBe('CKR_SIGNATURE_INVALID')
      for (const at of [0, 31, 32, 63]) refused(flipped(signature, at))
      const [r, s] = [signature.subarray(0, 32), signature.subarray(32)]
      for (const half of [Buffer.alloc(32), unsignedBytes(order, 32)]) {
        refused(Buffer.concat([half, s]))
        refused(Buffer.concat([r, half]))
      }
      for (const edge of [1n, order - 1n]) refused(Buffer.concat([unsignedBytes(edge, 32), s]))
      refused(signature, generateEc(curveNamed(name)).publicKey)
      refused(signature, publicKey, parameter === s256 ? comprMulti : s256)
      const short = signature.subarray(1)
      expect(refusalOf(() => schnorr.verify(usable(publicKey), parameter, message, short))).toBe(
        'CKR_SIGNATURE_LEN_RANGE',
      )
    }
  }
})

test('a forged signature whose nonce point would be at infinity is refused', () => {
  const curve = curveNamed('P-256') as WeierstrassCurve
  const { privateKey, publicKey } = generateEc(curve)
  const secret = integerOf(secretOf(privateKey))
  const r = 12_345n
  const s = modulo(-r * secret, curve.order)
  const forged = Buffer.concat([unsignedBytes(r, 32), unsignedBytes(s, 32)])
  for (const parameter of [s256, comprMulti]) {
    expect(refusalOf(() => schnorr.verify(usable(publicKey), parameter, Buffer.alloc(1), forged))).toBe(
      'CKR_SIGNATURE_INVALID',
    )
  }
})

test('Schnorr takes the two parameters that are offered, keys of 256 bits, and messages of 12 KiB', () => {
  const { privateKey } = generateEc(curveNamed('P-256'))
  for (const parameter of [none, { kind: 'ecsg', type: 6 }, { kind: 'ecsg', type: 0 }, { kind: 'other' }] as const) {
    expect(refusalOf(() => schnorr.check(usable(privateKey), parameter))).toBe('CKR_MECHANISM_PARAM_INVALID')
  }
  for (const name of ['P-224', 'P-384', 'BP-320R', 'ed25519', 'curve25519']) {
    const wrong = generateEc(curveNamed(name)).privateKey
    expect(refusalOf(() => schnorr.check(usable(wrong), s256))).toBe('CKR_CURVE_NOT_SUPPORTED')
  }
  const long = Buffer.alloc(12 * 1024 + 1)
  expect(refusalOf(() => schnorr.sign(usable(privateKey), s256, long))).toBe('CKR_MECHANISM_INVALID')
  expect(refusalOf(() => schnorr.verify(usable(privateKey), s256, long, Buffer.alloc(64)))).toBe(
    'CKR_MECHANISM_INVALID',
  )
  expect(schnorr.digested).toBeUndefined()
})

test('multiples of any point are those of the exponents, at both ends too', () => {
  for (const name of ['P-224', 'P-521', 'SECP256K1', 'BP-160T', 'BP-512R']) {
    const curve = curveNamed(name) as WeierstrassCurve
    const { order } = curve
    const point = (scalar: bigint) => pointOfBytes(curve, baseMultipleBytes(curve, unsignedBytes(scalar, curve.bytes)))
    for (const scalar of [1n, 2n, 3n, 1n << 100n, order - 3n, order - 2n, order - 1n]) {
      expect(multipleOf(curve, point(7n), scalar)).toEqual(point(modulo(7n * scalar, order)))
    }
  }
})

function flipped(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes)
  copy[at] = (copy[at] as number) ^ 0x01
  return copy
}
