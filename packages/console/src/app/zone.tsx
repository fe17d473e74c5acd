/** In which zone times are shown: one for the whole page, named beside them, one key away from the others. */
import { type ReactElement, type ReactNode, createContext, useContext, useMemo, useState } from 'react'
import { type Zone, browserZone, ianaOf, zoneOf } from './zones.ts'

interface ZoneControl {
  readonly zone: Zone
  /** Those at hand: UTC, the browser's, and the one that somebody chose. */
  readonly zones: readonly Zone[]
  /** Goes to the next one at hand. */
  readonly toggle: () => void
  /** Shows a zone from now on, also the next time. */
  readonly choose: (zone: Zone) => void
  /** Shows a zone because an address says so: it is not remembered. */
  readonly follow: (zone: Zone) => void
}

const ZoneContext = createContext<ZoneControl | undefined>(undefined)
const names = { shown: 'keywitness.zone', other: 'keywitness.zone.other' } as const

interface Zones {
  readonly shown: Zone
  /** Beside UTC and the browser's. */
  readonly other: Zone | undefined
}

export function ZoneProvider({ children }: { readonly children: ReactNode }): ReactElement {
  const [{ shown, other }, set] = useState<Zones>(firstZones)
  const control = useMemo<ZoneControl>(() => {
    const own = zoneOf(browserZone()) ?? 'local'
    const zones: readonly Zone[] = [...new Set<Zone>(['utc', own, ...(other === undefined ? [] : [other])])]
    const follow = (zone: Zone): void => set((now) => ({ shown: zone, other: isOther(zone) ? zone : now.other }))
    const choose = (zone: Zone): void => {
      localStorage.setItem(names.shown, zone === 'local' ? 'local' : ianaOf(zone))
      if (isOther(zone)) localStorage.setItem(names.other, zone)
      follow(zone)
    }
    return {
      zone: shown,
      zones,
      follow,
      choose,
      toggle: () => choose(zones[(zones.indexOf(shown) + 1) % zones.length] ?? 'utc'),
    }
  }, [shown, other])
  return <ZoneContext value={control}>{children}</ZoneContext>
}

export function useZone(): ZoneControl {
  const control = useContext(ZoneContext)
  if (control === undefined) throw new Error('used outside of a ZoneProvider')
  return control
}

/** The zone of the address comes before the one that one had last: a link shows the same to everybody. */
function firstZones(): Zones {
  const named = zoneOf(new URLSearchParams(window.location.search).get('tz'))
  const stored = localStorage.getItem(names.shown)
  const shown = named ?? zoneOf(stored === 'local' ? browserZone() : stored) ?? 'utc'
  const other = isOther(shown) ? shown : zoneOf(localStorage.getItem(names.other))
  return { shown, other: other !== undefined && isOther(other) ? other : undefined }
}

function isOther(zone: Zone): boolean {
  return zone !== 'utc' && zone !== 'local'
}
