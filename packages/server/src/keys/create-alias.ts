/** `secrets-alias.create`: gives a key another name. */
import type { Operation } from '../audit.ts'
import { Refusal } from '../errors.ts'
import { malformed } from '../malformed.ts'
import { addAlias, type Alias, isAliasName } from './alias.ts'
import { authorise, existing, keyIdOf } from './admit.ts'
import { replaceKey } from './changes.ts'
import type { KeyCall, KeyParts } from './parts.ts'
import { badField, quotaReached } from './refusals.ts'
import { DESTROYED } from './states.ts'

export function createAlias(
  call: KeyCall,
  id: string,
  name: string,
  parts: KeyParts,
): Operation<'hs-crypto.secrets-alias.create', Alias> {
  return (seen) => {
    const { guid } = call.instance
    const found = parts.keys.find(guid, keyIdOf(id))
    if (isAliasName(name)) seen.request.alias = name
    authorise(call, id, found, 'aliases.create', seen, parts)
    if (!isAliasName(name)) throw malformed(badAlias())
    const key = existing(call, found)
    if (key.state === DESTROYED) throw new Refusal('KEY_DELETED_ERR')
    requireFree(guid, [name], key.id, parts)

    const now = parts.clock.now()
    const alias: Alias = { instance: guid, alias: name, key: key.id, createdAt: now, createdBy: call.caller.id }
    return {
      result: alias,
      code: 201,
      changes: [replaceKey(key, { ...key, updatedAt: now }), addAlias(alias, parts.limits)],
    }
  }
}

function badAlias(): Refusal {
  return badField(
    'alias',
    'An alias has 2 to 90 letters, digits, - and _; it is no UUID, and no word that paths of the API use.',
  )
}

/**
 * Whether a key may have these aliases besides those it has.
 * @throws Refusal `ALREADY_EXISTS`, `QUOTA_EXCEEDED`
 */
export function requireFree(instance: string, names: readonly string[], key: string, parts: KeyParts): void {
  if (names.length === 0) return
  const { keys, limits } = parts
  if (names.some((name) => keys.aliased(instance, name) !== undefined)) {
    throw new Refusal('ALREADY_EXISTS', { message: 'A key of this instance has this alias already.' })
  }
  const own = keys.aliasesOf(instance, [key]).get(key)?.length ?? 0
  if (own + names.length > limits.aliasesPerKey) throw quotaReached('The key has as many aliases as it may.')
  if (keys.totalAliases(instance) + names.length > limits.aliasesPerInstance) {
    throw quotaReached('The instance has as many aliases as it may.')
  }
}
