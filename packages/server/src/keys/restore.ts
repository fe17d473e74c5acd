/** `secrets.restore`: brings a destroyed key back, with its versions, ring and policies; its aliases went with its deletion. */
import type { Operation } from '../audit.ts'
import { Refusal } from '../errors.ts'
import { authorise, existing, keyIdOf, requireRoot } from './admit.ts'
import { replaceKey } from './changes.ts'
import type { KeyRow } from './key-row.ts'
import type { KeyCall, KeyParts } from './parts.ts'
import { ACTIVE, DEACTIVATED, requireState } from './states.ts'
import { requireWaited } from './waiting.ts'

export interface RestoreWish {
  /** Whether the older form of the request brings the material again, by an import token. Its bytes are not needed. */
  readonly byToken: boolean
}

/** No material is needed (since April 2021); what older clients send is not looked into. */
export function restoreKey(
  call: KeyCall,
  id: string,
  wish: () => RestoreWish,
  parts: KeyParts,
): Operation<'hs-crypto.secrets.restore', KeyRow> {
  return (seen) => {
    const found = parts.keys.find(call.instance.guid, keyIdOf(id))
    authorise(call, id, found, 'keys.restore', seen, parts)
    const { byToken } = wish()
    const key = existing(call, found)
    const now = parts.clock.now()
    requireState('restore', key, now)
    requireRestorable(key, now, parts)
    if (byToken) requireRoot(key)
    const kind = { root: key.extractable === 0, imported: key.imported === 1, byToken }
    const conditions = parts.policies.requireCreation(key.instance, kind)

    const restored: KeyRow = {
      ...key,
      state: ACTIVE,
      deletedAt: null,
      deletedBy: null,
      deletedFrom: null,
      actedAt: now,
      updatedAt: now,
    }
    if (key.extractable === 0) seen.response.keyVersionId = key.newest
    const told = parts.lifecycle.begin(restored, 'restore', call, {}, now)
    return { result: restored, code: 201, changes: [replaceKey(key, restored), ...told], conditions }
  }
}

/** A key that was deactivated when it was deleted has expired, whatever the clock says since. */
function requireRestorable(key: KeyRow, now: number, parts: KeyParts): void {
  const { deletedAt, deletedFrom, expiresAt } = key
  const { limits } = parts
  requireWaited(deletedAt, limits.restoreAfterMs, now, 'The key was deleted less than 30 seconds ago.')
  if (deletedFrom === DEACTIVATED || (expiresAt !== null && expiresAt <= now)) throw new Refusal('KEY_EXPIRED_ERR')
  if (deletedAt !== null && now > deletedAt + limits.restoreForMs) throw new Refusal('KEY_RESTORE_EXPIRED')
}
