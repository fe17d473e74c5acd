/** How a tracker and its alerting are, asked every few seconds while somebody can see it: asking leaves no event. */
import { type QueryFunctionContext, type UseQueryResult, useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import type { AlertingStatus } from '../api/alert-types.ts'
import type { Api, Calls } from '../api/client.ts'
import { type IntegrityApi, type TrackerStatus, createIntegrityApi } from '../api/integrity-api.ts'
import { type ApiError, asApiError } from '../api/problem.ts'
import { useApi } from '../app/session.tsx'

const pollMs = 10_000

export function useIntegrityApi(location: string): IntegrityApi {
  const { calls } = useApi()
  return useMemo(() => createIntegrityApi(calls, location), [calls, location])
}

/** @param everyMs shorter while something is under way */
export function useTrackerStatus(location: string, everyMs = pollMs): UseQueryResult<TrackerStatus> {
  const { calls } = useApi()
  return useQuery(trackerStatusQuery(calls, location, everyMs))
}

export function trackerStatusQuery(calls: Calls, location: string, everyMs: number) {
  return {
    queryKey: ['tracker-status', location],
    queryFn: ({ signal }: QueryFunctionContext): Promise<TrackerStatus> =>
      createIntegrityApi(calls, location).status(signal),
    ...polling(everyMs),
  }
}

export function alertingStatusQuery(api: Api, location: string, everyMs: number) {
  return {
    queryKey: ['alerting-status', location],
    queryFn: ({ signal }: QueryFunctionContext): Promise<AlertingStatus> => api.alerts(location).status(signal),
    ...polling(everyMs),
  }
}

function polling(everyMs: number) {
  return {
    // Who may not know is refused once: each refusal is an event.
    refetchInterval: ({ state }: { state: { error: Error | null } }): number | false =>
      state.error !== null && asApiError(state.error).kind === 'forbidden' ? false : everyMs,
    refetchIntervalInBackground: false,
    networkMode: 'always',
    retry: false,
  } as const
}

/** Something that is read: what is known, and why no more. */
export interface Reading<Value> {
  readonly value: Value | undefined
  readonly error: ApiError | undefined
}

export function readingOf<Value>(
  result: { readonly data: Value | undefined; readonly error: Error | null } | undefined,
): Reading<Value> {
  const error = result?.error ?? null
  return { value: result?.data, error: error === null ? undefined : asApiError(error) }
}
