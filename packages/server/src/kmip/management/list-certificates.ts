/** `kmip-management.list` of the client certificates of an adapter. */
import type { Operation } from '../../audit.ts'
import type { KeyCall } from '../../keys/parts.ts'
import { authorise, existingAdapter } from './admit.ts'
import type { Listed } from './list-adapters.ts'
import type { KmipParts } from './parts.ts'
import type { ListWish } from './query.ts'
import type { WholeCertificateRow } from './rows.ts'

export function listCertificates(
  call: KeyCall,
  idOrName: string,
  wish: () => ListWish,
  parts: KmipParts,
): Operation<'hs-crypto.kmip-management.list', Listed<WholeCertificateRow>> {
  return (seen) => {
    authorise(call, 'certificate', seen, parts)
    const { totalCount, ...page } = wish()
    const found = parts.kmip.certificates(existingAdapter(call, idOrName, seen, parts), page)
    seen.response.totalResources = found.rows.length
    return { result: { ...found, totalCount }, code: 200 }
  }
}
