/**
 * `key-rings.delete`: an empty key ring goes, and every role on it; by force one whose keys are all destroyed, and they
 * move to `default`.
 */
import { alongside, type Alongside, type Operation } from '../audit.ts'
import { Refusal } from '../errors.ts'
import { resourceCrn } from '../instances/instance.ts'
import type { Change } from '../store/store.ts'
import { keyType } from './admit.ts'
import { replaceKey } from './changes.ts'
import { badRing, ringTarget } from './create-ring.ts'
import type { KeyRow } from './key-row.ts'
import type { KeyCall, KeyParts } from './parts.ts'
import { badField, quotaReached } from './refusals.ts'
import { defaultRing, isRingName, removeRing } from './ring.ts'

export interface DeleteRingWish {
  /** Also while it holds keys, if all of them are destroyed. */
  readonly force: boolean
}

export function deleteRing(
  call: KeyCall,
  id: string,
  wish: () => DeleteRingWish,
  parts: KeyParts,
): Operation<'hs-crypto.key-rings.delete', void> {
  return (seen) => {
    const { guid } = call.instance
    seen.target = ringTarget(call.instance, id)
    parts.access.requireInstance(call.caller, call.instance, 'key-rings.delete', id)
    const { force } = wish()
    seen.request.force = force
    if (!isRingName(id)) throw badRing()
    if (id === defaultRing) throw badField('key-ring-id', 'The key ring default cannot be deleted.')
    if (!parts.keys.hasRing(guid, id)) throw new Refusal('NOT_FOUND', { message: 'There is no such key ring.' })

    const moved = destroyedKeys(call, id, force, parts)
    const revoked = parts.ringGrants.revoked(call.instance, id)
    const now = parts.clock.now()
    return {
      result: undefined,
      code: 204,
      changes: [...moved.map((key) => leave(key, now)), removeRing(guid, id), ...revoked.changes],
      alongside: [...moved.map((key) => movedEvent(call, key)), ...revoked.alongside],
    }
  }
}

/** The keys that must leave the ring before it goes. */
function destroyedKeys(call: KeyCall, ring: string, force: boolean, parts: KeyParts): KeyRow[] {
  const { guid } = call.instance
  const total = parts.keys.totalIn(guid, ring)
  if (total === 0) return []
  if (!force) throw new Refusal('KEY_RING_NOT_EMPTY_ERR')
  parts.access.requireInstance(call.caller, call.instance, 'keys.patch', ring)
  parts.access.requireInstance(call.caller, call.instance, 'keys.patch', defaultRing)
  const most = parts.limits.keysMovedAtOnce
  const destroyed = parts.keys.destroyedIn(guid, ring, Math.min(total, most + 1))
  if (destroyed.length > most) throw quotaReached('The key ring holds more destroyed keys than can be moved at once.')
  if (destroyed.length < total) {
    throw new Refusal('KEY_RING_NOT_EMPTY_ERR', { message: 'The key ring holds keys that are not destroyed.' })
  }
  return destroyed
}

function leave(key: KeyRow, now: number): Change {
  return replaceKey(key, { ...key, ring: defaultRing, updatedAt: now })
}

/** Each moved key shows in the trail as if it had been moved by itself. */
function movedEvent(call: KeyCall, key: KeyRow): Alongside {
  return alongside('hs-crypto.secrets.patch', {
    target: { id: resourceCrn(call.instance, 'key', key.id), name: key.name },
    request: {
      keyType: keyType(key),
      'initialValue.keyRingId': key.ring,
      'newValue.keyRingId': defaultRing,
    },
    response: { keyRingId: defaultRing },
  })
}
