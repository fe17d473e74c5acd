/** `kmip-management.create` of an adapter: binds a root key to clients that will speak KMIP. */
import { uuidv7 } from '@keywitness/cadf'
import type { Operation } from '../../audit.ts'
import { Refusal } from '../../errors.ts'
import type { KeyRow } from '../../keys/key-row.ts'
import type { KeyCall } from '../../keys/parts.ts'
import { quotaReached } from '../../keys/refusals.ts'
import { ACTIVE, stateAt } from '../../keys/states.ts'
import { adapterTarget, authorise } from './admit.ts'
import { adapterProfile, type AdapterWish } from './body.ts'
import { addAdapter } from './changes.ts'
import { kmipLimits } from './limits.ts'
import { madeName } from './names.ts'
import type { KmipParts } from './parts.ts'
import type { AdapterRow } from './rows.ts'

export interface CreateAdapterWish extends AdapterWish {
  /** Whether a root key that has an expiration date will do. */
  readonly allowExpiringKey: boolean
}

export function createAdapter(
  call: KeyCall,
  wish: () => CreateAdapterWish,
  parts: KmipParts,
): Operation<'hs-crypto.kmip-management.create', AdapterRow> {
  return (seen) => {
    authorise(call, 'adapter', seen, parts)
    const wanted = wish()
    // An adapter that will perhaps never be has no id, and no name but the one asked for.
    if (wanted.name !== undefined) seen.target = adapterTarget(call, { id: '', name: wanted.name })
    const name = wanted.name ?? madeName('kmip_adapter', parts.random)
    const now = parts.clock.now()
    const instance = call.instance.guid
    const crk = usableRoot(parts.findKey(instance, wanted.crk), wanted.allowExpiringKey, now)
    if (parts.kmip.adapter(instance, name) !== undefined) {
      throw new Refusal('ALREADY_EXISTS', { message: 'The instance has a KMIP adapter of this name already.' })
    }
    if (parts.kmip.adapterCount(instance) >= kmipLimits.adaptersPerInstance) {
      throw quotaReached('The instance has as many KMIP adapters as it may.')
    }
    const by = call.caller.id
    const adapter: AdapterRow = {
      instance,
      id: uuidv7(now, parts.random(10)),
      name,
      description: wanted.description,
      profile: adapterProfile,
      crk: crk.id,
      createdAt: now,
      createdBy: by,
      updatedAt: now,
      updatedBy: by,
    }
    seen.target = adapterTarget(call, adapter)
    seen.request.adapterId = adapter.id
    seen.response.id = adapter.id
    return { result: adapter, code: 201, changes: [addAdapter(adapter, crk)] }
  }
}

/** @throws Refusal `KEY_NOT_FOUND_ERR`, `KEY_ROOT_REQ_ERR`, `KEY_ACTION_INVALID_STATE_ERR` */
function usableRoot(key: KeyRow | undefined, allowExpiringKey: boolean, now: number): KeyRow {
  const at = { type: 'field', name: 'crk_id' } as const
  if (key === undefined) throw new Refusal('KEY_NOT_FOUND_ERR', { at })
  if (key.extractable === 1) throw new Refusal('KEY_ROOT_REQ_ERR', { at })
  if (stateAt(key, now) !== ACTIVE) {
    throw new Refusal('KEY_ACTION_INVALID_STATE_ERR', { message: 'The root key of an adapter must be active.', at })
  }
  if (key.expiresAt !== null && !allowExpiringKey) {
    const message = 'The root key expires, and the objects of the adapter with it; allowExpiringKey=true accepts that.'
    throw new Refusal('KEY_ACTION_INVALID_STATE_ERR', { message, at })
  }
  return key
}
