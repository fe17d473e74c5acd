/** How the routes of the key API turn the results of operations into answers. */
import type { ActionName } from '@keywitness/cadf'
import type { Done, Operation, Seen } from '../audit.ts'
import type { InstanceRequest, KmsAnswer } from '../http/witnessed.ts'
import { requestedTarget } from './admit.ts'
import type { Created } from './create.ts'
import type { KeyRow } from './key-row.ts'
import type { KeyParts } from './parts.ts'
import { keyEnvelope, keyResource, minimalKeyResource, type Shown } from './resource.ts'

/** Runs an operation and turns its result into the answer; status, changes and the rest stay as they are. */
export async function answer<A extends ActionName, R>(
  operation: Operation<A, R>,
  seen: Seen<A>,
  render: (result: R) => KmsAnswer,
): Promise<Done<KmsAnswer>> {
  const done = await operation(seen)
  return { ...done, result: render(done.result) }
}

/** An answer that shows nothing. */
export function nothing(): KmsAnswer {
  return {}
}

/** Key id or alias in the path. */
export function idOf(request: InstanceRequest): string {
  return request.params['id'] ?? ''
}

export function targetKey(request: InstanceRequest): { id: string; name: string } {
  return requestedTarget(request, idOf(request))
}

/** What showing these keys needs besides their rows. */
export function shownFor(request: InstanceRequest, keys: readonly KeyRow[], parts: KeyParts): Shown {
  const { instance } = request
  const ids = keys.map(({ id }) => id)
  const needTwo = parts.policies.dualAuthDeleteOf(instance.guid, ids)
  return {
    instance,
    now: parts.clock.now(),
    limits: parts.limits,
    aliases: parts.keys.aliasesOf(instance.guid, ids),
    needsTwo: (key) => needTwo.has(key.id),
  }
}

export function oneKey(request: InstanceRequest, key: KeyRow, parts: KeyParts): KmsAnswer {
  return { body: keyEnvelope([keyResource(key, shownFor(request, [key], parts))]) }
}

export function prefersToSee(request: InstanceRequest): boolean {
  return request.prefer === 'representation'
}

/** A key as its deletion leaves it, when the request prefers to see it: its aliases are in the store until the commit. */
export function deletedKey(request: InstanceRequest, key: KeyRow, parts: KeyParts): KmsAnswer {
  if (!prefersToSee(request)) return {}
  const shown: Shown = { ...shownFor(request, [key], parts), aliases: new Map() }
  return { body: keyEnvelope([keyResource(key, shown)]) }
}

/** What a purged key was, when the request prefers to see it: nothing can be done with it any more. */
export function purgedKey(request: InstanceRequest, key: KeyRow, parts: KeyParts): KmsAnswer {
  if (!prefersToSee(request)) return {}
  const resource = keyResource(key, shownFor(request, [key], parts))
  return { body: keyEnvelope([{ ...resource, restoreAllowed: false, purgeAllowed: false }]) }
}

/** Nothing of a new key is in the store yet when its answer is made. `showsPolicies`: it came with its own. */
export function newKey(request: InstanceRequest, created: Created, showsPolicies: boolean, parts: KeyParts): KmsAnswer {
  const { key, payload, aliases, policies } = created
  const shown: Shown = {
    ...shownFor(request, [], parts),
    aliases: new Map([[key.id, aliases]]),
    needsTwo: () => policies.dualAuthDelete?.enabled === true,
  }
  const resource = request.prefer === 'minimal' ? minimalKeyResource(key, shown) : keyResource(key, shown)
  const { rotation, dualAuthDelete } = policies
  const own = {
    ...(rotation === undefined ? {} : { rotation }),
    ...(dualAuthDelete === undefined ? {} : { dualAuthDelete }),
  }
  return { body: keyEnvelope([withPayload(showsPolicies ? { ...resource, ...own } : resource, payload)]) }
}

export function withPayload(resource: object, payload: string | undefined) {
  return payload === undefined ? { ...resource } : { ...resource, payload }
}
