/** `mtlscert-admin-key.create`: the first key of an administrator, trusted because the caller may do this and has the key. */
import { keyCommandBody } from '@keywitness/cadf'
import type { Operation } from '../audit.ts'
import { Refusal } from '../errors.ts'
import type { OwnInstanceRequest } from '../http/instance-route.ts'
import { authoriseCommand } from './admit.ts'
import { certificateLimits } from './limits.ts'
import type { CertificateParts } from './parts.ts'
import { readNewKey } from './request.ts'
import type { AdminKeyRow } from './rows.ts'
import { readSignatureKey } from './signature-key.ts'
import { requireBody, spending, verifyCommand } from './signed-command.ts'
import { addKey } from './store.ts'

export function createAdminKey(
  request: OwnInstanceRequest,
  parts: CertificateParts,
): Operation<'hs-crypto.mtlscert-admin-key.create', AdminKeyRow> {
  return (seen) => {
    const { caller, instance } = request
    seen.request.accountId = caller.id
    const command = authoriseCommand(request, seen.request, parts)
    seen.request.keyId = command.keyId
    const { publicKey } = readNewKey(request.body())
    const { id, spki, key } = readSignatureKey(publicKey)
    seen.request.publicKey = publicKey
    requireBody(command, keyCommandBody(publicKey))
    if (command.keyId !== id) throw new Refusal('CERT_SIGNER_UNKNOWN')
    verifyCommand(command, key, parts)
    return spending(command, () => {
      if (parts.certificates.key(instance.guid, caller.id) !== undefined) throw new Refusal('CERT_KEY_EXISTS')
      if (parts.certificates.keyCount(instance.guid) >= certificateLimits.administrators) {
        throw new Refusal('QUOTA_EXCEEDED', { message: 'The instance has as many administrators as it may.' })
      }
      const made = {
        instance: instance.guid,
        administrator: caller.id,
        keyId: id,
        publicKey: spki,
        createdAt: parts.clock.now(),
      }
      seen.response.action = 'create'
      return { result: made, code: 200, changes: [addKey(made)] }
    })
  }
}
