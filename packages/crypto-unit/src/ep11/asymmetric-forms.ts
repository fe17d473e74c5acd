/** Asymmetric keys in the forms in which EP11 takes and gives them, whatever their type: SPKI and PKCS #8 (section 11). */
import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import { DerReader, membersOf, tags } from '../tke/der.ts'
import { keyTypes } from './attributes.ts'
import { curveOf } from './ec/curves.ts'
import { exportEcPkcs8, exportEcSpki, importEcPkcs8, importEcSpki } from './ec/ec-key-formats.ts'
import { Ep11Error } from './ep11-error.ts'
import { demandPrivateKeyInfo, MODULUS_BITS_MAX, unsignedBits } from './key-bounds.ts'

/** What a key says of itself. */
export interface KeyKind {
  /** A CKK_ value. */
  readonly keyType: number
  /** As in `KeyFacts`. */
  readonly size: number
  /** Empty where there is none. */
  readonly curve: string
}

/** OpenSSL's names, but for the parameter sets that follow them. */
const typesByName = {
  rsa: keyTypes.CKK_RSA,
  dsa: keyTypes.CKK_DSA,
  dh: keyTypes.CKK_DH,
  ec: keyTypes.CKK_EC,
  x25519: keyTypes.CKK_EC,
  x448: keyTypes.CKK_EC,
  ed25519: keyTypes.CKK_EC,
  ed448: keyTypes.CKK_EC,
} as const
const parameterSet = /^ml-(kem|dsa)-(\d+)$/

/** No standard has a longer one (FIPS 186-5, section 5.4), and computing takes as long as it is. */
const EXPONENT_MAX = 2n ** 256n
/** Longest PrivateKeyInfo that is taken from outside: a blob holds it. */
const INFO_BYTES_MAX = 8 * 1024

/** Object identifiers of keys on curves: id-ecPublicKey and those of RFC 8410. */
const curveAlgorithms = new Set(['2a8648ce3d0201', '2b656e', '2b656f', '2b6570', '2b6571'])

/** @throws Ep11Error `CKR_KEY_TYPE_INCONSISTENT` for a key that EP11 does not know, `CKR_CURVE_NOT_SUPPORTED`, `CKR_KEY_SIZE_RANGE` */
export function kindOf(key: KeyObject): KeyKind {
  const name = key.asymmetricKeyType ?? 'none'
  const [, family, number] = parameterSet.exec(name) ?? []
  if (number !== undefined) {
    const keyType = family === 'kem' ? keyTypes.CKK_ML_KEM : keyTypes.CKK_ML_DSA
    return { keyType, size: Number(number), curve: '' }
  }
  const keyType = name in typesByName ? typesByName[name as keyof typeof typesByName] : undefined
  if (keyType === undefined)
    throw new Ep11Error('CKR_KEY_TYPE_INCONSISTENT', 'The key is of a type that is not known here.')
  if (keyType === keyTypes.CKK_EC) {
    const curve = curveOf(key)
    return { keyType, size: curve.bits, curve: curve.name }
  }
  const size = keyType === keyTypes.CKK_DH ? primeBits(key) : (key.asymmetricKeyDetails?.modulusLength ?? 0)
  const exponent = key.asymmetricKeyDetails?.publicExponent ?? 0n
  if (size < 1 || size > MODULUS_BITS_MAX || exponent >= EXPONENT_MAX)
    throw new Ep11Error('CKR_KEY_SIZE_RANGE', 'The key is larger than any here.')
  return { keyType, size, curve: '' }
}

/** Of a public key, or of the public one of a private key. */
export function spkiOf(key: KeyObject): Buffer {
  const publicKey = key.type === 'private' ? createPublicKey(key) : key
  return kindOf(publicKey).keyType === keyTypes.CKK_EC
    ? exportEcSpki(publicKey)
    : publicKey.export({ format: 'der', type: 'spki' })
}

/** @throws Ep11Error `CKR_PUBLIC_KEY_INVALID`, and as `kindOf` */
export function publicKeyOf(spki: Buffer): KeyObject {
  if (curveAlgorithms.has(algorithmOf(spki))) return importEcSpki(spki)
  try {
    return createPublicKey({ key: spki, format: 'der', type: 'spki' })
  } catch {
    throw invalid()
  }
}

/** PrivateKeyInfo; the caller zeroes it. */
export function pkcs8Of(key: KeyObject): Buffer {
  return kindOf(key).keyType === keyTypes.CKK_EC ? exportEcPkcs8(key) : key.export({ format: 'der', type: 'pkcs8' })
}

/** One text for whatever is wrong. @throws Ep11Error `CKR_WRAPPED_KEY_INVALID` */
export function privateKeyOf(info: Buffer, keyType: number): KeyObject {
  if (keyType === keyTypes.CKK_EC) return importEcPkcs8(info)
  try {
    if (info.length > INFO_BYTES_MAX) throw invalid()
    demandPrivateKeyInfo(info, [keyType])
    const key = createPrivateKey({ key: info, format: 'der', type: 'pkcs8' })
    if (kindOf(key).keyType === keyType) return key
  } catch {
    // Answered below.
  }
  throw new Ep11Error('CKR_WRAPPED_KEY_INVALID', 'What was unwrapped is no private key of this kind.')
}

/** The algorithm's object identifier in hexadecimal. */
function algorithmOf(spki: Buffer): string {
  try {
    return new DerReader(membersOf(spki).take(tags.SEQUENCE)).take(tags.OBJECT_IDENTIFIER).toString('hex')
  } catch {
    throw invalid()
  }
}

/** P of PKCS #3. */
function primeBits(key: KeyObject): number {
  const publicKey = key.type === 'private' ? createPublicKey(key) : key
  const algorithm = new DerReader(membersOf(publicKey.export({ format: 'der', type: 'spki' })).take(tags.SEQUENCE))
  algorithm.take(tags.OBJECT_IDENTIFIER)
  return unsignedBits(new DerReader(algorithm.take(tags.SEQUENCE)).take(tags.INTEGER))
}

function invalid(): Ep11Error {
  return new Ep11Error('CKR_PUBLIC_KEY_INVALID', 'This is no public key that is known here.')
}
