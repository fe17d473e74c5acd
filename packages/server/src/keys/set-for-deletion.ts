/** `secrets.setkeyfordeletion`: the first of two people agrees to the deletion of a key, for seven days. */
import type { Operation } from '../audit.ts'
import { authorise, existing, keyIdOf } from './admit.ts'
import { replaceKey } from './changes.ts'
import { noteAuthorisation, requireDualAuthorisation } from './dual-authorisation.ts'
import type { KeyRow } from './key-row.ts'
import type { KeyCall, KeyParts } from './parts.ts'
import { requireState } from './states.ts'

/** The key stays usable. Done again, it replaces who agreed and until when. */
export function setForDeletion(
  call: KeyCall,
  id: string,
  parts: KeyParts,
): Operation<'hs-crypto.secrets.setkeyfordeletion', KeyRow> {
  return (seen) => {
    const found = parts.keys.find(call.instance.guid, keyIdOf(id))
    authorise(call, id, found, 'keys.set-for-deletion', seen, parts)
    const key = existing(call, found)
    const now = parts.clock.now()
    requireState('set for deletion', key, now)
    requireDualAuthorisation(key, parts)

    const authorised: KeyRow = {
      ...key,
      authorisedBy: call.caller.id,
      authorisedUntil: now + parts.limits.authorisationMs,
      updatedAt: now,
    }
    noteAuthorisation(key, authorised, seen.response)
    return { result: authorised, code: 204, changes: [replaceKey(key, authorised)] }
  }
}
