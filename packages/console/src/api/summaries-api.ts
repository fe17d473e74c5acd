/** What a search finds, summed up (`/v1/trackers/{location}/histogram`, `…/facets`, `…/groups`), and what happened around one event. */
import { type Calls, queryParams } from './client.ts'
import type { EventsQuery, TrailItem } from './types.ts'

/** Some numbers are of the newest events only: then `isComplete` is false, and there are at least so many. */
interface Summary {
  readonly count: number
  readonly isComplete: boolean
}

export interface Histogram extends Summary {
  /** RFC 3339, as all times here. */
  readonly from: string
  readonly to: string
  /** Width of a bucket, such as `15m`. */
  readonly interval: string
  readonly buckets: readonly {
    readonly from: string
    readonly to: string
    /** By severity or outcome; what there is none of may be absent. */
    readonly counts: Readonly<Record<string, number>>
  }[]
}

export interface FacetValue {
  readonly value: string
  /** Where the value is an id. */
  readonly name?: string
  readonly count: number
}

export interface Facet {
  readonly field: string
  /** The most frequent first. */
  readonly values: readonly FacetValue[]
  /** Events with other values than these. */
  readonly others: number
  /** Events without a value. */
  readonly missing: number
}

export interface Facets extends Summary {
  readonly facets: readonly Facet[]
}

/** Counts by several fields together, the most frequent first. */
export interface Groups extends Summary {
  readonly rows: readonly {
    readonly values: readonly { readonly value: string; readonly name?: string }[]
    readonly count: number
  }[]
}

export const relations = ['request', 'key', 'initiator', 'instance'] as const
export type Relation = (typeof relations)[number]

/** Oldest first; the event itself is among them. */
interface EventContext {
  readonly events: readonly TrailItem[]
  readonly hasOlder: boolean
  readonly hasNewer: boolean
}

interface HistogramRequest {
  readonly by: 'severity' | 'outcome'
  /** Width of a bucket, such as `1h`; the server chooses when not given. */
  readonly interval?: string | undefined
  /** Most buckets of a width that the server chooses. */
  readonly buckets?: number
}

export interface SummariesApi {
  histogram(query: EventsQuery, request: HistogramRequest, signal?: AbortSignal): Promise<Histogram>
  /** @param values most values of each field, up to 100 */
  facets(query: EventsQuery, fields: readonly string[], values: number, signal?: AbortSignal): Promise<Facets>
  /** @param values most rows, up to 1,000 */
  groups(query: EventsQuery, fields: readonly string[], values: number, signal?: AbortSignal): Promise<Groups>
  /** @param index of the event in the log */
  context(index: number, by: Relation, signal?: AbortSignal): Promise<EventContext>
}

/** Events before and after the one at hand. */
const contextEvents = 10

export function createSummariesApi({ read }: Calls, location: string): SummariesApi {
  const path = `/v1/trackers/${encodeURIComponent(location)}`
  return {
    histogram(query, { by, interval, buckets }, signal) {
      const params = queryParams(query)
      params.set('by', by)
      if (interval !== undefined) params.set('interval', interval)
      else if (buckets !== undefined) params.set('buckets', String(buckets))
      return read(`${path}/histogram?${params}`, { signal: signal ?? null })
    },
    facets(query, fields, values, signal) {
      const params = queryParams(query)
      params.set('field', fields.join(','))
      params.set('values', String(values))
      return read(`${path}/facets?${params}`, { signal: signal ?? null })
    },
    groups(query, fields, values, signal) {
      const params = queryParams(query)
      params.set('by', fields.join(','))
      params.set('values', String(values))
      return read(`${path}/groups?${params}`, { signal: signal ?? null })
    },
    context(index, by, signal) {
      const params = new URLSearchParams({ by, before: String(contextEvents), after: String(contextEvents) })
      return read(`${path}/events/${index}/context?${params}`, { signal: signal ?? null })
    },
  }
}
