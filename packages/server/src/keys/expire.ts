/** `secrets.expire`: writes down that a key's expiration date has passed. By the server itself; nothing un-expires. */
import type { Operation } from '../audit.ts'
import { Refusal } from '../errors.ts'
import { type Instance, resourceCrn } from '../instances/instance.ts'
import { keyType } from './admit.ts'
import { replaceKey } from './changes.ts'
import { formatDate } from './date.ts'
import type { KeyRow } from './key-row.ts'
import type { KeyParts } from './parts.ts'
import { ACTIVE, DEACTIVATED } from './states.ts'

/** Refuses when somebody was quicker, so that the key is not due any more. */
export function expireKey(
  instance: Instance,
  id: string,
  parts: Pick<KeyParts, 'keys' | 'clock'>,
): Operation<'hs-crypto.secrets.expire', KeyRow> {
  return (seen) => {
    const key = parts.keys.find(instance.guid, id)
    const now = parts.clock.now()
    if (key?.state !== ACTIVE || key.expiresAt === null || key.expiresAt > now) throw new Refusal('CONFLICT')
    seen.target = { id: resourceCrn(instance, 'key', key.id), name: key.name }
    seen.request.keyType = keyType(key)
    seen.request.expirationDate = formatDate(key.expiresAt)
    seen.response.keyId = key.id
    seen.response['initialValue.keyState'] = ACTIVE
    seen.response['newValue.keyState'] = DEACTIVATED
    seen.response.keyRingId = key.ring
    const expired: KeyRow = { ...key, state: DEACTIVATED, updatedAt: now }
    return { result: expired, code: 200, changes: [replaceKey(key, expired)] }
  }
}
