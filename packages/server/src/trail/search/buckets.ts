/** Buckets of a histogram: widths people count in, edges where clocks in a zone show round times. */
import { parsePeriod, type TimeContext } from '@keywitness/cadf'

const unitMs = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const
const dayMs = unitMs.d

/** Widths that are chosen from, as they are written. */
const widths = ['1s', '5s', '15s', '1m', '5m', '15m', '1h', '3h', '12h', '1d', '7d', '30d'] as const

/** Milliseconds of a width such as `15m`; undefined when it is none. */
export function widthMs(text: string): number | undefined {
  const [, count, unit] = /^([1-9]\d{0,4})([smhd])$/.exec(text) ?? []
  return count === undefined ? undefined : Number(count) * unitMs[unit as keyof typeof unitMs]
}

/** The narrowest width by which a window has at most so many buckets: of those that people count in, else of days. */
export function fittingWidth(from: number, to: number, buckets: number): string {
  const known = widths.find((width) => (to - from) / (widthMs(width) ?? 1) <= buckets)
  return known ?? `${Math.ceil((to - from) / dayMs / buckets)}d`
}

/**
 * The edges of buckets that together hold a window; undefined when there would be more than `max`. Buckets of whole days
 * begin at midnight of the zone and have 23 or 25 hours where it changes its clocks; others are counted from there.
 */
export function edgesOf(from: number, to: number, width: number, max: number, zone?: string): number[] | undefined {
  const context: TimeContext = zone === undefined ? { now: from } : { now: from, zone }
  const midnight = parsePeriod('today', context)?.start ?? Math.floor(from / dayMs) * dayMs
  const edges: number[] = []
  if (width % dayMs !== 0) {
    for (let edge = midnight + Math.floor((from - midnight) / width) * width; ; edge += width) {
      edges.push(edge)
      if (edge >= to) return edges.length > 1 ? edges : [...edges, edge + width]
      if (edges.length > max) return undefined
    }
  }
  // A day and a half on is the next day, however long this one is.
  const days = width / dayMs
  for (let edge = midnight; ;) {
    edges.push(edge)
    if (edge >= to && edges.length > 1) return edges
    if (edges.length > max) return undefined
    edge = parsePeriod('today', { ...context, now: edge + days * dayMs + dayMs / 8 })?.start ?? edge + width
  }
}
