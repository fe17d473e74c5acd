/** Reading the query of the inventory of keys. */
import { flag, integer, one } from '../parameters.ts'
import { badQuery } from '../refusals.ts'
import { isKeyId } from '../alias.ts'
import { keyLimits } from '../limits.ts'
import { isRingName } from '../ring.ts'
import { parseSearch, type Search } from '../search.ts'
import type { SelectionWish } from '../select.ts'
import { type KeyState, type StateName, stateNames } from '../states.ts'
import { type Cursor, type InventorySort, inventorySorts } from './rows.ts'

export const inventoryLimits = { page: { default: 100, max: 1_000 }, dueDays: 3_660, cursorLength: 1_024 } as const

export interface InventoryWish extends SelectionWish {
  readonly limit: number
  readonly sort: InventorySort
  readonly after: Cursor | undefined
  /** Rotation due within so many days; 0: by now. */
  readonly dueDays: number | undefined
  readonly isWaiting: boolean
  readonly search: Search | undefined
}

/** @throws Refusal `INVALID_QUERY_PARAM_ERR` naming the parameter */
export function parseInventory(query: URLSearchParams): InventoryWish {
  const ring = one(query, 'ring')
  if (ring !== undefined && !isRingName(ring)) throw badQuery('ring', 'ring is no name of a key ring.')
  const sort = one(query, 'sort') ?? 'name'
  const known = inventorySorts.find((name) => name === sort)
  if (known === undefined) throw badQuery('sort', `sort is ${inventorySorts.join(' or ')}.`)
  const { page, dueDays } = inventoryLimits
  return {
    states: statesOf(query),
    extractable: kindOf(query),
    dates: {},
    limit: integer(query, 'limit', { min: 1, max: page.max }) ?? page.default,
    sort: known,
    after: cursorOf(query),
    dueDays: integer(query, 'due', { min: 0, max: dueDays }),
    isWaiting: flag(query, 'waiting') ?? false,
    search: searchOf(query),
  }
}

/** `after` of the page behind a key. */
export function printCursor({ id, name }: Cursor): string {
  return Buffer.from(`${id}${name}`).toString('base64url')
}

const idLength = 36

function cursorOf(query: URLSearchParams): Cursor | undefined {
  const text = one(query, 'after')
  if (text === undefined) return undefined
  const said = text.length > inventoryLimits.cursorLength ? '' : Buffer.from(text, 'base64url').toString()
  const cursor = { id: said.slice(0, idLength), name: said.slice(idLength) }
  if (isKeyId(cursor.id)) return cursor
  throw badQuery('after', 'after is `next` of the page before.')
}

/** All but destroyed keys when none are named. */
function statesOf(query: URLSearchParams): ReadonlySet<KeyState> {
  const states = new Map(Object.entries(stateNames).map(([state, name]) => [name, Number(state) as KeyState]))
  const text = one(query, 'state')
  if (text === undefined) return new Set([...states.values()].filter((state) => state !== 5))
  const wanted = text.split(',', states.size + 1).map((name) => states.get(name as StateName))
  const known = wanted.filter((state) => state !== undefined)
  if (known.length < wanted.length)
    throw badQuery('state', `state is a comma list of ${[...states.keys()].join(', ')}.`)
  return new Set(known)
}

function kindOf(query: URLSearchParams): boolean | undefined {
  const kind = one(query, 'kind')
  if (kind !== undefined && kind !== 'root' && kind !== 'standard') throw badQuery('kind', 'kind is root or standard.')
  return kind === undefined ? undefined : kind === 'standard'
}

function searchOf(query: URLSearchParams): Search | undefined {
  const text = one(query, 'search') ?? ''
  if (text.length > keyLimits.searchLength) {
    throw badQuery('search', `search has at most ${keyLimits.searchLength} characters.`)
  }
  return parseSearch(text)
}
