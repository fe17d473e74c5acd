/** The feed of one search, for as long as the search stays the same. */
import { useEffect, useMemo, useSyncExternalStore } from 'react'
import type { EventsQuery } from '../api/types.ts'
import { useApi } from '../app/session.tsx'
import { browserTiming, useRoom } from '../app/witness-room.tsx'
import { Feed, type FeedState } from './feed.ts'
import { type TrailSearch, isOpenRange, toEventsQuery } from './search.ts'

export function useFeed(search: TrailSearch): { feed: Feed; state: FeedState; query: EventsQuery } {
  const api = useApi()
  const { tracker, growth } = useRoom()
  // The query as text: opening an event changes the address, but not what is listed.
  const wanted = JSON.stringify({ query: toEventsQuery(search), isOpen: isOpenRange(search) })
  const { query, isOpen } = useMemo(() => JSON.parse(wanted) as { query: EventsQuery; isOpen: boolean }, [wanted])
  const feed = useMemo(() => {
    const sizeBefore = growth.get().size
    return new Feed({ api, location: tracker.location, query, isOpen, sizeBefore, timing: browserTiming })
  }, [api, tracker.location, growth, query, isOpen])

  useEffect(() => {
    const stopListening = feed.subscribe(() => growth.report(feed.state))
    void feed.start()
    return () => {
      stopListening()
      feed.stop()
    }
  }, [feed, growth])

  const state = useSyncExternalStore(
    useMemo(() => (listener: () => void) => feed.subscribe(listener), [feed]),
    () => feed.state,
  )
  return { feed, state, query }
}
