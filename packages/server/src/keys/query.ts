/** Reading the queries of the key API (reference sections 2.5, 4.3 and 7.1). */
import type { ListWish } from './list.ts'
import { keyLimits } from './limits.ts'
import type { RingsWish } from './list-rings.ts'
import { flag, integer, one } from './parameters.ts'
import { badQuery } from './refusals.ts'
import { parseFilter } from './filter.ts'
import { parseSearch, type Search } from './search.ts'
import type { SelectionWish } from './select.ts'
import { type SortProperty, type SortTerm, sortColumns } from './selection.ts'
import { isStateList, statesIn } from './state-list.ts'
import type { KeyState } from './states.ts'
import type { VersionsWish } from './versions.ts'

/** @throws Refusal `INVALID_QUERY_PARAM_ERR` naming the parameter */
export function parseSelection(query: URLSearchParams): SelectionWish {
  const filter = parseFilter(one(query, 'filter') ?? '')
  for (const name of ['state', 'extractable'] as const) {
    if (query.has(name) && filter[name === 'state' ? 'states' : name] !== undefined) {
      throw badQuery(name, `${name} may be given by itself or in filter, not both.`)
    }
  }
  return {
    states: filter.states ?? statesOf(query),
    extractable: filter.extractable ?? flag(query, 'extractable'),
    dates: filter.dates,
  }
}

/** @throws Refusal `INVALID_QUERY_PARAM_ERR` naming the parameter */
export function parseCount(query: URLSearchParams): SelectionWish {
  if ((one(query, 'search') ?? '') !== '') throw badQuery('search', 'A count does not take a search.')
  return parseSelection(query)
}

/** @throws Refusal `INVALID_QUERY_PARAM_ERR` naming the parameter */
export function parseList(query: URLSearchParams): ListWish {
  return { ...parseSelection(query), ...pageOf(query), sort: sortOf(query), search: searchOf(query) }
}

/** @throws Refusal `INVALID_QUERY_PARAM_ERR` naming the parameter */
export function parseRings(query: URLSearchParams): RingsWish {
  return { ...pageOf(query, keyLimits.ringPage), totalCount: flag(query, 'totalCount') ?? false }
}

/** @throws Refusal `INVALID_QUERY_PARAM_ERR` naming the parameter */
export function parseVersions(query: URLSearchParams): VersionsWish {
  return {
    ...pageOf(query),
    totalCount: flag(query, 'totalCount') ?? false,
    allKeyStates: flag(query, 'allKeyStates') ?? false,
  }
}

/** `force` of a deletion, of a key or a key ring. @throws Refusal `INVALID_QUERY_PARAM_ERR` */
export function parseForce(query: URLSearchParams): boolean {
  return flag(query, 'force') ?? false
}

function searchOf(query: URLSearchParams): Search | undefined {
  const text = one(query, 'search') ?? ''
  if (text.length > keyLimits.searchLength) {
    throw badQuery('search', `search has at most ${keyLimits.searchLength} characters.`)
  }
  return parseSearch(text)
}

function pageOf(
  query: URLSearchParams,
  page: { readonly default: number; readonly max: number } = keyLimits.page,
): { limit: number; offset: number } {
  return {
    limit: integer(query, 'limit', { min: 1, max: page.max }) ?? page.default,
    offset: integer(query, 'offset', { min: 0, max: Number.MAX_SAFE_INTEGER }) ?? 0,
  }
}

const usualStates: readonly KeyState[] = [0, 1, 2, 3]

function statesOf(query: URLSearchParams): ReadonlySet<KeyState> {
  const text = one(query, 'state')
  if (text === undefined) return new Set(usualStates)
  if (!isStateList(text)) throw badQuery('state', 'state must be a comma list of numbers from 0 to 5.')
  return statesIn(text)
}

/** A comma list of properties, `-` before one for descending. A property named again changes nothing. */
function sortOf(query: URLSearchParams): readonly SortTerm[] {
  const text = one(query, 'sort') ?? ''
  if (text === '') return []
  if (text.length > keyLimits.sortLength) throw badQuery('sort', `sort has at most ${keyLimits.sortLength} characters.`)
  const terms = new Map<SortProperty, SortTerm>()
  for (const part of text.split(',')) {
    const descending = part.startsWith('-')
    const name = descending ? part.slice(1) : part
    if (!Object.hasOwn(sortColumns, name)) {
      throw badQuery('sort', `sort takes ${Object.keys(sortColumns).join(', ')}, each with - before it for descending.`)
    }
    const property = name as SortProperty
    // Ids are unique: nothing after them can order anything.
    if (!terms.has(property) && !terms.has('id')) terms.set(property, { property, descending })
  }
  return [...terms.values()]
}
