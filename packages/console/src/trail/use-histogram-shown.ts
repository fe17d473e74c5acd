/** Whether the histogram is shown: as one last chose in this browser, else where there is room for it. */
import { useCallback, useState } from 'react'

const storageName = 'keywitness.histogram'
const roomForBoth = '(width >= 48rem) and (height >= 32rem)'

export function useHistogramShown(): [isShown: boolean, show: (isShown: boolean) => void] {
  const [isShown, setIsShown] = useState(() => {
    const chosen = localStorage.getItem(storageName)
    return chosen === null ? window.matchMedia(roomForBoth).matches : chosen === 'shown'
  })
  const show = useCallback((next: boolean) => {
    localStorage.setItem(storageName, next ? 'shown' : 'hidden')
    setIsShown(next)
  }, [])
  return [isShown, show]
}
