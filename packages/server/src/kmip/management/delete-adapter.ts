/** `kmip-management.delete` of an adapter: its certificates go with it, so no client of it reaches anything again. */
import type { Operation } from '../../audit.ts'
import { Refusal } from '../../errors.ts'
import type { KeyCall } from '../../keys/parts.ts'
import { authorise, existingAdapter } from './admit.ts'
import { removeAdapter } from './changes.ts'
import { kmipLimits } from './limits.ts'
import type { KmipParts } from './parts.ts'

export function deleteAdapter(
  call: KeyCall,
  idOrName: string,
  parts: KmipParts,
): Operation<'hs-crypto.kmip-management.delete', undefined> {
  return (seen) => {
    authorise(call, 'adapter', seen, parts)
    const adapter = existingAdapter(call, idOrName, seen, parts)
    if (parts.kmip.remaining(adapter) > 0) throw new Refusal('KMIP_OBJECTS_REMAIN')
    const clients = parts.kmip.certificates(adapter, { limit: kmipLimits.certificatesPerAdapter, offset: 0 }).rows
    const settled = (): void => {
      for (const { fingerprint } of clients) parts.dropClient(fingerprint)
    }
    return { result: undefined, code: 204, changes: [removeAdapter(adapter)], settled }
  }
}
