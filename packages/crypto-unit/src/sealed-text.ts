/** Encryption under a root key: AES-GCM with a fresh initialisation vector, the tag behind the ciphertext. */
import { createCipheriv, createDecipheriv, type KeyObject } from 'node:crypto'
import type { FrameBatch } from './frames.ts'
import { IV_BYTES, type IvPool } from './iv-pool.ts'
import { TAG_BYTES, gcmOf } from './key-blob.ts'
import { UnitError } from './unit-error.ts'

/** Encrypts into the open frame: iv, then ciphertext with tag behind its length. */
export function putSealed(out: FrameBatch, key: KeyObject, plaintext: Buffer, aad: Buffer, ivs: IvPool): void {
  const iv = ivs.take()
  const cipher = createCipheriv(gcmOf(key), key, iv)
  cipher.setAAD(aad)
  out.raw(iv)
  out.u32(plaintext.length + TAG_BYTES)
  out.raw(cipher.update(plaintext))
  cipher.final()
  out.raw(cipher.getAuthTag())
}

/**
 * Decrypts. The caller zeroes what it gets.
 * @throws UnitError `TAMPERED` when key, tag, iv or aad do not fit
 */
export function openSealed(key: KeyObject, iv: Buffer, sealed: Buffer, aad: Buffer): Buffer {
  if (iv.length !== IV_BYTES || sealed.length < TAG_BYTES) throw tampered()
  const decipher = createDecipheriv(gcmOf(key), key, iv)
  const tagFrom = sealed.length - TAG_BYTES
  decipher.setAAD(aad).setAuthTag(sealed.subarray(tagFrom))
  const plaintext = decipher.update(sealed.subarray(0, tagFrom))
  try {
    decipher.final()
  } catch {
    plaintext.fill(0)
    throw tampered()
  }
  return plaintext
}

function tampered(): UnitError {
  return new UnitError('TAMPERED', 'The ciphertext was not made by this key with this additional data, or was altered.')
}
