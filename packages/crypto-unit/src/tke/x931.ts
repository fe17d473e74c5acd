/** ANSI X9.31 signatures with RSA-2048 and SHA-256, as clients with RSA keys sign (TKE reference, section 4.1). */
import { constants, createHash, privateEncrypt, publicDecrypt, type KeyObject } from 'node:crypto'

const MODULUS_BYTES = 256
/** SHA-256 in the trailer of ISO/IEC 10118-3. */
const TRAILER = Buffer.from('34cc', 'hex')

/** 6B, BB as often as needed, BA, hash, 34 CC. */
export function x931Block(message: Uint8Array): Buffer {
  const hash = createHash('sha256').update(message).digest()
  const head = Buffer.alloc(MODULUS_BYTES - hash.length - TRAILER.length, 0xbb)
  head[0] = 0x6b
  head[head.length - 1] = 0xba
  return Buffer.concat([head, hash, TRAILER])
}

/** 256 bytes: the block raised to the private exponent, without the step to the smaller of two roots. */
export function x931Sign(message: Uint8Array, privateKey: KeyObject): Buffer {
  return privateEncrypt({ key: privateKey, padding: constants.RSA_NO_PADDING }, x931Block(message))
}

export function x931Verify(message: Uint8Array, publicKey: KeyObject, signature: Uint8Array): boolean {
  if (signature.length !== MODULUS_BYTES) return false
  try {
    const block = publicDecrypt({ key: publicKey, padding: constants.RSA_NO_PADDING }, signature)
    return block.equals(x931Block(message))
  } catch {
    // A number not below the modulus is no signature.
    return false
  }
}
