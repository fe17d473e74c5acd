/** What a sealed asymmetric key is asked to do, as both sides of the pipe read and write it. */
import { keyEncodings, type KeyEncoding } from './asymmetric-key.ts'
import type { MechanismUse } from './ep11/calls.ts'
import { putMechanism, readMechanism } from './ep11/parameter-codec.ts'
import { ProtocolError, type Fields, type FrameBatch } from './frames.ts'
import { PLAINTEXT_BYTES_MAX, SIGNATURE_BYTES_MAX } from './protocol.ts'

interface KeyAndMechanism {
  /** How the key lies in its material. */
  readonly encoding: KeyEncoding
  /** A mechanism of EP11 for RSA or EC keys. */
  readonly mechanism: MechanismUse
  readonly data: Uint8Array
}

export interface SignUse extends KeyAndMechanism {
  readonly what: 'sign'
}

export interface SignatureVerifyUse extends KeyAndMechanism {
  readonly what: 'signature-verify'
  /** Of any length: one of another length than the mechanism's is not right. */
  readonly signature: Uint8Array
}

export interface PublicEncryptUse extends KeyAndMechanism {
  readonly what: 'public-encrypt'
}

export interface PrivateDecryptUse extends KeyAndMechanism {
  readonly what: 'private-decrypt'
}

export type AsymmetricUse = SignUse | SignatureVerifyUse | PublicEncryptUse | PrivateDecryptUse

export const asymmetricUses = ['sign', 'signature-verify', 'public-encrypt', 'private-decrypt'] as const

export function isAsymmetricUse<Use extends { readonly what: string }>(
  use: Use,
): use is Use & { readonly what: AsymmetricUse['what'] } {
  return (asymmetricUses as readonly string[]).includes(use.what)
}

/** All but what is asked. @throws Ep11Error `CKR_MECHANISM_PARAM_INVALID` for a parameter that is too long */
export function putAsymmetricUse(request: FrameBatch, use: AsymmetricUse): void {
  request.u8(keyEncodings.indexOf(use.encoding))
  putMechanism(request, use.mechanism)
  if (use.what === 'signature-verify') request.bytes(use.signature)
  request.bytes(use.data)
}

/** @throws ProtocolError `MALFORMED` */
export function readAsymmetricUse(what: AsymmetricUse['what'], request: Fields): AsymmetricUse {
  const encoding = keyEncodings[request.u8()]
  if (encoding === undefined) throw new ProtocolError('MALFORMED', 'An encoding of keys is not known.')
  const mechanism = readMechanism(request)
  if (what === 'signature-verify') {
    const signature = request.bytes(SIGNATURE_BYTES_MAX)
    return { what, encoding, mechanism, signature, data: request.bytes(PLAINTEXT_BYTES_MAX) }
  }
  return { what, encoding, mechanism, data: request.bytes(PLAINTEXT_BYTES_MAX) }
}
