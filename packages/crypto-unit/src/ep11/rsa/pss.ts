/** EMSA-PSS with MGF1 (RFC 8017, sections 9.1 and B.2.1), over a finished digest, as no interface of Node takes one. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { HashName as Hash } from '../digests/hash-names.ts'

export interface PssScheme {
  readonly hash: Hash
  /** Of the mask. */
  readonly mask: Hash
  readonly saltBytes: number
}

/** The longest salt that fits, negative when not even an empty one does. */
export function saltBytesMax(modulusBits: number, hash: Hash): number {
  return blockBytes(modulusBits) - hash.bytes - 2
}

/** A block for the modulus's private exponent, as long as the modulus. The caller has measured digest and salt. */
export function pssBlock(modulusBits: number, scheme: PssScheme, digest: Uint8Array): Buffer {
  const { hash, saltBytes } = scheme
  const length = blockBytes(modulusBits)
  const salt = randomBytes(saltBytes)
  const hashed = saltedDigest(hash, digest, salt)
  const masked = mgf1(scheme.mask, hashed, length - hash.bytes - 1)
  const separator = masked.length - saltBytes - 1
  masked[separator] = (masked[separator] as number) ^ 1
  for (const [at, byte] of salt.entries()) masked[separator + 1 + at] = (masked[separator + 1 + at] as number) ^ byte
  masked[0] = (masked[0] as number) & topMask(modulusBits)
  // One byte shorter than the modulus where the modulus has one bit more than whole bytes.
  const head = Buffer.alloc(Math.ceil(modulusBits / 8) - length)
  return Buffer.concat([head, masked, hashed, Buffer.of(0xbc)])
}

/** Whether the opened signature holds this digest, with a salt of exactly this length. */
export function isPssBlock(modulusBits: number, scheme: PssScheme, digest: Uint8Array, opened: Buffer): boolean {
  const { hash, saltBytes } = scheme
  const length = blockBytes(modulusBits)
  const lead = opened.length - length
  if (lead < 0 || opened.subarray(0, lead).some((byte) => byte !== 0)) return false
  const block = opened.subarray(lead)
  if (block.at(-1) !== 0xbc || ((block[0] as number) & ~topMask(modulusBits)) !== 0) return false
  const masked = block.subarray(0, length - hash.bytes - 1)
  const hashed = block.subarray(masked.length, -1)
  const plain = mgf1(scheme.mask, hashed, masked.length)
  for (const [at, byte] of masked.entries()) plain[at] = (plain[at] as number) ^ byte
  plain[0] = (plain[0] as number) & topMask(modulusBits)
  const separator = plain.length - saltBytes - 1
  if (plain[separator] !== 1 || plain.subarray(0, separator).some((byte) => byte !== 0)) return false
  return timingSafeEqual(saltedDigest(hash, digest, plain.subarray(separator + 1)), hashed)
}

/** emLen of RFC 8017, for emBits one less than the modulus has. */
function blockBytes(modulusBits: number): number {
  return Math.ceil((modulusBits - 1) / 8)
}

/** The bits of the block's first byte that may be set. */
function topMask(modulusBits: number): number {
  return 0xff >> (8 * blockBytes(modulusBits) - (modulusBits - 1))
}

function saltedDigest(hash: Hash, digest: Uint8Array, salt: Uint8Array): Buffer {
  return createHash(hash.name).update(Buffer.alloc(8)).update(digest).update(salt).digest()
}

function mgf1(hash: Hash, seed: Uint8Array, length: number): Buffer {
  const counter = Buffer.alloc(4)
  const blocks: Buffer[] = []
  for (let count = 0; count * hash.bytes < length; count++) {
    counter.writeUInt32BE(count)
    blocks.push(createHash(hash.name).update(seed).update(counter).digest())
  }
  return Buffer.concat(blocks).subarray(0, length)
}
