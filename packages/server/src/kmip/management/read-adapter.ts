/** `kmip-management.read` of an adapter. */
import type { Operation } from '../../audit.ts'
import type { KeyCall } from '../../keys/parts.ts'
import { authorise, existingAdapter } from './admit.ts'
import type { KmipParts } from './parts.ts'
import type { AdapterRow } from './rows.ts'

export function readAdapter(
  call: KeyCall,
  idOrName: string,
  parts: KmipParts,
): Operation<'hs-crypto.kmip-management.read', AdapterRow> {
  return (seen) => {
    authorise(call, 'adapter', seen, parts)
    return { result: existingAdapter(call, idOrName, seen, parts), code: 200 }
  }
}
