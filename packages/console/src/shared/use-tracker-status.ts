/** How a tracker is, asked every few seconds while somebody can see it: asking leaves no event. */
import { type UseQueryResult, useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { type IntegrityApi, type TrackerStatus, createIntegrityApi } from '../api/integrity-api.ts'
import { asApiError } from '../api/problem.ts'
import { useApi } from '../app/session.tsx'

const pollMs = 10_000

export function useIntegrityApi(location: string): IntegrityApi {
  const { calls } = useApi()
  return useMemo(() => createIntegrityApi(calls, location), [calls, location])
}

/** @param everyMs shorter while something is under way */
export function useTrackerStatus(location: string, everyMs = pollMs): UseQueryResult<TrackerStatus> {
  const api = useIntegrityApi(location)
  return useQuery({
    queryKey: ['tracker-status', location],
    queryFn: ({ signal }) => api.status(signal),
    // Who may not know is refused once: each refusal is an event.
    refetchInterval: ({ state }) =>
      state.error !== null && asApiError(state.error).kind === 'forbidden' ? false : everyMs,
    refetchIntervalInBackground: false,
    networkMode: 'always',
    retry: false,
  })
}
