/** The locations of the account side by side: their trails and their instances. */
import { Link } from '@tanstack/react-router'
import type { TFunction } from 'i18next'
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { useInstances } from '../app/instances.ts'
import { usePlace } from '../app/place.tsx'
import type { Instance, Tracker } from '../api/types.ts'
import { asApiError } from '../api/problem.ts'
import { StateView } from '../app/state-view.tsx'
import { addTexts, formatCount } from '../i18n/texts.ts'
import { type Column, DataTable } from '../shared/data-table.tsx'
import { Moment } from '../shared/moment.tsx'
import { Page } from '../shared/page.tsx'
import { ReadFailed } from '../shared/read-failed.tsx'
import texts from '../i18n/en/locations.json'
import styles from './locations-page.module.css'

addTexts('locations', texts)

interface Row {
  readonly location: string
  readonly tracker: Tracker | undefined
  readonly instances: readonly Instance[]
}

export function LocationsPage(): ReactElement {
  const { t } = useTranslation('locations')
  const { trackers } = usePlace()
  const { data: instances, error, refetch } = useInstances()
  return (
    <Page title={t('title')}>
      {error !== null && <ReadFailed title={t('failed')} error={asApiError(error)} onRetry={() => void refetch()} />}
      {error === null && instances === undefined && <StateView kind="loading" title={t('loading')} />}
      {instances !== undefined && <Locations rows={rowsOf(trackers, instances)} />}
    </Page>
  )
}

function Locations({ rows }: { readonly rows: readonly Row[] }): ReactElement {
  const { t } = useTranslation('locations')
  if (rows.length === 0) return <StateView kind="empty" title={t('empty')} text={t('emptyText')} />
  return (
    <DataTable
      label={t('title')}
      rows={rows}
      keyOf={({ location }) => location}
      sorting={{ column: 'location', isDescending: false }}
      columns={columnsIn(t)}
    />
  )
}

function columnsIn(t: TFunction<'locations'>): readonly [Column<Row>, ...Column<Row>[]] {
  return [
    {
      id: 'location',
      title: t('location'),
      cell: ({ location, tracker }) =>
        tracker === undefined ? (
          location
        ) : (
          <Link to="/trail/$location" params={{ location }} className={styles.link ?? ''}>
            {location}
          </Link>
        ),
      sortBy: ({ location }) => location,
    },
    {
      id: 'instances',
      title: t('instances'),
      cell: (row) => (row.instances.length === 0 ? t('none') : row.instances.map(({ name }) => name).join(', ')),
      sortBy: (row) => row.instances.length,
    },
    {
      id: 'recorded',
      title: t('recorded'),
      isNumber: true,
      cell: ({ tracker }) => (tracker === undefined ? t('unread') : formatCount(tracker.size)),
      sortBy: ({ tracker }) => tracker?.size,
    },
    {
      id: 'covered',
      title: t('covered'),
      isNumber: true,
      needs: 'middle',
      cell: ({ tracker }) => (tracker === undefined ? '' : formatCount(tracker.covered)),
      sortBy: ({ tracker }) => tracker?.covered,
    },
    {
      id: 'since',
      title: t('since'),
      needs: 'wide',
      cell: ({ tracker }) => (tracker === undefined ? '' : <Moment at={tracker.createdAt} />),
      sortBy: ({ tracker }) => tracker?.createdAt,
    },
  ]
}

function rowsOf(trackers: readonly Tracker[], instances: readonly Instance[]): readonly Row[] {
  const names = new Set([...trackers, ...instances].map(({ location }) => location))
  return [...names].map((location) => ({
    location,
    tracker: trackers.find((each) => each.location === location),
    instances: instances.filter((each) => each.location === location),
  }))
}
