/** `kmip-management.read` of a client certificate. */
import type { Operation } from '../../audit.ts'
import type { KeyCall } from '../../keys/parts.ts'
import { authorise, existingAdapter, existingCertificate } from './admit.ts'
import type { KmipParts } from './parts.ts'
import type { WholeCertificateRow } from './rows.ts'

export function readCertificate(
  call: KeyCall,
  adapter: string,
  idOrName: string,
  parts: KmipParts,
): Operation<'hs-crypto.kmip-management.read', WholeCertificateRow> {
  return (seen) => {
    authorise(call, 'certificate', seen, parts)
    const found = existingAdapter(call, adapter, seen, parts)
    return { result: existingCertificate(call, found, idOrName, seen, parts), code: 200 }
  }
}
