/** `secrets.patch`: moves a key to another key ring. */
import type { Operation } from '../audit.ts'
import { Refusal } from '../errors.ts'
import { authorise, existing, keyIdOf } from './admit.ts'
import { replaceKey } from './changes.ts'
import type { KeyRow } from './key-row.ts'
import type { KeyCall, KeyParts } from './parts.ts'
import { isRingName, ringStands } from './ring.ts'

export interface PatchWish {
  /** The ring the key goes to. */
  readonly ring: string
}

export function patchKey(
  call: KeyCall,
  id: string,
  wish: () => PatchWish,
  parts: KeyParts,
): Operation<'hs-crypto.secrets.patch', KeyRow> {
  return (seen) => {
    const { guid } = call.instance
    const found = parts.keys.find(guid, keyIdOf(id))
    authorise(call, id, found, 'keys.patch', seen, parts)
    if (found !== undefined) seen.request['initialValue.keyRingId'] = found.ring
    const { ring } = wish()
    if (isRingName(ring)) seen.request['newValue.keyRingId'] = ring
    parts.access.requireInstance(call.caller, call.instance, 'keys.patch', ring)
    const key = existing(call, found)
    if (!parts.keys.hasRing(guid, ring)) throw new Refusal('NOT_FOUND', { message: 'There is no such key ring.' })

    const moved: KeyRow = { ...key, ring, updatedAt: parts.clock.now() }
    seen.response.keyRingId = ring
    return { result: moved, code: 200, changes: [replaceKey(key, moved)], conditions: ringStands(guid, ring) }
  }
}
