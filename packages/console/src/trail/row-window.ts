/** Arithmetic of a list of rows of one height: which of them are in sight, and where to scroll to see one. */

export interface Viewport {
  readonly scrollTop: number
  /** Height of the scrolled box, in pixels, the sticky head included. */
  readonly height: number
}

export interface RowSizes {
  readonly rowHeight: number
  /** Height of the sticky head above the rows. */
  readonly headHeight: number
}

/** First and last row in sight or near it; an empty list gives 0 to -1. */
export function rowsInSight(
  viewport: Viewport,
  sizes: RowSizes,
  count: number,
  overscan: number,
): { first: number; last: number } {
  const top = Math.floor(viewport.scrollTop / sizes.rowHeight)
  const visible = Math.ceil((viewport.height - sizes.headHeight) / sizes.rowHeight)
  // A list that became shorter than the scroll position still shows its end.
  const first = Math.max(0, Math.min(top, count - visible) - overscan)
  const last = Math.min(count - 1, Math.max(top, 0) + visible + overscan)
  return { first, last }
}

/** Rows that stay in sight above and below the one scrolled to, where there is room: one sees what comes next. */
const marginRows = 2

/** Where to scroll so that a row is wholly in sight; undefined when it is already. */
export function scrollFor(row: number, viewport: Viewport, { rowHeight, headHeight }: RowSizes): number | undefined {
  const room = Math.floor((viewport.height - headHeight) / rowHeight)
  const margin = Math.max(0, Math.min(marginRows, Math.floor((room - 1) / 2)))
  const highest = Math.max(0, (row - margin) * rowHeight)
  if (highest < viewport.scrollTop) return highest
  const lowest = headHeight + (row + 1 + margin) * rowHeight - viewport.height
  return lowest > viewport.scrollTop ? lowest : undefined
}
