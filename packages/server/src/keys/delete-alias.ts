/** `secrets-alias.delete`: takes a name from a key, at once. */
import type { Operation } from '../audit.ts'
import { Refusal } from '../errors.ts'
import { isAliasName, removeAlias } from './alias.ts'
import { authorise, existing, keyIdOf } from './admit.ts'
import { replaceKey } from './changes.ts'
import type { KeyCall, KeyParts } from './parts.ts'

export function deleteAlias(
  call: KeyCall,
  id: string,
  name: string,
  parts: KeyParts,
): Operation<'hs-crypto.secrets-alias.delete', void> {
  return (seen) => {
    const { guid } = call.instance
    const found = parts.keys.find(guid, keyIdOf(id))
    if (isAliasName(name)) seen.request.alias = name
    authorise(call, id, found, 'aliases.delete', seen, parts)
    const key = existing(call, found)
    if (!isAliasName(name) || parts.keys.aliased(guid, name) !== key.id) {
      throw new Refusal('NOT_FOUND', { message: 'The key has no such alias.' })
    }
    const now = parts.clock.now()
    return {
      result: undefined,
      code: 204,
      changes: [replaceKey(key, { ...key, updatedAt: now }), removeAlias(guid, name, key.id)],
    }
  }
}
