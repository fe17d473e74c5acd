/** `policies.read`: the policies of a key. */
import type { Operation } from '../audit.ts'
import { authorise, existing, keyIdOf } from '../keys/admit.ts'
import type { KeyCall } from '../keys/parts.ts'
import { type KeyPolicy, type KeyPolicyKind, policiesOfKey } from './key-policy.ts'
import type { PolicyParts } from './parts.ts'

/** `kind`: the only one asked for. */
export function readKeyPolicies(
  call: KeyCall,
  id: string,
  kind: () => KeyPolicyKind | undefined,
  parts: PolicyParts,
): Operation<'hs-crypto.policies.read', readonly KeyPolicy[]> {
  return (seen) => {
    const found = parts.keys.find(call.instance.guid, keyIdOf(id))
    authorise(call, id, found, 'key-policies', seen, parts)
    const asked = kind()
    const key = existing(call, found)
    const all = policiesOfKey(parts.reader, key.instance, key.id)
    return { result: asked === undefined ? all : all.filter((policy) => policy.kind === asked), code: 200 }
  }
}
