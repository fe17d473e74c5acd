/** The way back when a certificate administrator has lost the key or left: proposed by one person, approved by another, stopped by anybody concerned. */
import { Button } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { type ReactElement, useEffect, useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { type CertificatesApi, createCertificatesApi, type Holder, type Recoveries } from '../api/certificates-api.ts'
import { asApiError } from '../api/problem.ts'
import { useApi } from '../app/session.tsx'
import { useShortcuts } from '../app/shortcuts.tsx'
import { StateView } from '../app/state-view.tsx'
import { formatCount } from '../i18n/texts.ts'
import { AsOf } from '../shared/as-of.tsx'
import { InstancePage } from '../shared/instance-page.tsx'
import { ReadFailed } from '../shared/read-failed.tsx'
import { StaleNotice } from '../shared/stale-notice.tsx'
import type { ViewProps } from './certificates-page.tsx'
import { ProposeDialog } from './propose-dialog.tsx'
import { RecoveryCard } from './recovery-card.tsx'
import cards from '../shared/cards.module.css'
import sheet from '../shared/sheet.module.css'

export function RecoveriesView({ guid, views }: ViewProps): ReactElement {
  const { t } = useTranslation('certificates')
  const { calls } = useApi()
  const queries = useQueryClient()
  const api = useMemo(() => createCertificatesApi(calls, guid), [calls, guid])
  const { data, error, refetch, dataUpdatedAt, isFetching } = useQuery({
    queryKey: ['recoveries', guid],
    queryFn: ({ signal }) => api.recoveries(signal),
  })
  const { offer } = useShortcuts()
  useEffect(() => offer({}), [offer])
  const retry = (): void => void refetch()
  const changed = async (): Promise<void> => {
    await queries.invalidateQueries({ queryKey: ['recoveries', guid] })
    // What was removed is read anew when somebody looks at it.
    queries.removeQueries({ queryKey: ['certificates', guid] })
  }
  return (
    <InstancePage title={t('title')} views={views}>
      {data === undefined && error === null && <StateView kind="loading" title={t('recovery.loading')} />}
      {data === undefined && error !== null && (
        <ReadFailed
          title={t('recovery.failed')}
          forbidden={t('recovery.forbidden')}
          error={asApiError(error)}
          onRetry={retry}
        />
      )}
      {data !== undefined && (
        <div className={cards.cards} tabIndex={0} role="group" aria-label={t('views.recoveries')}>
          <AsOf at={dataUpdatedAt} isReading={isFetching} onRefresh={retry} />
          <StaleNotice error={error} />
          <p className={sheet.text}>{t('recovery.text', { count: data.waitingHours })}</p>
          <Lists data={data} api={api} onChanged={changed} />
        </div>
      )}
    </InstancePage>
  )
}

interface ListsProps {
  readonly data: Recoveries
  readonly api: CertificatesApi
  readonly onChanged: () => Promise<void>
}

function Lists({ data, api, onChanged }: ListsProps): ReactElement {
  const { t } = useTranslation('certificates')
  const pending = data.recoveries.filter(({ state }) => state === 'open' || state === 'approved')
  const over = data.recoveries.filter((each) => !pending.includes(each))
  return (
    <>
      <h2 className={cards.heading}>{t('recovery.pending')}</h2>
      {pending.length === 0 && <p className={cards.note}>{t('recovery.pendingNone')}</p>}
      {pending.map((recovery) => (
        <RecoveryCard
          key={recovery.id}
          recovery={recovery}
          waitingHours={data.waitingHours}
          api={api}
          onChanged={onChanged}
        />
      ))}
      <h2 className={cards.heading}>{t('recovery.holders')}</h2>
      {data.administrators.length === 0 && <p className={cards.note}>{t('recovery.holdersNone')}</p>}
      {data.administrators.map((holder) => (
        <HolderCard
          key={holder.administrator.id}
          holder={holder}
          isPending={pending.some(({ administrator }) => administrator.id === holder.administrator.id)}
          api={api}
          onChanged={onChanged}
        />
      ))}
      {over.length > 0 && <h2 className={cards.heading}>{t('recovery.over')}</h2>}
      {over.map((recovery) => (
        <RecoveryCard
          key={recovery.id}
          recovery={recovery}
          waitingHours={data.waitingHours}
          api={api}
          onChanged={onChanged}
        />
      ))}
    </>
  )
}

interface HolderCardProps {
  readonly holder: Holder
  /** Whether something is proposed about it already. */
  readonly isPending: boolean
  readonly api: CertificatesApi
  readonly onChanged: () => Promise<void>
}

function HolderCard({ holder, isPending, api, onChanged }: HolderCardProps): ReactElement {
  const { t } = useTranslation('certificates')
  const [isAsked, setIsAsked] = useState(false)
  const { administrator, keyId, certificates } = holder
  const name = administrator.name ?? administrator.id
  return (
    <section className={cards.card} aria-label={name}>
      <div className={cards.top}>
        <h3 className={cards.name}>{name}</h3>
        <span className={cards.state}>
          {t('recovery.certificates', { count: certificates, formatted: formatCount(certificates) })}
        </span>
      </div>
      <p className={cards.note}>
        {administrator.id}
        {' · '}
        {keyId === null ? (
          t('recovery.noKey')
        ) : (
          <>
            {t('recovery.key')} <code>{keyId}</code>
          </>
        )}
      </p>
      <div className={cards.buttons}>
        <Button
          variant="default"
          disabled={isPending}
          aria-label={t('recovery.proposeFor', { name })}
          onClick={() => setIsAsked(true)}
        >
          {t('recovery.propose')}
        </Button>
        {isPending && <span className={cards.note}>{t('recovery.already')}</span>}
      </div>
      {isAsked && (
        <ProposeDialog
          holder={holder}
          api={api}
          onCancel={() => setIsAsked(false)}
          onProposed={async () => {
            await onChanged()
            setIsAsked(false)
          }}
        />
      )}
    </section>
  )
}
