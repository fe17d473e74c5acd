/** The instances that one may see: how much each holds, what happened in it, which certificates end. */
import { Button } from '@mantine/core'
import type { TFunction } from 'i18next'
import { Link } from '@tanstack/react-router'
import type { ReactElement, ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import type { InstanceDetail } from '../api/instances-api.ts'
import type { Instance } from '../api/types.ts'
import { addressOf, pageOf } from '../app/pages.ts'
import { formatCount } from '../i18n/texts.ts'
import { type Column, DataTable } from '../shared/data-table.tsx'
import { Moment } from '../shared/moment.tsx'
import type { Activity, InstanceActivity } from './activity.ts'
import type { Reading } from '../shared/use-tracker-status.ts'
import type { Overview } from './use-overview.ts'
import sheet from '../shared/sheet.module.css'
import styles from './overview.module.css'

interface Row {
  readonly instance: Instance
  readonly detail: Reading<InstanceDetail> | undefined
  /** Undefined: nothing is known of it. */
  readonly activity: InstanceActivity | undefined
  /** Why, in words. */
  readonly unknown: string
  readonly during: Pick<Activity, 'from' | 'to'> | undefined
}

const quiet: InstanceActivity = { events: 0, critical: 0, failures: 0 }

export function InstancesSection({ overview }: { readonly overview: Overview }): ReactElement {
  const { t } = useTranslation('overview')
  const { instances, details, locations, moreDetails, readMore } = overview
  const rows = (instances.value ?? []).map((instance): Row => {
    const counting = locations.find(({ tracker }) => tracker.location === instance.location)?.activity
    const activity = counting?.value
    return {
      instance,
      detail: details.get(instance.guid),
      activity: activity === undefined ? undefined : (activity.instances.get(instance.guid) ?? quiet),
      unknown: uncounted(t, counting),
      during: activity,
    }
  })
  return (
    <section className={sheet.section} aria-labelledby="instances">
      <h2 id="instances" className={sheet.heading}>
        {t('instances.title')}
      </h2>
      <DataTable
        label={t('instances.title')}
        columns={columnsIn(t, locations.length > 0)}
        rows={rows}
        keyOf={({ instance }) => instance.guid}
        none={t('instances.none')}
      />
      {moreDetails > 0 && (
        <div className={styles.more} data-needs={locations.length > 0 ? 'middle' : undefined}>
          <p className={sheet.note}>{t('instances.more', { count: details.size })}</p>
          <Button variant="default" size="compact-xs" onClick={readMore}>
            {t('instances.readMore', { count: moreDetails })}
          </Button>
        </div>
      )}
    </section>
  )
}

/** @param counting of the instance's location; undefined where one may not read its trail */
function uncounted(t: TFunction<'overview'>, counting: Reading<Activity> | undefined): string {
  if (counting === undefined) return t('instances.notYours')
  return counting.error === undefined ? '…' : t('instances.uncounted')
}

/** What stands where something of an instance is read: what it is, or why it is not known. */
function heldCell(
  t: TFunction<'overview'>,
  detail: Reading<InstanceDetail> | undefined,
  shown: (detail: InstanceDetail) => ReactNode,
): ReactNode {
  if (detail === undefined) return t('instances.notYet')
  if (detail.value !== undefined) return shown(detail.value)
  return detail.error === undefined ? '…' : t('instances.unread')
}

/** The page that lists an instance's keys, where the console has one. */
function InstanceName({ instance }: { readonly instance: Instance }): ReactElement {
  const page = pageOf('/keys') ?? pageOf('/keystores')
  if (page === undefined) return <>{instance.name}</>
  return (
    <Link to={addressOf(page, { instance: instance.guid })} className={sheet.link ?? ''}>
      {instance.name}
    </Link>
  )
}

/** @param isTrailRead whether there is a trail that counts events */
function columnsIn(t: TFunction<'overview'>, isTrailRead: boolean): readonly [Column<Row>, ...Column<Row>[]] {
  const held = (
    id: 'keys' | 'kmip' | 'ep11',
    countOf: (inventory: InstanceDetail['inventory']) => number,
  ): Column<Row> => ({
    id,
    title: t(`instances.${id}`),
    isNumber: true,
    ...(id === 'keys' && !isTrailRead ? {} : { needs: 'middle' }),
    cell: ({ detail }) => heldCell(t, detail, ({ inventory }) => formatCount(countOf(inventory))),
    sortBy: ({ detail }) => (detail?.value === undefined ? undefined : countOf(detail.value.inventory)),
  })
  return [
    {
      id: 'name',
      title: t('instances.name'),
      cell: ({ instance }) => <InstanceName instance={instance} />,
      sortBy: ({ instance }) => instance.name,
    },
    {
      id: 'location',
      title: t('instances.location'),
      needs: 'wide',
      cell: ({ instance }) => instance.location,
      sortBy: ({ instance }) => instance.location,
    },
    held('keys', ({ rootKeys, standardKeys }) => rootKeys + standardKeys),
    held('kmip', ({ kmipObjects }) => kmipObjects),
    held('ep11', ({ ep11Objects }) => ep11Objects),
    ...(isTrailRead
      ? [
          counted(t, 'events', {}),
          counted(t, 'failures', { outcome: ['failure'] }),
          counted(t, 'critical', { severity: ['critical'] }),
        ]
      : []),
    {
      id: 'certificate',
      title: t('instances.certificate'),
      needs: 'wide',
      cell: ({ detail }) =>
        heldCell(t, detail, ({ clientCertificates: { nextExpiry: at } }) =>
          at === null ? t('instances.noCertificate') : <Moment at={at} />,
        ),
      sortBy: ({ detail }) => detail?.value?.clientCertificates.nextExpiry ?? undefined,
    },
  ]
}

function counted(
  t: TFunction<'overview'>,
  id: keyof InstanceActivity,
  filter: { readonly outcome?: readonly ['failure']; readonly severity?: readonly ['critical'] },
): Column<Row> {
  return {
    id,
    title: t(`activity.${id}`),
    isNumber: true,
    ...(id === 'critical' ? {} : { needs: 'middle' }),
    cell: ({ instance, activity, during, unknown }) => {
      if (activity === undefined || during === undefined) return unknown
      const count = formatCount(activity[id])
      if (activity[id] === 0) return count
      const { from, to } = during
      return (
        <Link
          to="/trail/$location"
          params={{ location: instance.location }}
          search={{ from, to, instance: instance.guid, ...filter }}
          className={sheet.link ?? ''}
          aria-label={t('instances.show', { name: t(`activity.${id}`), instance: instance.name, count })}
        >
          {count}
        </Link>
      )
    },
    sortBy: ({ activity }) => activity?.[id],
  }
}
