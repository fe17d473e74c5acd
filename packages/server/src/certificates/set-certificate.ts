/** `mtlscert-cert.set`: from now on clients may be issued by this certificate; with the first one, they must have one. */
import type { Operation } from '../audit.ts'
import { Refusal } from '../errors.ts'
import type { OwnInstanceRequest } from '../http/instance-route.ts'
import { authoriseCommand, signerOf } from './admit.ts'
import { readAuthority, subjectOf } from './authority.ts'
import { nextTold } from './ending.ts'
import { type Enforcement, enforcementFacts } from './enforcement.ts'
import { certificateLimits } from './limits.ts'
import type { CertificateParts } from './parts.ts'
import { readCertificateId, readNewCertificate } from './request.ts'
import type { AcceptedCertificateRow } from './rows.ts'
import { spending } from './signed-command.ts'
import { keyInForce, putCertificate } from './store.ts'

export interface SetCertificate extends Enforcement {
  readonly row: AcceptedCertificateRow
  /** False: another one stood under this id. */
  readonly created: boolean
  readonly warnings: readonly string[]
}

export function setCertificate(
  request: OwnInstanceRequest,
  parts: CertificateParts,
): Operation<'hs-crypto.mtlscert-cert.set', SetCertificate> {
  return (seen) => {
    const { caller, instance } = request
    const command = authoriseCommand(request, seen.request, parts)
    seen.request.keyId = command.keyId
    const id = readCertificateId(request.params['certificate'] ?? '')
    seen.request.certificateId = id
    const now = parts.clock.now()
    const { der, fingerprint, notBefore, notAfter } = readAuthority(readNewCertificate(request.body()).certificate, now)
    Object.assign(seen.request, { fingerprint, subject: subjectOf(der), notAfter: new Date(notAfter).toISOString() })
    const key = signerOf(request, command, seen.request, parts)
    return spending(command, () => {
      const { certificates } = parts
      const { generation, anchors, condition } = parts.accepted(instance.guid)
      const replaced = certificates.certificate(instance.guid, caller.id, id)
      if (replaced === undefined) requireRoom(request, parts)
      const row = {
        instance: instance.guid,
        administrator: caller.id,
        id,
        fingerprint,
        certificate: der,
        notAfter,
        dueAt: nextTold(notAfter, now) ?? null,
        createdAt: replaced?.createdAt ?? now,
        updatedAt: now,
      }
      const after = { mtlsEnabled: true, generation: generation + 1 }
      Object.assign(seen.response, {
        action: replaced === undefined ? 'create' : 'update',
        ...enforcementFacts(anchors.length > 0, after),
      })
      return {
        result: { ...after, row, created: replaced === undefined, warnings: warningsOf(notBefore, notAfter, now) },
        code: 200,
        changes: [putCertificate(row)],
        conditions: [condition, keyInForce(key)],
        settled: () => parts.changed(instance.guid),
      }
    })
  }
}

/** @throws Refusal `QUOTA_EXCEEDED` */
function requireRoom({ caller, instance }: OwnInstanceRequest, { certificates }: CertificateParts): void {
  if (certificates.certificates(instance.guid, caller.id).length >= certificateLimits.certificatesOfAdministrator) {
    throw new Refusal('QUOTA_EXCEEDED', { message: 'The administrator has as many certificates as they may.' })
  }
  if (certificates.count(instance.guid) >= certificateLimits.certificates) {
    throw new Refusal('QUOTA_EXCEEDED', { message: 'The instance has as many certificates as it may.' })
  }
}

function warningsOf(notBefore: number, notAfter: number, now: number): string[] {
  const warnings = []
  if (notBefore > now) {
    warnings.push(
      `The certificate is not valid before ${new Date(notBefore).toISOString()}: until then no client gets in by it.`,
    )
  }
  if (notAfter - now <= 30 * 24 * 3_600_000) {
    warnings.push(`The certificate ends ${new Date(notAfter).toISOString()}: from then on no client gets in by it.`)
  }
  return warnings
}
