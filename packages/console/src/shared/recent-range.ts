/** How far back a page counts: the last day, week or month, as it stands in addresses. */

export const recentRanges = ['24h', '7d', '30d'] as const

export type RecentRange = (typeof recentRanges)[number]

const dayMs = 86_400_000
const lengths: Readonly<Record<RecentRange, number>> = { '24h': dayMs, '7d': 7 * dayMs, '30d': 30 * dayMs }

/** The range that an address names; undefined for the last day, which is meant by none, and for what is malformed. */
export function recentRangeIn(value: unknown): RecentRange | undefined {
  return recentRanges.find((name) => name === value && name !== '24h')
}

/**
 * Both ends, RFC 3339.
 *
 * @param now milliseconds since the epoch
 */
export function recentTime(range: RecentRange, now: number): { readonly from: string; readonly to: string } {
  return { from: new Date(now - lengths[range]).toISOString(), to: new Date(now).toISOString() }
}
