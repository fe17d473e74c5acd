/** Keys on elliptic curves as OpenSSL holds them: made, built from their bare numbers, and taken apart again. */
import { ECDH, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { DerReader, element, membersOf, octets, sequence, tags } from '../../tke/der.ts'
import {
  bitString,
  objectIdentifier,
  privateKeyInfo,
  publicKeyInfo,
  readPrivateKeyInfo,
  readPublicKeyInfo,
} from '../der.ts'
import { Ep11Error } from '../ep11-error.ts'
import type { KeyPair } from '../key-pair.ts'
import { curveOf, type Curve } from './curves.ts'
import { baseMultipleBytes } from './points.ts'

export const idEcPublicKey = objectIdentifier('1.2.840.10045.2.1')
const integerOne = Buffer.from('020101', 'hex')
const UNCOMPRESSED = 0x04

/** CKM_EC_KEY_PAIR_GEN. A millisecond or two at most, so it need not leave the thread. */
export function generateEc(curve: Curve): KeyPair {
  switch (curve.node) {
    case 'x25519':
      return generateKeyPairSync('x25519')
    case 'x448':
      return generateKeyPairSync('x448')
    case 'ed25519':
      return generateKeyPairSync('ed25519')
    case 'ed448':
      return generateKeyPairSync('ed448')
    default:
      return generateKeyPairSync('ec', { namedCurve: curve.node })
  }
}

/**
 * The public key of `04 X Y`, or of the bare bytes of an Edwards or Montgomery key.
 * @throws Ep11Error `CKR_PUBLIC_KEY_INVALID` when it is of another form, or no point of the curve
 */
export function publicKeyOfPoint(curve: Curve, point: Uint8Array): KeyObject {
  const weierstrass = curve.kind === 'weierstrass'
  // OpenSSL takes a hybrid form of the same length too: then one key would have two forms.
  const fits = weierstrass
    ? point.length === 1 + 2 * curve.bytes && point[0] === UNCOMPRESSED
    : point.length === curve.bytes
  if (!fits) throw publicKeyInvalid()
  const algorithm = weierstrass ? sequence(idEcPublicKey, curve.oid) : sequence(curve.oid)
  try {
    return createPublicKey({ key: publicKeyInfo(algorithm, point), format: 'der', type: 'spki' })
  } catch {
    throw publicKeyInvalid()
  }
}

/**
 * `04 X Y`, or the bare bytes of an Edwards or Montgomery key; of a private key those of its public one.
 * @throws Ep11Error as `curveOf`
 */
export function pointOf(key: KeyObject): Buffer {
  const curve = curveOf(key)
  const publicKey = key.type === 'private' ? createPublicKey(key) : key
  const { key: point } = readPublicKeyInfo(publicKey.export({ format: 'der', type: 'spki' }))
  if (curve.kind !== 'weierstrass' || point[0] === UNCOMPRESSED) return point
  // OpenSSL gives back the form in which a key came.
  return uncompressed(curve, point)
}

/** `04 X Y` of a compressed point. @throws Ep11Error `CKR_PUBLIC_KEY_INVALID` */
export function uncompressed(curve: Curve, point: Uint8Array): Buffer {
  try {
    return ECDH.convertKey(point, curve.node, undefined, undefined, 'uncompressed') as Buffer
  } catch {
    throw publicKeyInvalid()
  }
}

/**
 * The private key of a number in 1 to order − 1, big-endian, or of the bare bytes of an Edwards or Montgomery key; the
 * caller zeroes them. @throws when it is none
 */
export function privateKeyOfSecret(curve: Curve, secret: Uint8Array): KeyObject {
  if (secret.length !== curve.bytes) throw new RangeError('The private key has another length.')
  const isWeierstrass = curve.kind === 'weierstrass'
  const algorithm = isWeierstrass ? sequence(idEcPublicKey, curve.oid) : sequence(curve.oid)
  const inner = isWeierstrass ? ecPrivateKey(secret, baseMultipleBytes(curve, secret)) : octets(secret)
  const der = privateKeyInfo(algorithm, inner)
  inner.fill(0)
  const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
  der.fill(0)
  return key
}

/** The number of a private key, big-endian, or its bare bytes, as long as the curve says; the caller zeroes them. */
export function secretOf(key: KeyObject): Buffer {
  const curve = curveOf(key)
  if (curve.kind === 'weierstrass') {
    const der = key.export({ format: 'der', type: 'sec1' })
    const members = membersOf(der)
    members.take(tags.INTEGER)
    const secret = Buffer.from(members.sized(tags.OCTET_STRING, curve.bytes))
    der.fill(0)
    return secret
  }
  const der = key.export({ format: 'der', type: 'pkcs8' })
  const secret = Buffer.from(new DerReader(readPrivateKeyInfo(der).key).sized(tags.OCTET_STRING, curve.bytes))
  der.fill(0)
  return secret
}

/** ECPrivateKey with its public key; the curve stands around it (RFC 5915, section 3). The caller zeroes it. */
export function ecPrivateKey(secret: Uint8Array, point: Uint8Array): Buffer {
  const number = octets(secret)
  const der = sequence(integerOne, number, element(tags.CONSTRUCTED_1, bitString(point)))
  number.fill(0)
  return der
}

export function publicKeyInvalid(): Ep11Error {
  return new Ep11Error('CKR_PUBLIC_KEY_INVALID', 'The public key is not a key of its curve.')
}
