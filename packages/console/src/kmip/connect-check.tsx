/** Whether a client's first request has arrived, how it was answered, and which strangers were turned away meanwhile. */
import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import type { KmipAdapter } from '../api/kmip-api.ts'
import { type FacetValue, readFacet } from '../api/history-api.ts'
import { asApiError } from '../api/problem.ts'
import { usePlace } from '../app/place.tsx'
import { useApi } from '../app/session.tsx'
import { formatCount } from '../i18n/texts.ts'
import { ActProblem } from '../shared/act-problem.tsx'
import { EventLink } from '../shared/event-link.tsx'
import { Fingerprint } from '../shared/fingerprint.tsx'
import { inSight } from '../shared/in-sight.ts'
import { Moment } from '../shared/moment.tsx'
import { Notice } from '../shared/notice.tsx'
import { readStrangers, type Strangers } from './strangers.ts'
import form from '../shared/say-form.module.css'
import styles from './kmip.module.css'

interface ConnectCheckProps {
  readonly guid: string
  readonly adapter: KmipAdapter
}

interface Found {
  /** Requests of the adapter's clients, by how they ended. */
  readonly outcomes: readonly FacetValue[]
  /** Undefined while requests arrive. */
  readonly strangers: Strangers | undefined
}

export function ConnectCheck({ guid, adapter }: ConnectCheckProps): ReactElement {
  const { t } = useTranslation('kmip')
  const { calls } = useApi()
  const { tracker, trackers } = usePlace()
  const { data, error, refetch, isFetching } = useQuery({
    queryKey: ['kmip-check', guid, adapter.id],
    enabled: false,
    queryFn: async ({ signal }): Promise<Found> => {
      const location = tracker?.location ?? ''
      const ofAdapter = { query: `adapterId:${adapter.id} action:hs-crypto.kmip-key*` }
      const outcomes = await readFacet(calls, location, 'outcome', ofAdapter, signal)
      if (outcomes.length > 0) return { outcomes, strangers: undefined }
      const all = trackers.map((each) => each.location)
      return { outcomes, strangers: await readStrangers(calls, all, signal) }
    },
  })
  if (tracker === undefined) return <p>{t('noTrail')}</p>
  return (
    <>
      <div>
        <Button loading={isFetching} onClick={() => void refetch()}>
          {t('guide.checkNow')}
        </Button>
      </div>
      {error !== null && <ActProblem error={asApiError(error)} forbidden={t('noTrail')} />}
      <div role="status" className={styles.facts}>
        {data !== undefined && (
          <div ref={inSight}>
            {data.outcomes.length > 0 && <Arrived outcomes={data.outcomes} />}
            {data.strangers !== undefined && <NotArrived strangers={data.strangers} />}
          </div>
        )}
      </div>
    </>
  )
}

function Arrived({ outcomes }: Pick<Found, 'outcomes'>): ReactElement {
  const { t } = useTranslation('kmip')
  const first = outcomes
    .flatMap(({ first: seen }) => (seen === undefined ? [] : [seen]))
    .toSorted((a, b) => a.index - b.index)[0]
  const countOf = (name: string): number => outcomes.find(({ value }) => value === name)?.count ?? 0
  const [done, refused] = [countOf('success'), countOf('failure')]
  const newestRefused = outcomes.find(({ value }) => value === 'failure')?.newest
  return (
    <Notice tone={done > 0 ? 'good' : 'warning'} title={done > 0 ? t('guide.arrived') : t('guide.arrivedRefused')}>
      <p>
        {t('guide.answered', {
          done: formatCount(done),
          refused: formatCount(refused),
        })}
      </p>
      {first !== undefined && (
        <p className={styles.seen}>
          {t('guide.firstRequest')} {first.time !== undefined && <Moment at={first.time} />}
          <EventLink index={first.index}>{t('guide.firstEvent')}</EventLink>
        </p>
      )}
      {newestRefused !== undefined && <EventLink index={newestRefused.index}>{t('guide.newestRefused')}</EventLink>}
    </Notice>
  )
}

function NotArrived({ strangers }: { readonly strangers: Strangers }): ReactElement {
  const { t } = useTranslation('kmip')
  const { found, locations, failed } = strangers
  return (
    <Notice tone="plain" title={t('guide.notArrived')}>
      <p>{t('guide.notArrivedText')}</p>
      <p>{found.length > 0 ? t('guide.strangers') : t('guide.strangersNone')}</p>
      {found.length > 0 && (
        <ul className={styles.certificates}>
          {found.map(({ location, fingerprint, newest }) => (
            <li key={`${location} ${fingerprint}`} className={styles.seen}>
              <Fingerprint hex={fingerprint} />
              {location}
              {newest !== undefined && (
                <EventLink index={newest.index} location={location}>
                  {t('newestEvent')}
                </EventLink>
              )}
            </li>
          ))}
        </ul>
      )}
      <p className={form.note}>{t('guide.strangersWhere', { locations: locations.join(', ') })}</p>
      {failed.map(({ location, message }) => (
        <p key={location} className={form.error}>
          {t('guide.strangersFailed', { location, message })}
        </p>
      ))}
    </Notice>
  )
}
