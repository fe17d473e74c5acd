/** `secrets.delete`: destroys a key softly. Its material stays wrapped in the store until the purge, so that it can be restored. */
import type { Operation } from '../audit.ts'
import { authorise, existing, keyIdOf } from './admit.ts'
import { replaceKey } from './changes.ts'
import type { KeyRow } from './key-row.ts'
import type { KeyCall, KeyParts } from './parts.ts'
import { DESTROYED, requireState } from './states.ts'

export interface DeleteWish {
  /** Also while cloud resources are registered with the key. */
  readonly force: boolean
  /** Whether the answer shows the deleted key: decides the status, 200 or 204. */
  readonly representation: boolean
}

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

    const deleted: KeyRow = {
      ...key,
      state: DESTROYED,
      deletedAt: now,
      deletedBy: call.caller.id,
      updatedAt: now,
    }
    seen.response.keyState = DESTROYED
    return { result: deleted, code: wanted.representation ? 200 : 204, changes: [replaceKey(key, deleted)] }
  }
}
