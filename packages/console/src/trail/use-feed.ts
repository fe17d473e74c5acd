/** The feed of one search, for as long as the search stays the same. */
import { useEffect, useMemo, useSyncExternalStore } from 'react'
import type { EventsQuery } from '../api/types.ts'
import { useApi } from '../app/session.tsx'
import { browserTiming, useRoom } from '../app/witness-room.tsx'
import { Feed, type FeedState } from './feed.ts'
import { type TrailSearch, isOpenRange, toEventsQuery } from './search.ts'
import { ianaOf } from '../app/zones.ts'
import { type Zone, isOfZone } from './time-range.ts'

/**
 * @param isReadable whether the search's query can be read; else nothing is asked
 * @param zone in which its days begin
 */
export function useFeed(
  search: TrailSearch,
  isReadable: boolean,
  zone: Zone,
): { feed: Feed; state: FeedState; query: EventsQuery } {
  const api = useApi()
  const { tracker, growth } = useRoom()
  // The query as text: opening an event changes the address, but not what is listed.
  const wanted = JSON.stringify({ query: inZone(toEventsQuery(search), zone), isOpen: isOpenRange(search) })
  const { query, isOpen } = useMemo(() => JSON.parse(wanted) as { query: EventsQuery; isOpen: boolean }, [wanted])
  const feed = useMemo(() => {
    const sizeBefore = growth.get().size
    return new Feed({ api, location: tracker.location, query, isOpen, sizeBefore, timing: browserTiming })
  }, [api, tracker.location, growth, query, isOpen])

  useEffect(() => {
    const stopListening = feed.subscribe(() => growth.report(feed.state))
    if (isReadable) void feed.start()
    return () => {
      stopListening()
      feed.stop()
    }
  }, [feed, growth, isReadable])

  const state = useSyncExternalStore(
    useMemo(() => (listener: () => void) => feed.subscribe(listener), [feed]),
    () => feed.state,
  )
  return { feed, state, query }
}

/** Days, and times that name no zone, are meant in the one that is shown. */
function inZone(query: EventsQuery, zone: Zone): EventsQuery {
  const isOfOne = query.query?.includes('ime:') === true || isOfZone(query.from) || isOfZone(query.to)
  return isOfOne && zone !== 'utc' ? { ...query, tz: ianaOf(zone) } : query
}
