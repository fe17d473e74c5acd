/** What the overview shows, as it stands in the address: the length of time that it looks back. */
import { type RecentRange, recentRangeIn } from '../shared/recent-range.ts'

export interface OverviewSearch {
  /** `24h` when not given. */
  readonly range?: RecentRange
}

/** Reads an address. What is malformed is left out, never guessed. */
export function parseOverviewSearch(raw: Readonly<Record<string, unknown>>): OverviewSearch {
  const range = recentRangeIn(raw['range'])
  return range === undefined ? {} : { range }
}
