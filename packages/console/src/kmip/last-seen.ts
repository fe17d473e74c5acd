/** When the clients of an adapter were last there, from the trail; asked for when somebody wants it, since that is an event itself. */
import { type UseQueryResult, useQuery } from '@tanstack/react-query'
import { type FacetValue, readFacet } from '../api/history-api.ts'
import { usePlace } from '../app/place.tsx'
import { useApi } from '../app/session.tsx'

/** By the certificate's fingerprint. */
export type LastSeen = ReadonlyMap<string, FacetValue>

const prefix = 'CertificateID-'

/** Nothing is read before `refetch` is called. */
export function useLastSeen(adapter: string): UseQueryResult<LastSeen> & { readonly isPossible: boolean } {
  const { calls } = useApi()
  const { tracker } = usePlace()
  const found = useQuery({
    queryKey: ['kmip-seen', tracker?.location, adapter],
    enabled: false,
    queryFn: async ({ signal }) => {
      const search = { query: `adapterId:${adapter} action:hs-crypto.kmip-key*` }
      const values = await readFacet(calls, tracker?.location ?? '', 'initiator', search, signal)
      return new Map(
        values
          .filter(({ value }) => value.startsWith(prefix))
          .map((value) => [value.value.slice(prefix.length).toLowerCase(), value]),
      )
    },
  })
  return { ...found, isPossible: tracker !== undefined }
}
