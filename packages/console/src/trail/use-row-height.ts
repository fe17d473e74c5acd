/** Heights of the grid's rows and head in pixels, as the style sheet and the reader's font size make them. */
import { type RefObject, useLayoutEffect, useState } from 'react'

/** Height of a one-line and of a two-line row, and of the head, in rem: the style sheet has the same. */
const oneLineRem = 2.125
const twoLinesRem = 3.25
const headRem = 1.875
/** Below this width, in rem, a row takes two lines and the head is hidden. */
const narrowRem = 48

export function useRowHeight(container: RefObject<HTMLElement | null>): { rowHeight: number; headHeight: number } {
  const [isNarrow, setIsNarrow] = useState(false)
  const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize) || 16
  useLayoutEffect(() => {
    const element = container.current
    if (element === null) return
    const measure = (): void => setIsNarrow(element.clientWidth < narrowRem * rem)
    measure()
    const observer = new ResizeObserver(measure)
    observer.observe(element)
    return () => observer.disconnect()
  }, [container, rem])
  return { rowHeight: (isNarrow ? twoLinesRem : oneLineRem) * rem, headHeight: isNarrow ? 0 : headRem * rem }
}
