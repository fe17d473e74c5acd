/** `secrets.head`: how many keys of an instance the caller may see. */
import type { Operation } from '../audit.ts'
import type { KeyCall, KeyParts } from './parts.ts'
import { type SelectionWish, select } from './select.ts'

export function countKeys(
  call: KeyCall,
  wish: () => SelectionWish,
  parts: KeyParts,
): Operation<'hs-crypto.secrets.head', number> {
  return (seen) => {
    const { selection } = select(call, wish, seen, parts)
    const total = parts.keys.count(selection)
    seen.response.totalResources = total
    return { result: total, code: 200 }
  }
}
