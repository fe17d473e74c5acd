/** `mtlscert-recovery.create`: one administrator of the account proposes what another is to approve. */
import { uuidv7 } from '@keywitness/cadf'
import { Type } from 'typebox'
import type { Operation } from '../../audit.ts'
import { Refusal } from '../../errors.ts'
import type { OwnInstanceRequest } from '../../http/instance-route.ts'
import { bodyReader, timestamp } from '../../http/schema.ts'
import { proposalLifetimeMs, requirePerson } from '../../iam/two-people.ts'
import { authoriseOwner } from './admit.ts'
import type { RecoveryParts } from './parts.ts'
import { insertRecovery, type Recovery } from './recoveries.ts'
import { keyFacts } from './recovery-facts.ts'
import { removalOf } from './removal.ts'

export const NewRecovery = Type.Object(
  {
    administrator: Type.String({ pattern: '^[A-Za-z0-9._:@/+-]{1,128}$', description: 'IAM id.' }),
    removes: Type.Union([Type.Literal('admin-key'), Type.Literal('admin-key-and-certificates')], {
      description: 'The signature key alone: certificates stay in force; or the certificates with it.',
    }),
  },
  { additionalProperties: false },
)

const readNewRecovery = bodyReader(NewRecovery)

export function proposeRecovery(
  request: OwnInstanceRequest,
  parts: RecoveryParts,
): Operation<'hs-crypto.mtlscert-recovery.create', Recovery> {
  return (seen) => {
    const { caller, instance } = request
    authoriseOwner(request, parts)
    requirePerson(caller)
    const { administrator, removes } = readNewRecovery(request.body())
    Object.assign(seen.request, { administrator, removes })
    const keyId = parts.certificates.key(instance.guid, administrator)?.keyId ?? null
    const removal = removalOf({ instance: instance.guid, administrator, removes, keyId }, parts)
    if (!removal.isOfNow) throw new Refusal('CERT_NOTHING_TO_RECOVER')
    if (parts.recoveries.pending(instance.guid, administrator) !== undefined) throw new Refusal('ALREADY_EXISTS')
    const now = parts.clock.now()
    const proposed: Recovery = {
      id: uuidv7(now, parts.random(10)),
      instance: instance.guid,
      administrator,
      removes,
      keyId,
      proposedBy: caller.id,
      proposedByName: caller.name,
      proposedAt: now,
      expiresAt: now + proposalLifetimeMs,
      approvedBy: null,
      approvedByName: null,
      approvedAt: null,
      dueAt: null,
      state: 'open',
      endedBy: null,
      endedAt: null,
    }
    seen.response = {
      recoveryId: proposed.id,
      ...keyFacts(proposed),
      certificates: removal.certificates.length,
      expirationDate: timestamp(proposed.expiresAt),
    }
    return { result: proposed, code: 200, changes: [insertRecovery(proposed)], conditions: removal.conditions }
  }
}
