/** `secrets.unsetkeyfordeletion` by the server itself: an authorisation to delete a key has expired, for good. */
import type { Operation } from '../audit.ts'
import { Refusal } from '../errors.ts'
import { type Instance, resourceCrn } from '../instances/instance.ts'
import { keyType } from './admit.ts'
import { replaceKey } from './changes.ts'
import { noteAuthorisation } from './dual-authorisation.ts'
import type { KeyRow } from './key-row.ts'
import type { KeyParts } from './parts.ts'

/** Written down, so that a clock set back does not bring it to life again. Refuses when it is not due any more. */
export function lapseAuthorisation(
  instance: Instance,
  id: string,
  parts: Pick<KeyParts, 'keys' | 'clock'>,
): Operation<'hs-crypto.secrets.unsetkeyfordeletion', KeyRow> {
  return (seen) => {
    const key = parts.keys.find(instance.guid, id)
    const now = parts.clock.now()
    if (key === undefined || key.authorisedUntil === null || key.authorisedUntil > now) throw new Refusal('CONFLICT')
    seen.target = { id: resourceCrn(instance, 'key', key.id), name: key.name }
    seen.request.keyType = keyType(key)
    seen.response.keyRingId = key.ring
    const lapsed: KeyRow = { ...key, authorisedBy: null, authorisedUntil: null }
    noteAuthorisation(key, lapsed, seen.response)
    return { result: lapsed, code: 200, changes: [replaceKey(key, lapsed)] }
  }
}
