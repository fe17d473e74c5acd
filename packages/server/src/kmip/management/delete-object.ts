/** `kmip-management.delete` of an object: destroys it and erases its material; what is known about it stays. */
import type { Operation } from '../../audit.ts'
import { Refusal } from '../../errors.ts'
import type { KeyCall } from '../../keys/parts.ts'
import { destroyedObject } from '../objects/destroy-object.ts'
import { hasState, isDestroyed } from '../objects/kmip-object.ts'
import { replaceObject } from '../objects/object-changes.ts'
import { ACTIVE, transitionsBy } from '../objects/states.ts'
import { dueParts } from '../due.ts'
import { authorise, existingAdapter, existingObject } from './admit.ts'
import type { KmipParts } from './parts.ts'

export interface DeleteObjectWish {
  /** Also while the object is active. */
  readonly force: boolean
}

export function deleteObject(
  call: KeyCall,
  adapter: string,
  id: string,
  wish: () => DeleteObjectWish,
  parts: KmipParts,
): Operation<'hs-crypto.kmip-management.delete', undefined> {
  return (seen) => {
    authorise(call, 'object', seen, parts)
    const { force } = wish()
    seen.request.force = force
    const adapterRow = existingAdapter(call, adapter, seen, parts)
    const object = existingObject(call, adapterRow, id, seen, parts)
    if (isDestroyed(object)) throw new Refusal('KMIP_OBJECT_DESTROYED')
    const now = parts.clock.now()
    // One of its dates may have passed since it was written down: it is the state of now that counts.
    const transitions = transitionsBy(object, now)
    const current = transitions.at(-1)?.after ?? object
    if (current.state === ACTIVE && hasState(current) && !force) throw new Refusal('KMIP_OBJECT_ACTIVE')
    const gone = destroyedObject(current, { at: now, by: call.caller.id, certificate: null })
    const alongside = dueParts(
      transitions.map((transition) => ({ ...transition, object })),
      call.instance,
      parts,
    )
    const changes = replaceObject(object, gone)
    return { result: undefined, code: 204, changes, alongside, settled: parts.oweForgetting }
  }
}
