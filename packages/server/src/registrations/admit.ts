/** What every change of a registration does first: the key, the service, the resource. */
import type { Caller } from '../caller.ts'
import { Refusal } from '../errors.ts'
import { malformed } from '../malformed.ts'
import { authorise, existing, keyIdOf, type SeenKey } from '../keys/admit.ts'
import type { KeyRow } from '../keys/key-row.ts'
import type { KeyCall, KeyParts } from '../keys/parts.ts'
import { badField } from '../keys/refusals.ts'
import { stateAt } from '../keys/states.ts'
import { wholeCrn } from './crn.ts'
import type { Registration, RegistrationStore } from './registration-row.ts'

export interface RegistrationParts extends Pick<KeyParts, 'keys' | 'access' | 'clock'> {
  readonly registrations: RegistrationStore
}

/** The part of an event's facts that all changes of registrations fill. */
export interface SeenRegistration extends SeenKey {
  request: SeenKey['request'] & { resourceCRN?: string | undefined; preventKeyDeletion?: boolean | undefined }
}

export interface RegistrationCall extends KeyCall {
  /** Id or alias of the key, as the path has it. */
  readonly key: string
  /** CRN of the resource, as the path has it. */
  readonly resource: string
}

/** Before the body is looked at: who may, that it is a service, and which resource is meant. */
export function admitService(
  call: RegistrationCall,
  seen: SeenRegistration,
  parts: RegistrationParts,
): { found: KeyRow | undefined; crn: string } {
  const found = parts.keys.find(call.instance.guid, keyIdOf(call.key))
  authorise(call, call.key, found, 'registrations.change', seen, parts)
  requireService(call.caller)
  const crn = wholeCrn(call.resource)
  if (crn === undefined) throw malformed(badField('resourceCrn', 'The path must end in the CRN of a resource.'))
  seen.request.resourceCRN = crn
  return { found, crn }
}

/** @throws Refusal `SERVICE_ONLY_ERR` */
export function requireService(caller: Caller): void {
  if (caller.kind !== 'serviceId') throw new Refusal('SERVICE_ONLY_ERR')
}

/** @throws Refusal `KEY_NOT_FOUND_ERR`, `KEY_ROOT_REQ_REG_ERR`, `KEY_INVALID_STATE_ERR` */
export function registrableKey(call: RegistrationCall, found: KeyRow | undefined, now: number): KeyRow {
  const key = existing(call, found)
  if (key.extractable === 1) throw new Refusal('KEY_ROOT_REQ_REG_ERR')
  if (stateAt(key, now) !== 1) throw new Refusal('KEY_INVALID_STATE_ERR')
  return key
}

/**
 * A registration the caller may change: its own, or one whose service is gone, which would otherwise hold the key for
 * ever.
 * @throws Refusal `NOT_FOUND` when the resource is not registered, `RESOURCE_OWNER_ERR` when by another service
 */
export function ownRegistration(
  call: Pick<KeyCall, 'caller'>,
  key: KeyRow,
  crn: string,
  parts: RegistrationParts,
): Registration {
  const row = parts.registrations.find(key.instance, key.id, crn)
  if (row === undefined) {
    throw new Refusal('NOT_FOUND', { message: 'The resource is not registered with this key.' })
  }
  if (row.owner !== call.caller.id && parts.registrations.isOwned(row)) throw new Refusal('RESOURCE_OWNER_ERR')
  return row
}
