/** A list that comes in parts, each asked for when somebody wants it: every reading is an event of the trail. */
import { useInfiniteQuery } from '@tanstack/react-query'
import { type ApiError, asApiError } from '../api/problem.ts'
import type { Part } from '../api/types.ts'

export interface Parts<Item> {
  /** Undefined until the first part is there. */
  readonly items: readonly Item[] | undefined
  readonly error: ApiError | undefined
  readonly hasMore: boolean
  readonly isReading: boolean
  readonly more: () => void
  /** Reads all of it anew. */
  readonly again: () => void
}

/** @param key under which the parts are kept, as of any query */
export function useParts<Item>(
  key: readonly string[],
  read: (after: string | null, signal: AbortSignal) => Promise<Part<Item>>,
): Parts<Item> {
  const { data, error, hasNextPage, isFetching, fetchNextPage, refetch } = useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam, signal }) => read(pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }: Part<Item>) => next,
  })
  return {
    items: data?.pages.flatMap(({ items }) => items),
    error: error === null ? undefined : asApiError(error),
    hasMore: hasNextPage,
    isReading: isFetching,
    more: () => void fetchNextPage(),
    again: () => void refetch(),
  }
}
