/** `key-rings.create`: a new, empty key ring. */
import type { Operation } from '../audit.ts'
import { Refusal } from '../errors.ts'
import { malformed } from '../malformed.ts'
import type { Instance } from '../instances/instance.ts'
import { resourceCrn } from '../instances/instance.ts'
import type { KeyCall, KeyParts } from './parts.ts'
import { badField, quotaReached } from './refusals.ts'
import { addRing, isRingName } from './ring.ts'

export function createRing(call: KeyCall, id: string, parts: KeyParts): Operation<'hs-crypto.key-rings.create', void> {
  return (seen) => {
    const { guid } = call.instance
    seen.target = ringTarget(call.instance, id)
    parts.access.requireInstance(call.caller, call.instance, 'key-rings.create', id)
    if (!isRingName(id)) throw malformed(badRing())
    if (parts.keys.hasRing(guid, id)) {
      throw new Refusal('ALREADY_EXISTS', { message: 'The instance has a key ring of this name already.' })
    }
    if (parts.keys.rings(guid).length >= parts.limits.ringsPerInstance) {
      throw quotaReached('The instance has as many key rings as it may.')
    }
    const ring = { id, createdAt: parts.clock.now(), createdBy: call.caller.id }
    return { result: undefined, code: 201, changes: [addRing(guid, ring, parts.limits.ringsPerInstance)] }
  }
}

/** What a call on a ring is about; a text that can name none is not repeated. */
export function ringTarget(instance: Instance, id: string): { id: string; name: string } {
  if (!isRingName(id)) return { id: instance.crn, name: instance.name }
  return { id: resourceCrn(instance, 'key-ring', id), name: id }
}

export function badRing(): Refusal {
  return badField('key-ring-id', 'The id of a key ring has 2 to 100 letters, digits, - and _.')
}
