/** `secrets.default`: a request of the key family that names no operation. */
import type { Operation } from '../audit.ts'
import type { Refusal } from '../errors.ts'
import { noteSentRing } from './admit.ts'
import type { KeyCall, KeyParts } from './parts.ts'

/** Refuses always; a caller without any role on the instance is told that first. */
export function refuseUnknown(
  call: KeyCall,
  refusal: () => Refusal,
  parts: Pick<KeyParts, 'access'>,
): Operation<'hs-crypto.secrets.default', never> {
  return (seen) => {
    noteSentRing(call, seen)
    parts.access.rings(call.caller, call.instance, 'instance.read')
    throw refusal()
  }
}
