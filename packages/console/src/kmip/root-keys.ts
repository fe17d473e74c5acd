/** The root keys of an instance, by which adapters are named and among which one is chosen; read once for both. */
import { type UseQueryResult, useQuery } from '@tanstack/react-query'
import type { KmipApi, RootKey } from '../api/kmip-api.ts'
import { useRights } from '../app/rights.ts'

export function useRootKeys(guid: string, api: KmipApi, isWanted = true): UseQueryResult<readonly RootKey[]> {
  return useQuery({
    queryKey: ['kmip-root-keys', guid],
    queryFn: ({ signal }) => api.rootKeys(signal),
    enabled: isWanted,
  })
}

/** The name of a root key; undefined while it is not known, or is not to be known here. */
export function useKeyNames(guid: string, api: KmipApi): (id: string) => string | undefined {
  const mayList = useRights()('keys.list', { instance: guid })
  const { data } = useRootKeys(guid, api, mayList)
  return (id) => data?.find((key) => key.id === id)?.name
}
