/** What searches of a trail find, summed up; each of these calls is an event. And what an instance holds. */
import type { Calls } from './client.ts'
import type { Instance } from './types.ts'

/** Whole counts unless `isComplete` is false: then it is that many at least. */
interface Summary {
  readonly count: number
  readonly isComplete: boolean
}

export interface Histogram extends Summary {
  /** RFC 3339. */
  readonly from: string
  readonly to: string
  readonly buckets: readonly {
    readonly from: string
    readonly to: string
    /** By severity or outcome; none where there were none. */
    readonly counts: Readonly<Record<string, number>>
  }[]
}

export interface FacetValue {
  readonly value: string
  readonly name?: string
  readonly count: number
}

export interface Facets extends Summary {
  readonly facets: readonly { readonly field: string; readonly values: readonly FacetValue[] }[]
}

export interface Groups extends Summary {
  readonly rows: readonly {
    readonly values: readonly { readonly value: string; readonly name?: string }[]
    readonly count: number
  }[]
}

interface SummaryQuery {
  /** RFC 3339. */
  readonly from?: string
  readonly to?: string
  readonly severity?: string
  readonly outcome?: string
  readonly tz?: string
}

export interface SummariesApi {
  /** @param interval such as `1h` */
  histogram(
    query: SummaryQuery & { readonly interval: string; readonly by: 'severity' | 'outcome' },
    signal?: AbortSignal,
  ): Promise<Histogram>
  facets(
    query: SummaryQuery & { readonly field: string; readonly values: string },
    signal?: AbortSignal,
  ): Promise<Facets>
  groups(query: SummaryQuery & { readonly by: string; readonly values: string }, signal?: AbortSignal): Promise<Groups>
}

export function createSummariesApi({ read }: Calls, location: string): SummariesApi {
  const ask = <T>(what: string, query: object, signal: AbortSignal | undefined): Promise<T> =>
    read<T>(`/v1/trackers/${encodeURIComponent(location)}/${what}?${new URLSearchParams({ ...query })}`, {
      signal: signal ?? null,
    })
  return {
    histogram: (query, signal) => ask('histogram', query, signal),
    facets: (query, signal) => ask('facets', query, signal),
    groups: (query, signal) => ask('groups', query, signal),
  }
}

/** An instance with how much it holds. */
export interface InstanceDetail extends Instance {
  readonly inventory: {
    readonly rootKeys: number
    readonly standardKeys: number
    readonly kmipAdapters: number
    readonly kmipObjects: number
    readonly ep11Keystores: number
    readonly ep11Objects: number
  }
  readonly clientCertificates: {
    readonly mtlsEnabled: boolean
    readonly certificates: number
    readonly administrators: number
    /** When the first of the certificates ends, or has ended. */
    readonly nextExpiry: string | null
  }
}

export function readInstance({ read }: Calls, guid: string, signal?: AbortSignal): Promise<InstanceDetail> {
  return read(`/v1/instances/${encodeURIComponent(guid)}`, { signal: signal ?? null })
}
