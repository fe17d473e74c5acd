/**
 * What the keys page shows, as it stands in the address: the keys, their rings or the policies; how the inventory is
 * narrowed, the open key, what is shown of it.
 */
import { keyKinds, type KeyKind, keyStates, type KeyStateName } from '../api/key-states.ts'
import type { InventoryQuery } from '../api/keys-api.ts'

export const keysShown = ['keys', 'rings', 'policies'] as const
type KeysShown = (typeof keysShown)[number]

export const keyViews = ['key', 'life'] as const
type KeyView = (typeof keyViews)[number]

/** Days within which rotations that are due can be asked for; 0: overdue. */
export const dueChoices = [0, 30, 90] as const

export interface KeysSearch {
  /** In place of the keys. */
  readonly show?: Exclude<KeysShown, 'keys'> | 'new' | undefined
  readonly state?: readonly KeyStateName[] | undefined
  readonly kind?: KeyKind | undefined
  readonly ring?: string | undefined
  readonly due?: number | undefined
  readonly waiting?: true | undefined
  readonly search?: string | undefined
  /** When keys were used last is asked of the trail. */
  readonly use?: true | undefined
  /** Id of the open key. */
  readonly key?: string | undefined
  readonly view?: KeyView | undefined
  /** The open key's life with each of its uses. */
  readonly uses?: true | undefined
}

/** What of it makes sense at another instance. */
export const keysKept: readonly (keyof KeysSearch)[] = ['show', 'state', 'kind', 'due', 'waiting', 'search', 'use']

const idPattern = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
const ringPattern = /^[A-Za-z0-9_-]{2,100}$/
const searchCharsMax = 200

/** Reads an address. What is malformed is left out, never guessed. */
export function parseKeysSearch(raw: Readonly<Record<string, unknown>>): KeysSearch {
  const text = (name: string): string => {
    const value = raw[name]
    if (Array.isArray(value)) return value.join(',')
    return typeof value === 'string' || typeof value === 'number' || value === true ? String(value) : ''
  }
  const show = (['rings', 'policies', 'new'] as const).find((name) => name === text('show'))
  const state = keyStates.filter((name) => text('state').split(',').includes(name))
  const kind = keyKinds.find((name) => name === text('kind'))
  const due = dueChoices.find((days) => String(days) === text('due'))
  const view = keyViews.find((name) => name === text('view'))
  return {
    ...(show !== undefined && { show }),
    ...(state.length > 0 && { state }),
    ...(kind !== undefined && { kind }),
    ...(ringPattern.test(text('ring')) && { ring: text('ring') }),
    ...(due !== undefined && { due }),
    ...(text('waiting') === 'true' && { waiting: true as const }),
    ...(text('search') !== '' && text('search').length <= searchCharsMax && { search: text('search') }),
    ...(text('use') === 'true' && { use: true as const }),
    ...(idPattern.test(text('key')) && { key: text('key') }),
    ...(view !== undefined && { view }),
    ...(text('uses') === 'true' && { uses: true as const }),
  }
}

/** What of it the inventory is asked for. */
export function inventoryQueryOf({ state, kind, ring, due, waiting, search }: KeysSearch): InventoryQuery {
  return { state, kind, ring, due, waiting, search }
}

export function isNarrowed({ state, kind, ring, due, waiting, search }: KeysSearch): boolean {
  return [state, kind, ring, due, waiting, search].some((value) => value !== undefined)
}

/** Without the open key and what is shown of it. */
export function withoutKey({ key: _key, view: _view, uses: _uses, ...list }: KeysSearch): KeysSearch {
  return list
}
