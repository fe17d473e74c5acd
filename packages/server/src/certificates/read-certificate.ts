/** `mtlscert-cert.read`: one of the caller's own certificates. */
import type { Operation } from '../audit.ts'
import { Refusal } from '../errors.ts'
import type { OwnInstanceRequest } from '../http/instance-route.ts'
import { authorise } from './admit.ts'
import type { CertificateParts } from './parts.ts'
import { readCertificateId } from './request.ts'
import type { AcceptedCertificateRow } from './rows.ts'

export function readCertificate(
  request: OwnInstanceRequest,
  parts: CertificateParts,
): Operation<'hs-crypto.mtlscert-cert.read', AcceptedCertificateRow> {
  return (seen) => {
    authorise(request, parts)
    const id = readCertificateId(request.params['certificate'] ?? '')
    seen.request.certificateId = id
    const row = existingCertificate(request, id, parts)
    Object.assign(seen.response, { action: 'get', fingerprint: row.fingerprint })
    return { result: row, code: 200 }
  }
}

/** @throws Refusal `NOT_FOUND` */
export function existingCertificate(
  { caller, instance }: OwnInstanceRequest,
  id: string,
  { certificates }: CertificateParts,
): AcceptedCertificateRow {
  const row = certificates.certificate(instance.guid, caller.id, id)
  if (row === undefined) throw new Refusal('NOT_FOUND', { message: 'The caller has set no such certificate.' })
  return row
}
