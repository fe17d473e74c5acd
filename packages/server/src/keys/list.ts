/** `secrets.list`: the keys of an instance that the caller may see, a page at a time. */
import type { Operation } from '../audit.ts'
import { Refusal } from '../errors.ts'
import { isAliasName, isKeyId } from './alias.ts'
import type { KeyRow } from './key-row.ts'
import type { KeyCall, KeyParts } from './parts.ts'
import { answers, type Search } from './search.ts'
import { type SelectionWish, select } from './select.ts'
import { isSelected, type KeyPage, type KeySelection, type PickedKey } from './selection.ts'
import type { Turns } from './turns.ts'

export interface ListWish extends SelectionWish, KeyPage {
  readonly search: Search | undefined
}

/** Keys read and shown at once, at most: a longer list takes a turn of the serving loop for each such slice. */
const sliceKeys = 200

export interface KeyList<Shown> {
  /** The page, slice by slice as it was shown. */
  readonly slices: readonly Shown[]
  /** Keys of the page. */
  readonly count: number
  /** All that match, whatever the page holds of them. */
  readonly total: number
  /** What was searched for, and whether the search looked at that one key only. */
  readonly search?: KeySearched
}

export type KeySearched = Search & { readonly isIncomplete: boolean }

type Picked = Pick<KeyList<unknown>, 'total' | 'search'> & { readonly keys: readonly PickedKey[] }

/**
 * Which keys the page holds is decided at one moment. A key that no longer fits when its slice is read is left out.
 * @param show what the answer says of some keys, in the turn in which they were read
 */
export function listKeys<Shown>(
  call: KeyCall,
  wish: () => ListWish,
  parts: KeyParts,
  turns: Turns,
  show: (keys: readonly KeyRow[]) => Shown,
): Operation<'hs-crypto.secrets.list', KeyList<Shown>> {
  return async (seen) => {
    const { selection, picked } = await turns.take(() => {
      const { selection: asked, wanted } = select(call, wish, seen, parts)
      return { selection: asked, picked: pick(asked, wanted, parts) }
    })
    const slices: Shown[] = []
    let count = 0
    for (let from = 0; from < picked.keys.length; from += sliceKeys) {
      const ids = picked.keys.slice(from, from + sliceKeys).map(({ id }) => id)
      await turns.take(() => {
        const keys = parts.keys.rows(selection.instance, ids).filter((key) => isSelected(key, selection))
        count += keys.length
        slices.push(show(keys))
      })
    }
    seen.response.totalResources = count
    const { total, search } = picked
    return { result: { slices, count, total, ...(search === undefined ? {} : { search }) }, code: 200 }
  }
}

function pick(selection: KeySelection, wanted: ListWish, parts: KeyParts): Picked {
  if (wanted.search !== undefined) return found(wanted.search, selection, wanted, parts)
  return { keys: parts.keys.pick(selection, wanted), total: parts.keys.count(selection) }
}

/**
 * Looks at every selected key when they are few enough; a key that the search names by id or alias comes first, and alone
 * when they are not.
 * @throws Refusal `KEY_SEARCH_TOO_BROAD`
 */
function found(search: Search, selection: KeySelection, page: KeyPage, parts: KeyParts): Picked {
  const { keys, limits } = parts
  const named = namedKey(search, selection, parts)
  if (keys.count(selection) > limits.searchSpace) {
    if (named === undefined) throw new Refusal('KEY_SEARCH_TOO_BROAD')
    return { keys: page.offset === 0 ? [named] : [], total: 1, search: { ...search, isIncomplete: true } }
  }
  const looked = keys.pick(selection, { limit: limits.searchSpace, offset: 0, sort: page.sort })
  const aliases = search.scopes.includes('alias')
    ? keys.aliasesOf(
        selection.instance,
        looked.map(({ id }) => id),
      )
    : undefined
  const isFirst = (key: PickedKey): boolean => search.byId && key.id === named?.id
  const fitting = looked.filter((key) => isFirst(key) || answers(search, key.name, aliases?.get(key.id) ?? []))
  const first = fitting.findIndex(isFirst)
  const ordered = first < 0 ? fitting : [fitting[first] as PickedKey, ...fitting.toSpliced(first, 1)]
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
