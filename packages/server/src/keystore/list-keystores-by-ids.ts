/** `keystore.listkeystoresbyids`: keystores of these ids, or all that the caller may see; whatever is not there is left out. */
import type { Operation } from '../audit.ts'
import { isWithin, type Keystores } from '../iam/roles.ts'
import { noteRequested } from './admit.ts'
import type { KeystoreRow } from './keystore-row.ts'
import { keystoreLimits } from './limits.ts'
import type { KeystoreCall, KeystoreParts } from './parts.ts'

/** @param wish UUIDs; empty: all */
export function listKeystoresByIds(
  call: KeystoreCall,
  wish: () => readonly string[],
  parts: KeystoreParts,
): Operation<'hs-crypto.keystore.listkeystoresbyids', readonly KeystoreRow[]> {
  return (seen) => {
    noteRequested(call, undefined, undefined, seen)
    const allowed = parts.access.keystores(call.caller, call.instance, 'keystores.list-by-ids')
    const ids = wish()
    if (ids.length > 0) seen.request.ids = ids
    const [only] = ids
    if (ids.length === 1) noteRequested(call, only, undefined, seen)
    const found = visible(call, ids, parts).filter((row) => isShown(allowed, row))
    seen.response.totalResources = found.length
    return { result: found, code: 200 }
  }
}

function visible({ instance }: KeystoreCall, ids: readonly string[], { keystores }: KeystoreParts): KeystoreRow[] {
  if (ids.length === 0) {
    return keystores.list(instance.guid, { type: undefined, name: undefined }, 0, keystoreLimits.keystoresPerInstance)
  }
  return [...new Set(ids)].map((id) => keystores.keystore(instance.guid, id)).filter((row) => row !== undefined)
}

function isShown(allowed: Keystores, { id, type }: KeystoreRow): boolean {
  return isWithin(allowed, { id, isPublic: type === 'public' })
}
