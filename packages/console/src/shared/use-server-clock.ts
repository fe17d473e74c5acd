/** The server's time, by which everything that lapses is counted: not by this computer's, which may be wrong. */
import { useSyncExternalStore } from 'react'
import { useApi } from '../app/session.tsx'

/** What is added to this computer's time to have the server's, milliseconds. */
export function useClockOffset(): number {
  const { clock } = useApi()
  return useSyncExternalStore(clock.subscribe, () => clock.offset)
}
