/** What list and count decide first: which keys the caller asks for, within those it may see. */
import type { Rings } from '../iam/roles.ts'
import { noteListedRing, type SeenKey } from './admit.ts'
import type { Filter } from './filter.ts'
import type { KeyCall, KeyParts } from './parts.ts'
import type { KeySelection } from './selection.ts'
import type { KeyState } from './states.ts'

export interface SelectionWish {
  readonly states: ReadonlySet<KeyState>
  /** Undefined: both kinds. */
  readonly extractable: boolean | undefined
  /** Only keys with dates in these ranges. */
  readonly dates: Filter['dates']
}

/** Keys the caller may not see are left out without a word. */
export function select<Wish extends SelectionWish>(
  call: KeyCall,
  wish: () => Wish,
  seen: Pick<SeenKey, 'request' | 'response'>,
  parts: KeyParts,
): { selection: KeySelection; wanted: Wish } {
  noteListedRing(call, seen)
  const visible = parts.access.rings(call.caller, call.instance, 'keys.list')
  const wanted = wish()
  const selection: KeySelection = {
    instance: call.instance.guid,
    states: wanted.states,
    extractable: wanted.extractable,
    dates: wanted.dates,
    rings: call.keyRing === undefined ? visible : onlyRing(call.keyRing, visible),
    now: parts.clock.now(),
  }
  return { selection, wanted }
}

function onlyRing(ring: string, visible: Rings): Rings {
  return new Set(visible === 'all' || visible.has(ring) ? [ring] : [])
}
