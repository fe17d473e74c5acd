/** `registrations.write`, the older form: a service lifts the retention of several of its resources at once. */
import type { Operation } from '../audit.ts'
import { authorise, existing, keyIdOf } from '../keys/admit.ts'
import type { KeyCall } from '../keys/parts.ts'
import { ownRegistration, type RegistrationParts, requireService } from './admit.ts'
import { replaceRegistration, touchKey } from './registration-row.ts'

/** @param wish CRNs of the resources, whole */
export function deactivateRegistrations(
  call: KeyCall,
  id: string,
  wish: () => ReadonlySet<string>,
  parts: RegistrationParts,
): Operation<'hs-crypto.registrations.write', undefined> {
  return (seen) => {
    const found = parts.keys.find(call.instance.guid, keyIdOf(id))
    authorise(call, id, found, 'registrations.change', seen, parts)
    requireService(call.caller)
    const resources = wish()
    const [only] = resources
    if (resources.size === 1 && only !== undefined) seen.request.resourceCRN = only
    seen.request.preventKeyDeletion = false
    const key = existing(call, found)
    const now = parts.clock.now()
    const changes = [...resources]
      .map((crn) => ownRegistration(call, key, crn, parts))
      .filter((row) => row.preventsDeletion === 1)
      .map((row) =>
        replaceRegistration(row, {
          ...row,
          preventsDeletion: 0,
          revision: row.revision + 1,
          owner: call.caller.id,
          updatedAt: now,
          updatedBy: call.caller.id,
        }),
      )
    return { result: undefined, code: 204, changes: [touchKey(key), ...changes] }
  }
}
