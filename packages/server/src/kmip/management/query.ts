/** Reading the queries of KMIP management. */
import { flag, integer, one } from '../../keys/parameters.ts'
import { badQuery } from '../../keys/refusals.ts'
import { parseSearch, type Search } from '../../keys/search.ts'
import { kmipLimits } from './limits.ts'
import type { ObjectState } from './rows.ts'
import type { Page } from './store.ts'

export interface ListWish extends Page {
  /** Whether the answer says how many there are in all. */
  readonly totalCount: boolean
}

export interface AdapterListWish extends ListWish {
  /** Id or alias of a root key; undefined: all adapters. */
  readonly crk: string | undefined
}

export interface ObjectListWish extends ListWish {
  readonly states: ReadonlySet<ObjectState>
  /** Of names and ids; undefined: all objects. */
  readonly search?: Search | undefined
}

/** @throws Refusal `INVALID_QUERY_PARAM_ERR` naming the parameter */
export function parsePage(query: URLSearchParams): ListWish {
  const { page } = kmipLimits
  return { limit: integer(query, 'limit', { min: 1, max: page.max }) ?? page.default, ...restOfPage(query) }
}

/** @throws Refusal `INVALID_QUERY_PARAM_ERR` naming the parameter */
export function parseAdapterList(query: URLSearchParams): AdapterListWish {
  const crk = one(query, 'crk_id')
  return { ...parsePage(query), crk: crk === '' ? undefined : crk }
}

/** @throws Refusal `INVALID_QUERY_PARAM_ERR` naming the parameter */
export function parseObjectList(query: URLSearchParams): ObjectListWish {
  const { objectPage } = kmipLimits
  // Published clients send 0 for "as many as usual".
  const limit = integer(query, 'limit', { min: 0, max: objectPage.max }) ?? 0
  return {
    limit: limit === 0 ? objectPage.default : limit,
    ...restOfPage(query),
    states: statesOf(query),
    search: searchOf(query),
  }
}

/** @throws Refusal `INVALID_QUERY_PARAM_ERR` */
export function parseForce(query: URLSearchParams): boolean {
  return flag(query, 'force') ?? false
}

/** @throws Refusal `INVALID_QUERY_PARAM_ERR` */
export function parseAllowExpiringKey(query: URLSearchParams): boolean {
  return flag(query, 'allowExpiringKey') ?? false
}

function restOfPage(query: URLSearchParams): { offset: number; totalCount: boolean } {
  return {
    offset: integer(query, 'offset', { min: 0, max: Number.MAX_SAFE_INTEGER }) ?? 0,
    totalCount: flag(query, 'totalCount') ?? false,
  }
}

/** As the list of keys takes it; objects have names, but no aliases. */
function searchOf(query: URLSearchParams): Search | undefined {
  const text = one(query, 'search') ?? ''
  if (text.length > kmipLimits.searchLength) {
    throw badQuery('search', `search has at most ${kmipLimits.searchLength} characters.`)
  }
  const search = parseSearch(text)
  if (search?.scopes.includes('name') === false) throw badQuery('search', 'KMIP objects have names, but no aliases.')
  return search
}

const usualStates: readonly ObjectState[] = [1, 2, 3, 4]

/** A comma list of 1 to 6. */
function statesOf(query: URLSearchParams): ReadonlySet<ObjectState> {
  const text = one(query, 'state') ?? ''
  if (text === '') return new Set(usualStates)
  if (!/^[1-6](?:,[1-6]){0,11}$/.test(text)) {
    throw badQuery('state', 'state must be a comma list of numbers from 1 to 6.')
  }
  return new Set(text.split(',').map((state) => Number(state) as ObjectState))
}
