/** What operations on a key's policies do first: note which key is meant, ask who may, and only then look whether it is. */
import { resourceCrn } from '../instances/instance.ts'
import { keyIdOf, noteSentRing, requestedTarget, type SeenKey } from '../keys/admit.ts'
import type { KeyRow } from '../keys/key-row.ts'
import type { KeyCall } from '../keys/parts.ts'
import type { PolicyParts } from './parts.ts'

/** @throws Refusal `UNAUTHORIZED_ERR` */
export function admitKey(
  call: KeyCall,
  id: string,
  seen: Pick<SeenKey, 'target' | 'request'>,
  parts: PolicyParts,
): KeyRow | undefined {
  const row = parts.keys.find(call.instance.guid, keyIdOf(id))
  seen.target = requestedTarget(call, id)
  noteSentRing(call, seen)
  if (row === undefined) {
    parts.access.rings(call.caller, call.instance, 'key-policies')
    return undefined
  }
  seen.target = { id: resourceCrn(call.instance, 'key', row.id), name: row.name }
  parts.access.requireInstance(call.caller, call.instance, 'key-policies', row.ring)
  return row
}
