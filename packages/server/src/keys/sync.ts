/** `secrets.sync`: tells the services that use a key again what happened to it last. */
import type { Operation } from '../audit.ts'
import { authorise, existing, keyIdOf } from './admit.ts'
import { replaceKey } from './changes.ts'
import type { KeyRow } from './key-row.ts'
import type { KeyCall, KeyParts } from './parts.ts'
import { requireState } from './states.ts'
import { requireWaited } from './waiting.ts'

const tooEarly = 'The services were notified of this key less than an hour ago.'

/** The waiting time comes before the state: a key that was just deleted was just told of (appendix B 14). */
export function syncKey(call: KeyCall, id: string, parts: KeyParts): Operation<'hs-crypto.secrets.sync', KeyRow> {
  return (seen) => {
    const found = parts.keys.find(call.instance.guid, keyIdOf(id))
    authorise(call, id, found, 'keys.sync', seen, parts)
    const key = existing(call, found)
    const now = parts.clock.now()
    requireWaited(key.actedAt, parts.limits.syncIntervalMs, now, tooEarly)
    requireWaited(key.syncedAt, parts.limits.syncIntervalMs, now, tooEarly)
    requireState('sync', key, now)

    const synced: KeyRow = { ...key, syncedAt: now }
    const told = parts.lifecycle.begin(synced, 'sync', call, {}, now)
    return { result: synced, code: 204, changes: [replaceKey(key, synced), ...told] }
  }
}
