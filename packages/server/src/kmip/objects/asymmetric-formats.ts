/** Public and private keys in the formats of KMIP: read, told what they are, and given in another format (section 2.1.3). */
import type { KeyObject } from 'node:crypto'
import { exportAsymmetric, openAsymmetric, type KeyEncoding } from '@keywitness/crypto-unit/asymmetric-key'
import { keyTypes } from '@keywitness/crypto-unit/ep11/attributes'
import { type Curve, curveOf } from '@keywitness/crypto-unit/ep11/ec/curves'
import { pointOf, privateKeyOfSecret, secretOf } from '@keywitness/crypto-unit/ep11/ec/ec-keys'
import { Refusal } from '../../errors.ts'
import { invalid } from '../attributes/attribute-values.ts'
import { enumerations } from '../ttlv/enumerations.ts'
import { numberOfCurve } from './curves.ts'
import { type ObjectType, objectTypes } from './kmip-object.ts'
import { areOneKey } from './rsa-numbers.ts'

const { KeyFormatType: formats, CryptographicAlgorithm: algorithms } = enumerations

export type Family = 'RSA' | 'EC'

interface Format {
  readonly type: ObjectType
  readonly family: Family | 'any'
  /** How a key of this format lies in its material. */
  readonly encoding: KeyEncoding
}

const format = (type: ObjectType, family: Format['family'], encoding: KeyEncoding): Format => ({
  type,
  family,
  encoding,
})
const { PublicKey, PrivateKey } = objectTypes

/** PKCS #1 is of both types; each has its own encoding. Those of ECDSA and ECDH are EC's, as versions before 1.3 had it. */
const served: readonly (readonly [number, Format])[] = [
  [formats.PKCS_1, format(PublicKey, 'RSA', 'pkcs1-public')],
  [formats.PKCS_1, format(PrivateKey, 'RSA', 'pkcs1-private')],
  [formats.PKCS_8, format(PrivateKey, 'any', 'pkcs8')],
  [formats.X_509, format(PublicKey, 'any', 'spki')],
  [formats.ECPrivateKey, format(PrivateKey, 'EC', 'sec1')],
  [formats.TransparentRSAPrivateKey, format(PrivateKey, 'RSA', 'pkcs1-private')],
  [formats.TransparentRSAPublicKey, format(PublicKey, 'RSA', 'pkcs1-public')],
  [formats.TransparentECDSAPrivateKey, format(PrivateKey, 'EC', 'sec1')],
  [formats.TransparentECDSAPublicKey, format(PublicKey, 'EC', 'spki')],
  [formats.TransparentECDHPrivateKey, format(PrivateKey, 'EC', 'sec1')],
  [formats.TransparentECDHPublicKey, format(PublicKey, 'EC', 'spki')],
  [formats.TransparentECPrivateKey, format(PrivateKey, 'EC', 'sec1')],
  [formats.TransparentECPublicKey, format(PublicKey, 'EC', 'spki')],
]

/** Shortest modulus that is registered, bits; the longest is the crypto unit's. */
const modulusBitsMin = 1_024
const modulusBitsMax = 4_096

/** What a key says of itself. */
export interface KeyFacts {
  readonly family: Family
  /** As Cryptographic Length counts. */
  readonly bits: number
  /** Recommended Curve. */
  readonly curve: number | undefined
}

/** The encoding of material in a format. @throws Refusal `KMIP_KEY_FORMAT_NOT_SUPPORTED` */
export function encodingOf(type: ObjectType, number: number): KeyEncoding {
  return formatOf(type, number).encoding
}

function formatOf(type: ObjectType, number: number): Format {
  const found = served.find(([own, { type: of }]) => own === number && of === type)
  if (found === undefined) throw new Refusal('KMIP_KEY_FORMAT_NOT_SUPPORTED')
  return found[1]
}

/** Whether keys of this algorithm can be given in a format. */
export function hasFormat(type: ObjectType, algorithm: number, number: number): boolean {
  const family = familyOf(algorithm)
  return served.some(
    ([own, { type: of, family: ofFamily }]) =>
      own === number && of === type && (ofFamily === 'any' || ofFamily === family),
  )
}

/** Cryptographic Algorithm; undefined for one that is of no family here. */
export function familyOf(algorithm: number): Family | undefined {
  if (algorithm === algorithms.RSA) return 'RSA'
  return algorithm === algorithms.EC || algorithm === algorithms.ECDSA || algorithm === algorithms.ECDH
    ? 'EC'
    : undefined
}

/**
 * What a key is that a client brings.
 * @throws Refusal `KMIP_INVALID_FIELD` for what is no key of its format, or of a size or on a curve that is not served
 */
export function factsOf(type: ObjectType, number: number, material: Uint8Array): KeyFacts {
  const { encoding, family } = formatOf(type, number)
  const { key, keyType } = openedKey(material, encoding)
  const own = keyType === keyTypes.CKK_RSA ? 'RSA' : 'EC'
  if (family !== 'any' && family !== own) throw invalid('The key is of another algorithm than its format.')
  if (own === 'RSA') {
    const bits = key.asymmetricKeyDetails?.modulusLength ?? 0
    if (bits < modulusBitsMin || bits > modulusBitsMax) throw invalid('An RSA key has 1024 to 4096 bits here.')
    if (key.type === 'private' && !areOneKey(key)) throw invalid('The numbers of the key do not belong together.')
    return { family: own, bits, curve: undefined }
  }
  const curve = curveOfKey(key)
  const recommended = curve === undefined ? undefined : numberOfCurve(curve)
  if (curve === undefined || recommended === undefined) throw invalid('The key is on a curve that is not served.')
  if (key.type === 'private' && !isPointOfSecret(key, curve)) throw invalid('The key is no key of its curve.')
  return { family: own, bits: curve.bits, curve: recommended }
}

function openedKey(material: Uint8Array, encoding: KeyEncoding): ReturnType<typeof openAsymmetric> {
  try {
    return openAsymmetric(material, encoding)
  } catch {
    throw invalid('The key is no key of its format.')
  }
}

/** Whether the point that stands beside the private key is its own. */
function isPointOfSecret(key: KeyObject, curve: Curve): boolean {
  const secret = secretOf(key)
  try {
    return pointOf(privateKeyOfSecret(curve, secret)).equals(pointOf(key))
  } catch {
    return false
  } finally {
    secret.fill(0)
  }
}

function curveOfKey(key: KeyObject): Curve | undefined {
  try {
    return curveOf(key)
  } catch {
    return undefined
  }
}

/** The material of a key in another format, in a buffer of its own; the caller zeroes both. */
export function converted(type: ObjectType, from: number, to: number, material: Uint8Array): Uint8Array {
  const [own, wanted] = [encodingOf(type, from), encodingOf(type, to)]
  if (own === wanted) return Uint8Array.from(material)
  return exportAsymmetric(openAsymmetric(material, own).key, wanted)
}

/** A public key that comes from the crypto unit as SubjectPublicKeyInfo. */
export function publicMaterial(number: number, spki: Uint8Array): Uint8Array {
  return converted(PublicKey, formats.X_509, number, spki)
}

/**
 * The formats of a new pair: such as clients of all versions read. RSA keys are PKCS #1, as later versions of KMIP have it;
 * for EC keys those name a transparent format that clients of KMIP 1.0 to 1.2 do not know.
 */
export const newPairFormats: Readonly<Record<Family, { readonly privateKey: number; readonly publicKey: number }>> = {
  RSA: { privateKey: formats.PKCS_1, publicKey: formats.PKCS_1 },
  EC: { privateKey: formats.ECPrivateKey, publicKey: formats.X_509 },
}
