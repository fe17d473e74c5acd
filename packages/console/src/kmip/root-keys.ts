/** The root keys of an instance, by which adapters are named and among which one is chosen; every reading is an event. */
import { type UseQueryOptions, type UseQueryResult, useQuery, useQueryClient } from '@tanstack/react-query'
import type { KmipApi, RootKey } from '../api/kmip-api.ts'
import { useRights } from '../app/rights.ts'
import { heldKeys, inventoryKey } from '../keys/use-inventory.ts'

/** A choice is among the keys of now: what was read earlier is read anew for it. */
const choiceMs = 60_000

/** To choose one of them. */
export function useRootKeys(guid: string, api: KmipApi): UseQueryResult<readonly RootKey[]> {
  return useQuery({ ...rootKeys(guid, api), staleTime: choiceMs })
}

/**
 * The name of a root key; undefined while it is not known, or is not to be known here.
 * @param wanted ids that are shown: the keys are read when one of them has no name yet
 */
export function useKeyNames(guid: string, api: KmipApi, wanted: readonly string[]): (id: string) => string | undefined {
  const mayList = useRights()('keys.list', { instance: guid })
  const queries = useQueryClient()
  const namesOf = (read: readonly RootKey[] = []): ReadonlyMap<string, string> =>
    new Map([...heldKeys(queries, guid), ...read].map(({ id, name }) => [id, name]))
  const held = namesOf(queries.getQueryData(rootKeys(guid, api).queryKey))
  const { data } = useQuery({
    ...rootKeys(guid, api),
    enabled: mayList && wanted.some((id) => !held.has(id)),
    // Ids say it as well: only who wants to choose a key asks again.
    retryOnMount: false,
  })
  const known = namesOf(data)
  return (id) => known.get(id)
}

function rootKeys(guid: string, api: KmipApi) {
  return {
    queryKey: [...inventoryKey(guid), 'root'],
    queryFn: ({ signal }: { signal: AbortSignal }) => api.rootKeys(signal),
    // While somebody is signed in; a key that is made or changed here makes it old.
    gcTime: Number.POSITIVE_INFINITY,
  } satisfies UseQueryOptions<readonly RootKey[]>
}
