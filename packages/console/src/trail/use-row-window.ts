/**
 * The rows of a scrolled box that are in the page. All rows have one height, so that a list of a hundred thousand costs
 * no more than a list of forty, also while events arrive on top of it many times a second.
 */
import { type RefObject, useEffectEvent, useLayoutEffect, useMemo, useState } from 'react'
import { type RowSizes, type Viewport, rowsInSight, scrollFor } from './row-window.ts'

/** Heights of a list's parts in rem: its style sheet has the same. */
export interface RowHeights {
  readonly wideRem: number
  /** Of a row in a narrow list, where the head is hidden. */
  readonly narrowRem: number
  readonly headRem: number
}

/** A list is narrow below this width, in rem: the style sheets' container query. */
const narrowBelowRem = 48
const overscanRows = 12

export interface RowWindow extends RowSizes {
  /** Rows in the page, in order. The active row is among them wherever it is, so that focus never falls out. */
  readonly rows: readonly number[]
  /** First and last row in sight or near it. */
  readonly first: number
  readonly last: number
  readonly totalHeight: number
  readonly onScroll: () => void
  readonly scrollTo: (row: number) => void
}

export function useRowWindow(
  box: RefObject<HTMLElement | null>,
  count: number,
  activeRow: number,
  heights: RowHeights,
): RowWindow {
  const rem = useMemo(() => Number.parseFloat(getComputedStyle(document.documentElement).fontSize) || 16, [])
  const [{ boxHeight, isNarrow }, setBox] = useState({ boxHeight: 0, isNarrow: false })
  const rowHeight = (isNarrow ? heights.narrowRem : heights.wideRem) * rem
  const headHeight = isNarrow ? 0 : heights.headRem * rem
  // Only whole rows count: scrolling within one row draws nothing anew.
  const [topRow, setTopRow] = useState(0)

  useLayoutEffect(() => {
    const element = box.current
    if (element === null) return
    const measure = (): void =>
      setBox({ boxHeight: element.clientHeight, isNarrow: element.clientWidth < narrowBelowRem * rem })
    measure()
    const observer = new ResizeObserver(measure)
    observer.observe(element)
    return () => observer.disconnect()
  }, [box, rem])

  const onScroll = (): void => {
    const element = box.current
    if (element !== null) setTopRow(Math.floor(element.scrollTop / rowHeight))
  }

  const { first, last } = rowsInSight(
    { scrollTop: topRow * rowHeight, height: boxHeight },
    { rowHeight, headHeight },
    count,
    overscanRows,
  )
  const scrollTo = (row: number): void => {
    const element = box.current
    if (element === null) return
    const viewport: Viewport = { scrollTop: element.scrollTop, height: element.clientHeight }
    const to = scrollFor(row, viewport, { rowHeight, headHeight })
    if (to !== undefined) element.scrollTo({ top: to })
  }
  // When rows change their height (the panel opens beside the list), the topmost row stays, and the active one in sight.
  const settle = useEffectEvent((height: number) => {
    box.current?.scrollTo({ top: topRow * height })
    if (activeRow >= 0) scrollTo(activeRow)
  })
  useLayoutEffect(() => settle(rowHeight), [rowHeight])
  return {
    rowHeight,
    headHeight,
    rows: rangeWith(first, last, activeRow),
    first,
    last,
    totalHeight: count * rowHeight,
    onScroll,
    scrollTo,
  }
}

/** The rows from first to last, and the active one. */
function rangeWith(first: number, last: number, active: number): readonly number[] {
  const range = Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => first + i)
  if (active >= 0 && active < first) range.unshift(active)
  if (active > last) range.push(active)
  return range
}
