/** `secrets.enable`: makes a suspended root key active again. */
import type { Operation } from '../audit.ts'
import { authorise, existing, keyIdOf, requireRoot } from './admit.ts'
import { replaceKey } from './changes.ts'
import type { KeyRow } from './key-row.ts'
import type { KeyCall, KeyParts } from './parts.ts'
import { ACTIVE, requireState } from './states.ts'
import { requireWaited } from './waiting.ts'

/** A key whose expiration date has passed meanwhile is deactivated at once, by an event of its own. */
export function enableKey(call: KeyCall, id: string, parts: KeyParts): Operation<'hs-crypto.secrets.enable', KeyRow> {
  return (seen) => {
    const found = parts.keys.find(call.instance.guid, keyIdOf(id))
    authorise(call, id, found, 'keys.suspend', seen, parts)
    const key = existing(call, found)
    requireRoot(key)
    const now = parts.clock.now()
    requireState('enable', key, now)
    requireWaited(key.actedAt, parts.limits.enableAfterMs, now, 'The key was acted on less than 30 seconds ago.')

    const enabled: KeyRow = { ...key, state: ACTIVE, actedAt: now, updatedAt: now }
    const told = parts.lifecycle.begin(enabled, 'enable', call, {}, now)
    return { result: enabled, code: 204, changes: [replaceKey(key, enabled), ...told] }
  }
}
