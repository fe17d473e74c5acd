/** `key-rings.list`: the key rings of an instance that the caller may see. */
import type { Operation } from '../audit.ts'
import type { KeyCall, KeyParts } from './parts.ts'
import { defaultRing } from './ring.ts'
import type { RingRow } from './store.ts'

export interface RingsWish {
  readonly limit: number
  readonly offset: number
  /** Whether the answer tells how many there are in all. */
  readonly totalCount: boolean
}

/** A ring as it is listed: `default` has neither a date nor a founder. */
export type ListedRing = Pick<RingRow, 'id'> & Partial<RingRow>

export interface RingPage {
  readonly rings: readonly ListedRing[]
  /** All rings the caller may see, when it was asked for. */
  readonly total?: number
}

/** `default` comes first; rings the caller may not see are left out without a word. */
export function listRings(
  call: KeyCall,
  wish: () => RingsWish,
  parts: KeyParts,
): Operation<'hs-crypto.key-rings.list', RingPage> {
  return (seen) => {
    const visible = parts.access.rings(call.caller, call.instance, 'key-rings.list')
    const { limit, offset, totalCount } = wish()
    const all: ListedRing[] = [{ id: defaultRing }, ...parts.keys.rings(call.instance.guid)]
    const seenByCaller = all.filter(({ id }) => visible === 'all' || visible.has(id))
    const rings = seenByCaller.slice(offset, offset + limit)
    seen.response.totalResources = rings.length
    return { result: totalCount ? { rings, total: seenByCaller.length } : { rings }, code: 200 }
  }
}
