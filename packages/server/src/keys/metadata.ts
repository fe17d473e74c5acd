/** `secrets-metadata.read`: a key without its payload. */
import type { Operation } from '../audit.ts'
import { authorise, existing, keyIdOf } from './admit.ts'
import { describe } from './describe.ts'
import type { KeyRow } from './key-row.ts'
import type { KeyCall, KeyParts } from './parts.ts'

export function readMetadata(
  call: KeyCall,
  id: string,
  parts: KeyParts,
): Operation<'hs-crypto.secrets-metadata.read', KeyRow> {
  return (seen) => {
    const found = parts.keys.find(call.instance.guid, keyIdOf(id))
    authorise(call, id, found, 'keys.metadata', seen, parts)
    const key = existing(call, found)
    describe(key, seen.response, parts.clock.now())
    return { result: key, code: 200 }
  }
}
