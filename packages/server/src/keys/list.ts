/** `secrets.list`: the keys of an instance that the caller may see, a page at a time. */
import type { Operation } from '../audit.ts'
import type { KeyRow } from './key-row.ts'
import type { KeyCall, KeyParts } from './parts.ts'
import { type SelectionWish, select } from './select.ts'
import type { KeyPage } from './selection.ts'

export interface ListWish extends SelectionWish, KeyPage {}

export function listKeys(
  call: KeyCall,
  wish: () => ListWish,
  parts: KeyParts,
): Operation<'hs-crypto.secrets.list', readonly KeyRow[]> {
  return (seen) => {
    const { selection, wanted } = select(call, wish, seen, parts)
    const keys = parts.keys.list(selection, wanted)
    seen.response.totalResources = keys.length
    return { result: keys, code: 200 }
  }
}
