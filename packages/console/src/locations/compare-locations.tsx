/** Locations side by side: how their logs and alerting are, kept up to date; what happened there, when somebody asks. */
import type { TFunction } from 'i18next'
import { Link } from '@tanstack/react-router'
import type { ReactElement, ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { formatCount } from '../i18n/texts.ts'
import { Moment } from '../shared/moment.tsx'
import { StateLabel } from '../shared/state-label.tsx'
import { AskBar } from './ask-bar.tsx'
import { type CompareGroup, type CompareRow, CompareTable } from './compare-table.tsx'
import { activityRows, keyRows } from './count-rows.tsx'
import { instancesCounted, isPartRefused } from './counts.ts'
import { provableWords } from './provable.ts'
import type { RecentRange } from '../shared/recent-range.ts'
import { type ComparedLocation, type LocationRow, useLocationCounts, useLocationStates } from './use-compare.ts'
import sheet from '../shared/sheet.module.css'
import styles from './locations-page.module.css'

interface CompareLocationsProps {
  readonly rows: readonly LocationRow[]
  readonly range: RecentRange
  readonly onRange: (range: RecentRange) => void
  readonly onClear: () => void
}

export function CompareLocations({ rows, range, onRange, onClear }: CompareLocationsProps): ReactElement {
  const { t } = useTranslation('locations')
  const isRead = rows.some(({ tracker }) => tracker !== undefined)
  const states = useLocationStates(rows)
  const counting = useLocationCounts(rows, range)
  const things = rows.map((row, at): ComparedLocation => ({
    ...row,
    ...states[at],
    counts: counting.counts[at] ?? unasked,
  }))
  const questions = rows.reduce(
    (sum, { tracker, instances }) => sum + Number(tracker !== undefined) + Math.min(instances.length, instancesCounted),
    0,
  )
  return (
    <>
      <AskBar
        counting={counting}
        range={range}
        onRange={onRange}
        text={t(isRead ? 'ask.text' : 'ask.instances', { count: questions, formatted: formatCount(questions) })}
        onClear={onClear}
      />
      <CompareTable
        label={t('side.locations')}
        things={things}
        keyOf={({ location }) => location}
        head={headOf}
        groups={groupsIn(t, isRead)}
      />
      {things.some(({ counts }) => isPartRefused(counts.value)) && <p className={styles.note}>{t('refusedNote')}</p>}
    </>
  )
}

function headOf({ location, tracker }: LocationRow): ReactNode {
  if (tracker === undefined) return location
  return (
    <Link to="/trail/$location" params={{ location }} className={sheet.link ?? ''}>
      {location}
    </Link>
  )
}

const unasked = { isReading: false, value: undefined }

/** @param isRead whether one may read the trail of any of them: else of logs and alerts there is nothing to compare */
function groupsIn(t: TFunction<'locations'>, isRead: boolean): readonly CompareGroup<ComparedLocation>[] {
  return [
    ...(isRead
      ? [
          { title: t('group.health'), rows: healthRows(t) },
          { title: t('group.alerts'), rows: alertRows(t) },
        ]
      : []),
    {
      title: t('group.activity'),
      rows: activityRows<ComparedLocation>(t, ({ location }) => ({ location, name: location })),
    },
    { title: t('group.keys'), rows: keyRows<ComparedLocation>(t) },
  ]
}

type Row = CompareRow<ComparedLocation>
type Status = NonNullable<ComparedLocation['status']>['value']

function healthRows(t: TFunction<'locations'>): readonly Row[] {
  const row = (id: HealthRow, cell: (status: NonNullable<Status>) => ReturnType<Row['cell']>): Row => ({
    id,
    name: t(`row.${id}`),
    cell: ({ tracker, status }) => {
      if (tracker === undefined) return t('unread')
      if (status?.value !== undefined) return cell(status.value)
      return status?.error === undefined ? t('cell.reading') : t('cell.unknown', { message: status.error.message })
    },
  })
  return [
    row('size', ({ size, remote }) => (remote === undefined ? formatCount(size) : t('remote', { url: remote.url }))),
    row('provable', (status) => (status.remote === undefined ? provableWords(t, status) : '')),
    row('signedAt', ({ checkpoint }) =>
      checkpoint === undefined || checkpoint === null ? t('notYet') : <Moment at={checkpoint.signedAt} />,
    ),
    row('verified', ({ verification }) => {
      const last = verification?.last
      if (last === undefined || last === null) return t('never')
      return (
        <>
          <StateLabel tone={verifiedTones[last.state]}>{t(`verifiedAs.${last.state}`)}</StateLabel>{' '}
          <Moment at={last.endedAt} />
        </>
      )
    }),
    row('oddities', ({ oddities }) => {
      if (oddities === undefined) return ''
      const { missing, epochs, reused, forged, opening, late } = oddities
      const odd = missing + epochs + reused + forged + opening + late
      return <StateLabel tone={odd === 0 ? 'good' : 'warning'}>{odd === 0 ? t('none0') : formatCount(odd)}</StateLabel>
    }),
    row('undelivered', ({ undelivered }) => formatCount(undelivered)),
    row('retention', ({ retention }) =>
      retention === undefined || retention.days === 0
        ? t('forEver')
        : t('days', { count: retention.days, formatted: formatCount(retention.days) }),
    ),
    row('holds', ({ openHolds }) => formatCount(openHolds)),
    row('proposals', ({ openProposals }) => formatCount(openProposals)),
  ]
}

type HealthRow =
  | 'size'
  | 'provable'
  | 'signedAt'
  | 'verified'
  | 'oddities'
  | 'undelivered'
  | 'retention'
  | 'holds'
  | 'proposals'

const verifiedTones = { good: 'good', bad: 'critical', failed: 'warning' } as const
const severities = ['critical', 'warning', 'info'] as const

function alertRows(t: TFunction<'locations'>): readonly Row[] {
  const row = (
    id: 'alerts' | 'alerting',
    cell: (known: NonNullable<NonNullable<ComparedLocation['alerting']>['value']>, of: string) => ReactElement,
  ): Row => ({
    id,
    name: t(`row.${id}`),
    cell: ({ location, tracker, alerting }) => {
      if (tracker === undefined) return t('unread')
      if (alerting?.value !== undefined) return cell(alerting.value, location)
      return alerting?.error === undefined ? t('cell.reading') : t('cell.unknown', { message: alerting.error.message })
    },
  })
  return [
    row('alerts', ({ counts: { open } }, location) => {
      const told = severities.filter((name) => open[name] > 0)
      const tone = open.critical > 0 ? 'critical' : open.warning > 0 ? 'warning' : 'plain'
      return (
        <Link to="/alerts/$location" params={{ location }} className={sheet.link ?? ''}>
          <StateLabel tone={tone}>
            {told.length === 0
              ? t('none0')
              : told
                  .map((name) => t(`open.${name}`, { count: open[name], formatted: formatCount(open[name]) }))
                  .join(', ')}
          </StateLabel>
        </Link>
      )
    }),
    row('alerting', ({ troubles }, location) => (
      <Link to="/alerts/$location" params={{ location }} className={sheet.link ?? ''}>
        <StateLabel tone={troubles.length === 0 ? 'good' : 'warning'}>
          {troubles.length === 0
            ? t('noTrouble')
            : t('troubles', { count: troubles.length, formatted: formatCount(troubles.length) })}
        </StateLabel>
      </Link>
    )),
  ]
}
