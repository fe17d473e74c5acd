/** `secrets.unwrap`: opens a ciphertext with the key version that made it, and renews it when that is not the newest. */
import type { Operation } from '../audit.ts'
import { type Wrapping, formatCiphertext } from './ciphertext.ts'
import type { KeyCall, KeyParts } from './parts.ts'
import { fromUnit, unprocessable } from './refusals.ts'
import { admitUse, blobOf, blobOfVersion } from './use.ts'

export interface UnwrapWish {
  /** Undefined: what was given is no ciphertext of this service. */
  readonly wrapping: Wrapping | undefined
  readonly aad: Uint8Array
}

export interface Unwrapped {
  readonly plaintext: Uint8Array
  /** The version that opened it. */
  readonly version: string
  /** The same data under the newest version, when an older one opened it. */
  readonly renewed?: { readonly ciphertext: string; readonly version: string }
}

export function unwrapKey(
  call: KeyCall,
  id: string,
  wish: () => UnwrapWish,
  parts: KeyParts,
): Operation<'hs-crypto.secrets.unwrap', Unwrapped> {
  return async (seen) => {
    const { key, wanted, conditions } = admitUse('unwrap', call, id, wish, seen, parts)
    const { wrapping, aad } = wanted
    if (wrapping === undefined) throw unprocessable()
    const version = wrapping.handle
    const from = blobOfVersion(call, key, version, parts)
    if (version === key.newest) {
      const plaintext = await fromUnit(parts.unit.unwrap(from, wrapping, aad))
      seen.response.keyVersionId = version
      return { result: { plaintext, version }, code: 200, conditions }
    }
    const to = blobOf(call, key)
    const [plaintext, sealed] = await fromUnit(
      Promise.all([parts.unit.unwrap(from, wrapping, aad), parts.unit.rewrap(from, to, wrapping, aad)]),
    )
    seen.response.keyVersionId = version
    const ciphertext = formatCiphertext({ iv: sealed.iv, ciphertext: sealed.ciphertext, handle: key.newest })
    return { result: { plaintext, version, renewed: { ciphertext, version: key.newest } }, code: 200, conditions }
  }
}
