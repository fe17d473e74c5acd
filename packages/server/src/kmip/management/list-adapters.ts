/** `kmip-management.list` of the adapters of an instance, all or those of one root key. */
import type { Operation } from '../../audit.ts'
import type { KeyCall } from '../../keys/parts.ts'
import { authorise } from './admit.ts'
import type { KmipParts } from './parts.ts'
import type { AdapterListWish } from './query.ts'
import type { AdapterRow } from './rows.ts'
import type { Paged } from './store.ts'

export interface Listed<Row> extends Paged<Row> {
  /** Whether the answer says how many there are in all. */
  readonly totalCount: boolean
}

export function listAdapters(
  call: KeyCall,
  wish: () => AdapterListWish,
  parts: KmipParts,
): Operation<'hs-crypto.kmip-management.list', Listed<AdapterRow>> {
  return (seen) => {
    authorise(call, 'adapter', seen, parts)
    const { crk, totalCount, ...page } = wish()
    const instance = call.instance.guid
    // A key that is unknown by now may still be the one an adapter was made with.
    const id = crk === undefined ? undefined : (parts.findKey(instance, crk)?.id ?? crk)
    const found = parts.kmip.adapters(instance, id, page)
    seen.response.totalResources = found.rows.length
    return { result: { ...found, totalCount }, code: 200 }
  }
}
