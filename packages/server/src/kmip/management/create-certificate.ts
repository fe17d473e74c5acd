/** `kmip-management.create` of a client certificate: from now on its owner may use the adapter. */
import { uuidv7 } from '@keywitness/cadf'
import type { Operation } from '../../audit.ts'
import { Refusal } from '../../errors.ts'
import type { KeyCall } from '../../keys/parts.ts'
import { quotaReached } from '../../keys/refusals.ts'
import { authorise, certificateTarget, existingAdapter } from './admit.ts'
import type { CertificateWish } from './body.ts'
import { parseCertificate } from './certificate.ts'
import { addCertificate } from './changes.ts'
import { kmipLimits } from './limits.ts'
import { madeName } from './names.ts'
import type { KmipParts } from './parts.ts'
import type { WholeCertificateRow } from './rows.ts'

export function createCertificate(
  call: KeyCall,
  idOrName: string,
  wish: () => CertificateWish,
  parts: KmipParts,
): Operation<'hs-crypto.kmip-management.create', WholeCertificateRow> {
  return (seen) => {
    authorise(call, 'certificate', seen, parts)
    const wanted = wish()
    const now = parts.clock.now()
    const { der, fingerprint } = parseCertificate(wanted.pem, now)
    const adapter = existingAdapter(call, idOrName, seen, parts)
    const name = wanted.name ?? madeName('kmip_cert', parts.random)
    if (parts.kmip.certificate(adapter, name) !== undefined) {
      throw new Refusal('ALREADY_EXISTS', { message: 'The adapter has a certificate of this name already.' })
    }
    if (parts.kmip.hasFingerprint(call.instance.location, fingerprint)) {
      throw new Refusal('ALREADY_EXISTS', { message: 'The certificate belongs to a KMIP adapter already.' })
    }
    if (parts.kmip.certificates(adapter, { limit: 1, offset: 0 }).total >= kmipLimits.certificatesPerAdapter) {
      throw quotaReached('The adapter has as many certificates as it may.')
    }
    const certificate: WholeCertificateRow = {
      instance: adapter.instance,
      adapter: adapter.id,
      id: uuidv7(now, parts.random(10)),
      name,
      fingerprint,
      certificate: der,
      createdAt: now,
      createdBy: call.caller.id,
    }
    seen.target = certificateTarget(call, certificate)
    seen.response.id = certificate.id
    return { result: certificate, code: 201, changes: [addCertificate(certificate, call.instance.location)] }
  }
}
