/** `secrets.disable`: suspends a root key. Nothing is wrapped or unwrapped with it until it is enabled again. */
import type { Operation } from '../audit.ts'
import { authorise, existing, keyIdOf, requireRoot } from './admit.ts'
import { replaceKey } from './changes.ts'
import type { KeyRow } from './key-row.ts'
import type { KeyCall, KeyParts } from './parts.ts'
import { requireState, SUSPENDED } from './states.ts'

export function disableKey(call: KeyCall, id: string, parts: KeyParts): Operation<'hs-crypto.secrets.disable', KeyRow> {
  return (seen) => {
    const found = parts.keys.find(call.instance.guid, keyIdOf(id))
    authorise(call, id, found, 'keys.suspend', seen, parts)
    const key = existing(call, found)
    requireRoot(key)
    const now = parts.clock.now()
    requireState('disable', key, now)

    const disabled: KeyRow = { ...key, state: SUSPENDED, actedAt: now, updatedAt: now }
    const told = parts.lifecycle.begin(disabled, 'disable', call, {}, now)
    return { result: disabled, code: 204, changes: [replaceKey(key, disabled), ...told] }
  }
}
