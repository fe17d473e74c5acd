/** `keystore.deletekey`: an object leaves its keystore, for ever. */
import type { Operation } from '../audit.ts'
import { admitted, existingObject, requireVersion, type VersionWish } from './admit.ts'
import { removeObject } from './changes.ts'
import { requireDestroyable } from './key-content.ts'
import type { KeystoreCall, KeystoreParts } from './parts.ts'

/** @param named UUIDs; undefined for what is none */
export function deleteKey(
  call: KeystoreCall,
  named: { readonly keystore: string | undefined; readonly key: string | undefined },
  wish: () => VersionWish,
  parts: KeystoreParts,
): Operation<'hs-crypto.keystore.deletekey', undefined> {
  return (seen) => {
    const keystore = admitted(call, 'keystore-keys.delete', named, seen, parts)
    if (named.key !== undefined) seen.request.keyId = named.key
    const wanted = wish()
    const object = existingObject(keystore, named.key, parts)
    requireVersion(wanted, object.version)
    requireDestroyable(object)
    return { result: undefined, code: 204, changes: [removeObject(object)], settled: parts.oweForgetting }
  }
}
