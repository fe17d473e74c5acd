/** `mtlscert-cert.list`: the caller's own certificates, to work with; or those of all administrators, to see who trusts whom. */
import type { Operation } from '../audit.ts'
import type { OwnInstanceRequest } from '../http/instance-route.ts'
import { badParameter } from '../http/schema.ts'
import { authorise, authoriseOverview } from './admit.ts'
import type { CertificateParts } from './parts.ts'
import type { AcceptedCertificateRow, HolderRow } from './rows.ts'
import type { Enforcement } from './enforcement.ts'

export interface ListedCertificates extends Enforcement {
  readonly rows: readonly AcceptedCertificateRow[]
  /** Whose they are; undefined: the caller's own. */
  readonly holders: readonly HolderRow[] | undefined
}

export function listCertificates(
  request: OwnInstanceRequest,
  parts: CertificateParts,
): Operation<'hs-crypto.mtlscert-cert.list', ListedCertificates> {
  return (seen) => {
    const { caller, instance, query } = request
    const { certificates } = parts
    const administrators = query.get('administrators')
    const isOfAll = administrators === 'all'
    if (isOfAll) {
      seen.request.administrators = 'all'
      authoriseOverview(request, parts)
    } else {
      authorise(request, parts)
      if (administrators !== null) throw badParameter('administrators')
    }
    const rows = isOfAll ? certificates.all(instance.guid) : certificates.certificates(instance.guid, caller.id)
    const holders = isOfAll ? certificates.holders(instance.guid) : undefined
    const { generation, anchors } = parts.accepted(instance.guid)
    Object.assign(seen.response, { action: 'list', totalResources: rows.length })
    return { result: { rows, holders, generation, mtlsEnabled: anchors.length > 0 }, code: 200 }
  }
}
