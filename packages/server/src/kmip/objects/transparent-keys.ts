/** Public and private keys as structures of their numbers: the transparent formats of KMIP (KMIP 1.4, section 2.1.7). */
import { openAsymmetric } from '@keywitness/crypto-unit/asymmetric-key'
import { takeUnsigned, unsignedInteger } from '@keywitness/crypto-unit/ep11/der'
import { type Curve, curveOf } from '@keywitness/crypto-unit/ep11/ec/curves'
import {
  pointOf,
  privateKeyOfSecret,
  publicKeyOfPoint,
  secretOf,
  uncompressed,
} from '@keywitness/crypto-unit/ep11/ec/ec-keys'
import { membersOf, sequence } from '@keywitness/crypto-unit/tke/der'
import { invalid } from '../attributes/attribute-values.ts'
import type { Fields } from '../message/fields.ts'
import { enumerations } from '../ttlv/enumerations.ts'
import { bigInteger, bytes, enumeration, type Item } from '../ttlv/item.ts'
import { tags } from '../ttlv/tags.ts'
import { curveOfNumber, numberOfCurve } from './curves.ts'

const { KeyFormatType: formats } = enumerations

const rsaPrivate: ReadonlySet<number> = new Set([formats.TransparentRSAPrivateKey])
const rsaPublic: ReadonlySet<number> = new Set([formats.TransparentRSAPublicKey])
const ecPrivate: ReadonlySet<number> = new Set([
  formats.TransparentECDSAPrivateKey,
  formats.TransparentECDHPrivateKey,
  formats.TransparentECPrivateKey,
])
const ecPublic: ReadonlySet<number> = new Set([
  formats.TransparentECDSAPublicKey,
  formats.TransparentECDHPublicKey,
  formats.TransparentECPublicKey,
])

/** In the order of RSAPrivateKey (RFC 8017, appendix A.1.2), behind its version. */
const inPkcs1 = [
  tags.Modulus,
  tags.PublicExponent,
  tags.PrivateExponent,
  tags.P,
  tags.Q,
  tags.PrimeExponentP,
  tags.PrimeExponentQ,
  tags.CRTCoefficient,
] as const
/** In the order of KMIP. */
const inKmip = [
  tags.Modulus,
  tags.PrivateExponent,
  tags.PublicExponent,
  tags.P,
  tags.Q,
  tags.PrimeExponentP,
  tags.PrimeExponentQ,
  tags.CRTCoefficient,
] as const

export function isTransparent(format: number): boolean {
  return [rsaPrivate, rsaPublic, ecPrivate, ecPublic].some((some) => some.has(format))
}

/** The DER that such a key lies in. @throws Refusal `KMIP_INVALID_FIELD`, KmipError */
export function readTransparent(format: number, fields: Fields): Uint8Array {
  if (rsaPrivate.has(format)) {
    const numbers = new Map(inKmip.map((tag) => [tag, unsignedOf(required(fields, tag))]))
    const ordered = inPkcs1.map((tag) => unsignedInteger(numbers.get(tag) ?? new Uint8Array()))
    const der = sequence(unsignedInteger(new Uint8Array()), ...ordered)
    for (const piece of ordered) piece.fill(0)
    return der
  }
  if (rsaPublic.has(format)) {
    return sequence(
      unsignedInteger(unsignedOf(required(fields, tags.Modulus))),
      unsignedInteger(unsignedOf(required(fields, tags.PublicExponent))),
    )
  }
  const curve = curveOfNumber(fields.required(tags.RecommendedCurve, 'Enumeration', 'InvalidField'))
  if (curve === undefined) throw invalid('The key is on a curve that is not served.')
  return ecPrivate.has(format) ? readScalar(curve, fields) : readPoint(curve, fields)
}

function required(fields: Fields, tag: number): Uint8Array {
  return fields.required(tag, 'BigInteger', 'InvalidField')
}

function readScalar(curve: Curve, fields: Fields): Uint8Array {
  const number = unsignedOf(required(fields, tags.D))
  if (number.length > curve.bytes) throw invalid('The key is no key of its curve.')
  const secret = Buffer.alloc(curve.bytes)
  secret.set(number, curve.bytes - number.length)
  try {
    return privateKeyOfSecret(curve, secret).export({ format: 'der', type: 'sec1' })
  } catch {
    throw invalid('The key is no key of its curve.')
  } finally {
    secret.fill(0)
  }
}

function readPoint(curve: Curve, fields: Fields): Uint8Array {
  const point = fields.required(tags.QString, 'ByteString', 'InvalidField')
  try {
    const whole = point.length === 1 + curve.bytes ? uncompressed(curve, point) : point
    return publicKeyOfPoint(curve, whole).export({ format: 'der', type: 'spki' })
  } catch {
    throw invalid('The key is no key of its curve.')
  }
}

/** The fields of Key Material, of DER that such a key lies in. The numbers of private ones are the caller's to zero. */
export function transparentFields(format: number, der: Uint8Array): Item[] {
  if (rsaPrivate.has(format)) {
    const members = membersOf(der)
    takeUnsigned(members)
    const numbers = new Map(inPkcs1.map((tag) => [tag, takeUnsigned(members)]))
    return inKmip.map((tag) => bigInteger(tag, bigIntegerBytes(numbers.get(tag) ?? new Uint8Array())))
  }
  if (rsaPublic.has(format)) {
    const members = membersOf(der)
    return [tags.Modulus, tags.PublicExponent].map((tag) => bigInteger(tag, bigIntegerBytes(takeUnsigned(members))))
  }
  const { key } = openAsymmetric(der, ecPrivate.has(format) ? 'sec1' : 'spki')
  const curve = enumeration(tags.RecommendedCurve, numberOfCurve(curveOf(key)) ?? 0)
  if (ecPublic.has(format)) return [curve, bytes(tags.QString, pointOf(key))]
  const secret = secretOf(key)
  const number = bigInteger(tags.D, bigIntegerBytes(secret))
  secret.fill(0)
  return [curve, number]
}

/** The bytes of a Big Integer that is not negative, without leading zeros: a view. @throws Refusal `KMIP_INVALID_FIELD` */
function unsignedOf(value: Uint8Array): Uint8Array {
  if (((value[0] ?? 0) & 0x80) !== 0) throw invalid('A number of the key is negative.')
  const first = value.findIndex((byte) => byte !== 0)
  return first === -1 ? value.subarray(value.length) : value.subarray(first)
}

/** Two's complement, a multiple of eight bytes (KMIP 1.4, section 9.1.1.4). */
function bigIntegerBytes(unsigned: Uint8Array): Uint8Array {
  const first = unsigned.findIndex((byte) => byte !== 0)
  const significant = first === -1 ? new Uint8Array() : unsigned.subarray(first)
  const sign = ((significant[0] ?? 0) & 0x80) === 0 ? 0 : 1
  const padded = new Uint8Array(Math.max(1, Math.ceil((significant.length + sign) / 8)) * 8)
  padded.set(significant, padded.length - significant.length)
  return padded
}
