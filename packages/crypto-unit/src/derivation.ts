/** How a key is derived from another one, as both sides of the pipe read and write it. */
import { keyEncodings, type KeyEncoding } from './asymmetric-key.ts'
import { ProtocolError, type Fields, type FrameBatch } from './frames.ts'
import { macHashes, putKeyUse, readKeyUse, type EncryptUse, type MacHash } from './key-use.ts'
import { PLAINTEXT_BYTES_MAX, PUBLIC_KEY_BYTES_MAX } from './protocol.ts'

/** RFC 8018, section 5.2, with HMAC: the base is the password. */
export interface PasswordDerivation {
  readonly method: 'PBKDF2'
  readonly hash: MacHash
  readonly salt: Uint8Array
  readonly iterations: number
}

/** The hash of the base itself. */
export interface HashDerivation {
  readonly method: 'HASH'
  readonly hash: MacHash
}

/** HMAC of the data with the base as its key. */
export interface HmacDerivation {
  readonly method: 'HMAC'
  readonly hash: MacHash
  readonly data: Uint8Array
}

/** The data encrypted with the base. */
export interface EncryptDerivation {
  readonly method: 'ENCRYPT'
  readonly use: EncryptUse
}

/**
 * NIST SP 800-108r1, sections 4.1 to 4.3, with HMAC: counter, feedback, and double pipeline; a counter of 32 bits stands in
 * front of the data, which are all of the fixed input, and in feedback mode behind K(i − 1).
 */
export interface IteratedDerivation {
  readonly method: 'NIST800-108-C' | 'NIST800-108-F' | 'NIST800-108-DPI'
  readonly hash: MacHash
  readonly data: Uint8Array
  /** K(0) of feedback mode; empty otherwise. */
  readonly iv: Uint8Array
}

/** The x-coordinate that the base, a private EC key, agrees on with a public key (SP 800-56A, section 5.7.1.2). */
export interface AgreementDerivation {
  readonly method: 'ECDH'
  readonly encoding: KeyEncoding
  /** SubjectPublicKeyInfo. */
  readonly peer: Uint8Array
}

export type Derivation =
  | PasswordDerivation
  | HashDerivation
  | HmacDerivation
  | EncryptDerivation
  | IteratedDerivation
  | AgreementDerivation

const methods = [
  'PBKDF2',
  'HASH',
  'HMAC',
  'ENCRYPT',
  'NIST800-108-C',
  'NIST800-108-F',
  'NIST800-108-DPI',
  'ECDH',
] as const satisfies readonly Derivation['method'][]

export function putDerivation(request: FrameBatch, derivation: Derivation): void {
  request.u8(methods.indexOf(derivation.method))
  if (derivation.method === 'ENCRYPT') {
    putKeyUse(request, derivation.use)
    return
  }
  if (derivation.method === 'ECDH') {
    request.u8(keyEncodings.indexOf(derivation.encoding))
    request.bytes(derivation.peer)
    return
  }
  request.u8(macHashes.indexOf(derivation.hash))
  if (derivation.method === 'HASH') return
  if (derivation.method === 'PBKDF2') {
    request.bytes(derivation.salt)
    request.u32(derivation.iterations)
    return
  }
  request.bytes(derivation.data)
  if (derivation.method !== 'HMAC') request.bytes(derivation.iv)
}

/** @param request whose bytes stay as they are until the key is derived @throws ProtocolError `MALFORMED` */
export function readDerivation(request: Fields): Derivation {
  const method = methods[request.u8()]
  if (method === undefined) throw new ProtocolError('MALFORMED', 'A derivation method is not known.')
  if (method === 'ENCRYPT') {
    const use = readKeyUse(request)
    if (use.what !== 'encrypt') throw new ProtocolError('MALFORMED', 'A derivation encrypts with another use.')
    return { method, use }
  }
  if (method === 'ECDH') {
    const encoding = keyEncodings[request.u8()]
    if (encoding === undefined) throw new ProtocolError('MALFORMED', 'An encoding of keys is not known.')
    return { method, encoding, peer: request.bytes(PUBLIC_KEY_BYTES_MAX) }
  }
  const hash = macHashes[request.u8()]
  if (hash === undefined) throw new ProtocolError('MALFORMED', 'A hash is not known.')
  if (method === 'HASH') return { method, hash }
  if (method === 'PBKDF2') {
    return { method, hash, salt: request.bytes(PLAINTEXT_BYTES_MAX), iterations: request.u32() }
  }
  const data = request.bytes(PLAINTEXT_BYTES_MAX)
  if (method === 'HMAC') return { method, hash, data }
  return { method, hash, data, iv: request.bytes(PLAINTEXT_BYTES_MAX) }
}
