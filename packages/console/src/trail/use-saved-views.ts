/** The saved views of the tracker: read once when somebody wants them, since reading them is an event; then kept up here. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useMemo } from 'react'
import { type ApiError, asApiError } from '../api/problem.ts'
import { type SavedView, type ViewsApi, type WantedView, createViewsApi } from '../api/views-api.ts'
import { savedViewsKey } from '../app/saved-views-key.ts'
import { useApi } from '../app/session.tsx'
import { useRoom } from '../app/witness-room.tsx'

interface SavedViews {
  /** Undefined while they are not read. */
  readonly views: readonly SavedView[] | undefined
  /** When they were read, in milliseconds since the epoch. */
  readonly readAt: number
  readonly isReading: boolean
  readonly error: ApiError | undefined
  readonly again: () => void
}

export function useSavedViews(isWanted: boolean): SavedViews {
  const api = useViewsApi()
  const { location } = useRoom().tracker
  const { data, error, refetch, isFetching, dataUpdatedAt } = useQuery({
    queryKey: savedViewsKey(location),
    queryFn: ({ signal }) => api.list(signal),
    enabled: isWanted,
    gcTime: Number.POSITIVE_INFINITY,
    networkMode: 'always',
  })
  return {
    views: data,
    readAt: dataUpdatedAt,
    isReading: isFetching,
    error: error === null ? undefined : asApiError(error),
    again: () => void refetch(),
  }
}

/** Of one view: `wanted` is what it shall be, nothing to delete it; without `view` a new one is saved. */
export type ViewChange =
  | { readonly view?: SavedView | undefined; readonly wanted: WantedView }
  | { readonly view: SavedView; readonly wanted?: undefined }

// What a mutation is made of is all there is to say about its type.
export function useViewChange(onDone: (view: SavedView | undefined) => void) {
  const api = useViewsApi()
  const cache = useQueryClient()
  const key = savedViewsKey(useRoom().tracker.location)
  return useMutation({
    mutationFn: async ({ view, wanted }: ViewChange): Promise<SavedView | undefined> => {
      if (wanted === undefined) return api.remove(view).then(() => undefined)
      return view === undefined ? api.create(wanted) : api.update(view, wanted)
    },
    networkMode: 'always',
    onSuccess: (now, { view }) => {
      const put = (views: readonly SavedView[] | undefined): readonly SavedView[] | undefined =>
        views && [...views.filter(({ id }) => id !== view?.id), ...(now === undefined ? [] : [now])]
      cache.setQueryData<readonly SavedView[]>(key, put)
      onDone(now)
    },
  })
}

function useViewsApi(): ViewsApi {
  const { calls } = useApi()
  const { location } = useRoom().tracker
  return useMemo(() => createViewsApi(calls, location), [calls, location])
}
