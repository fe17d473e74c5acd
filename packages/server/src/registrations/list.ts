/** `registrations.list`: the resources registered with one key, or with any key the caller may see. */
import type { Operation } from '../audit.ts'
import { authorise, existing, keyIdOf, noteListedRing } from '../keys/admit.ts'
import type { KeyCall } from '../keys/parts.ts'
import type { RegistrationParts } from './admit.ts'
import type { CrnPattern } from './crn.ts'
import type { ListedRegistration, RegistrationFilter } from './registration-row.ts'

export interface ListWish {
  readonly limit: number
  readonly offset: number
  readonly totalCount: boolean
  readonly crn: CrnPattern | undefined
  readonly preventsDeletion: boolean | undefined
}

export interface RegistrationPage {
  readonly rows: readonly ListedRegistration[]
  /** All there are, when the request asked for it. */
  readonly total: number | undefined
}

export function listKeyRegistrations(
  call: KeyCall,
  id: string,
  wish: () => ListWish,
  parts: RegistrationParts,
): Operation<'hs-crypto.registrations.list', RegistrationPage> {
  return (seen) => {
    const found = parts.keys.find(call.instance.guid, keyIdOf(id))
    authorise(call, id, found, 'registrations.list', seen, parts)
    const wanted = wish()
    const key = existing(call, found)
    const page = read({ instance: key.instance, key: key.id, rings: 'all', ...wanted }, wanted, parts)
    seen.response.totalResources = page.rows.length
    return { result: page, code: 200 }
  }
}

/**
 * Registrations of keys the caller may not see are left out without a word. A question that leaves the service open is
 * about the caller's own: only services ask it, whose own names the service that this one replaces puts there (section
 * 7.9).
 */
export function listRegistrations(
  call: KeyCall,
  wish: () => ListWish,
  parts: RegistrationParts,
): Operation<'hs-crypto.registrations.list', RegistrationPage> {
  return (seen) => {
    noteListedRing(call, seen)
    const visible = parts.access.rings(call.caller, call.instance, 'registrations.list')
    const wanted = wish()
    const { keyRing } = call
    const sees = (ring: string): boolean => visible === 'all' || visible.has(ring)
    const rings = keyRing === undefined ? visible : new Set(sees(keyRing) ? [keyRing] : [])
    const owner = wanted.crn?.isOpen === true ? call.caller.id : undefined
    const page = read({ instance: call.instance.guid, key: undefined, rings, owner, ...wanted }, wanted, parts)
    seen.response.totalResources = page.rows.length
    return { result: page, code: 200 }
  }
}

function read(filter: RegistrationFilter, wanted: ListWish, parts: RegistrationParts): RegistrationPage {
  return {
    rows: parts.registrations.list(filter, wanted),
    total: wanted.totalCount ? parts.registrations.total(filter) : undefined,
  }
}
