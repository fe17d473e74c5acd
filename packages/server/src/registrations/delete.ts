/** `registrations.delete`: a service takes back that a key protects one of its resources. In any state of the key. */
import type { Operation } from '../audit.ts'
import { existing } from '../keys/admit.ts'
import { admitService, ownRegistration, type RegistrationCall, type RegistrationParts } from './admit.ts'
import type { Registered } from './create.ts'
import { deleteRegistrationRow, touchKey } from './registration-row.ts'

export function deleteRegistration(
  call: RegistrationCall,
  wantsRepresentation: boolean,
  parts: RegistrationParts,
): Operation<'hs-crypto.registrations.delete', Registered> {
  return (seen) => {
    const { found, crn } = admitService(call, seen, parts)
    const key = existing(call, found)
    const row = ownRegistration(call, key, crn, parts)
    seen.request.preventKeyDeletion = row.preventsDeletion === 1
    return {
      result: { row, keyName: key.name },
      code: wantsRepresentation ? 200 : 204,
      changes: [touchKey(key), deleteRegistrationRow(row)],
    }
  }
}
