/** What the events of a recovery say of it: whose key it is about, who wanted it, and when it is performed. */
import { timestamp } from '../../http/schema.ts'
import type { Recovery } from './recoveries.ts'

/** For the request: which recovery it is, and what it removes. */
export function recoveryRequest({ id, administrator, removes }: Recovery) {
  return { recoveryId: id, administrator, removes }
}

/** For the response: the key it is about. */
export function keyFacts({ keyId }: Pick<Recovery, 'keyId'>) {
  return keyId === null ? {} : { keyId }
}

/** For the response, of one that may have been approved. */
export function approvalFacts({ proposedBy, approvedBy, dueAt }: Recovery) {
  return {
    proposedBy,
    ...(approvedBy === null ? {} : { approvedBy }),
    ...(dueAt === null ? {} : { dueDate: timestamp(dueAt) }),
  }
}
