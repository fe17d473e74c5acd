/** What stands at the foot of each sheet of paper, so that one that got lost tells what it is of. */
import { useEffect } from 'react'

/** @param text of one line */
export function usePaperFoot(text: string): void {
  useEffect(() => {
    const { style } = document.documentElement
    style.setProperty('--kw-paper-foot', JSON.stringify(text))
    return () => void style.removeProperty('--kw-paper-foot')
  }, [text])
}
