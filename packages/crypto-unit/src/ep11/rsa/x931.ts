/** Blocks and roots of ANSI X9.31 signatures (also ISO/IEC 9796-2 and FIPS 186-4, section 5.4). */
import { integerOf, unsignedBytes } from '../integers.ts'

const LAST_BYTE = 0xcc

/** A hash identifier and the last byte. */
export const TRAILER_BYTES = 2

/** Hash identifiers of ISO/IEC 10118-3 by the length of the digest, which no two of them share: SHA-1, then SHA-2. */
const identifiers = new Map<number, number>([
  [20, 0x33],
  [28, 0x38],
  [32, 0x34],
  [48, 0x36],
  [64, 0x35],
])

/** A digest of SHA-1 or SHA-2 with its trailer; undefined for any other length. */
export function trailed(digest: Uint8Array): Buffer | undefined {
  const identifier = identifiers.get(digest.length)
  return identifier === undefined ? undefined : Buffer.concat([digest, Buffer.of(identifier, LAST_BYTE)])
}

/**
 * What a caller gave for CKM_RSA_X9_31, with its trailer: PKCS #11 (2.40, section 2.1.11) lets the application append it,
 * EP11 speaks of a bare digest; their lengths differ, so that both can be meant. Undefined when it is neither.
 */
export function trailedAsGiven(data: Uint8Array): Buffer | undefined {
  const bare = trailed(data)
  if (bare !== undefined) return bare
  const again = trailed(data.subarray(0, -2))
  return again?.equals(data) === true ? again : undefined
}

/** 6B, BB as often as needed, BA, then digest and trailer; undefined where the modulus has no room. */
export function x931Block(modulusBytes: number, trailedDigest: Uint8Array): Buffer | undefined {
  const head = modulusBytes - trailedDigest.length
  if (head < 2) return undefined
  const block = Buffer.alloc(modulusBytes, 0xbb)
  block[0] = 0x6b
  block[head - 1] = 0xba
  block.set(trailedDigest, head)
  return block
}

/** Of a number and what is left of the modulus, the smaller: how a signature is written. */
export function smallerRoot(number: Uint8Array, modulus: bigint): Buffer {
  const root = integerOf(number)
  const other = modulus - root
  return unsignedBytes(other < root ? other : root, number.length)
}

/** Of an opened signature and what is left of the modulus, the one that ends as a block does: with the nibble C. */
export function openedBlock(opened: Uint8Array, modulus: bigint): Buffer {
  const isBlock = ((opened.at(-1) ?? 0) & 0xf) === (LAST_BYTE & 0xf)
  return isBlock ? Buffer.from(opened) : unsignedBytes(modulus - integerOf(opened), opened.length)
}
