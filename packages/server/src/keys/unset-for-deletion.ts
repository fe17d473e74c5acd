/** `secrets.unsetkeyfordeletion`: withdraws the agreement to the deletion of a key. */
import type { Operation } from '../audit.ts'
import { authorise, existing, keyIdOf } from './admit.ts'
import { replaceKey } from './changes.ts'
import { noteAuthorisation, requireDualAuthorisation } from './dual-authorisation.ts'
import type { KeyRow } from './key-row.ts'
import type { KeyCall, KeyParts } from './parts.ts'
import { requireState } from './states.ts'

/** Also when there is none to withdraw. */
export function unsetForDeletion(
  call: KeyCall,
  id: string,
  parts: KeyParts,
): Operation<'hs-crypto.secrets.unsetkeyfordeletion', KeyRow> {
  return (seen) => {
    const found = parts.keys.find(call.instance.guid, keyIdOf(id))
    authorise(call, id, found, 'keys.set-for-deletion', seen, parts)
    const key = existing(call, found)
    const now = parts.clock.now()
    requireState('unset for deletion', key, now)
    requireDualAuthorisation(key, parts)

    const withdrawn: KeyRow = { ...key, authorisedBy: null, authorisedUntil: null, updatedAt: now }
    noteAuthorisation(key, withdrawn, seen.response)
    return { result: withdrawn, code: 204, changes: [replaceKey(key, withdrawn)] }
  }
}
