/** Who may take part in a recovery, and which one a request names. */
import { Refusal } from '../../errors.ts'
import type { OwnInstanceRequest } from '../../http/instance-route.ts'
import type { RecoveryParts } from './parts.ts'
import type { Recovery } from './recoveries.ts'

/**
 * For proposing and approving: whoever rules over the account, and nobody by a role on the instance.
 * @throws Refusal `UNAUTHORIZED_ERR`
 */
export function authoriseOwner({ caller }: OwnInstanceRequest, { access }: Pick<RecoveryParts, 'access'>): void {
  access.requireAccount(caller, 'certificates.recover')
}

/**
 * For seeing and withdrawing: also who administers certificates of the instance, for the key may be theirs.
 * @throws Refusal `UNAUTHORIZED_ERR`
 */
export function authoriseConcerned(
  { caller, instance }: OwnInstanceRequest,
  { access }: Pick<RecoveryParts, 'access'>,
): void {
  if (access.mayOnAccount(caller, 'certificates.recover')) return
  access.requireInstance(caller, instance, 'certificates.administer')
}

/** @throws Refusal `NOT_FOUND` */
export function existingRecovery(
  { instance, params }: OwnInstanceRequest,
  { recoveries }: Pick<RecoveryParts, 'recoveries'>,
): Recovery {
  const recovery = recoveries.find(instance.guid, params['recovery'] ?? '')
  if (recovery === undefined) throw new Refusal('NOT_FOUND', { message: 'The instance has no such recovery.' })
  return recovery
}
