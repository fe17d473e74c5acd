/** `instance-policies.write`: sets policies of an instance; every following call meets them. */
import type { Operation } from '../audit.ts'
import type { KeyCall } from '../keys/parts.ts'
import { changeFields } from './event-fields.ts'
import type { PolicyWish } from './instance-body.ts'
import { putInstancePolicy, unset } from './instance-policy.ts'
import type { PolicyParts } from './parts.ts'

export function writeInstancePolicies(
  call: KeyCall,
  wish: () => readonly PolicyWish[],
  parts: PolicyParts,
): Operation<'hs-crypto.instance-policies.write', void> {
  return (seen) => {
    const { caller, instance } = call
    parts.access.requireInstance(caller, instance, 'instance-policies')
    const now = parts.clock.now()
    const changes = wish().map(({ kind, enabled, attributes }) => {
      const before = parts.policies.find(instance.guid, kind)
      const after = {
        kind,
        enabled,
        attributes,
        createdAt: before?.createdAt ?? now,
        createdBy: before?.createdBy ?? caller.id,
        updatedAt: now,
        updatedBy: caller.id,
      }
      Object.assign(seen.request, changeFields(kind, before ?? unset[kind], after))
      return putInstancePolicy(instance.guid, before, after)
    })
    return { result: undefined, code: 204, changes }
  }
}
