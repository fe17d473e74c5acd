/** What the trail of a location tells of keys: when they were used last and by whom, and what happened to one. */
import type { Calls } from './client.ts'
import type { Part, TrailItem } from './types.ts'

/** Where something was seen in the log. */
interface Seen {
  readonly index: number
  readonly time?: string
}

interface FacetValue {
  readonly value: string
  readonly count: number
  /** What people call it. */
  readonly name?: string
  readonly newest: Seen
}

export interface KeyUse {
  readonly last: Seen | undefined
  readonly count: number
}

export interface KeyUses {
  /** By the id of a key; of each that was asked for. */
  readonly byKey: ReadonlyMap<string, KeyUse>
  /** Who used them, the most frequent first. */
  readonly users: readonly FacetValue[]
  /** False: only the newest part of the trail was looked at; a key without a use may have older ones. */
  readonly isComplete: boolean
}

export interface KeyEventsApi {
  /** @param keys at most `keysAtOnce` */
  uses(keys: readonly string[], signal?: AbortSignal): Promise<KeyUses>
  /** Oldest first. @param withUses also its uses and who read of it */
  life(key: string, withUses: boolean, after: string | null, signal?: AbortSignal): Promise<Part<TrailItem>>
}

/** As many values as a list of a query may have. */
export const keysAtOnce = 64

const uses = ['hs-crypto.secrets.wrap', 'hs-crypto.secrets.unwrap', 'hs-crypto.secrets.rewrap']
const readings = ['*.read', '*.list']

export function createKeyEventsApi({ read }: Calls, location: string): KeyEventsApi {
  const path = `/v1/trackers/${encodeURIComponent(location)}`
  return {
    async uses(keys, signal) {
      const params = new URLSearchParams({
        query: `key:[${keys.join(',')}] action:[${uses.join(',')}] outcome:success`,
        field: 'key,initiator',
        values: '100',
      })
      const answer = await read<FacetsAnswer>(`${path}/facets?${params}`, { signal: signal ?? null })
      const valuesOf = (name: string): readonly FacetValue[] =>
        answer.facets.find(({ field }) => field === name)?.values ?? []
      const found = new Map(valuesOf('key').map((value) => [value.value, value]))
      return {
        byKey: new Map(keys.map((id) => [id, { last: found.get(id)?.newest, count: found.get(id)?.count ?? 0 }])),
        users: valuesOf('initiator'),
        isComplete: answer.isComplete,
      }
    },
    async life(key, withUses, after, signal) {
      const without = withUses ? '' : ` NOT action:[${[...uses, ...readings].join(',')}]`
      const params = new URLSearchParams({ query: `key:${key}${without}`, order: 'asc', limit: '100' })
      if (after !== null) params.set('cursor', after)
      const answer = await read<{ events: readonly TrailItem[]; next: string | null }>(`${path}/events?${params}`, {
        signal: signal ?? null,
      })
      return { items: answer.events, next: answer.next }
    },
  }
}

interface FacetsAnswer {
  readonly isComplete: boolean
  readonly facets: readonly { readonly field: string; readonly values: readonly FacetValue[] }[]
}
