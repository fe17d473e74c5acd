/** For those who read the trail and see no instance: the instances that its events tell of, to choose one. */
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { readFacet } from '../api/history-api.ts'
import { asApiError } from '../api/problem.ts'
import { ReadFailed } from '../shared/read-failed.tsx'
import { addressOf, pageById, type PageId } from './pages.ts'
import { useApi } from './session.tsx'
import { StateView } from './state-view.tsx'
import styles from './instances-of-trail.module.css'

interface InstancesOfTrailProps {
  readonly page: PageId
  readonly location: string
  /** What is shown where the trail tells of none, either. */
  readonly none: ReactElement
}

export function InstancesOfTrail({ page, location, none }: InstancesOfTrailProps): ReactElement {
  const { t } = useTranslation()
  const { calls } = useApi()
  const { data, error, refetch } = useQuery({
    queryKey: ['instances of trail', location],
    queryFn: ({ signal }) => readFacet(calls, location, 'instance', { query: 'action:hs-crypto.*' }, signal),
  })
  if (data === undefined) {
    if (error === null) return <StateView kind="loading" title={t('shell.loading')} />
    return <ReadFailed title={t('shell.instancesFailed')} error={asApiError(error)} onRetry={() => void refetch()} />
  }
  if (data.length === 0) return none
  return (
    <StateView kind="empty" title={t('shell.trailInstances')} text={t('shell.trailInstancesText', { location })}>
      <ul className={styles.list}>
        {data.map(({ value, name }) => (
          <li key={value}>
            <Link to={addressOf(pageById(page), { instance: value })} className={styles.link ?? ''}>
              {name === undefined || name === value ? value : `${name} (${value})`}
            </Link>
          </li>
        ))}
      </ul>
    </StateView>
  )
}
