/** PKCS #1 v1.5 (RFC 8017, sections 7.2 and 9.2): blocks of signatures, and what stands in a decrypted block. */
import type { HashName as Hash } from '../digests/hash-names.ts'

/** 00, the type, at least eight bytes of padding, 00. */
const OVERHEAD_BYTES = 11

/** What can be signed or encrypted under a modulus of this many bytes. */
export function contentBytesMax(modulusBytes: number): number {
  return modulusBytes - OVERHEAD_BYTES
}

/** DER of DigestInfo up to the digest: SEQUENCE { SEQUENCE { hash, NULL }, OCTET STRING } (RFC 8017, section 9.2, note 1). */
const digestInfos: Readonly<Record<string, string>> = {
  sha1: '3021300906052b0e03021a05000414',
  sha224: '302d300d06096086480165030402040500041c',
  sha256: '3031300d060960864801650304020105000420',
  sha384: '3041300d060960864801650304020205000430',
  sha512: '3051300d060960864801650304020305000440',
}

/** @throws Error for a hash that no mechanism here signs with */
export function digestInfo(hash: Hash, digest: Uint8Array): Buffer {
  const head = digestInfos[hash.name]
  if (head === undefined) throw new Error(`No DigestInfo is known of ${hash.name}.`)
  return Buffer.concat([Buffer.from(head, 'hex'), digest])
}

/** 00 01 FF … FF 00, then the content, which the caller has measured. */
export function signatureBlock(modulusBytes: number, content: Uint8Array): Buffer {
  const block = Buffer.alloc(modulusBytes, 0xff)
  block[0] = 0
  block[1] = 1
  block[modulusBytes - content.length - 1] = 0
  block.set(content, modulusBytes - content.length)
  return block
}

/**
 * The content of a decrypted block, undefined where there is none. Every byte of the block is looked at in the same way
 * whatever it holds, and nothing but whether there is a content, and its length, decides what is done next.
 */
export function contentOf(block: Uint8Array): Buffer | undefined {
  // All ones while no 00 has been seen, then nothing.
  let isBefore = ~0
  let start = 0
  for (let at = 2; at < block.length; at++) {
    isBefore &= ~isZero(block[at] as number)
    start += 1 & isBefore
  }
  // The padding's bytes were counted; the content begins behind the 00 that ended it.
  const isTyped = isZero(block[0] as number) & isZero((block[1] as number) ^ 2)
  const isLongEnough = ~((start - 8) >> 31)
  const isRight = isTyped & ~isBefore & isLongEnough
  if (isRight === 0) return undefined
  return Buffer.from(block.subarray(start + 3))
}

/** All ones for 0, nothing for any other byte, without a branch. */
function isZero(byte: number): number {
  return (byte - 1) >> 31
}
