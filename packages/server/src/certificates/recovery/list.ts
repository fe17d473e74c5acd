/** `mtlscert-recovery.list`: recoveries of an instance, and who has a key or certificates there. */
import type { Operation } from '../../audit.ts'
import type { OwnInstanceRequest } from '../../http/instance-route.ts'
import { pageOf } from '../../http/schema.ts'
import type { HolderRow } from '../rows.ts'
import type { Enforcement } from '../enforcement.ts'
import { authoriseConcerned } from './admit.ts'
import type { RecoveryParts } from './parts.ts'
import type { Recovery } from './recoveries.ts'

export interface ListedRecoveries extends Enforcement {
  readonly recoveries: readonly Recovery[]
  readonly holders: readonly HolderRow[]
}

export function listRecoveries(
  request: OwnInstanceRequest,
  parts: RecoveryParts,
): Operation<'hs-crypto.mtlscert-recovery.list', ListedRecoveries> {
  return (seen) => {
    authoriseConcerned(request, parts)
    const { guid } = request.instance
    const recoveries = parts.recoveries.list(guid, pageOf(request.query).limit)
    seen.response.totalResources = recoveries.length
    const { generation, anchors } = parts.accepted(guid)
    const holders = parts.certificates.holders(guid)
    return { result: { recoveries, holders, generation, mtlsEnabled: anchors.length > 0 }, code: 200 }
  }
}
