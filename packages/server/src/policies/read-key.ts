/** `policies.read`: the policies of a key. */
import type { Operation } from '../audit.ts'
import { existing } from '../keys/admit.ts'
import type { KeyCall } from '../keys/parts.ts'
import { admitKey } from './admit-key.ts'
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
    const found = admitKey(call, id, seen, parts)
    const asked = kind()
    const key = existing(call, found)
    const all = policiesOfKey(parts.reader, key.instance, key.id)
    return { result: asked === undefined ? all : all.filter((policy) => policy.kind === asked), code: 200 }
  }
}
