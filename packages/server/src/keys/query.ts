/** Reading the queries of the key API (reference sections 2.5, 4.3 and 7.1). */
import type { ListWish } from './list.ts'
import { keyLimits } from './limits.ts'
import { flag, integer, one } from './parameters.ts'
import { badQuery } from './refusals.ts'
import type { SelectionWish } from './select.ts'
import { type SortProperty, type SortTerm, sortColumns } from './selection.ts'
import type { KeyState } from './states.ts'
import type { VersionsWish } from './versions.ts'

/** @throws Refusal `INVALID_QUERY_PARAM_ERR` naming the parameter */
export function parseSelection(query: URLSearchParams): SelectionWish {
  for (const name of ['search', 'filter']) {
    if ((one(query, name) ?? '') !== '') throw badQuery(name, `${name} is not understood here.`)
  }
  return { states: statesOf(query), extractable: flag(query, 'extractable') }
}

/** @throws Refusal `INVALID_QUERY_PARAM_ERR` naming the parameter */
export function parseList(query: URLSearchParams): ListWish {
  return { ...parseSelection(query), ...pageOf(query), sort: sortOf(query) }
}

/** @throws Refusal `INVALID_QUERY_PARAM_ERR` naming the parameter */
export function parseVersions(query: URLSearchParams): VersionsWish {
  return {
    ...pageOf(query),
    totalCount: flag(query, 'totalCount') ?? false,
    allKeyStates: flag(query, 'allKeyStates') ?? false,
  }
}

/** `force` of a deletion. @throws Refusal `INVALID_QUERY_PARAM_ERR` */
export function parseForce(query: URLSearchParams): boolean {
  return flag(query, 'force') ?? false
}

function pageOf(query: URLSearchParams): { limit: number; offset: number } {
  return {
    limit: integer(query, 'limit', { min: 1, max: keyLimits.page.max }) ?? keyLimits.page.default,
    offset: integer(query, 'offset', { min: 0, max: Number.MAX_SAFE_INTEGER }) ?? 0,
  }
}

const usualStates: readonly KeyState[] = [0, 1, 2, 3]

/** A comma list of 0 to 5. 4 is a valid question with no answer. */
function statesOf(query: URLSearchParams): ReadonlySet<KeyState> {
  const text = one(query, 'state')
  if (text === undefined) return new Set(usualStates)
  if (!/^[0-5](?:,[0-5]){0,11}$/.test(text))
    throw badQuery('state', 'state must be a comma list of numbers from 0 to 5.')
  return new Set(
    text
      .split(',')
      .filter((state) => state !== '4')
      .map((state) => Number(state) as KeyState),
  )
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
