/** `mtlscert-cert.delete`: clients issued by this certificate are cut off at once; without any, none needs a certificate. */
import type { Operation } from '../audit.ts'
import type { OwnInstanceRequest } from '../http/instance-route.ts'
import { authoriseCommand, signerOf } from './admit.ts'
import { subjectOf } from './authority.ts'
import { type Enforcement, enforcementFacts } from './enforcement.ts'
import type { CertificateParts } from './parts.ts'
import { existingCertificate } from './read-certificate.ts'
import { readCertificateId } from './request.ts'
import { spending } from './signed-command.ts'
import { keyInForce, removeCertificate } from './store.ts'

export function deleteCertificate(
  request: OwnInstanceRequest,
  parts: CertificateParts,
): Operation<'hs-crypto.mtlscert-cert.delete', Enforcement> {
  return (seen) => {
    const { instance } = request
    const command = authoriseCommand(request, seen.request, parts)
    seen.request.keyId = command.keyId
    const id = readCertificateId(request.params['certificate'] ?? '')
    seen.request.certificateId = id
    const key = signerOf(request, command, seen.request, parts)
    return spending(command, () => {
      const { generation, condition } = parts.accepted(instance.guid)
      const row = existingCertificate(request, id, parts)
      Object.assign(seen.request, { fingerprint: row.fingerprint, subject: subjectOf(row.certificate) })
      const after = { mtlsEnabled: parts.certificates.count(instance.guid) > 1, generation: generation + 1 }
      Object.assign(seen.response, { action: 'delete', ...enforcementFacts(true, after) })
      return {
        result: after,
        code: 200,
        changes: [removeCertificate(row)],
        conditions: [condition, keyInForce(key)],
        settled: () => parts.changed(instance.guid),
      }
    })
  }
}
