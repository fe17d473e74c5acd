/** When keys were used last, asked of the trail for those in sight, as many at once as one question takes. */
import { useQueries, useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { createKeyEventsApi, type KeyEventsApi, keysAtOnce, type KeyUse, type KeyUses } from '../api/key-events-api.ts'
import { type ApiError, asApiError } from '../api/problem.ts'
import { usePlace } from '../app/place.tsx'
import { useRights } from '../app/rights.ts'
import { useApi } from '../app/session.tsx'

/** Of the trail of the instance's location; undefined where one may read none. */
export function useKeyEvents(): KeyEventsApi | undefined {
  const { calls } = useApi()
  const { tracker } = usePlace()
  const may = useRights()
  const location = tracker?.location
  const mayRead = location !== undefined && may('trail.read', { tracker: location })
  return useMemo(() => (mayRead ? createKeyEventsApi(calls, location) : undefined), [calls, location, mayRead])
}

export interface UsesOfShown {
  readonly byKey: ReadonlyMap<string, KeyUse>
  readonly isComplete: boolean
  readonly error: ApiError | undefined
}

export function useUsesOf(events: KeyEventsApi | undefined, ids: readonly string[], isWanted: boolean): UsesOfShown {
  const batches = Array.from({ length: Math.ceil(ids.length / keysAtOnce) }, (_, at) =>
    ids.slice(at * keysAtOnce, (at + 1) * keysAtOnce),
  )
  return useQueries({
    queries: batches.map((batch) => ({
      queryKey: ['key-uses', ...batch],
      queryFn: ({ signal }: { signal: AbortSignal }) => ask(events, batch, signal),
      enabled: isWanted && events !== undefined,
      retry: false,
    })),
    combine: (answers) => {
      const found = answers.flatMap(({ data }) => (data === undefined ? [] : [data]))
      const failed = answers.find(({ error }) => error !== null)?.error
      return {
        byKey: new Map(found.flatMap(({ byKey }) => [...byKey])),
        isComplete: found.every(({ isComplete }) => isComplete),
        error: failed === undefined || failed === null ? undefined : asApiError(failed),
      }
    },
  })
}

/** Of one key, with who used it. */
export function useUsesOfOne(events: KeyEventsApi | undefined, id: string, isWanted: boolean) {
  return useQuery({
    queryKey: ['key-uses', id],
    queryFn: ({ signal }) => ask(events, [id], signal),
    enabled: isWanted && events !== undefined,
    retry: false,
  })
}

function ask(events: KeyEventsApi | undefined, ids: readonly string[], signal: AbortSignal): Promise<KeyUses> {
  if (events === undefined) throw new Error('asked without a trail')
  return events.uses(ids, signal)
}
