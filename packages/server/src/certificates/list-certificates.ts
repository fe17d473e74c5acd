/** `mtlscert-cert.list`: the caller's own certificates; those of other administrators are theirs to see. */
import type { Operation } from '../audit.ts'
import type { OwnInstanceRequest } from '../http/instance-route.ts'
import { authorise } from './admit.ts'
import type { CertificateParts } from './parts.ts'
import type { AcceptedCertificateRow } from './rows.ts'
import type { Enforcement } from './set-certificate.ts'

export interface ListedCertificates extends Enforcement {
  readonly rows: readonly AcceptedCertificateRow[]
}

export function listCertificates(
  request: OwnInstanceRequest,
  parts: CertificateParts,
): Operation<'hs-crypto.mtlscert-cert.list', ListedCertificates> {
  return (seen) => {
    authorise(request, parts)
    const rows = parts.certificates.certificates(request.instance.guid, request.caller.id)
    const { generation, anchors } = parts.accepted(request.instance.guid)
    Object.assign(seen.response, { action: 'list', totalResources: rows.length })
    return { result: { rows, generation, mtlsEnabled: anchors.length > 0 }, code: 200 }
  }
}
