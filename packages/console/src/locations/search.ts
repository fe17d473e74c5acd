/** What the locations page shows, as it stands in the address: what is compared, and how far back events are counted. */
import { type RecentRange, recentRangeIn } from '../shared/recent-range.ts'

export interface LocationsSearch {
  /** Locations that are compared. */
  readonly locations?: readonly string[] | undefined
  /** GUIDs of instances that are compared. */
  readonly instances?: readonly string[] | undefined
  /** `24h` when not given. */
  readonly range?: RecentRange | undefined
}

/** More do not fit side by side. */
export const comparedMost = 12

/** Reads an address. What is malformed is left out, never guessed. */
export function parseLocationsSearch(raw: Readonly<Record<string, unknown>>): LocationsSearch {
  const list = (name: string, pattern: RegExp): readonly string[] => {
    const value = raw[name]
    const texts = Array.isArray(value) ? value.map(String) : typeof value === 'string' ? value.split(',') : []
    return [...new Set(texts.filter((text) => pattern.test(text)))].slice(0, comparedMost)
  }
  const locations = list('locations', /^[a-z0-9-]{1,64}$/)
  const instances = list('instances', /^[0-9a-f-]{36}$/)
  const range = recentRangeIn(raw['range'])
  return {
    ...(locations.length > 0 && { locations }),
    ...(instances.length > 0 && { instances }),
    ...(range !== undefined && { range }),
  }
}

/** With one more, or without it. */
export function toggled(chosen: readonly string[], one: string): readonly string[] | undefined {
  const next = chosen.includes(one) ? chosen.filter((each) => each !== one) : [...chosen, one]
  return next.length === 0 ? undefined : next.slice(0, comparedMost)
}
