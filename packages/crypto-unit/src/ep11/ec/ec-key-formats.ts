/**
 * Keys on elliptic curves as EP11 hands them out: SubjectPublicKeyInfo and PrivateKeyInfo whose algorithm is always
 * id-ecPublicKey with the curve as parameter, for Edwards and Montgomery keys too (reference grep11, sections 7 and 11).
 * What comes in may have the form of RFC 8410 as well, in which others write those keys.
 */
import type { KeyObject } from 'node:crypto'
import { DerReader, malformed, membersOf, sequence, tags } from '../../tke/der.ts'
import { privateKeyInfo, publicKeyInfo, readPublicKeyInfo, wholeBytes } from '../der.ts'
import { Ep11Error } from '../ep11-error.ts'
import { curveNotSupported, curveOf, curveOfParameters, type Curve } from './curves.ts'
import {
  ecPrivateKey,
  idEcPublicKey,
  pointOf,
  privateKeyOfSecret,
  publicKeyInvalid,
  publicKeyOfPoint,
  secretOf,
  uncompressed,
} from './ec-keys.ts'

const VERSION_ONE = 1
/** `[1]` of PrivateKeyInfo, its contents primitive (RFC 5958, section 2). */
const CONTEXT_1 = 0x81

/** Of a public key, or of the public one of a private key. */
export function exportEcSpki(key: KeyObject): Buffer {
  return publicKeyInfo(sequence(idEcPublicKey, curveOf(key).oid), pointOf(key))
}

/**
 * Nothing may follow the SubjectPublicKeyInfo. Compressed points are taken, hybrid ones and that at infinity are not.
 * @throws Ep11Error `CKR_PUBLIC_KEY_INVALID`, `CKR_CURVE_NOT_SUPPORTED`
 */
export function importEcSpki(spki: Uint8Array): KeyObject {
  const { algorithm, bits } = spkiMembers(spki)
  const curve = curveOfAlgorithm(algorithm)
  return publicKeyOfPoint(curve, wholePoint(curve, bits))
}

/** Of a private key, with its public one; the caller zeroes it. */
export function exportEcPkcs8(key: KeyObject): Buffer {
  const curve = curveOf(key)
  const secret = secretOf(key)
  const inner = ecPrivateKey(secret, pointOf(key))
  const outer = privateKeyInfo(sequence(idEcPublicKey, curve.oid), inner)
  secret.fill(0)
  inner.fill(0)
  return outer
}

/**
 * A public key that stands beside the private one must be its own. Whatever does not fit is refused in the same words:
 * what was unwrapped tells nothing of itself.
 * @throws Ep11Error `CKR_WRAPPED_KEY_INVALID`
 */
export function importEcPkcs8(info: Uint8Array): KeyObject {
  try {
    return privateKeyOfInfo(info)
  } catch {
    throw new Ep11Error('CKR_WRAPPED_KEY_INVALID', 'What was unwrapped is no private key of this kind.')
  }
}

/** @throws of many kinds */
function privateKeyOfInfo(info: Uint8Array): KeyObject {
  const members = membersOf(info)
  if (members.sized(tags.INTEGER, 1).readUInt8() > VERSION_ONE) throw malformed()
  const algorithm = readAlgorithm(members.whole(tags.SEQUENCE))
  const curve = curveOfAlgorithm(algorithm)
  const inner = members.take(tags.OCTET_STRING)
  members.optional(tags.CONSTRUCTED_0)
  const outerBits = members.optional(CONTEXT_1)
  members.end()
  const { secret, publicBits } = algorithm.isEcPublicKey
    ? ecPrivateKeyMembers(curve, inner)
    : { secret: bareSecret(curve, inner), publicBits: undefined }
  try {
    const key = privateKeyOfSecret(curve, secret)
    const point = pointOf(key)
    for (const bits of [publicBits, outerBits === undefined ? undefined : wholeBytes(outerBits)]) {
      if (bits !== undefined && !wholePoint(curve, bits).equals(point)) throw malformed()
    }
    return key
  } finally {
    secret.fill(0)
  }
}

interface Algorithm {
  readonly isEcPublicKey: boolean
  readonly oid: Buffer
}

function readAlgorithm(identifier: Buffer): Algorithm {
  const members = membersOf(identifier)
  const oid = members.whole(tags.OBJECT_IDENTIFIER)
  const isEcPublicKey = oid.equals(idEcPublicKey)
  const algorithm = { isEcPublicKey, oid: isEcPublicKey ? members.whole(tags.OBJECT_IDENTIFIER) : oid }
  members.end()
  return algorithm
}

/** An algorithm that names its curve by itself is one of RFC 8410, or none of elliptic curves at all. */
function curveOfAlgorithm({ isEcPublicKey, oid }: Algorithm): Curve {
  const curve = curveOfParameters(oid)
  if (!isEcPublicKey && curve.kind === 'weierstrass') throw curveNotSupported()
  return curve
}

function spkiMembers(spki: Uint8Array): { readonly algorithm: Algorithm; readonly bits: Buffer } {
  try {
    const { algorithm, key } = readPublicKeyInfo(spki)
    return { algorithm: readAlgorithm(algorithm), bits: key }
  } catch {
    throw publicKeyInvalid()
  }
}

/** RFC 5915, section 3; some writers leave out the leading zeros of the number. The secret is a copy. */
function ecPrivateKeyMembers(
  curve: Curve,
  der: Buffer,
): { readonly secret: Buffer; readonly publicBits: Buffer | undefined } {
  const members = membersOf(der)
  if (members.sized(tags.INTEGER, 1).readUInt8() !== VERSION_ONE) throw malformed()
  const number = members.take(tags.OCTET_STRING)
  const parameters = members.optional(tags.CONSTRUCTED_0)
  const publicKey = members.optional(tags.CONSTRUCTED_1)
  members.end()
  if (number.length > curve.bytes || parameters?.equals(curve.oid) === false) throw malformed()
  const publicBits = publicKey === undefined ? undefined : wholeBytes(new DerReader(publicKey).take(tags.BIT_STRING))
  const secret = Buffer.alloc(curve.bytes)
  number.copy(secret, curve.bytes - number.length)
  return { secret, publicBits }
}

/** RFC 8410, section 7. The secret is a copy. */
function bareSecret(curve: Curve, der: Buffer): Buffer {
  const members = new DerReader(der)
  const secret = members.sized(tags.OCTET_STRING, curve.bytes)
  members.end()
  return Buffer.from(secret)
}

/** Of a point that may be compressed. */
function wholePoint(curve: Curve, bits: Buffer): Buffer {
  return curve.kind === 'weierstrass' && bits.length === 1 + curve.bytes ? uncompressed(curve, bits) : bits
}
