/** `keystore.deletekeystore`: a keystore goes with all that is in it, for ever; its id may be used again. */
import type { Operation } from '../audit.ts'
import { admitted, requireVersion, type VersionWish } from './admit.ts'
import { removeKeystore } from './changes.ts'
import type { KeystoreCall, KeystoreParts } from './parts.ts'

/** @param id UUID; undefined for what is none */
export function deleteKeystore(
  call: KeystoreCall,
  id: string | undefined,
  wish: () => VersionWish,
  parts: KeystoreParts,
): Operation<'hs-crypto.keystore.deletekeystore', undefined> {
  return (seen) => {
    const keystore = admitted(call, 'keystores.delete', { keystore: id }, seen, parts)
    requireVersion(wish(), keystore.version)
    seen.response.deletedKeys = keystore.objects
    return { result: undefined, code: 204, changes: [removeKeystore(keystore)], settled: parts.oweForgetting }
  }
}
