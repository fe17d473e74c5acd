/** In which zone times are shown: one for the whole page, named beside them, one key away from the other. */
import { type ReactElement, type ReactNode, createContext, useContext, useMemo, useState } from 'react'
import type { Zone } from '../trail/time-range.ts'

interface ZoneControl {
  readonly zone: Zone
  readonly toggle: () => void
}

const ZoneContext = createContext<ZoneControl | undefined>(undefined)
const storageName = 'keywitness.zone'

export function ZoneProvider({ children }: { readonly children: ReactNode }): ReactElement {
  const [zone, setZone] = useState<Zone>(() => (localStorage.getItem(storageName) === 'local' ? 'local' : 'utc'))
  const control = useMemo<ZoneControl>(
    () => ({
      zone,
      toggle: () => {
        const next = zone === 'utc' ? 'local' : 'utc'
        localStorage.setItem(storageName, next)
        setZone(next)
      },
    }),
    [zone],
  )
  return <ZoneContext value={control}>{children}</ZoneContext>
}

export function useZone(): ZoneControl {
  const control = useContext(ZoneContext)
  if (control === undefined) throw new Error('used outside of a ZoneProvider')
  return control
}
