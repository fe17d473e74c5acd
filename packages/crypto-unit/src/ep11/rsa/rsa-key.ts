/** An RSA key as the mechanisms need it: its sizes, and the bare operation with either exponent (RFC 8017, section 5). */
import { constants, privateDecrypt, publicDecrypt, sign } from 'node:crypto'
import { keyTypes } from '../attributes.ts'
import { Ep11Error } from '../ep11-error.ts'
import type { AsymmetricKey } from '../usable-key.ts'

export const MODULUS_BITS_MIN = 512
export const MODULUS_BITS_MAX = 4096

export interface ModulusSize {
  readonly bits: number
  /** k of RFC 8017: what a block, a ciphertext and a signature have. */
  readonly bytes: number
}

/** @throws Ep11Error `CKR_KEY_TYPE_INCONSISTENT`, `CKR_KEY_SIZE_RANGE` */
export function modulusSizeOf({ keyType, key }: AsymmetricKey): ModulusSize {
  // A key that is bound to RSASSA-PSS is of another type to OpenSSL, and EP11 knows none.
  const bits = key.asymmetricKeyType === 'rsa' ? key.asymmetricKeyDetails?.modulusLength : undefined
  if (keyType !== keyTypes.CKK_RSA || bits === undefined) {
    throw new Ep11Error('CKR_KEY_TYPE_INCONSISTENT', 'The mechanism needs an RSA key.')
  }
  if (bits < MODULUS_BITS_MIN || bits > MODULUS_BITS_MAX) {
    throw new Ep11Error('CKR_KEY_SIZE_RANGE', 'The modulus must have 512 to 4096 bits.')
  }
  return { bits, bytes: Math.ceil(bits / 8) }
}

/**
 * The block raised to the private exponent, blinded by OpenSSL. Undefined for a number that is not below the modulus.
 * @throws Ep11Error `CKR_KEY_TYPE_INCONSISTENT` for a public key
 */
export function withPrivateExponent({ key }: AsymmetricKey, block: Uint8Array): Buffer | undefined {
  if (key.type !== 'private') throw needsPrivate()
  try {
    return privateDecrypt({ key, padding: constants.RSA_NO_PADDING }, block)
  } catch {
    return undefined
  }
}

/** The block raised to the public exponent. Undefined for a number that is not below the modulus, and for a modulus that is none. */
export function withPublicExponent({ key }: AsymmetricKey, block: Uint8Array): Buffer | undefined {
  try {
    return publicDecrypt({ key, padding: constants.RSA_NO_PADDING }, block)
  } catch {
    return undefined
  }
}

/**
 * A signature: a block that is made to be below the modulus, raised to the private exponent.
 * @throws Ep11Error `CKR_FUNCTION_FAILED` for a key whose numbers do not belong together
 */
export function signedBlock(key: AsymmetricKey, block: Uint8Array): Buffer {
  const signature = withPrivateExponent(key, block)
  if (signature === undefined) throw cannotSign()
  return signature
}

/**
 * A signature over data that OpenSSL hashes and pads itself, as PKCS #1 v1.5 has it: what Node needs to be told of another
 * padding costs a twentieth of a signature.
 * @throws Ep11Error as `signedBlock`
 */
export function signedData({ key }: AsymmetricKey, hash: string, data: Uint8Array): Buffer {
  if (key.type !== 'private') throw needsPrivate()
  try {
    return sign(hash, data, key)
  } catch {
    throw cannotSign()
  }
}

function needsPrivate(): Ep11Error {
  return new Ep11Error('CKR_KEY_TYPE_INCONSISTENT', 'This needs a private key.')
}

function cannotSign(): Ep11Error {
  return new Ep11Error('CKR_FUNCTION_FAILED', 'The key cannot sign.')
}
