/** The keys that sign the log, each with the event that announced it; and the other servers that deliver to it. */
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { TFunction } from 'i18next'
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import type { LogKey, Producer } from '../api/integrity-api.ts'
import { asApiError } from '../api/problem.ts'
import { StateView } from '../app/state-view.tsx'
import { useRoom, useWitnessState } from '../app/witness-room.tsx'
import { formatCount } from '../i18n/texts.ts'
import { CommandLine } from '../shared/command-line.tsx'
import { type Column, DataTable } from '../shared/data-table.tsx'
import { Fact } from '../shared/fact.tsx'
import { Moment } from '../shared/moment.tsx'
import { ReadFailed } from '../shared/read-failed.tsx'
import { StateLabel } from '../shared/state-label.tsx'
import { useIntegrityApi } from '../shared/use-tracker-status.ts'
import type { ViewProps } from './view-props.ts'
import cards from '../shared/cards.module.css'
import sheet from '../shared/sheet.module.css'

export function KeysView({ frame }: ViewProps): ReactElement {
  const { t } = useTranslation('integrity')
  return frame(
    <section className={sheet.body} aria-label={t('view.keys')} tabIndex={0}>
      <Keys />
      <Producers />
    </section>,
  )
}

function Keys(): ReactElement {
  const { t } = useTranslation('integrity')
  const { t: tAll } = useTranslation()
  const { tracker } = useRoom()
  const { memory } = useWitnessState()
  const api = useIntegrityApi(tracker.location)
  const { data, error, refetch } = useQuery({
    queryKey: ['log-keys', tracker.location],
    queryFn: ({ signal }) => api.keys(signal),
  })
  const known = memory === undefined ? [] : [memory.key, ...(memory.formerKeys ?? [])]
  return (
    <section className={sheet.section} aria-labelledby="log-keys">
      <h2 id="log-keys" className={sheet.heading}>
        {t('keys.title')}
      </h2>
      <p className={sheet.note}>{tAll('log.keyNote')}</p>
      {data === undefined && error === null && <StateView kind="loading" title={t('keys.loading')} />}
      {data === undefined && error !== null && (
        <ReadFailed title={t('keys.failed')} error={asApiError(error)} onRetry={() => void refetch()} />
      )}
      {data !== undefined && (
        <ul className={sheet.list} aria-label={t('keys.title')}>
          {data.map((logKey) => (
            <KeyCard key={logKey.id} logKey={logKey} isKnown={known.includes(logKey.key)} location={tracker.location} />
          ))}
        </ul>
      )}
      <p className={sheet.note}>{t('keys.rotate')}</p>
      <div>
        <CommandLine command={`keywitness log rotate-key --location ${tracker.location}`} />
      </div>
    </section>
  )
}

const keyTones = { current: 'good', retiring: 'pending', retired: 'plain' } as const

interface KeyCardProps {
  readonly logKey: LogKey
  /** Whether this browser trusts it. */
  readonly isKnown: boolean
  readonly location: string
}

/** A key is longer than a column of a table has room for. */
function KeyCard({ logKey, isKnown, location }: KeyCardProps): ReactElement {
  const { t } = useTranslation('integrity')
  const { key, state, announced, from, until, overlapUntil } = logKey
  const end = until?.time ?? overlapUntil
  return (
    <li className={cards.card}>
      <dl>
        <Fact name={t('keys.key')} copy={key}>
          <code className={sheet.hash}>{key}</code>
        </Fact>
        <Fact name={t('keys.state')}>
          <StateLabel tone={keyTones[state]}>{t(`keys.states.${state}`)}</StateLabel>
        </Fact>
        <Fact name={t('keys.known')}>
          <StateLabel tone={isKnown ? 'good' : 'plain'}>{t(isKnown ? 'keys.trusted' : 'keys.unseen')}</StateLabel>
        </Fact>
        <Fact name={t('keys.announced')}>
          {announced === null ? (
            t('keys.first')
          ) : (
            <Link
              to="/trail/$location"
              params={{ location }}
              search={{ event: announced }}
              className={sheet.link ?? ''}
            >
              {t('entry', { index: formatCount(announced) })}
            </Link>
          )}
        </Fact>
        <Fact name={t('keys.from')}>
          {t('keys.at', { size: formatCount(from.size) })} <Moment at={from.time} />
        </Fact>
        <Fact name={t('keys.until')}>{end === null ? '' : <Moment at={end} />}</Fact>
      </dl>
    </li>
  )
}

function Producers(): ReactElement {
  const { t } = useTranslation('integrity')
  const { tracker } = useRoom()
  const api = useIntegrityApi(tracker.location)
  const { data, error, refetch } = useQuery({
    queryKey: ['producers', tracker.location],
    queryFn: ({ signal }) => api.producers(signal),
  })
  return (
    <section className={sheet.section} aria-labelledby="producers">
      <h2 id="producers" className={sheet.heading}>
        {t('producers.title')}
      </h2>
      <p className={sheet.note}>{t('producers.intro')}</p>
      {data === undefined && error === null && <StateView kind="loading" title={t('producers.loading')} />}
      {data === undefined && error !== null && (
        <ReadFailed title={t('producers.failed')} error={asApiError(error)} onRetry={() => void refetch()} />
      )}
      {data !== undefined && (
        <DataTable
          label={t('producers.title')}
          columns={producerColumns(t)}
          rows={data}
          keyOf={({ producer }) => producer}
          none={t('producers.none')}
        />
      )}
    </section>
  )
}

function producerColumns(t: TFunction<'integrity'>): readonly [Column<Producer>, ...Column<Producer>[]] {
  return [
    { id: 'producer', title: t('producers.producer'), cell: ({ producer }) => <code>{producer}</code> },
    { id: 'identity', title: t('producers.identity'), cell: ({ identity }) => identity },
    { id: 'bound', title: t('producers.bound'), cell: ({ boundAt }) => <Moment at={boundAt} /> },
    {
      id: 'released',
      title: t('producers.released'),
      needs: 'middle',
      cell: ({ releasedAt }) => (releasedAt === undefined ? '' : <Moment at={releasedAt} />),
    },
  ]
}
