/** The two hashes of an RFC 6962 tree, kept apart by their first byte so that a leaf can never pass for a node. */
import { ProofError } from './errors.ts'
import { sha256 } from './sha256.ts'

/** SHA-256 of `data` as 32 bytes. Synchronous; must not keep or change `data`. */
export interface Hash {
  (data: Uint8Array): Uint8Array
  /** The same, written into `target` at `offset`: spares an allocation where a hash can. */
  readonly into?: HashInto
}

/** Writes SHA-256 of `data` into `target` at `offset`. `data` may be a view of `target`. */
export type HashInto = (data: Uint8Array, target: Uint8Array, offset: number) => void

/** A hash's way of writing into a place, made from the plain one when it has none. */
export function hashInto(hash: Hash): HashInto {
  return hash.into ?? ((data, target, offset) => target.set(hash(data), offset))
}

/** Bytes of one hash. */
export const HASH_BYTES = 32

/** SHA-256(0x00 ‖ entry), RFC 6962 section 2.1. */
export function leafHash(entry: Uint8Array, hash: Hash = sha256): Uint8Array {
  const prefixed = new Uint8Array(entry.length + 1)
  prefixed.set(entry, 1)
  return hash(prefixed)
}

/**
 * SHA-256(0x01 ‖ left ‖ right), RFC 6962 section 2.1.
 *
 * @throws ProofError `HASH_LENGTH` when a side is not 32 bytes
 */
export function nodeHash(left: Uint8Array, right: Uint8Array, hash: Hash = sha256): Uint8Array {
  if (left.length !== HASH_BYTES || right.length !== HASH_BYTES) {
    throw new ProofError('HASH_LENGTH', `a tree hash has ${HASH_BYTES} bytes, not ${left.length} and ${right.length}`)
  }
  const pair = new Uint8Array(1 + 2 * HASH_BYTES)
  pair[0] = 1
  pair.set(left, 1)
  pair.set(right, 1 + HASH_BYTES)
  return hash(pair)
}

/** Root of the tree without entries: SHA-256 of nothing, RFC 6962 section 2.1. A new array each time. */
export function emptyRoot(hash: Hash = sha256): Uint8Array {
  return hash(new Uint8Array())
}
