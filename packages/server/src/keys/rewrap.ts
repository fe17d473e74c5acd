/** `secrets.rewrap`: moves a ciphertext to the newest version of its key; the plaintext stays in the unit. */
import type { Operation } from '../audit.ts'
import { formatCiphertext } from './ciphertext.ts'
import type { KeyCall, KeyParts } from './parts.ts'
import { fromUnit, unprocessable } from './refusals.ts'
import type { UnwrapWish } from './unwrap.ts'
import { admitUse, blobOf, blobOfVersion } from './use.ts'

export interface Rewrapped {
  readonly ciphertext: string
  /** The version that had made the ciphertext given. */
  readonly version: string
  /** The version of the ciphertext returned. */
  readonly rewrappedVersion: string
}

export function rewrapKey(
  call: KeyCall,
  id: string,
  wish: () => UnwrapWish,
  parts: KeyParts,
): Operation<'hs-crypto.secrets.rewrap', Rewrapped> {
  return async (seen) => {
    const { key, wanted, conditions } = admitUse('rewrap', call, id, wish, seen, parts)
    const { wrapping, aad } = wanted
    if (wrapping === undefined) throw unprocessable()
    const version = wrapping.handle
    const from = blobOfVersion(call, key, version, parts)
    const sealed = await fromUnit(parts.unit.rewrap(from, blobOf(call, key), wrapping, aad))
    seen.response.keyVersionId = version
    seen.response.rewrappedKeyVersionId = key.newest
    const ciphertext = formatCiphertext({ iv: sealed.iv, ciphertext: sealed.ciphertext, handle: key.newest })
    return { result: { ciphertext, version, rewrappedVersion: key.newest }, code: 200, conditions }
  }
}
