/** Instances side by side: what each holds, its keys by state, what happened in it; counted when somebody asks. */
import type { TFunction } from 'i18next'
import { Link } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { formatCount } from '../i18n/texts.ts'
import { Moment } from '../shared/moment.tsx'
import { AskBar } from './ask-bar.tsx'
import { type CompareGroup, type CompareRow, CompareTable } from './compare-table.tsx'
import { activityRows, countedCell, keyRows } from './count-rows.tsx'
import { isPartRefused } from './counts.ts'
import type { RecentRange } from '../shared/recent-range.ts'
import { type ComparedInstance, type InstanceRow, useInstanceCounts } from './use-compare.ts'
import sheet from '../shared/sheet.module.css'
import styles from './locations-page.module.css'

interface CompareInstancesProps {
  readonly rows: readonly InstanceRow[]
  readonly range: RecentRange
  readonly onRange: (range: RecentRange) => void
  readonly onClear: () => void
}

export function CompareInstances({ rows, range, onRange, onClear }: CompareInstancesProps): ReactElement {
  const { t } = useTranslation('locations')
  const counting = useInstanceCounts(rows, range)
  const things = rows.map((row, at): ComparedInstance => ({
    ...row,
    counts: counting.counts[at] ?? { value: undefined, isReading: false },
  }))
  const questions = rows.reduce((sum, { isReadable }) => sum + (isReadable ? 3 : 2), 0)
  return (
    <>
      <AskBar
        counting={counting}
        range={range}
        onRange={onRange}
        text={t('ask.instances', { count: questions, formatted: formatCount(questions) })}
        onClear={onClear}
      />
      <CompareTable
        label={t('side.instances')}
        things={things}
        keyOf={({ instance }) => instance.guid}
        head={headOf}
        groups={groupsIn(t)}
      />
      {things.some(({ counts }) => isPartRefused(counts.value)) && <p className={styles.note}>{t('refusedNote')}</p>}
    </>
  )
}

function headOf({ instance }: InstanceRow): ReactElement {
  return (
    <Link to="/keys/$instance" params={{ instance: instance.guid }} className={sheet.link ?? ''}>
      <bdi>{instance.name}</bdi>
    </Link>
  )
}

function groupsIn(t: TFunction<'locations'>): readonly CompareGroup<ComparedInstance>[] {
  return [
    { title: t('group.holds'), rows: holdsRows(t) },
    { title: t('group.keys'), rows: keyRows<ComparedInstance>(t) },
    {
      title: t('group.activity'),
      rows: activityRows<ComparedInstance>(t, ({ instance: { guid, name, location } }) => ({
        location,
        name,
        instance: guid,
      })),
    },
  ]
}

const held = ['rootKeys', 'standardKeys', 'kmipAdapters', 'kmipObjects', 'ep11Keystores', 'ep11Objects'] as const

function holdsRows(t: TFunction<'locations'>): readonly CompareRow<ComparedInstance>[] {
  return [
    { id: 'location', name: t('row.location'), cell: ({ instance }) => instance.location },
    { id: 'since', name: t('row.since'), cell: ({ instance }) => <Moment at={instance.createdAt} /> },
    ...held.map((id) => ({
      id,
      name: t(`row.${id}`),
      cell: ({ counts }: ComparedInstance) =>
        countedCell(
          t,
          counts,
          ({ detail }) => detail,
          ({ inventory }) => formatCount(inventory[id]),
        ),
    })),
    {
      id: 'certificates',
      name: t('row.certificates'),
      cell: ({ counts }) =>
        countedCell(
          t,
          counts,
          ({ detail }) => detail,
          ({ clientCertificates }) => (clientCertificates.mtlsEnabled ? t('required') : t('optional')),
        ),
    },
  ]
}
