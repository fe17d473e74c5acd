/** `registrations.create`: a service says that a key protects one of its resources. */
import type { Operation } from '../audit.ts'
import { Refusal } from '../errors.ts'
import { quotaReached } from '../keys/refusals.ts'
import { admitService, registrableKey, type RegistrationCall, type RegistrationParts } from './admit.ts'
import { registrationLimits } from './limits.ts'
import { insertRegistration, type Registration, touchKey } from './registration-row.ts'

/** What a registration says of its resource. */
export interface RegistrationWish {
  readonly description: string | undefined
  readonly metadata: string | undefined
  readonly preventsDeletion: boolean | undefined
}

export interface Registered {
  readonly row: Registration
  readonly keyName: string
}

export function createRegistration(
  call: RegistrationCall,
  wish: () => RegistrationWish,
  parts: RegistrationParts,
): Operation<'hs-crypto.registrations.create', Registered> {
  return (seen) => {
    const { found, crn } = admitService(call, seen, parts)
    const { description, metadata, preventsDeletion = false } = wish()
    seen.request.preventKeyDeletion = preventsDeletion
    const now = parts.clock.now()
    const key = registrableKey(call, found, now)
    if (parts.registrations.find(key.instance, key.id, crn) !== undefined) {
      throw new Refusal('ALREADY_EXISTS', { message: 'The resource is registered with this key already.' })
    }
    if (parts.registrations.count(key.instance, key.id) >= registrationLimits.perKey) {
      throw quotaReached('As many resources are registered with the key as may be.')
    }
    const row: Registration = {
      instance: key.instance,
      key: key.id,
      crn,
      revision: 1,
      owner: call.caller.id,
      description: description ?? null,
      metadata: metadata ?? null,
      preventsDeletion: preventsDeletion ? 1 : 0,
      version: key.newest,
      versionAt: key.newestAt,
      createdAt: now,
      updatedAt: null,
      updatedBy: null,
    }
    return { result: { row, keyName: key.name }, code: 201, changes: [touchKey(key), insertRegistration(row)] }
  }
}
