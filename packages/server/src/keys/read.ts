/** `secrets.read`: a key with, if it is a standard key, its payload. */
import type { Operation } from '../audit.ts'
import { authorise, existing, keyIdOf } from './admit.ts'
import { toBase64 } from './base64.ts'
import { describe } from './describe.ts'
import type { KeyRow } from './key-row.ts'
import type { KeyCall, KeyParts } from './parts.ts'
import { fromUnit } from './refusals.ts'
import { isAllowed, stateAt } from './states.ts'

export interface ReadKey {
  readonly key: KeyRow
  /** Base64; of standard keys that are not destroyed. */
  readonly payload?: string
}

export function readKey(call: KeyCall, id: string, parts: KeyParts): Operation<'hs-crypto.secrets.read', ReadKey> {
  return async (seen) => {
    const known = keyIdOf(id)
    const { guid } = call.instance
    const found = parts.keys.find(guid, known)
    authorise(call, id, found, 'keys.read', seen, parts)
    const key = existing(call, found)
    const now = parts.clock.now()
    describe(key, seen.response, now)
    if (key.extractable === 0 || !isAllowed('read payload', stateAt(key, now))) return { result: { key }, code: 200 }

    const blob = parts.keys.versionBlob(guid, key.id, key.newest)
    if (blob === undefined) throw new Error(`keys: the material of key ${key.id} is missing`)
    const material = await fromUnit(
      parts.unit.exportMaterial({ instance: guid, kind: 'standard-key', id: key.id, blob }),
    )
    return { result: { key, payload: toBase64(material) }, code: 200 }
  }
}
