/** What wrap, unwrap and rewrap share: one read admits the call, and the blobs are named for the unit. */
import type { Condition } from '../store/store.ts'
import type { StoredBlob } from '../units/unit-client.ts'
import { authorise, existing, keyIdOf, requireRoot, type SeenKey } from './admit.ts'
import { formatDate } from './date.ts'
import type { UsableKey } from './key-row.ts'
import type { KeyCall, KeyParts } from './parts.ts'
import { unprocessable } from './refusals.ts'
import { requireState } from './states.ts'

interface SeenUse extends SeenKey {
  response: SeenKey['response'] & { expirationDate?: string | undefined }
}

/** Decides a use of a root key with a single read, in the order permission, body, existence, kind, state. */
export function admitUse<Wish>(
  act: 'wrap' | 'unwrap' | 'rewrap',
  call: KeyCall,
  id: string,
  wish: () => Wish,
  seen: SeenUse,
  parts: KeyParts,
): { key: UsableKey; wanted: Wish; conditions: readonly Condition[] } {
  const found = parts.keys.usable(call.instance.guid, keyIdOf(id))
  authorise(call, id, found, 'keys.use', seen, parts)
  if (act !== 'rewrap' && typeof found?.expiresAt === 'number')
    seen.response.expirationDate = formatDate(found.expiresAt)
  const wanted = wish()
  const key = existing(call, found)
  requireRoot(key)
  requireState(act, key, parts.clock.now())
  return { key, wanted, conditions: [stillAs(call, key)] }
}

const unchanged = 'SELECT 1 FROM keys WHERE instance = ? AND id = ? AND state = ? AND newest = ?'

/** The key's state and newest version at commit: no use of a key is numbered after its deletion or rotation. */
function stillAs(call: KeyCall, key: UsableKey): Condition {
  return { sql: unchanged, params: [call.instance.guid, key.id, key.state, key.newest] }
}

/** The newest version's blob, as the unit knows it. */
export function blobOf(call: KeyCall, key: UsableKey): StoredBlob {
  return { instance: call.instance.guid, kind: 'root-key', id: key.newest, blob: key.blob }
}

/**
 * The blob of the version a ciphertext names: the newest is at hand, an older one is a second read.
 * @throws Refusal `UNPROCESSABLE_CIPHERTEXT_ERR` when it is not a version of this key
 */
export function blobOfVersion(call: KeyCall, key: UsableKey, version: string, parts: KeyParts): StoredBlob {
  if (version === key.newest) return blobOf(call, key)
  const blob = parts.keys.versionBlob(call.instance.guid, key.id, version)
  if (blob === undefined) throw unprocessable()
  return { instance: call.instance.guid, kind: 'root-key', id: version, blob }
}
