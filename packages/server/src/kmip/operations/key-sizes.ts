/** Which algorithms symmetric keys are kept for, and how long they are (reference section 7). */
import { invalid } from '../attributes/attribute-values.ts'
import { enumerations } from '../ttlv/enumerations.ts'

const { CryptographicAlgorithm: algorithms } = enumerations

/** 3DES counts 56 bits of the 64 that a key has. */
const DES_BITS = 56
const DES_BYTES = 8

/** Longest key that is made or registered for HMAC, bits. */
const hmacBitsMax = 4_096

const hmacs: ReadonlySet<number> = new Set([
  algorithms.HMAC_SHA1,
  algorithms.HMAC_SHA224,
  algorithms.HMAC_SHA256,
  algorithms.HMAC_SHA384,
  algorithms.HMAC_SHA512,
  algorithms.HMAC_SHA3_224,
  algorithms.HMAC_SHA3_256,
  algorithms.HMAC_SHA3_384,
  algorithms.HMAC_SHA3_512,
])

export function isHmac(algorithm: number): boolean {
  return hmacs.has(algorithm)
}

/**
 * The length of a new key in bits, as clients count it.
 * @throws Refusal `KMIP_INVALID_FIELD` when the algorithm is not served, or has no key of that length
 */
export function requireLength(algorithm: number, length: number | undefined): number {
  if (algorithm === algorithms.DES3) {
    const bits = length ?? 168
    if (![112, 168, 128, 192].includes(bits)) throw wrongLength()
    return bits
  }
  if (length === undefined) throw invalid('A key needs a Cryptographic Length.')
  const fits =
    (algorithm === algorithms.AES && [128, 192, 256].includes(length)) ||
    ((algorithm === algorithms.ChaCha20 || algorithm === algorithms.ChaCha20Poly1305) && length === 256) ||
    (isHmac(algorithm) && length >= 8 && length <= hmacBitsMax && length % 8 === 0)
  if (fits) return length
  if (isServed(algorithm)) throw wrongLength()
  throw invalid('Keys of this algorithm are not served.')
}

function isServed(algorithm: number): boolean {
  return (
    algorithm === algorithms.AES ||
    algorithm === algorithms.ChaCha20 ||
    algorithm === algorithms.ChaCha20Poly1305 ||
    isHmac(algorithm)
  )
}

/** Bytes of the material; with 3DES, lengths with and without parity bits occur. */
export function materialBytes(algorithm: number, length: number): number {
  if (algorithm !== algorithms.DES3) return length / 8
  return length % DES_BITS === 0 ? (length / DES_BITS) * DES_BYTES : length / 8
}

/** 3DES keys have odd parity. */
export function materialForm(algorithm: number): 'any' | 'des' {
  return algorithm === algorithms.DES3 ? 'des' : 'any'
}

/** Bits of registered material, as clients count them. */
export function bitsOf(algorithm: number, bytes: number): number {
  return algorithm === algorithms.DES3 ? (bytes / DES_BYTES) * DES_BITS : bytes * 8
}

function wrongLength(): Error {
  return invalid('The algorithm has no keys of this length.')
}
