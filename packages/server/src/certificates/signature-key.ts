/** Public keys of certificate administrators: P-521, in the one form that has one identifier. */
import { createHash, createPublicKey, type KeyObject } from 'node:crypto'
import { isOfType } from '@keywitness/cadf'
import { badMember } from './request.ts'

export interface SignatureKey {
  /** SHA-256 of the SubjectPublicKeyInfo, lower-case hexadecimal. */
  readonly id: string
  /** SubjectPublicKeyInfo (RFC 5480), the point uncompressed. */
  readonly spki: Buffer
  readonly key: KeyObject
}

/**
 * Reads the member `publicKey` of a body. Of the forms that a key can be written in one is taken, so that it is known by one
 * identifier: no compressed or hybrid points, no curve that is spelled out.
 * @throws Refusal `INVALID_FIELD_ERR`
 */
export function readSignatureKey(base64: string): SignatureKey {
  const spki = Buffer.from(base64, 'base64')
  const isWritten = isOfType('p521-public-key', base64) && spki.toString('base64') === base64
  const key = isWritten ? keyOf(spki) : undefined
  if (key === undefined) {
    throw badMember('publicKey', 'The public key must be one of P-521: base64 of its SubjectPublicKeyInfo in DER.')
  }
  return { id: createHash('sha256').update(spki).digest('hex'), spki, key }
}

/** Undefined when the point is not on the curve. */
export function keyOf(spki: Uint8Array): KeyObject | undefined {
  try {
    return createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' })
  } catch {
    return undefined
  }
}
