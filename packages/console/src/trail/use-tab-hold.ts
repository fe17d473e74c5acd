/** Whether new events wait because the tab was out of sight: whoever comes back sees the list as it was, and what was missed. */
import { useCallback, useEffect, useState } from 'react'

/** @param hasHeld whether there is something to come back to: else coming back ends the waiting */
export function useTabHold(hasHeld: boolean): [isHolding: boolean, end: () => void] {
  const [isHidden, setIsHidden] = useState(() => document.visibilityState === 'hidden')
  const [wasHidden, setWasHidden] = useState(isHidden)
  useEffect(() => {
    const look = (): void => {
      const isNow = document.visibilityState === 'hidden'
      setIsHidden(isNow)
      if (isNow) setWasHidden(true)
    }
    document.addEventListener('visibilitychange', look)
    return () => document.removeEventListener('visibilitychange', look)
  }, [])
  // Nothing happened meanwhile: the list goes on as if one had looked all the time.
  if (wasHidden && !isHidden && !hasHeld) setWasHidden(false)
  const end = useCallback(() => setWasHidden(document.visibilityState === 'hidden'), [])
  return [wasHidden, end]
}
