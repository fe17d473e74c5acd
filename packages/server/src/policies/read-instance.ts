/** `instance-policies.read`: the policies that were set for an instance, switched off or not. */
import type { Operation } from '../audit.ts'
import type { KeyCall } from '../keys/parts.ts'
import type { InstancePolicy, PolicyKind } from './instance-policy.ts'
import type { PolicyParts } from './parts.ts'

/** `kind`: the only one asked for. */
export function listInstancePolicies(
  call: KeyCall,
  kind: () => PolicyKind | undefined,
  parts: PolicyParts,
): Operation<'hs-crypto.instance-policies.read', readonly InstancePolicy[]> {
  return () => {
    const { caller, instance } = call
    parts.access.requireInstance(caller, instance, 'instance-policies')
    const asked = kind()
    const all = parts.policies.all(instance.guid)
    return { result: asked === undefined ? all : all.filter((policy) => policy.kind === asked), code: 200 }
  }
}
