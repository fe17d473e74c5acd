/** `mtlscert-admin-key.delete`: the administrator's certificates stay in force, for they protect the instance, and are frozen. */
import type { Operation } from '../audit.ts'
import type { OwnInstanceRequest } from '../http/instance-route.ts'
import { authoriseCommand, signerOf } from './admit.ts'
import type { CertificateParts } from './parts.ts'
import { spending } from './signed-command.ts'
import { removeKey } from './store.ts'

/** The result: how many certificates are left without an administrator who could change them. */
export function deleteAdminKey(
  request: OwnInstanceRequest,
  parts: CertificateParts,
): Operation<'hs-crypto.mtlscert-admin-key.delete', number> {
  return (seen) => {
    const { caller, instance } = request
    seen.request.accountId = caller.id
    const command = authoriseCommand(request, seen.request, parts)
    seen.request.keyId = command.keyId
    const key = signerOf(request, command, seen.request, parts)
    return spending(command, () => {
      const { condition } = parts.accepted(instance.guid)
      const { length: orphaned } = parts.certificates.certificates(instance.guid, caller.id)
      Object.assign(seen.response, { action: 'delete', orphanedCerts: orphaned })
      return { result: orphaned, code: 200, changes: [removeKey(key)], conditions: [condition] }
    })
  }
}
