/** The account's identities and roles, read once each; what is changed is shown when the server has answered. */
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { createIamApi, type IamApi, type Identity, type RoleGrant } from '../api/iam-api.ts'
import { type ApiError, asApiError } from '../api/problem.ts'
import { serviceItself } from '../api/service-itself.ts'
import { useApi, useSession, useSessionControl } from '../app/session.tsx'
import { useParts } from '../shared/use-parts.ts'

export function useIam(): IamApi {
  const { calls } = useApi()
  return useMemo(() => createIamApi(calls), [calls])
}

/** What identities are called: those of the list, people besides, oneself, and the service. */
export function useNames(iam: IamApi, list: readonly Identity[] | undefined): (id: string) => string {
  const { t } = useTranslation('access')
  const { account, identity } = useSession()
  // Most things are made by people; where these are listed nothing is asked a second time.
  const { items: people = [] } = useParts(['iam', account, 'user'], (after, signal) =>
    iam.identities('user', after, signal),
  )
  return (id) => {
    if (id === serviceItself) return t('facts.itself')
    return [...(list ?? []), ...people, identity].find((each) => each.id === id)?.name ?? id
  }
}

export interface Roles {
  /** By the id of their holder; undefined until they are there. */
  readonly byIdentity: ReadonlyMap<string, readonly RoleGrant[]> | undefined
  /** False: there are more than were read. */
  readonly isWhole: boolean
  readonly error: ApiError | undefined
}

export function useRoles(iam: IamApi, isWanted: boolean): Roles {
  const { account } = useSession()
  const { data, error } = useQuery({
    queryKey: ['iam', account, 'roles'],
    queryFn: ({ signal }) => iam.roles(signal),
    enabled: isWanted,
    retry: false,
  })
  const byIdentity = useMemo(
    () => (data === undefined ? undefined : Map.groupBy(data.roles, ({ identity }) => identity)),
    [data],
  )
  return { byIdentity, isWhole: data?.isWhole ?? true, error: error === null ? undefined : asApiError(error) }
}

export interface Changing {
  readonly isBusy: boolean
  readonly error: ApiError | undefined
  /** What was done last, in words. */
  readonly said: string
  /** Whether it was done. */
  readonly run: (deed: () => Promise<unknown>, said: string) => Promise<boolean>
  readonly forget: () => void
}

const idle = { isBusy: false, error: undefined, said: '' }

/** Changes one thing at a time, and reads anew what stands on the page. */
export function useChanging(): Changing {
  const queries = useQueryClient()
  const { account } = useSession()
  const { rereadRights } = useSessionControl()
  const [state, setState] = useState<Pick<Changing, 'isBusy' | 'error' | 'said'>>(idle)
  return {
    ...state,
    async run(deed, said) {
      setState({ ...idle, isBusy: true })
      try {
        await deed()
      } catch (cause) {
        setState({ ...idle, error: asApiError(cause) })
        return false
      }
      void queries.invalidateQueries({ queryKey: ['iam', account] })
      // It may have been a role of one's own.
      rereadRights()
      setState({ ...idle, said })
      return true
    },
    forget: () => setState((now) => ({ ...now, error: undefined })),
  }
}
