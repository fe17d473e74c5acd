/** `secrets-key-versions.list`: the versions of a root key, newest first. */
import type { Operation } from '../audit.ts'
import { authorise, existing, keyIdOf, requireRoot } from './admit.ts'
import type { KeyCall, KeyParts } from './parts.ts'
import { requireState } from './states.ts'
import type { VersionRow } from './store.ts'

export interface VersionsWish {
  readonly limit: number
  readonly offset: number
  /** Whether the answer tells how many there are in all. */
  readonly totalCount: boolean
  /** Also of a key that is not active. */
  readonly allKeyStates: boolean
}

export interface VersionPage {
  readonly versions: readonly VersionRow[]
  /** All versions of the key, when it was asked for. */
  readonly total?: number
}

export function listVersions(
  call: KeyCall,
  id: string,
  wish: () => VersionsWish,
  parts: KeyParts,
): Operation<'hs-crypto.secrets-key-versions.list', VersionPage> {
  return (seen) => {
    const found = parts.keys.find(call.instance.guid, keyIdOf(id))
    authorise(call, id, found, 'keys.versions', seen, parts)
    const wanted = wish()
    const key = existing(call, found)
    requireRoot(key)
    requireState(wanted.allKeyStates ? 'list versions of any state' : 'list versions', key, parts.clock.now())
    const versions = parts.keys.versions(key.instance, key.id, wanted)
    seen.response.totalResources = versions.length
    return { result: wanted.totalCount ? { versions, total: key.versions } : { versions }, code: 200 }
  }
}
