/** `kmip-management.list` of the objects that clients of an adapter made. */
import type { Operation } from '../../audit.ts'
import { Refusal } from '../../errors.ts'
import type { KeySearched } from '../../keys/list.ts'
import type { KeyCall } from '../../keys/parts.ts'
import { isFound, type Search } from '../../keys/search.ts'
import { authorise, existingAdapter } from './admit.ts'
import type { Listed } from './list-adapters.ts'
import { type ListedObject, listedObject, namesOfRow } from './listed-object.ts'
import type { KmipParts } from './parts.ts'
import type { ObjectListWish } from './query.ts'
import type { AdapterRow, ObjectState } from './rows.ts'
import type { ListedRow, Paged } from './store.ts'

/** Objects read at once, at most: a longer list takes a turn of the serving loop for each such slice. */
const sliceObjects = 200

export interface ListedObjects extends Listed<ListedObject> {
  /** What was searched for, and whether the search looked at that one object only. */
  readonly search?: KeySearched
}

/** Which objects the page holds is decided at one moment. One that is gone, or has another state, when it is read is left out. */
export function listObjects(
  call: KeyCall,
  idOrName: string,
  wish: () => ObjectListWish,
  parts: KmipParts,
): Operation<'hs-crypto.kmip-management.list', ListedObjects> {
  return async (seen) => {
    const { adapter, wanted } = await parts.turns.take(() => {
      authorise(call, 'object', seen, parts)
      return { wanted: wish(), adapter: existingAdapter(call, idOrName, seen, parts) }
    })
    const { search, totalCount } = wanted
    const found =
      search === undefined ? await page(adapter, wanted, parts) : await searched(adapter, wanted, search, parts)
    seen.response.totalResources = found.rows.length
    return { result: { ...found, totalCount }, code: 200 }
  }
}

async function page(adapter: AdapterRow, wanted: ObjectListWish, parts: KmipParts): Promise<Paged<ListedObject>> {
  const { rows: numbers, total } = await parts.turns.take(() => parts.kmip.pickObjects(adapter, wanted.states, wanted))
  const rows: ListedObject[] = []
  await read(adapter, numbers, wanted, parts, (row) => void rows.push(listedObject(row)))
  return { rows, total }
}

/**
 * Looks at every object of the states when they are few enough, and else at the one that the search names whole.
 * @throws Refusal `KEY_SEARCH_TOO_BROAD`
 */
async function searched(
  adapter: AdapterRow,
  wanted: ObjectListWish,
  search: Search,
  parts: KmipParts,
): Promise<Omit<ListedObjects, 'totalCount'>> {
  const { numbers, isIncomplete } = await parts.turns.take(() => looked(adapter, wanted, search, parts))
  const rows: ListedObject[] = []
  let total = 0
  await read(adapter, numbers, wanted, parts, (row) => {
    const isMeant = search.byId && row.id === search.query.toLowerCase()
    if (!isMeant && !isFound(search, namesOfRow(row))) return
    if (total >= wanted.offset && rows.length < wanted.limit) rows.push(listedObject(row))
    total += 1
  })
  return { rows, total, search: { ...search, scopes: ['name'], isIncomplete } }
}

function looked(
  adapter: AdapterRow,
  { states }: ObjectListWish,
  search: Search,
  { kmip, objects, searchSpace }: KmipParts,
): { readonly numbers: readonly number[]; readonly isIncomplete: boolean } {
  if (kmip.countObjects(adapter, states) <= searchSpace) {
    const all = kmip.pickObjects(adapter, states, { limit: searchSpace, offset: 0 })
    return { numbers: all.rows, isIncomplete: false }
  }
  const place = { instance: adapter.instance, adapter: adapter.id }
  const id = objects.named(place, search.query) ?? (search.byId ? search.query.toLowerCase() : undefined)
  const number = search.not || id === undefined ? undefined : objects.find(place, id)?.number
  if (number === undefined) {
    throw new Refusal('KEY_SEARCH_TOO_BROAD', {
      message: 'The search would look at too many objects. Give a whole name or an id, or fewer states.',
    })
  }
  return { numbers: [number], isIncomplete: true }
}

async function read(
  adapter: AdapterRow,
  numbers: readonly number[],
  { states }: ObjectListWish,
  { kmip, turns }: KmipParts,
  see: (row: ListedRow) => void,
): Promise<void> {
  for (let from = 0; from < numbers.length; from += sliceObjects) {
    const slice = numbers.slice(from, from + sliceObjects)
    await turns.take(() => {
      for (const row of kmip.listedObjects(adapter, slice)) if (states.has(row.state as ObjectState)) see(row)
    })
  }
}
