/** `mtlscert-recovery.withdraw`: whoever may lose a key by it, or rules over the account, stops it until it is performed. */
import type { Operation } from '../../audit.ts'
import type { OwnInstanceRequest } from '../../http/instance-route.ts'
import { requireOpen } from '../../iam/two-people.ts'
import { authoriseConcerned, existingRecovery } from './admit.ts'
import type { RecoveryParts } from './parts.ts'
import { ended, endRecovery, type Recovery } from './recoveries.ts'
import { approvalFacts, keyFacts, recoveryRequest } from './recovery-facts.ts'

export function withdraw(
  request: OwnInstanceRequest,
  parts: RecoveryParts,
): Operation<'hs-crypto.mtlscert-recovery.withdraw', Recovery> {
  return (seen) => {
    authoriseConcerned(request, parts)
    const recovery = existingRecovery(request, parts)
    seen.request = recoveryRequest(recovery)
    const now = parts.clock.now()
    if (recovery.state !== 'approved') requireOpen(recovery, now)
    seen.response = { ...approvalFacts(recovery), ...keyFacts(recovery) }
    const withdrawn = ended(recovery, 'withdrawn', request.caller.id, now)
    return { result: withdrawn, code: 200, changes: [endRecovery(recovery, withdrawn)] }
  }
}
