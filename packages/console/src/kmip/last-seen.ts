/** When the clients of an adapter were last there, and an object last in use, from the trail; asked for when somebody wants it, since that is an event itself. */
import { type UseQueryResult, useQuery } from '@tanstack/react-query'
import { type FacetValue, readFacet } from '../api/history-api.ts'
import { usePlace } from '../app/place.tsx'
import { useApi } from '../app/session.tsx'

/** By the certificate's fingerprint. */
export type LastSeen = ReadonlyMap<string, FacetValue>

/** The newest use of an object by a client. */
export interface LastUse {
  /** RFC 3339; undefined where the event tells none. */
  readonly time: string | undefined
  readonly index: number
}

const prefix = 'CertificateID-'

/** Nothing is read before `refetch` is called. */
type OnDemand<Found> = UseQueryResult<Found> & { readonly isPossible: boolean }

export function useLastSeen(adapter: string): OnDemand<LastSeen> {
  // Who was turned away (401) was not there.
  return useInitiators(`adapterId:${adapter} action:hs-crypto.kmip-key* -code:401`, lastSeen)
}

/** When a client last got an object, or had the server compute with it: null for never. */
export function useLastUse(object: string): OnDemand<LastUse | null> {
  const query = `key:==${object} action:==[hs-crypto.kmip-key.read, hs-crypto.kmip-key.use] outcome:success`
  return useInitiators(query, lastUse)
}

function useInitiators<Found>(query: string, foundIn: (values: readonly FacetValue[]) => Found): OnDemand<Found> {
  const { calls } = useApi()
  const { tracker } = usePlace()
  const found = useQuery({
    queryKey: ['kmip-initiators', tracker?.location, query],
    enabled: false,
    queryFn: async ({ signal }) =>
      foundIn(await readFacet(calls, tracker?.location ?? '', 'initiator', { query }, signal)),
  })
  return { ...found, isPossible: tracker !== undefined }
}

function lastSeen(values: readonly FacetValue[]): LastSeen {
  return new Map(
    values
      .filter(({ value }) => value.startsWith(prefix))
      .map((value) => [value.value.slice(prefix.length).toLowerCase(), value]),
  )
}

function lastUse(values: readonly FacetValue[]): LastUse | null {
  const newest = values.flatMap((value) => value.newest ?? []).toSorted((a, b) => b.index - a.index)[0]
  return newest === undefined ? null : { index: newest.index, time: newest.time }
}
