/** `mtlscert-admin-key.read`: the caller's own key; that there is none is an answer too. */
import type { Operation } from '../audit.ts'
import type { OwnInstanceRequest } from '../http/instance-route.ts'
import { authorise } from './admit.ts'
import type { CertificateParts } from './parts.ts'
import type { AdminKeyRow } from './rows.ts'

export function readAdminKey(
  request: OwnInstanceRequest,
  parts: CertificateParts,
): Operation<'hs-crypto.mtlscert-admin-key.read', AdminKeyRow | undefined> {
  return (seen) => {
    const { caller, instance } = request
    seen.request.accountId = caller.id
    authorise(request, parts)
    const key = parts.certificates.key(instance.guid, caller.id)
    seen.response.action = 'get'
    if (key !== undefined) seen.response.keyId = key.keyId
    return { result: key, code: 200 }
  }
}
