/** `mtlscert-recovery.approve`: another administrator of the account agrees, and the waiting time begins. */
import type { Operation } from '../../audit.ts'
import { Refusal } from '../../errors.ts'
import type { OwnInstanceRequest } from '../../http/instance-route.ts'
import { timestamp } from '../../http/schema.ts'
import { requireSecondPerson } from '../../iam/two-people.ts'
import { authoriseOwner, existingRecovery } from './admit.ts'
import type { RecoveryParts } from './parts.ts'
import { approveRecovery, type Recovery } from './recoveries.ts'
import { keyFacts, recoveryRequest } from './recovery-facts.ts'
import { removalOf } from './removal.ts'

export function approve(
  request: OwnInstanceRequest,
  parts: RecoveryParts,
): Operation<'hs-crypto.mtlscert-recovery.approve', Recovery> {
  return (seen) => {
    const { caller } = request
    authoriseOwner(request, parts)
    const recovery = existingRecovery(request, parts)
    seen.request = recoveryRequest(recovery)
    const now = parts.clock.now()
    const mayStillPropose = requireSecondPerson(caller, recovery, now, {
      standing: parts.standing,
      permit: (proposer) => parts.access.requireAccount(proposer, 'certificates.recover'),
    })
    const removal = removalOf(recovery, parts)
    if (!removal.isOfNow) throw new Refusal('PROPOSAL_OUTDATED')
    const dueAt = now + parts.waitMs
    const approved: Recovery = {
      ...recovery,
      state: 'approved',
      approvedBy: caller.id,
      approvedByName: caller.name,
      approvedAt: now,
      dueAt,
    }
    seen.response = {
      proposedBy: recovery.proposedBy,
      ...keyFacts(recovery),
      certificates: removal.certificates.length,
      dueDate: timestamp(dueAt),
    }
    return {
      result: approved,
      code: 200,
      changes: [approveRecovery(approved)],
      conditions: [mayStillPropose, ...removal.conditions],
    }
  }
}
