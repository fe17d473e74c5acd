/** `secrets.purge`: the end of a destroyed key. Its material is overwritten, its row and versions are gone. */
import type { Operation, Seen } from '../audit.ts'
import { Refusal } from '../errors.ts'
import { removeAliases } from './alias.ts'
import { authorise, existing, keyIdOf } from './admit.ts'
import { eraseKey } from './changes.ts'
import { formatDate } from './date.ts'
import type { KeyRow } from './key-row.ts'
import type { KeyCall, KeyParts } from './parts.ts'
import { requireState } from './states.ts'

type SeenPurge = Seen<'hs-crypto.secrets.purge'>

export interface PurgeWish {
  /** Whether the answer shows what the key was: decides the status, 200 or 204. */
  readonly representation: boolean
}

export function purgeKey(
  call: KeyCall,
  id: string,
  { representation }: PurgeWish,
  parts: KeyParts,
): Operation<'hs-crypto.secrets.purge', KeyRow> {
  return (seen) => {
    const found = parts.keys.find(call.instance.guid, keyIdOf(id))
    authorise(call, id, found, 'keys.purge', seen, parts)
    const key = existing(call, found)
    const now = parts.clock.now()
    requireState('purge', key, now)
    // A clock that was set back does lengthen this wait: what is purged is gone.
    if (now < (key.deletedAt ?? now) + parts.limits.purgeAfterMs) {
      throw new Refusal('REQ_TOO_EARLY_ERR', { message: 'The key was deleted less than four hours ago.' })
    }
    return { ...erase(key, seen, parts), code: representation ? 200 : 204 }
  }
}

/** What a purge writes down and changes, whoever asks for it. */
export function erase(key: KeyRow, seen: SeenPurge, parts: KeyParts) {
  const { limits } = parts
  if (key.deletedAt !== null) {
    seen.response.deletionDate = formatDate(key.deletedAt)
    seen.response.purgeAllowedFrom = formatDate(key.deletedAt + limits.purgeAfterMs)
    seen.response.purgeEligibleOn = formatDate(key.deletedAt + limits.purgeScheduledAfterMs)
  }
  // A key that was deleted before deletions took the aliases along may still have some.
  const aliases = parts.keys.aliasesOf(key.instance, [key.id]).get(key.id)?.length ?? 0
  return {
    result: key,
    changes: [
      ...removeAliases(key.instance, key.id, aliases),
      ...parts.policies.purged(key.instance, key.id),
      ...parts.registrations.purged(key.instance, key.id),
      ...eraseKey(key),
    ],
    settled: () => parts.forget(),
  }
}
