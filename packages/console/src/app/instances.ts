/** The instances that one may see, read once for all pages. */
import { type UseQueryResult, useQuery } from '@tanstack/react-query'
import { useApi, useSession } from './session.tsx'
import type { Instance } from '../api/types.ts'

/** @param isWanted each reading is an event of the trail: none without need */
export function useInstances(isWanted = true): UseQueryResult<readonly Instance[]> {
  const api = useApi()
  const { account } = useSession()
  return useQuery({
    queryKey: ['instances', account],
    queryFn: ({ signal }) => api.instances(signal),
    enabled: isWanted,
  })
}
