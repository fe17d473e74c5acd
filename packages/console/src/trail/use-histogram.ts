/** The histogram of a search: asked once when its first rows are there, and kept up by the events that come. */
import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { createSummariesApi } from '../api/summaries-api.ts'
import { asApiError, type ApiError } from '../api/problem.ts'
import { useApi } from '../app/session.tsx'
import { useRoom } from '../app/witness-room.tsx'
import type { FeedState } from './feed.ts'
import { type Bar, askFor, barsAsked, barsOf } from './histogram.ts'
import type { Division, TrailSearch } from './search.ts'
import type { Zone } from './time-range.ts'
import type { EventsQuery } from '../api/types.ts'

export interface HistogramState {
  /** Undefined while there are none yet. */
  readonly bars: readonly Bar[] | undefined
  /** Whether every event is counted; else there are at least so many. */
  readonly isComplete: boolean
  readonly error: ApiError | undefined
  readonly again: () => void
}

interface HistogramParts {
  readonly search: TrailSearch
  /** The search as the API takes it. */
  readonly query: EventsQuery
  readonly state: FeedState
  readonly by: Division
  readonly isWanted: boolean
  /** In which days begin. */
  readonly zone: Zone
}

export function useHistogram({ search, query, state, by, isWanted, zone }: HistogramParts): HistogramState {
  const { calls } = useApi()
  const { location } = useRoom().tracker
  const api = useMemo(() => createSummariesApi(calls, location), [calls, location])
  const { phase, rows, begun } = state
  const answer = useQuery({
    // A list that begins anew has lost the thread between what was counted and what it shows.
    queryKey: ['histogram', location, query, by, begun],
    queryFn: async ({ signal }) => {
      const asked = askFor(search, rows, Date.now(), zone)
      const to = asked.before === undefined ? {} : { to: new Date(asked.before).toISOString() }
      const request = { by, interval: asked.interval, buckets: barsAsked }
      return { asked, histogram: await api.histogram({ ...query, ...to }, request, signal) }
    },
    enabled: isWanted && phase === 'ready' && rows.length > 0,
    gcTime: 0,
  })
  const { data, error, refetch } = answer
  const bars = useMemo(() => data && barsOf(data.histogram, data.asked, by, rows), [data, by, rows])
  return {
    bars,
    isComplete: data?.histogram.isComplete ?? true,
    error: error === null ? undefined : asApiError(error),
    again: () => void refetch(),
  }
}
