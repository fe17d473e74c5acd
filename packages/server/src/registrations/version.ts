/** Finding a version of a key by its id. */
import type { KeyRow } from '../keys/key-row.ts'
import type { KeyParts } from '../keys/parts.ts'
import type { VersionRow } from '../keys/store.ts'

/** A version of this key, or undefined. The newest needs no look at the others. */
export function versionOf(key: KeyRow, id: string, keys: Pick<KeyParts['keys'], 'versions'>): VersionRow | undefined {
  const wanted = id.toLowerCase()
  if (wanted === key.newest) return { id: key.newest, createdAt: key.newestAt }
  return keys
    .versions(key.instance, key.id, { limit: key.versions, offset: 0 })
    .find((version) => version.id === wanted)
}
