/** The zone of the address: a link shows the same days and clocks to everybody; a change of the zone goes into the address. */
import { useEffect, useEffectEvent, useRef } from 'react'
import { useZone } from '../app/zone.tsx'
import { type Zone, ianaOf, zoneOf } from '../app/zones.ts'
import type { TrailSearch } from './search.ts'

/** @returns the zone in which the search's days begin */
export function useAddressZone(search: TrailSearch, change: (search: TrailSearch, replace: boolean) => void): Zone {
  const { zone, follow } = useZone()
  const named = zoneOf(search.tz)
  const last = useRef<{ named: Zone | undefined; zone: Zone }>(undefined)
  const write = useEffectEvent((shown: Zone) => change({ ...search, tz: ianaOf(shown) }, true))
  useEffect(() => {
    const before = last.current
    last.current = { named, zone }
    if (named === zone) return
    // The address has the first word, and a new one whenever it changes.
    if (named !== undefined && named !== before?.named) follow(named)
    // Without a zone an address is in UTC to whoever has not chosen another.
    else if (named !== undefined || zone !== 'utc' || (before !== undefined && before.zone !== zone)) write(zone)
  }, [named, zone, follow])
  // Until the one has followed the other, what is asked goes by the address.
  return named ?? zone
}
