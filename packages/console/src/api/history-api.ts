/** Events of one kind, all of them, in the order of the log: what a transcript is made from. */
import type { Calls } from './client.ts'
import type { TrailItem } from './types.ts'

export interface History {
  readonly events: readonly TrailItem[]
  /** Whether there were more than are read at once. */
  readonly isCut: boolean
}

/** More nobody reads in a browser. */
const eventsMax = 10_000

/** @param search parameters of a search of events, without those of its pages */
export async function readHistory(
  { read }: Calls,
  location: string,
  search: Readonly<Record<string, string>>,
  signal?: AbortSignal,
): Promise<History> {
  const events: TrailItem[] = []
  let cursor: string | undefined
  do {
    const params = new URLSearchParams({ ...search, order: 'asc', limit: '500' })
    if (cursor !== undefined) params.set('cursor', cursor)
    const page = await read<{ events: readonly TrailItem[]; next?: string | null }>(
      `/v1/trackers/${encodeURIComponent(location)}/events?${params}`,
      { signal: signal ?? null },
    )
    events.push(...page.events)
    cursor = page.next ?? undefined
  } while (cursor !== undefined && events.length < eventsMax)
  return { events: events.slice(0, eventsMax), isCut: cursor !== undefined || events.length > eventsMax }
}

/** A value of a field, how often it is there, and where it was seen first and last. */
export interface FacetValue {
  readonly value: string
  readonly name?: string
  readonly count: number
  readonly first?: SeenAt
  readonly newest?: SeenAt
}

interface SeenAt {
  readonly index: number
  /** RFC 3339; left out where the event tells none. */
  readonly time?: string
}

/** The most frequent values of one field. */
export async function readFacet(
  { read }: Calls,
  location: string,
  field: string,
  search: Readonly<Record<string, string>>,
  signal?: AbortSignal,
): Promise<readonly FacetValue[]> {
  const params = new URLSearchParams({ ...search, field, values: '100' })
  const answer = await read<{ facets: readonly { readonly values: readonly FacetValue[] }[] }>(
    `/v1/trackers/${encodeURIComponent(location)}/facets?${params}`,
    { signal: signal ?? null },
  )
  return answer.facets[0]?.values ?? []
}
