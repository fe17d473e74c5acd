/** The alerts of one search, read again whenever the status says that they may be others. */
import { useEffect, useMemo, useSyncExternalStore } from 'react'
import type { AlertsQuery } from '../api/alert-types.ts'
import { useApi } from '../app/session.tsx'
import { useRoom } from '../app/witness-room.tsx'
import { AlertFeed, type AlertFeedState } from './alert-feed.ts'
import { useAlerting } from './alerting-room.tsx'
import { type AlertsSearch, toAlertsQuery } from './search.ts'
import { countsKey } from './silence.ts'

/** What no count tells (a comment, who looks after it, how often it fired) shows after this at the latest. */
const slowlyMs = 30_000

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
  // Read after the status, so that what it counts is in the list; again when it counts otherwise, or is back.
  const isReachable = error === undefined
  const occasion = status === undefined && isReachable ? '' : `${countsKey(status)} ${isReachable}`
  useEffect(() => {
    if (occasion !== '') void feed.refresh()
  }, [feed, occasion])

  useEffect(() => {
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') void feed.refresh()
    }, slowlyMs)
    return () => {
      clearInterval(timer)
      feed.stop()
    }
  }, [feed])

  const state = useSyncExternalStore(feed.subscribe, () => feed.state)
  return { feed, state }
}
