/** `secrets.delete`: destroys a key softly. Its material stays wrapped in the store until the purge, so that it can be restored. */
import { alongside, type Alongside, type Operation } from '../audit.ts'
import { Refusal } from '../errors.ts'
import { resourceCrn } from '../instances/instance.ts'
import type { Condition } from '../store/store.ts'
import { authorise, existing, keyIdOf, keyType } from './admit.ts'
import { removeAliases } from './alias.ts'
import { replaceKey } from './changes.ts'
import { requireAuthorisation } from './dual-authorisation.ts'
import type { KeyRow } from './key-row.ts'
import type { KeyCall, KeyParts } from './parts.ts'
import { DESTROYED, requireState, stateAt } from './states.ts'

export interface DeleteWish {
  /** Also while cloud resources are registered with the key. */
  readonly force: boolean
  /** Whether the answer shows the deleted key: decides the status, 200 or 204. */
  readonly representation: boolean
}

/**
 * The key's aliases go with it, each with an event of its own: a name may stand for another key from then on, and a
 * restored key does not take it back.
 */
export function deleteKey(
  call: KeyCall,
  id: string,
  wish: () => DeleteWish,
  parts: KeyParts,
): Operation<'hs-crypto.secrets.delete', KeyRow> {
  return (seen) => {
    const found = parts.keys.find(call.instance.guid, keyIdOf(id))
    authorise(call, id, found, 'keys.delete', seen, parts)
    const wanted = wish()
    const key = existing(call, found)
    const now = parts.clock.now()
    requireState('delete', key, now)
    const conditions = requireDispensable(call, key, wanted.force, now, parts)

    const deleted: KeyRow = {
      ...key,
      state: DESTROYED,
      deletedAt: now,
      deletedBy: call.caller.id,
      deletedFrom: stateAt(key, now),
      // Used up: once restored, the key can be deleted again only when two people agree again.
      authorisedBy: null,
      authorisedUntil: null,
      actedAt: now,
      updatedAt: now,
    }
    seen.response.keyState = DESTROYED
    const told = parts.lifecycle.begin(deleted, 'delete', call, {}, now)
    const aliases = parts.keys.aliasesOf(key.instance, [key.id]).get(key.id) ?? []
    return {
      result: deleted,
      code: wanted.representation ? 200 : 204,
      changes: [replaceKey(key, deleted), ...removeAliases(key.instance, key.id, aliases.length), ...told],
      conditions,
      alongside: aliases.map((alias) => freedEvent(call, key, alias)),
    }
  }
}

/** In the order of the reference's section 8.3. Registrations move the key's revision when they change. */
function requireDispensable(
  call: KeyCall,
  key: KeyRow,
  force: boolean,
  now: number,
  parts: KeyParts,
): readonly Condition[] {
  const { registrations, adapters } = parts
  if (registrations.preventing(key.instance, key.id) > 0) {
    throw new Refusal('PREV_KEY_DEL_ERR', {
      message: 'The key protects one or more cloud resources that have a retention policy.',
    })
  }
  if (!force && registrations.count(key.instance, key.id) > 0) {
    throw new Refusal('PROTECTED_RESOURCE_ERR', {
      message: 'The key protects one or more cloud resources; force the deletion if their data may be lost.',
    })
  }
  const conditions = requireAuthorisation(call, key, now, parts)
  if (adapters.using(key.instance, key.id) > 0) {
    throw new Refusal('KMIP_ADAPTER_USES_KEY')
  }
  return [...conditions, adapters.unused(key.instance, key.id)]
}

/** Each alias shows in the trail as if it had been deleted by itself. */
function freedEvent(call: KeyCall, key: KeyRow, alias: string): Alongside {
  return alongside('hs-crypto.secrets-alias.delete', {
    target: { id: resourceCrn(call.instance, 'key', key.id), name: key.name },
    request: { alias, keyType: keyType(key) },
    response: { keyRingId: key.ring },
  })
}
