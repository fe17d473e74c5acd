/** The inventory as it is narrowed, the open key, and the rings: each asked for once, for every reading is an event. */
import { type InfiniteData, type QueryClient, useInfiniteQuery, useQuery } from '@tanstack/react-query'
import type { Answered, InventoryCounts, InventoryKey, InventoryPart, KeyRing, KeysApi } from '../api/keys-api.ts'
import { type ApiError, asApiError } from '../api/problem.ts'
import type { Parts } from '../shared/use-parts.ts'
import { inventoryQueryOf, type KeysSearch } from './search.ts'

export interface Inventory extends Parts<InventoryKey> {
  readonly counts: InventoryCounts | undefined
  readonly answered: Answered | undefined
  /** What is shown is of the question before. */
  readonly isPassing: boolean
}

/** Of all that is read of an instance's keys: what is done to one makes all of it old. */
export const inventoryKey = (guid: string): readonly string[] => ['inventory', guid]
const listKey = (guid: string): readonly string[] => [...inventoryKey(guid), 'list']
export const openKeyKey = (guid: string, id: string): readonly string[] => ['key', guid, id]

export function useInventory(api: KeysApi, guid: string, search: KeysSearch): Inventory {
  const asked = inventoryQueryOf(search)
  const { data, error, hasNextPage, isFetching, isPlaceholderData, fetchNextPage, refetch } = useInfiniteQuery({
    queryKey: [...listKey(guid), asked],
    queryFn: ({ pageParam, signal }) => api.inventory(asked, pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }: InventoryPart) => next,
    // Of another instance nothing is shown, not even for a moment.
    placeholderData: (before, query) => (query?.queryKey[1] === guid ? before : undefined),
  })
  const last = data?.pages.at(-1)
  return {
    items: data?.pages.flatMap(({ items }) => items),
    counts: last?.counts,
    answered: last?.answered,
    error: error === null ? undefined : asApiError(error),
    hasMore: hasNextPage,
    isReading: isFetching,
    isPassing: isPlaceholderData,
    more: () => void fetchNextPage(),
    again: () => void refetch(),
  }
}

/** Keys of the lists that were read and are kept still. */
export function heldKeys(queries: QueryClient, guid: string): readonly InventoryKey[] {
  const lists = queries.getQueriesData<InfiniteData<InventoryPart>>({ queryKey: listKey(guid) })
  return lists.flatMap(([, list]) => list?.pages.flatMap(({ items }) => items) ?? [])
}

export interface OpenKey {
  readonly key: InventoryKey | undefined
  /** Undefined until it is there. */
  readonly answered: Answered | undefined
  readonly error: ApiError | undefined
  readonly again: () => void
}

/** The key of the address: from the list where it is there, else asked for. */
export function useOpenKey(api: KeysApi, guid: string, id: string | undefined, list: Inventory): OpenKey {
  const listed = list.items?.find((key) => key.id === id)
  const isListRead = list.items !== undefined || list.error !== undefined
  const { data, error, refetch } = useQuery({
    queryKey: openKeyKey(guid, id ?? ''),
    queryFn: ({ signal }) => api.key(id ?? '', signal),
    enabled: id !== undefined && isListRead && listed === undefined,
  })
  const isListNewer = data === undefined || (list.answered?.at ?? 0) > data.answered.at
  return {
    key: listed !== undefined && isListNewer ? listed : data?.key,
    answered: listed !== undefined && isListNewer ? list.answered : data?.answered,
    error: error === null ? undefined : asApiError(error),
    again: () => void refetch(),
  }
}

/** The rings that one may see. */
export interface Rings {
  /** Undefined until they are there, or when they could not be read. */
  readonly rings: readonly KeyRing[] | undefined
  readonly error: ApiError | undefined
  readonly again: () => void
}

export const ringsKey = (guid: string): readonly string[] => ['rings', guid]

export function useRings(api: KeysApi, guid: string, isWanted: boolean): Rings {
  const { data, error, refetch } = useQuery({
    queryKey: ringsKey(guid),
    queryFn: ({ signal }) => api.rings(signal),
    enabled: isWanted,
    retry: false,
  })
  return {
    rings: data,
    error: error === null ? undefined : asApiError(error),
    again: () => void refetch(),
  }
}
