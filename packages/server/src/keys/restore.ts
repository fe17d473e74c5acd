/** `secrets.restore`: brings a destroyed key back, with its versions, ring and policies; its aliases went with its deletion. */
import type { Operation } from '../audit.ts'
import { Refusal } from '../errors.ts'
import type { SecurePayload } from '../import-token/secure-import.ts'
import type { Condition } from '../store/store.ts'
import { authorise, existing, keyIdOf, requireRoot } from './admit.ts'
import { fromBase64 } from './base64.ts'
import { replaceKey } from './changes.ts'
import type { KeyRow } from './key-row.ts'
import type { KeyCall, KeyParts } from './parts.ts'
import { badField } from './refusals.ts'
import { isMaterialOf } from './same-material.ts'
import { ACTIVE, DEACTIVATED, requireState } from './states.ts'
import { requireWaited } from './waiting.ts'

/** What the older form of the request brings again: the material, by the import token or plainly; usually nothing. */
export type RestoreWish =
  | { readonly byToken: true; readonly secure: SecurePayload }
  | {
      readonly byToken: false
      /** Base64, unread. */
      readonly payload?: string
    }

/**
 * No material is needed (since April 2021), unless the instance takes imported keys by an import token only. What is
 * given for an imported key must be its own; for a generated one, whose material nobody has, it is not looked into.
 */
export function restoreKey(
  call: KeyCall,
  id: string,
  wish: () => RestoreWish,
  parts: KeyParts,
): Operation<'hs-crypto.secrets.restore', KeyRow> {
  return async (seen) => {
    const found = parts.keys.find(call.instance.guid, keyIdOf(id))
    authorise(call, id, found, 'keys.restore', seen, parts)
    const wanted = wish()
    const key = existing(call, found)
    const now = parts.clock.now()
    requireState('restore', key, now)
    requireRestorable(key, now, parts)
    if (wanted.byToken) requireRoot(key)
    const kind = { root: key.extractable === 0, imported: key.imported === 1, byToken: wanted.byToken }
    const allowed = parts.policies.requireCreation(key.instance, kind)
    const opened = key.imported === 1 ? await requireOwnMaterial(key, wanted, now, parts) : []

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
    return {
      result: restored,
      code: 201,
      changes: [replaceKey(key, restored), ...told],
      conditions: [...allowed, ...opened],
    }
  }
}

/** Answers what must still hold when the restore is recorded. */
async function requireOwnMaterial(
  key: KeyRow,
  wanted: RestoreWish,
  now: number,
  parts: KeyParts,
): Promise<readonly Condition[]> {
  const given = wanted.byToken
    ? await parts.imports.openSecurePayload(key.instance, wanted.secure, now)
    : plainMaterial(wanted.payload)
  if (given === undefined) return []
  if (!(await isMaterialOf(key, given.bytes, parts))) {
    throw badField('payload', 'The payload is not the material of the key.')
  }
  return given.conditions
}

function plainMaterial(text = ''): { bytes: Uint8Array; conditions: readonly Condition[] } | undefined {
  if (text === '') return undefined
  const bytes = fromBase64(text)
  if (bytes === undefined) throw badField('payload', 'The payload must be base64 of the material of the key.')
  return { bytes, conditions: [] }
}

/** A key that was deactivated when it was deleted has expired, whatever the clock says since. */
function requireRestorable(key: KeyRow, now: number, parts: KeyParts): void {
  const { deletedAt, deletedFrom, expiresAt } = key
  const { limits } = parts
  requireWaited(deletedAt, limits.restoreAfterMs, now, 'The key was deleted less than 30 seconds ago.')
  if (deletedFrom === DEACTIVATED || (expiresAt !== null && expiresAt <= now)) throw new Refusal('KEY_EXPIRED_ERR')
  if (deletedAt !== null && now > deletedAt + limits.restoreForMs) throw new Refusal('KEY_RESTORE_EXPIRED')
}
