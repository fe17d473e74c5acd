/** `secrets.wrap`: encrypts a data key under the newest version of a root key. */
import type { Operation } from '../audit.ts'
import { admitUse, blobOf } from './use.ts'
import { formatCiphertext } from './ciphertext.ts'
import type { KeyCall, KeyParts } from './parts.ts'
import { fromUnit } from './refusals.ts'

export interface WrapWish {
  /** Undefined: the crypto unit makes a data key of 32 bytes, returned this once. */
  readonly plaintext: Uint8Array | undefined
  /** Additional authenticated data, as bytes. */
  readonly aad: Uint8Array
}

export interface Wrapped {
  readonly ciphertext: string
  readonly version: string
  /** Only a data key made by the unit. */
  readonly plaintext?: Uint8Array
}

export function wrapKey(
  call: KeyCall,
  id: string,
  wish: () => WrapWish,
  parts: KeyParts,
): Operation<'hs-crypto.secrets.wrap', Wrapped> {
  return async (seen) => {
    const { key, wanted, conditions } = admitUse('wrap', call, id, wish, seen, parts)
    const sealed = await fromUnit(parts.unit.wrap(blobOf(call, key), wanted.plaintext, wanted.aad))
    seen.response.keyVersionId = key.newest
    const ciphertext = formatCiphertext({ iv: sealed.iv, ciphertext: sealed.ciphertext, handle: key.newest })
    const result = { ciphertext, version: key.newest }
    const answer = sealed.plaintext === undefined ? result : { ...result, plaintext: sealed.plaintext }
    return { result: answer, code: 200, conditions }
  }
}
