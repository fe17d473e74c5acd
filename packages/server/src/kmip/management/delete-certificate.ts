/** `kmip-management.delete` of a client certificate: its owner is cut off at once. */
import type { Operation } from '../../audit.ts'
import type { KeyCall } from '../../keys/parts.ts'
import { authorise, existingAdapter, existingCertificate } from './admit.ts'
import { removeCertificate } from './changes.ts'
import type { KmipParts } from './parts.ts'

export function deleteCertificate(
  call: KeyCall,
  adapter: string,
  idOrName: string,
  parts: KmipParts,
): Operation<'hs-crypto.kmip-management.delete', undefined> {
  return (seen) => {
    authorise(call, 'certificate', seen, parts)
    const found = existingAdapter(call, adapter, seen, parts)
    const certificate = existingCertificate(call, found, idOrName, seen, parts)
    const settled = () => parts.dropClient(certificate.fingerprint)
    return { result: undefined, code: 204, changes: [removeCertificate(certificate)], settled }
  }
}
