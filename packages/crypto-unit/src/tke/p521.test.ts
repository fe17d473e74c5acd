/** Keys of P-521: vector V2, points as others write them, and everything that is not one uncompressed point on the curve. */
import { createECDH, ECDH, generateKeyPairSync, sign, verify } from 'node:crypto'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  COORDINATE_BYTES,
  importerSki,
  POINT_BYTES,
  pointOfKey,
  pointSki,
  privateKeyOfScalar,
  publicKeyOfPoint,
  sharedSecret,
} from './p521.ts'
import { ProtocolError } from '../frames.ts'
import { v2 } from '../testing/tke-vectors.ts'

const scalar = Buffer.from(v2.scalar, 'hex')
const point = Buffer.from(`04${v2.x}${v2.y}`, 'hex')
const newPair = () => generateKeyPairSync('ec', { namedCurve: 'P-521' })

test('vector V2: the scalar gives the point, and the point both identifiers', () => {
  expect(pointOfKey(privateKeyOfScalar(scalar))).toEqual(point)
  expect(pointSki(point).toString('hex')).toBe(v2.ski)
  expect(importerSki(point).toString('hex')).toBe(v2.importerSki)
})

test('a scalar gives the same key whether or not it is filled up to 66 bytes', () => {
  const filled = Buffer.concat([Buffer.alloc(COORDINATE_BYTES - scalar.length), scalar])
  expect(privateKeyOfScalar(filled).equals(privateKeyOfScalar(scalar))).toBe(true)
})

test("the caller's scalar is left as it was", () => {
  const own = Buffer.from(scalar)
  privateKeyOfScalar(own)
  expect(own).toEqual(scalar)
})

test('what the key of a scalar signs verifies under the key of its point', () => {
  const message = Buffer.from('message')
  const signature = sign('sha512', message, privateKeyOfScalar(scalar))
  expect(verify('sha512', message, publicKeyOfPoint(point), signature)).toBe(true)
})

test('scalars of any size give keys whose points are those of another implementation', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 65 }), (bytes) => {
      fc.pre(bytes.some((byte) => byte !== 0))
      const curve = createECDH('secp521r1')
      curve.setPrivateKey(bytes)
      expect(pointOfKey(privateKeyOfScalar(bytes))).toEqual(curve.getPublicKey())
    }),
    { numRuns: 30 },
  )
})

test('the point of a private key is the one of its public key, and gives that key back', () => {
  const { privateKey, publicKey } = newPair()
  expect(pointOfKey(privateKey)).toEqual(pointOfKey(publicKey))
  expect(pointOfKey(publicKey).length).toBe(POINT_BYTES)
  expect(publicKeyOfPoint(pointOfKey(publicKey)).equals(publicKey)).toBe(true)
})

test('both sides of an agreement come to the same 66 bytes', () => {
  const [one, other] = [newPair(), newPair()]
  const secret = sharedSecret(one.privateKey, other.publicKey)
  expect(secret.length).toBe(COORDINATE_BYTES)
  expect(sharedSecret(other.privateKey, one.publicKey)).toEqual(secret)
})

function isRefused(bytes: Uint8Array): boolean {
  try {
    publicKeyOfPoint(bytes)
    return false
  } catch (error) {
    return error instanceof ProtocolError
  }
}

test('a point not on the curve is refused', () => {
  for (const at of [1, COORDINATE_BYTES, 1 + COORDINATE_BYTES, POINT_BYTES - 1]) {
    const altered = Buffer.from(point)
    altered[at] = (altered[at] ?? 0) ^ 1
    expect(isRefused(altered)).toBe(true)
  }
  expect(isRefused(Buffer.concat([Buffer.of(4), Buffer.alloc(2 * COORDINATE_BYTES)]))).toBe(true)
  expect(isRefused(Buffer.concat([Buffer.of(4), Buffer.alloc(2 * COORDINATE_BYTES, 0xff)]))).toBe(true)
})

test('a compressed point, the point at infinity and points of another size are refused', () => {
  expect(isRefused(ECDH.convertKey(point, 'secp521r1', undefined, undefined, 'compressed') as Buffer)).toBe(true)
  expect(isRefused(Buffer.of(0))).toBe(true)
  expect(isRefused(Buffer.alloc(POINT_BYTES))).toBe(true)
  expect(isRefused(point.subarray(1))).toBe(true)
  expect(isRefused(Buffer.concat([point, Buffer.alloc(1)]))).toBe(true)
  expect(isRefused(Buffer.alloc(0))).toBe(true)
})

test('a point in hybrid form is refused: one key must not have two identifiers', () => {
  const hybrid = ECDH.convertKey(point, 'secp521r1', undefined, undefined, 'hybrid') as Buffer
  expect([hybrid.length, hybrid.subarray(1)]).toEqual([POINT_BYTES, point.subarray(1)])
  expect(isRefused(hybrid)).toBe(true)
})

test('the key of another curve or algorithm has no point here', () => {
  expect(() => pointOfKey(generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey)).toThrow(ProtocolError)
  expect(() => pointOfKey(generateKeyPairSync('ed25519').publicKey)).toThrow(ProtocolError)
})
