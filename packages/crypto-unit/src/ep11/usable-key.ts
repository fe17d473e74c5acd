/** A key as mechanisms use it: opened, with its usage already held against what is asked. */
import { createSecretKey, type KeyObject } from 'node:crypto'

/** Of the class CKO_SECRET_KEY. */
export interface SecretKey {
  readonly keyType: number
  /** The raw value; whoever opened the key zeroes it. */
  readonly value: Buffer
  /** The same as OpenSSL holds it, for a key that is kept for more than one call. */
  readonly held?: KeyObject
}

/**
 * The key as Node's functions are to be given it. Given the bytes, they find out by two exceptions that these are no key
 * object, which costs more than most of what is done with a key.
 */
export function keyObjectOf({ value, held }: SecretKey): KeyObject {
  return held ?? createSecretKey(value)
}

/** Of the class CKO_PRIVATE_KEY or CKO_PUBLIC_KEY. */
export interface AsymmetricKey {
  readonly keyType: number
  /** As OpenSSL holds it: RSA, DSA, DH, EC on any curve of `curves.ts`, X25519, X448, Ed25519, Ed448, ML-KEM, ML-DSA. */
  readonly key: KeyObject
}
