/** The lists that setting alerting up stands on, each read when it is wanted; and what changes them. */
import { type UseQueryResult, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useMemo } from 'react'
import type { Calendar, Channel, RuleView } from '../api/alert-types.ts'
import { type AlertsSetupApi, createAlertsSetupApi } from '../api/alerts-setup-api.ts'
import { useApi } from '../app/session.tsx'
import { useRoom } from '../app/witness-room.tsx'
import { useAlerting } from './alerting-room.tsx'

export function useSetupApi(): AlertsSetupApi {
  const { calls } = useApi()
  const { tracker } = useRoom()
  return useMemo(() => createAlertsSetupApi(calls, tracker.location), [calls, tracker.location])
}

/** Read once for a page: each reading is an event. */
export function useRules(isWanted = true): UseQueryResult<readonly RuleView[]> {
  const api = useApi()
  const { tracker } = useRoom()
  return useQuery({
    queryKey: ['rules', tracker.location],
    queryFn: ({ signal }) => api.alerts(tracker.location).rules(signal),
    enabled: isWanted,
  })
}

export function useChannels(isWanted = true): UseQueryResult<readonly Channel[]> {
  const api = useApi()
  const { tracker } = useRoom()
  return useQuery({
    queryKey: ['channels', tracker.location],
    queryFn: ({ signal }) => api.alerts(tracker.location).channels(signal),
    enabled: isWanted,
  })
}

export function useCalendars(isWanted = true): UseQueryResult<readonly Calendar[]> {
  const api = useSetupApi()
  const { tracker } = useRoom()
  return useQuery({
    queryKey: ['calendars', tracker.location],
    queryFn: ({ signal }) => api.calendars(signal),
    enabled: isWanted,
  })
}

/**
 * A change: done only when the server has answered; then what it changed is read anew, and how alerting is.
 *
 * @param lists which are others afterwards
 */
// What a mutation is made of is all there is to say about its type.
export function useChange<Wish, Result>(
  lists: readonly ('rules' | 'channels' | 'calendars')[],
  act: (api: AlertsSetupApi, wish: Wish) => Promise<Result>,
) {
  const api = useSetupApi()
  const { tracker } = useRoom()
  const { refresh } = useAlerting()
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (wish: Wish) => act(api, wish),
    networkMode: 'always',
    onSuccess: async () => {
      refresh()
      await Promise.all(lists.map((list) => queries.invalidateQueries({ queryKey: [list, tracker.location] })))
    },
  })
}
