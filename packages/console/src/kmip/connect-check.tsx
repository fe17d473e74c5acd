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
import { Moment } from '../shared/moment.tsx'
import { Notice } from '../shared/notice.tsx'
import styles from './kmip.module.css'

interface ConnectCheckProps {
  readonly guid: string
  readonly adapter: KmipAdapter
}

interface Found {
  /** Requests of the adapter's clients, by how they ended. */
  readonly outcomes: readonly FacetValue[]
  /** Certificates that no adapter has, of the last hour: of events of the operator, which not everybody may read. */
  readonly strangers: readonly FacetValue[]
}

export function ConnectCheck({ guid, adapter }: ConnectCheckProps): ReactElement {
  const { t } = useTranslation('kmip')
  const { calls } = useApi()
  const { tracker } = usePlace()
  const { data, error, refetch, isFetching } = useQuery({
    queryKey: ['kmip-check', guid, adapter.id],
    enabled: false,
    queryFn: async ({ signal }): Promise<Found> => {
      const location = tracker?.location ?? ''
      const ofAdapter = { query: `adapterId:${adapter.id} action:hs-crypto.kmip-key*` }
      const ofStrangers = { query: 'action:hs-crypto.kmip-key.default outcome:failure code:401', from: '-1h' }
      const outcomes = await readFacet(calls, location, 'outcome', ofAdapter, signal)
      const strangers = outcomes.length > 0 ? [] : await readFacet(calls, location, 'initiator', ofStrangers, signal)
      return { outcomes, strangers }
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
        {data !== undefined && data.outcomes.length > 0 && <Arrived outcomes={data.outcomes} />}
        {data !== undefined && data.outcomes.length === 0 && <NotArrived strangers={data.strangers} />}
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

const prefix = 'CertificateID-'

function NotArrived({ strangers }: Pick<Found, 'strangers'>): ReactElement {
  const { t } = useTranslation('kmip')
  const known = strangers.filter(({ value }) => value.startsWith(prefix))
  return (
    <Notice tone="plain" title={t('guide.notArrived')}>
      <p>{t('guide.notArrivedText')}</p>
      {known.length > 0 && (
        <>
          <p>{t('guide.strangers')}</p>
          <ul className={styles.certificates}>
            {known.map(({ value, newest }) => (
              <li key={value} className={styles.seen}>
                <Fingerprint hex={value.slice(prefix.length)} />
                {newest !== undefined && <EventLink index={newest.index}>{t('newestEvent')}</EventLink>}
              </li>
            ))}
          </ul>
        </>
      )}
    </Notice>
  )
}
