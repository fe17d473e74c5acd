/** `kmip-management.delete` of an object: destroys it and erases its material; what is known about it stays. */
import type { Operation } from '../../audit.ts'
import { Refusal } from '../../errors.ts'
import type { KeyCall } from '../../keys/parts.ts'
import { authorise, existingAdapter, existingObject } from './admit.ts'
import { eraseObject } from './changes.ts'
import type { KmipParts } from './parts.ts'
import type { ObjectRow } from './rows.ts'

const active = 2
const compromised = 4
const destroyed = 5
const destroyedCompromised = 6

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
    const object = existingObject(call, existingAdapter(call, adapter, seen, parts), id, seen, parts)
    if (object.state >= destroyed) throw new Refusal('KMIP_OBJECT_DESTROYED')
    if (object.state === active && !force) throw new Refusal('KMIP_OBJECT_ACTIVE')
    const now = parts.clock.now()
    const by = call.caller.id
    const gone: ObjectRow = {
      ...object,
      // That it was compromised stays known (KMIP 1.4, section 3.22).
      state: object.state === compromised ? destroyedCompromised : destroyed,
      updatedAt: now,
      updatedBy: by,
      destroyedAt: now,
      destroyedBy: by,
    }
    return { result: undefined, code: 204, changes: [eraseObject(object, gone)] }
  }
}
