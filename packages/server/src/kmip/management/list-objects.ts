/** `kmip-management.list` of the objects that clients of an adapter made. */
import type { Operation } from '../../audit.ts'
import type { KeyCall } from '../../keys/parts.ts'
import type { ObjectHead } from '../objects/object-row.ts'
import { authorise, existingAdapter } from './admit.ts'
import type { Listed } from './list-adapters.ts'
import type { KmipParts } from './parts.ts'
import type { ObjectListWish } from './query.ts'

export function listObjects(
  call: KeyCall,
  idOrName: string,
  wish: () => ObjectListWish,
  parts: KmipParts,
): Operation<'hs-crypto.kmip-management.list', Listed<ObjectHead>> {
  return (seen) => {
    authorise(call, 'object', seen, parts)
    const { totalCount, states, ...page } = wish()
    const found = parts.kmip.objects(existingAdapter(call, idOrName, seen, parts), states, page)
    seen.response.totalResources = found.rows.length
    return { result: { ...found, totalCount }, code: 200 }
  }
}
