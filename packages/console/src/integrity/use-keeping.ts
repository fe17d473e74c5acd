/** What is kept, in its three parts: each is read by itself, so that one that fails hides none of the others. */
import { type UseQueryResult, useQuery } from '@tanstack/react-query'
import type { Hold, Proposal, Retention } from '../api/integrity-api.ts'
import { type ApiError, asApiError } from '../api/problem.ts'
import { useRoom } from '../app/witness-room.tsx'
import { useIntegrityApi } from '../shared/use-tracker-status.ts'

/** One part: what was read of it, or why nothing was. */
export interface KeepingPart<Value> {
  readonly value: Value | undefined
  readonly error: ApiError | undefined
  readonly again: () => void
}

export interface Keeping {
  readonly retention: KeepingPart<Retention>
  readonly holds: KeepingPart<readonly Hold[]>
  readonly proposals: KeepingPart<readonly Proposal[]>
  readonly isReading: boolean
  /** When the oldest part that is shown was read, in milliseconds since the epoch; undefined while none is. */
  readonly readAt: number | undefined
  readonly again: () => void
}

export function useKeeping(): Keeping {
  const { tracker } = useRoom()
  const { location } = tracker
  const api = useIntegrityApi(location)
  const retention = useQuery({
    queryKey: ['keeping', location, 'retention'],
    queryFn: ({ signal }) => api.retention(signal),
  })
  const holds = useQuery({ queryKey: ['keeping', location, 'holds'], queryFn: ({ signal }) => api.holds(signal) })
  const proposals = useQuery({
    queryKey: ['keeping', location, 'proposals'],
    queryFn: ({ signal }) => api.proposals(signal),
  })
  const all = [retention, holds, proposals]
  const times = all.flatMap(({ data, dataUpdatedAt }) => (data === undefined ? [] : [dataUpdatedAt]))
  return {
    retention: partOf(retention),
    holds: partOf(holds),
    proposals: partOf(proposals),
    isReading: all.some(({ isFetching }) => isFetching),
    readAt: times.length === 0 ? undefined : Math.min(...times),
    again: () => {
      for (const { refetch } of all) void refetch()
    },
  }
}

function partOf<Value>({ data, error, refetch }: UseQueryResult<Value>): KeepingPart<Value> {
  return {
    value: data,
    error: error === null ? undefined : asApiError(error),
    again: () => void refetch(),
  }
}
