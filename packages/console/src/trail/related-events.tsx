/** What else happened around an event: in the same request, to the same key, by the same initiator, in the instance. */
import { useQuery } from '@tanstack/react-query'
import { Button } from '@mantine/core'
import { type ReactElement, useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { asApiError } from '../api/problem.ts'
import { type Relation, createSummariesApi, relations } from '../api/summaries-api.ts'
import type { TrailItem } from '../api/types.ts'
import { useInstanceName } from '../app/instances.ts'
import { useApi } from '../app/session.tsx'
import { useRoom } from '../app/witness-room.tsx'
import { useZone } from '../app/zone.tsx'
import { describe } from './describe.ts'
import { type TrailSearch, withFilter, withoutFilters } from './search.ts'
import { formatTypedTime } from './time-range.ts'
import styles from './related-events.module.css'

interface RelatedEventsProps {
  /** What the event has of each relation; a relation that it has nothing of is not offered. */
  readonly of: { readonly [Name in Relation]: string | undefined }
  /** The event that is open. */
  readonly index: number
  readonly search: TrailSearch
  readonly onChange: (search: TrailSearch) => void
}

export function RelatedEvents(props: RelatedEventsProps): ReactElement | null {
  const { of, index, search, onChange } = props
  const { t } = useTranslation('trail')
  // Reading what is around an event is an event itself: it is read when somebody wants to see it.
  const [by, setBy] = useState<Relation>()
  const offered = relations.filter((name) => of[name] !== undefined)
  const value = by === undefined ? undefined : of[by]
  if (offered.length === 0) return null
  return (
    <section className={styles.related} aria-label={t('related.title')}>
      <h3 className={styles.title}>{t('related.title')}</h3>
      <div className={styles.choices}>
        {offered.map((name) => (
          <button
            key={name}
            type="button"
            className={styles.choice}
            aria-expanded={by === name}
            onClick={() => setBy(by === name ? undefined : name)}
          >
            {t(`related.by.${name}`)}
          </button>
        ))}
      </div>
      {by !== undefined && value !== undefined && (
        <>
          <Around key={by} by={by} index={index} search={search} onChange={onChange} />
          <Button
            variant="default"
            size="xs"
            className={styles.all}
            onClick={() => onChange(withFilter(withoutFilters(search), { name: by, value }))}
          >
            {t(`related.all.${by}`)}
          </Button>
        </>
      )}
    </section>
  )
}

function Around(props: Omit<RelatedEventsProps, 'of'> & { readonly by: Relation }): ReactElement {
  const { by, index, search, onChange } = props
  const { t } = useTranslation(['trail', 'translation'])
  const { calls } = useApi()
  const { location } = useRoom().tracker
  const api = useMemo(() => createSummariesApi(calls, location), [calls, location])
  const { data, error, refetch } = useQuery({
    queryKey: ['context', location, index, by],
    queryFn: ({ signal }) => api.context(index, by, signal),
  })
  if (error !== null) {
    return (
      <p className={styles.none} role="status">
        {t('related.failed', { message: asApiError(error).message })}
        <Button variant="default" size="compact-xs" onClick={() => void refetch()}>
          {t('state.retry', { ns: 'translation' })}
        </Button>
      </p>
    )
  }
  if (data === undefined) {
    return (
      <p className={styles.none} role="status">
        {t('related.loading')}
      </p>
    )
  }
  if (data.events.length <= 1) return <p className={styles.none}>{t('related.none')}</p>
  return (
    <ol className={styles.list}>
      {data.hasNewer && <li className={styles.none}>{t('related.newer')}</li>}
      {data.events.toReversed().map((item) => (
        <RelatedEvent
          key={item.index}
          item={item}
          isOpen={item.index === index}
          onOpen={() => onChange({ ...search, event: item.index })}
        />
      ))}
      {data.hasOlder && <li className={styles.none}>{t('related.older')}</li>}
    </ol>
  )
}

interface RelatedEventProps {
  readonly item: TrailItem
  readonly isOpen: boolean
  readonly onOpen: () => void
}

function RelatedEvent({ item, isOpen, onOpen }: RelatedEventProps): ReactElement {
  const { zone } = useZone()
  const { time, sentence } = describe(item.event, useInstanceName())
  return (
    <li>
      <button type="button" className={styles.item} aria-current={isOpen || undefined} onClick={onOpen}>
        <time className={styles.time}>{time === undefined ? item.event.eventTime : formatTypedTime(time, zone)}</time>
        <span className={styles.sentence}>{sentence}</span>
      </button>
    </li>
  )
}
