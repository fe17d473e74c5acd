/** The whole life of a key, from the trail: oldest first, by days, in sentences, each with the way to its event and its proof. */
import { Link } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import type { TrailItem } from '../api/types.ts'
import { CoveredMark } from '../app/icons.tsx'
import { usePlace } from '../app/place.tsx'
import { StateView } from '../app/state-view.tsx'
import { useZone } from '../app/zone.tsx'
import { OutcomeLabel, SeverityLabel } from '../shared/labels.tsx'
import { Moment } from '../shared/moment.tsx'
import { MoreButton } from '../shared/more-button.tsx'
import { ReadFailed } from '../shared/read-failed.tsx'
import { useParts } from '../shared/use-parts.ts'
import { describe } from '../trail/describe.ts'
import { zoneName } from '../trail/time-range.ts'
import { byDay } from './by-day.ts'
import { useKeyEvents } from './use-uses.ts'
import styles from './key-life.module.css'

interface KeyLifeProps {
  readonly id: string
  readonly withUses: boolean
  readonly onWithUses: (is: boolean) => void
}

export function KeyLife(props: KeyLifeProps): ReactElement {
  const { t } = useTranslation('keys')
  const { tracker } = usePlace()
  const events = useKeyEvents()
  if (events === undefined || tracker === undefined) {
    return <StateView kind="forbidden" title={t('life.forbidden')} text={t('life.forbiddenText')} />
  }
  return <Life {...props} events={events} location={tracker.location} />
}

interface LifeProps extends KeyLifeProps {
  readonly events: NonNullable<ReturnType<typeof useKeyEvents>>
  readonly location: string
}

function Life({ id, withUses, onWithUses, events, location }: LifeProps): ReactElement {
  const { t } = useTranslation('keys')
  const { zone } = useZone()
  const parts = useParts(['key-life', id, String(withUses)], (after, signal) =>
    events.life(id, withUses, after, signal),
  )
  const { items, error, again } = parts
  return (
    <section className={styles.life} aria-label={t('life.title')}>
      <label className={styles.choice}>
        <input type="checkbox" checked={withUses} onChange={(event) => onWithUses(event.currentTarget.checked)} />
        {t('life.withUses')}
      </label>
      {items === undefined && error === undefined && <StateView kind="loading" title={t('life.loading')} />}
      {items === undefined && error !== undefined && (
        <ReadFailed title={t('life.failed')} error={error} onRetry={again} />
      )}
      {items?.length === 0 && <p className={styles.none}>{t('life.none')}</p>}
      {items !== undefined &&
        byDay(items, zone).map(({ day, at, events: ofDay }) => (
          <section key={day} className={styles.day}>
            <h3 className={styles.date}>
              {day} <span className={styles.zone}>{at === undefined ? '' : zoneName(at, zone)}</span>
            </h3>
            <ol className={styles.events}>
              {ofDay.map(({ item, clock }) => (
                <LifeEvent key={item.index} item={item} clock={clock} location={location} />
              ))}
            </ol>
          </section>
        ))}
      <MoreButton parts={parts} />
    </section>
  )
}

interface LifeEventProps {
  readonly item: TrailItem
  readonly clock: string
  readonly location: string
}

function LifeEvent({ item, clock, location }: LifeEventProps): ReactElement {
  const { t } = useTranslation('keys')
  const { index, event } = item
  const { sentence } = describe(event)
  const isOrdinary = event.outcome === 'success' && event.severity === 'normal'
  return (
    <li className={styles.event} data-severity={event.severity}>
      <span className={styles.clock}>
        <Moment at={event.eventTime}>{clock}</Moment>
      </span>
      <div className={styles.what}>
        <Link to="/trail/$location" params={{ location }} search={{ event: index }} className={styles.sentence ?? ''}>
          <bdi>{sentence}</bdi>
        </Link>
        <Link
          to="/trail/$location"
          params={{ location }}
          search={{ event: index, view: 'proof' }}
          className={styles.proof ?? ''}
          aria-label={t('life.proofOf', { sentence })}
        >
          <CoveredMark size={12} />
          {t('life.proof')}
        </Link>
        {!isOrdinary && (
          <div className={styles.marks}>
            <SeverityLabel severity={event.severity} />
            {event.outcome !== 'success' && <OutcomeLabel outcome={event.outcome} code={event.reason.reasonCode} />}
          </div>
        )}
      </div>
    </li>
  )
}
