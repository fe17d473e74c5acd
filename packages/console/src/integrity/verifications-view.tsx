/** The server's verifications of every byte on its disk: what each found, the one under way, and having it done now. */
import { Button } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import type { TFunction } from 'i18next'
import { type ReactElement, useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import type { OpenVerification, Verification } from '../api/integrity-api.ts'
import { asApiError } from '../api/problem.ts'
import { StateView } from '../app/state-view.tsx'
import { useRoom } from '../app/witness-room.tsx'
import { formatCount } from '../i18n/texts.ts'
import { ActProblem } from '../shared/act-problem.tsx'
import { type Column, DataTable } from '../shared/data-table.tsx'
import { Moment } from '../shared/moment.tsx'
import { ReadFailed } from '../shared/read-failed.tsx'
import { StateLabel } from '../shared/state-label.tsx'
import { useIntegrityApi, useTrackerStatus } from '../shared/use-tracker-status.ts'
import { ProgressBar } from './progress-bar.tsx'
import { VerificationPanel } from './verification-panel.tsx'
import { verificationTone } from './verification-tone.ts'
import type { ViewProps } from './view-props.ts'
import sheet from '../shared/sheet.module.css'
import styles from './integrity.module.css'

/** While one runs, somebody looks at its progress. */
const runningPollMs = 2_000

export function VerificationsView({ search, onChange, frame }: ViewProps): ReactElement {
  const { t } = useTranslation('integrity')
  const { tracker } = useRoom()
  const api = useIntegrityApi(tracker.location)
  const queries = useQueryClient()
  const { data, error, refetch, dataUpdatedAt } = useQuery({
    queryKey: ['verifications', tracker.location],
    queryFn: ({ signal }) => api.verifications(signal),
  })
  const { data: status } = useTrackerStatus(tracker.location, runningPollMs)
  const start = useMutation({
    mutationFn: () => api.verify(),
    networkMode: 'always',
    onSuccess: () => void queries.invalidateQueries({ queryKey: ['tracker-status', tracker.location] }),
  })
  const lastId = status?.verification?.last?.id
  useNewest(data, lastId, () => void refetch())
  const ended = data?.filter(({ state }) => state !== 'waiting' && state !== 'running')
  const open = data?.find(({ id }) => id === search.verification)
  const running = status?.verification?.open ?? undefined
  return frame(
    <>
      <div className={styles.bar}>
        <Button onClick={() => start.mutate()} loading={start.isPending} disabled={running !== undefined}>
          {t('verification.start')}
        </Button>
        {running === undefined ? (
          <p className={sheet.note}>{t('verification.startText')}</p>
        ) : (
          <Running verification={running} />
        )}
        {start.error !== null && (
          <ActProblem error={asApiError(start.error)} forbidden={t('verification.forbidden')} onDismiss={start.reset} />
        )}
      </div>
      {ended === undefined && error === null && <StateView kind="loading" title={t('verification.loading')} />}
      {ended === undefined && error !== null && (
        <ReadFailed title={t('verification.failed')} error={asApiError(error)} onRetry={() => void refetch()} />
      )}
      {ended?.length === 0 && (
        <StateView kind="empty" title={t('verification.empty')} text={t('verification.emptyText')} />
      )}
      {ended !== undefined && ended.length > 0 && (
        <>
          <DataTable
            label={t('view.verifications')}
            columns={columnsIn(t)}
            rows={ended}
            keyOf={({ id }) => id}
            openKey={search.verification}
            onOpen={({ id }) => onChange({ view: 'verifications', verification: id }, open !== undefined)}
          />
          <p className={styles.bar}>
            <span className={sheet.note}>
              {t('asOf')} <Moment at={new Date(dataUpdatedAt).toISOString()} />
            </span>
          </p>
        </>
      )}
    </>,
    open === undefined ? undefined : (
      <VerificationPanel key={open.id} verification={open} onClose={() => onChange({ view: 'verifications' })} />
    ),
  )
}

/** The list is an event of the trail: it is read again once, when one has ended since. */
function useNewest(data: readonly Verification[] | undefined, lastId: string | undefined, read: () => void): void {
  const askedFor = useRef<string>(undefined)
  useEffect(() => {
    if (data === undefined || lastId === undefined || askedFor.current === lastId) return
    askedFor.current = lastId
    if (!data.some(({ id, state }) => id === lastId && state !== 'running' && state !== 'waiting')) read()
  }, [data, lastId, read])
}

function Running({ verification }: { readonly verification: OpenVerification }): ReactElement {
  const { t } = useTranslation('integrity')
  const { state, entriesDone, entriesTotal } = verification
  return (
    <ProgressBar
      label={t(`verification.running.${state}`)}
      done={entriesDone}
      total={entriesTotal}
      text={t('progress', { done: formatCount(entriesDone), total: formatCount(entriesTotal) })}
    />
  )
}

function columnsIn(t: TFunction<'integrity'>): readonly [Column<Verification>, ...Column<Verification>[]] {
  return [
    {
      id: 'started',
      title: t('verification.started'),
      cell: ({ startedAt }) => (startedAt === null ? '' : <Moment at={startedAt} />),
      sortBy: ({ startedAt }) => startedAt ?? undefined,
    },
    {
      id: 'state',
      title: t('verification.result'),
      cell: ({ state }) => <StateLabel tone={verificationTone(state)}>{t(`verification.state.${state}`)}</StateLabel>,
      sortBy: ({ state }) => state,
    },
    {
      id: 'entries',
      title: t('verification.entries'),
      isNumber: true,
      cell: ({ size }) => (typeof size === 'number' ? formatCount(size) : ''),
    },
    {
      id: 'findings',
      title: t('verification.findings'),
      isNumber: true,
      // Of one that was not done nothing is known.
      cell: ({ state, findingsTotal = 0 }) => (state === 'failed' ? '' : formatCount(findingsTotal)),
      sortBy: ({ findingsTotal }) => findingsTotal,
    },
    {
      id: 'trigger',
      title: t('verification.trigger'),
      needs: 'middle',
      cell: ({ trigger }) => t(`verification.by.${trigger}`),
    },
  ]
}
