/** One location: how much happened and what of it failed or was critical, the days to look at first, how its log is. */
import { Link } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import type { Trouble } from '../api/alert-types.ts'
import type { FacetValue } from '../api/summaries-api.ts'
import { deliveryWords } from '../alerts/delivery-words.ts'
import { AlertIcon } from '../app/icons.tsx'
import { StateView } from '../app/state-view.tsx'
import { useZone } from '../app/zone.tsx'
import { formatCount } from '../i18n/texts.ts'
import { actionTitle } from '../shared/action-title.ts'
import { Fact } from '../shared/fact.tsx'
import { Moment } from '../shared/moment.tsx'
import { ReadFailed } from '../shared/read-failed.tsx'
import { StateLabel, type StateTone } from '../shared/state-label.tsx'
import type { TrailSearch } from '../trail/search.ts'
import { splitTime } from '../trail/time-range.ts'
import { type Activity, worstPeriods } from './activity.ts'
import { ActivityChart } from './activity-chart.tsx'
import type { RecentRange } from '../shared/recent-range.ts'
import type { LocationOverview } from './use-overview.ts'
import sheet from '../shared/sheet.module.css'
import styles from './overview.module.css'

interface LocationSectionProps {
  readonly overview: LocationOverview
  readonly range: RecentRange
  readonly onRetry: () => void
}

export function LocationSection({ overview, range, onRetry }: LocationSectionProps): ReactElement {
  const { t } = useTranslation('overview')
  const { tracker, activity } = overview
  const { location } = tracker
  const headingId = `location-${location}`
  return (
    <section className={sheet.section} aria-labelledby={headingId}>
      <h2 id={headingId} className={sheet.heading}>
        <Link to="/trail/$location" params={{ location }} className={sheet.link ?? ''}>
          {location}
        </Link>
      </h2>
      <div className={styles.columns}>
        <div className={styles.column}>
          {activity.value === undefined && activity.error === undefined && (
            <StateView kind="loading" title={t('activity.loading')} />
          )}
          {activity.value === undefined && activity.error !== undefined && (
            <ReadFailed title={t('activity.failed')} error={activity.error} onRetry={onRetry} />
          )}
          {activity.value !== undefined && <ActivityPart activity={activity.value} location={location} range={range} />}
          {activity.value !== undefined && activity.error !== undefined && (
            <p className={styles.unknown} role="alert">
              <AlertIcon size={14} className={styles.unknownMark} />
              <span>{t('activity.old', { message: activity.error.message })}</span>
            </p>
          )}
        </div>
        <Health overview={overview} />
      </div>
    </section>
  )
}

interface ActivityPartProps {
  readonly activity: Activity
  readonly location: string
  readonly range: RecentRange
}

function ActivityPart({ activity, location, range }: ActivityPartProps): ReactElement {
  const { t } = useTranslation('overview')
  const { from, to, events, critical, failures, isComplete, buckets, criticalActions, failingActions } = activity
  const exact = (count: number): string =>
    isComplete ? formatCount(count) : t('activity.atLeast', { formatted: formatCount(count) })
  const during = { from, to }
  return (
    <>
      <dl className={styles.numbers}>
        <Number name={t('activity.events')} search={during} location={location}>
          {exact(events)}
        </Number>
        <Number name={t('activity.failures')} search={{ ...during, outcome: ['failure'] }} location={location}>
          {exact(failures)}
        </Number>
        <Number name={t('activity.critical')} search={{ ...during, severity: ['critical'] }} location={location}>
          {exact(critical)}
        </Number>
      </dl>
      <ActivityChart buckets={buckets} label={t(`activity.label.${range}`, { location })} />
      <div className={styles.tops}>
        <Actions
          title={t('activity.criticalActions')}
          none={t('activity.noCritical')}
          actions={criticalActions}
          location={location}
          search={{ ...during, severity: ['critical'] }}
        />
        <Actions
          title={t('activity.failingActions')}
          none={t('activity.noFailures')}
          actions={failingActions}
          location={location}
          search={{ ...during, outcome: ['failure'] }}
        />
        <Worst activity={activity} location={location} range={range} />
      </div>
    </>
  )
}

interface NumberProps {
  readonly name: string
  readonly location: string
  readonly search: TrailSearch
  readonly children: string
}

function Number({ name, location, search, children }: NumberProps): ReactElement {
  const { t } = useTranslation('overview')
  return (
    <div className={styles.number}>
      <dt>{name}</dt>
      <dd>
        <Link
          to="/trail/$location"
          params={{ location }}
          search={search}
          className={styles.big ?? ''}
          aria-label={t('activity.show', { name, count: children })}
        >
          {children}
        </Link>
      </dd>
    </div>
  )
}

interface ActionsProps {
  readonly title: string
  readonly none: string
  readonly actions: readonly FacetValue[]
  readonly location: string
  readonly search: TrailSearch
}

function Actions({ title, none, actions, location, search }: ActionsProps): ReactElement {
  return (
    <div className={styles.top}>
      <h3 className={styles.small}>{title}</h3>
      {actions.length === 0 ? (
        <p className={sheet.note}>{none}</p>
      ) : (
        <ul className={styles.list}>
          {actions.map(({ value, count }) => (
            <li key={value} className={styles.counted}>
              <Link
                to="/trail/$location"
                params={{ location }}
                search={{ ...search, action: [value] }}
                className={sheet.link ?? ''}
                title={value}
              >
                {actionTitle(value)}
              </Link>
              <span className={styles.count}>{formatCount(count)}</span>
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}

const worstMax = 5

/** Days (hours, of one day) with something critical or with failures, the worst first. */
function Worst({ activity, location, range }: ActivityPartProps): ReactElement {
  const { t } = useTranslation('overview')
  const { zone } = useZone()
  const dayOf = (time: string): string => splitTime(Date.parse(time), zone).date
  const periods =
    range === '24h' ? worstPeriods(activity.buckets, worstMax) : worstPeriods(activity.buckets, worstMax, dayOf)
  const title = t(range === '24h' ? 'worst.hours' : 'worst.days')
  return (
    <div className={styles.top}>
      <h3 className={styles.small}>{title}</h3>
      {periods.length === 0 ? (
        <p className={sheet.note}>{t('worst.none')}</p>
      ) : (
        <ul className={styles.list}>
          {periods.map(({ from, to, critical, failures }) => (
            <li key={from} className={styles.counted}>
              <Link
                to="/trail/$location"
                params={{ location }}
                search={{ from, to, ...(critical > 0 ? { severity: ['critical'] } : { outcome: ['failure'] }) }}
                className={sheet.link ?? ''}
              >
                {range === '24h' ? <Moment at={from} /> : dayOf(from)}
              </Link>
              <span className={styles.count}>
                {t('worst.counts', { critical: formatCount(critical), failures: formatCount(failures) })}
              </span>
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}

const verificationTones = { good: 'good', bad: 'critical', failed: 'warning' } as const

/** The state of the log and of alerting, kept up to date. */
function Health({ overview }: { readonly overview: LocationOverview }): ReactElement {
  const { t } = useTranslation('overview')
  const { tracker, status, alerting } = overview
  const { location } = tracker
  const { checkpoint, verification, oddities, retention, openHolds = 0, undelivered = 0, remote } = status.value ?? {}
  const last = verification?.last
  const odd =
    oddities === undefined
      ? 0
      : oddities.missing + oddities.epochs + oddities.reused + oddities.forged + oddities.opening + oddities.late
  return (
    <div className={styles.health}>
      <h3 className={styles.small}>
        <Link to="/integrity/$location" params={{ location }} className={sheet.link ?? ''}>
          {t('health.title')}
        </Link>
      </h3>
      {status.value === undefined && (
        <p className={sheet.note}>{status.error === undefined ? t('health.loading') : t('health.failed')}</p>
      )}
      {remote !== undefined && <p className={sheet.note}>{t('health.remote', { url: remote.url })}</p>}
      <dl className={sheet.facts}>
        {status.value !== undefined && remote === undefined && (
          <>
            <Fact name={t('health.checkpoint')}>
              {checkpoint === null || checkpoint === undefined ? (
                t('health.none')
              ) : (
                <>
                  {formatCount(checkpoint.size)} <Moment at={checkpoint.signedAt} />
                </>
              )}
            </Fact>
            <Fact name={t('health.verification')}>
              {last === null || last === undefined ? (
                t('health.never')
              ) : (
                <>
                  <State tone={verificationTones[last.state]}>{t(`health.state.${last.state}`)}</State>{' '}
                  <Moment at={last.endedAt} />
                </>
              )}
            </Fact>
            <Fact name={t('health.oddities')}>
              <State tone={odd === 0 ? 'good' : 'warning'}>
                {odd === 0 ? t('health.noOddities') : formatCount(odd)}
              </State>
            </Fact>
            <Fact name={t('health.retention')}>
              {retention === undefined || retention.days === 0
                ? t('health.forEver')
                : t('health.days', { count: retention.days, formatted: formatCount(retention.days) })}
            </Fact>
            <Fact name={t('health.holds')}>{formatCount(openHolds)}</Fact>
          </>
        )}
        {undelivered > 0 && <Fact name={t('health.undelivered')}>{formatCount(undelivered)}</Fact>}
        <AlertFacts overview={alerting} location={location} />
      </dl>
    </div>
  )
}

interface AlertFactsProps {
  readonly overview: LocationOverview['alerting']
  readonly location: string
}

function AlertFacts({ overview, location }: AlertFactsProps): ReactElement | null {
  const { t } = useTranslation('overview')
  const { t: words } = useTranslation('alerts')
  const { value } = overview
  if (value === undefined) {
    if (overview.error === undefined) return null
    return <Fact name={t('health.alerts')}>{t('health.unknown')}</Fact>
  }
  const { open } = value.counts
  const troubleWords = ({ code, text, channel: id }: Trouble): string => {
    const channel = code === 'CHANNEL_FAILING' ? value.channels.find((each) => each.id === id) : undefined
    if (channel?.problem === undefined) return text
    return words('silence.channelFailing', { name: channel.name, why: deliveryWords(channel.problem, words) })
  }
  const count = open.critical + open.warning + open.info
  const tone = open.critical > 0 ? 'critical' : open.warning > 0 ? 'warning' : 'plain'
  return (
    <>
      <Fact name={t('health.alerts')}>
        <Link to="/alerts/$location" params={{ location }} className={sheet.link ?? ''}>
          <State tone={tone}>
            {count === 0
              ? t('health.noAlerts')
              : (['critical', 'warning', 'info'] as const)
                  .filter((name) => open[name] > 0)
                  .map((name) => t(`health.open.${name}`, { count: open[name], formatted: formatCount(open[name]) }))
                  .join(', ')}
          </State>
        </Link>
      </Fact>
      <Fact name={t('health.trouble')}>
        {value.troubles.length === 0 ? (
          <State tone="good">{t('health.noTrouble')}</State>
        ) : (
          <ul className={styles.list}>
            {value.troubles.map((trouble, i) => (
              <li key={i} className={styles.words}>
                {troubleWords(trouble)}
              </li>
            ))}
          </ul>
        )}
      </Fact>
    </>
  )
}

function State({ tone, children }: { readonly tone: StateTone; readonly children: string }): ReactElement {
  return <StateLabel tone={tone}>{children}</StateLabel>
}
