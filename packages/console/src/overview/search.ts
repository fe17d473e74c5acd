/** What the overview shows, as it stands in the address: the length of time that it looks back. */

export const overviewRanges = ['24h', '7d', '30d'] as const

export type OverviewRange = (typeof overviewRanges)[number]

export interface OverviewSearch {
  /** `24h` when not given. */
  readonly range?: OverviewRange
}

/** Reads an address. What is malformed is left out, never guessed. */
export function parseOverviewSearch(raw: Readonly<Record<string, unknown>>): OverviewSearch {
  const range = overviewRanges.find((name) => name === raw['range'] && name !== '24h')
  return range === undefined ? {} : { range }
}
