/** `kmip-management.read` of an object: what is known about it, never its material. */
import type { Operation } from '../../audit.ts'
import type { KeyCall } from '../../keys/parts.ts'
import type { KmipObject } from '../objects/kmip-object.ts'
import { authorise, existingAdapter, existingObject } from './admit.ts'
import type { KmipParts } from './parts.ts'

export function readObject(
  call: KeyCall,
  adapter: string,
  id: string,
  parts: KmipParts,
): Operation<'hs-crypto.kmip-management.read', KmipObject> {
  return (seen) => {
    authorise(call, 'object', seen, parts)
    return { result: existingObject(call, existingAdapter(call, adapter, seen, parts), id, seen, parts), code: 200 }
  }
}
