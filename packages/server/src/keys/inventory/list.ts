/** `secrets.list` as people look at keys: a page of the inventory, with what each key needs of them, and what there is in all. */
import type { Operation } from '../../audit.ts'
import type { Identities } from '../../iam/identities.ts'
import type { Reader } from '../../store/store.ts'
import type { KeyRow } from '../key-row.ts'
import type { KeyCall, KeyParts } from '../parts.ts'
import { answers, type Search } from '../search.ts'
import { select } from '../select.ts'
import { isSelected, type KeySelection, type PickedKey } from '../selection.ts'
import { type KeyState, type StateName, stateNames } from '../states.ts'
import type { Turns } from '../turns.ts'
import type { InventoryWish } from './query.ts'
import { countOverdue, countWaiting, type Cursor, type InventorySelection, pickNext } from './rows.ts'

export interface InventoryParts extends KeyParts {
  readonly reader: Reader
  readonly identities: Pick<Identities, 'namesOf'>
}

/** Keys by state, and those that somebody should look at. */
type InventoryCounts = Readonly<Record<StateName | 'waiting' | 'overdue', number>>

export interface InventoryPage<Shown> {
  /** The page, slice by slice as it was shown. */
  readonly slices: readonly Shown[]
  /** In all that the caller may see, in the ring if one was named, whatever else was asked for. */
  readonly counts: InventoryCounts
  /** Where the next page begins; undefined when this one was the last. */
  readonly next: Cursor | undefined
}

/** Keys looked at, and read and shown, in one turn of the serving loop. */
const sliceKeys = 200
const searchedKeys = 500
const dayMs = 24 * 3_600_000

/**
 * Keys the caller may not see are left out without a word. A page may be looked for in several turns: what is created
 * meanwhile may be missing, and a key that no longer fits when it is read is left out.
 * @param show what the answer says of some keys, in the turn in which they were read
 */
export function listInventory<Shown>(
  call: KeyCall,
  wish: () => InventoryWish,
  parts: InventoryParts,
  turns: Turns,
  show: (keys: readonly KeyRow[]) => Shown,
): Operation<'hs-crypto.secrets.list', InventoryPage<Shown>> {
  return async (seen) => {
    const { selection, wanted, counts } = await turns.take(() => {
      const selected = select(call, wish, seen, parts)
      return { ...selected, counts: countsOf(selected.selection, parts) }
    })
    const { keys, next } = await pick(narrowed(selection, wanted), wanted, parts, turns)
    const slices: Shown[] = []
    let count = 0
    for (let from = 0; from < keys.length; from += sliceKeys) {
      const ids = keys.slice(from, from + sliceKeys).map(({ id }) => id)
      await turns.take(() => {
        const rows = parts.keys.rows(selection.instance, ids).filter((key) => isSelected(key, selection))
        count += rows.length
        slices.push(show(rows))
      })
    }
    seen.response.totalResources = count
    return { result: { slices, counts, next }, code: 200 }
  }
}

function narrowed(selection: KeySelection, { dueDays, isWaiting }: InventoryWish): InventorySelection {
  const dueUntil = dueDays === undefined ? undefined : selection.now + dueDays * dayMs
  return { ...selection, dueUntil, isWaiting }
}

function countsOf(selection: KeySelection, { keys, reader }: InventoryParts): InventoryCounts {
  const all = { ...selection, extractable: undefined }
  const byState = Object.entries(stateNames).map(([state, name]) => {
    const states = new Set([Number(state) as KeyState])
    return [name, keys.count({ ...all, states })] as const
  })
  const states = Object.fromEntries(byState) as Record<StateName, number>
  return { ...states, waiting: countWaiting(reader, all), overdue: countOverdue(reader, all) }
}

/** One key more than the page is looked for, to learn whether there is one after it. */
async function pick(
  selection: InventorySelection,
  { search, limit, sort, after }: InventoryWish,
  parts: InventoryParts,
  turns: Turns,
): Promise<{ readonly keys: readonly PickedKey[]; readonly next: Cursor | undefined }> {
  const found: PickedKey[] = []
  const atOnce = search === undefined ? limit + 1 : searchedKeys
  for (let from = after; ;) {
    const looked = await turns.take(() => {
      const keys = pickNext(parts.reader, selection, sort, from, atOnce)
      found.push(...(search === undefined ? keys : fitting(search, keys, selection.instance, parts)))
      return keys
    })
    from = looked.at(-1)
    if (found.length > limit || looked.length < atOnce) break
  }
  const keys = found.slice(0, limit)
  return { keys, next: found.length > limit ? keys.at(-1) : undefined }
}

function fitting(search: Search, keys: readonly PickedKey[], instance: string, parts: InventoryParts): PickedKey[] {
  const ids = keys.map(({ id }) => id)
  const aliases = search.scopes.includes('alias') ? parts.keys.aliasesOf(instance, ids) : undefined
  const query = search.query.toLowerCase()
  return keys.filter(({ id, name }) => (search.byId && id === query) || answers(search, name, aliases?.get(id) ?? []))
}
