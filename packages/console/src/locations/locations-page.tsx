/** The locations of the account and their instances: in lists, and those that are chosen side by side. */
import { getRouteApi, Link } from '@tanstack/react-router'
import type { TFunction } from 'i18next'
import { type ReactElement, useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import { useInstances } from '../app/instances.ts'
import { usePlace } from '../app/place.tsx'
import type { TrackerStatus } from '../api/integrity-api.ts'
import type { Instance, Tracker } from '../api/types.ts'
import { asApiError } from '../api/problem.ts'
import { useShortcuts } from '../app/shortcuts.tsx'
import { StateView } from '../app/state-view.tsx'
import { addTexts, formatCount } from '../i18n/texts.ts'
import { type Column, compareNames, DataTable } from '../shared/data-table.tsx'
import { Moment } from '../shared/moment.tsx'
import { Page } from '../shared/page.tsx'
import { ReadFailed } from '../shared/read-failed.tsx'
import texts from '../i18n/en/locations.json'
import { CompareInstances } from './compare-instances.tsx'
import { CompareLocations } from './compare-locations.tsx'
import type { RecentRange } from '../shared/recent-range.ts'
import { provableWords } from './provable.ts'
import { type LocationsSearch, toggled } from './search.ts'
import { type InstanceRow, type LocationRow, useLogStates } from './use-compare.ts'
import sheet from '../shared/sheet.module.css'
import styles from './locations-page.module.css'

addTexts('locations', texts)

const route = getRouteApi('/locations')

export function LocationsPage(): ReactElement {
  const { t } = useTranslation('locations')
  const { trackers } = usePlace()
  const { data: instances, error, refetch } = useInstances()
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const change = (next: LocationsSearch): void => void navigate({ search: next, replace: true })
  const { offer } = useShortcuts()
  useEffect(() => offer({}), [offer])
  return (
    <Page title={t('title')}>
      {error !== null && <ReadFailed title={t('failed')} error={asApiError(error)} onRetry={() => void refetch()} />}
      {error === null && instances === undefined && <StateView kind="loading" title={t('loading')} />}
      {instances !== undefined && error === null && (
        <Places trackers={trackers} instances={instances} search={search} onChange={change} />
      )}
    </Page>
  )
}

interface PlacesProps {
  readonly trackers: readonly Tracker[]
  readonly instances: readonly Instance[]
  readonly search: LocationsSearch
  readonly onChange: (search: LocationsSearch) => void
}

/** Side by side are two at least. */
const comparedLeast = 2

function Places({ trackers, instances, search, onChange }: PlacesProps): ReactElement {
  const { t } = useTranslation('locations')
  const rows = locationRows(trackers, instances)
  const logs = useLogStates(rows)
  if (rows.length === 0) return <StateView kind="empty" title={t('empty')} text={t('emptyText')} />
  const { locations = [], instances: guids = [], range = '24h' } = search
  const choose = (next: RecentRange): void => onChange({ ...search, range: next === '24h' ? undefined : next })
  const chosen = rows.filter(({ location }) => locations.includes(location))
  const ofInstances = instances.map((instance): InstanceRow => {
    return { instance, isReadable: trackers.some(({ location }) => location === instance.location) }
  })
  // Side by side in the order of the list.
  const chosenInstances = ofInstances
    .filter(({ instance }) => guids.includes(instance.guid))
    .toSorted((a, b) => compareNames(a.instance.name, b.instance.name))
  return (
    <section className={styles.body} aria-label={t('title')} tabIndex={0}>
      <h2 className={styles.heading}>{t('locationsTitle')}</h2>
      <DataTable
        label={t('locationsTitle')}
        rows={rows.map((row, at): LoggedRow => ({ ...row, log: row.tracker && (logs[at]?.value ?? row.tracker) }))}
        keyOf={({ location }) => location}
        sorting={{ column: 'location', isDescending: false }}
        columns={[
          ...locationColumns(t),
          choosing<LoggedRow>(t, {
            nameOf: ({ location }) => location,
            isChosen: ({ location }) => locations.includes(location),
            onChoose: ({ location }) => onChange({ ...search, locations: toggled(locations, location) }),
          }),
        ]}
      />
      {trackers.length > 0 && (
        <p className={styles.note} data-needs="middle">
          {t('provable.note')}
        </p>
      )}
      {rows.some(({ tracker }) => tracker === undefined) && <p className={styles.note}>{t('unreadNote')}</p>}
      {chosen.length < comparedLeast ? (
        rows.length > 1 && <p className={styles.note}>{t('hint')}</p>
      ) : (
        <CompareLocations
          rows={chosen}
          range={range}
          onRange={choose}
          onClear={() => onChange({ ...search, locations: undefined })}
        />
      )}
      <h2 className={styles.heading}>{t('instancesTitle')}</h2>
      <DataTable
        label={t('instancesTitle')}
        rows={ofInstances}
        keyOf={({ instance }) => instance.guid}
        sorting={{ column: 'name', isDescending: false }}
        none={t('noInstances')}
        columns={[
          ...instanceColumns(t),
          choosing<InstanceRow>(t, {
            nameOf: ({ instance }) => instance.name,
            isChosen: ({ instance }) => guids.includes(instance.guid),
            onChoose: ({ instance }) => onChange({ ...search, instances: toggled(guids, instance.guid) }),
          }),
        ]}
      />
      {chosenInstances.length < comparedLeast ? (
        ofInstances.length > 1 && <p className={styles.note}>{t('hint')}</p>
      ) : (
        <CompareInstances
          rows={chosenInstances}
          range={range}
          onRange={choose}
          onClear={() => onChange({ ...search, instances: undefined })}
        />
      )}
    </section>
  )
}

interface Choosing<Row> {
  readonly nameOf: (row: Row) => string
  readonly isChosen: (row: Row) => boolean
  readonly onChoose: (row: Row) => void
}

function choosing<Row>(t: TFunction<'locations'>, { nameOf, isChosen, onChoose }: Choosing<Row>): Column<Row> {
  return {
    id: 'choose',
    title: t('choose'),
    cell: (row) => (
      <input
        type="checkbox"
        className={styles.box}
        aria-label={t('chooseOf', { name: nameOf(row) })}
        checked={isChosen(row)}
        onChange={() => onChoose(row)}
      />
    ),
  }
}

/** A location with what is known last of its log. */
type LoggedRow = LocationRow & { readonly log: Pick<TrackerStatus, 'size' | 'covered' | 'remote'> | undefined }

function locationColumns(t: TFunction<'locations'>): readonly [Column<LoggedRow>, ...Column<LoggedRow>[]] {
  return [
    {
      id: 'location',
      title: t('location'),
      cell: ({ location, tracker }) =>
        tracker === undefined ? (
          location
        ) : (
          <Link to="/trail/$location" params={{ location }} className={sheet.link ?? ''}>
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
      needs: 'middle',
      cell: ({ log }) => {
        if (log === undefined) return t('unread')
        return log.remote === undefined ? formatCount(log.size) : t('remote', { url: log.remote.url })
      },
      sortBy: ({ log }) => log?.size,
    },
    {
      id: 'provable',
      title: t('provable.title'),
      needs: 'middle',
      cell: ({ log }) => (log === undefined || log.remote !== undefined ? '' : provableWords(t, log)),
      sortBy: ({ log }) => log && log.covered - log.size,
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

function instanceColumns(t: TFunction<'locations'>): readonly [Column<InstanceRow>, ...Column<InstanceRow>[]] {
  return [
    {
      id: 'name',
      title: t('instance'),
      cell: ({ instance }) => (
        <Link to="/keys/$instance" params={{ instance: instance.guid }} className={sheet.link ?? ''}>
          <bdi>{instance.name}</bdi>
        </Link>
      ),
      sortBy: ({ instance }) => instance.name,
    },
    {
      id: 'location',
      title: t('location'),
      cell: ({ instance }) => instance.location,
      sortBy: ({ instance }) => instance.location,
    },
    {
      id: 'since',
      title: t('since'),
      needs: 'middle',
      cell: ({ instance }) => <Moment at={instance.createdAt} />,
      sortBy: ({ instance }) => instance.createdAt,
    },
  ]
}

function locationRows(trackers: readonly Tracker[], instances: readonly Instance[]): readonly LocationRow[] {
  const names = new Set([...trackers, ...instances].map(({ location }) => location))
  return [...names].toSorted(compareNames).map((location) => ({
    location,
    tracker: trackers.find((each) => each.location === location),
    instances: instances.filter((each) => each.location === location),
  }))
}
