/** The instances that one may see, read once for all pages. */
import type { InstanceName } from '@keywitness/cadf'
import { type UseQueryResult, useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
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

/** What instances are called, as far as they were read for another reason; nothing is asked for. */
export function useInstanceName(): InstanceName {
  const { data } = useInstances(false)
  return useMemo(() => {
    const names = new Map(data?.map(({ guid, name }) => [guid, name]))
    return (guid) => names.get(guid)
  }, [data])
}
