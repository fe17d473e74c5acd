/** The alerts of one search, read again whenever the status says that they may be others. */
import { useEffect, useMemo, useSyncExternalStore } from 'react'
import type { AlertsQuery } from '../api/alert-types.ts'
import { useApi } from '../app/session.tsx'
import { useRoom } from '../app/witness-room.tsx'
import { AlertFeed, type AlertFeedState } from './alert-feed.ts'
import { useAlerting } from './alerting-room.tsx'
import { type AlertsSearch, toAlertsQuery } from './search.ts'

export function useAlerts(search: AlertsSearch): { feed: AlertFeed; state: AlertFeedState } {
  const api = useApi()
  const { tracker } = useRoom()
  const { status, error } = useAlerting()
  // The query as text: opening an alert changes the address, but not what is listed.
  const wanted = JSON.stringify(toAlertsQuery(search))
  const feed = useMemo(
    () => new AlertFeed(api.alerts(tracker.location), JSON.parse(wanted) as AlertsQuery),
    [api, tracker.location, wanted],
  )
  // Read after the status, so that what it counts is in the list; again when it says that one is another, or is back.
  // Each reading is an event: nothing is read without an occasion.
  const isReachable = error === undefined
  const occasion = status === undefined && isReachable ? '' : `${status?.mark ?? ''} ${isReachable}`
  useEffect(() => {
    if (occasion !== '') void feed.refresh()
  }, [feed, occasion])

  useEffect(() => () => feed.stop(), [feed])

  const state = useSyncExternalStore(feed.subscribe, () => feed.state)
  return { feed, state }
}
