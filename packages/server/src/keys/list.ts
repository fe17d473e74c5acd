/** `secrets.list`: the keys of an instance that the caller may see, a page at a time. */
import type { Operation } from '../audit.ts'
import { Refusal } from '../errors.ts'
import { isAliasName, isKeyId } from './alias.ts'
import type { KeyRow } from './key-row.ts'
import type { KeyCall, KeyParts } from './parts.ts'
import { answers, type Search } from './search.ts'
import { type SelectionWish, select } from './select.ts'
import { isSelected, type KeyPage, type KeySelection } from './selection.ts'

export interface ListWish extends SelectionWish, KeyPage {
  readonly search: Search | undefined
}

export interface KeyList {
  readonly keys: readonly KeyRow[]
  /** All that match, whatever the page holds of them. */
  readonly total: number
  /** What was searched for, and whether the search looked at that one key only. */
  readonly search?: Search & { readonly isIncomplete: boolean }
}

export function listKeys(
  call: KeyCall,
  wish: () => ListWish,
  parts: KeyParts,
): Operation<'hs-crypto.secrets.list', KeyList> {
  return (seen) => {
    const { selection, wanted } = select(call, wish, seen, parts)
    const list =
      wanted.search === undefined
        ? { keys: parts.keys.list(selection, wanted), total: parts.keys.count(selection) }
        : found(wanted.search, selection, wanted, parts)
    seen.response.totalResources = list.keys.length
    return { result: list, code: 200 }
  }
}

/**
 * Looks at every selected key when they are few enough; a key that the search names by id or alias comes first, and alone
 * when they are not.
 * @throws Refusal `KEY_SEARCH_TOO_BROAD`
 */
function found(search: Search, selection: KeySelection, page: KeyPage, parts: KeyParts): KeyList {
  const { keys, limits } = parts
  const named = namedKey(search, selection, parts)
  if (keys.count(selection) > limits.searchSpace) {
    if (named === undefined) throw new Refusal('KEY_SEARCH_TOO_BROAD')
    return { keys: page.offset === 0 ? [named] : [], total: 1, search: { ...search, isIncomplete: true } }
  }
  const looked = keys.list(selection, { limit: limits.searchSpace, offset: 0, sort: page.sort })
  const aliases = search.scopes.includes('alias')
    ? keys.aliasesOf(
        selection.instance,
        looked.map(({ id }) => id),
      )
    : undefined
  const isFirst = (key: KeyRow): boolean => search.byId && key.id === named?.id
  const fitting = looked.filter((key) => isFirst(key) || answers(search, key.name, aliases?.get(key.id) ?? []))
  const first = fitting.findIndex(isFirst)
  const ordered = first < 0 ? fitting : [fitting[first] as KeyRow, ...fitting.toSpliced(first, 1)]
  return {
    keys: ordered.slice(page.offset, page.offset + page.limit),
    total: ordered.length,
    search: { ...search, isIncomplete: false },
  }
}

/** The selected key whose id, or alias as it is written, is the text searched for. */
function namedKey(search: Search, selection: KeySelection, parts: KeyParts): KeyRow | undefined {
  if (search.not) return undefined
  const { query } = search
  const isNamed = isKeyId(query) ? search.byId : search.scopes.includes('alias') && isAliasName(query)
  const key = isNamed ? parts.keys.find(selection.instance, isKeyId(query) ? query.toLowerCase() : query) : undefined
  return key !== undefined && isSelected(key, selection) ? key : undefined
}
