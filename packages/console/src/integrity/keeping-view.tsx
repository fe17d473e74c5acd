/** For how long events are kept, what is held, and what two people decide about it. */
import { Button } from '@mantine/core'
import { type UseQueryResult, useQuery } from '@tanstack/react-query'
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import type { Hold, Proposal, Retention } from '../api/integrity-api.ts'
import { asApiError } from '../api/problem.ts'
import { StateView } from '../app/state-view.tsx'
import { useRoom } from '../app/witness-room.tsx'
import { Moment } from '../shared/moment.tsx'
import { ReadFailed } from '../shared/read-failed.tsx'
import { useIntegrityApi } from '../shared/use-tracker-status.ts'
import { HoldPanel } from './hold-panel.tsx'
import { HoldsSection } from './holds-section.tsx'
import { ProposalsSection } from './proposals-section.tsx'
import { RetentionSection } from './retention-section.tsx'
import type { ViewProps } from './view-props.ts'
import sheet from '../shared/sheet.module.css'

/** What the view is made of: read together, since each part explains the others. */
interface Keeping {
  readonly retention: Retention
  readonly holds: readonly Hold[]
  readonly proposals: readonly Proposal[]
}

export function KeepingView({ search, onChange, frame }: ViewProps): ReactElement {
  const { t } = useTranslation('integrity')
  const { data, error, refetch, isFetching, dataUpdatedAt } = useKeeping()
  if (data === undefined) {
    return frame(
      error === null ? (
        <StateView kind="loading" title={t('keeping.loading')} />
      ) : (
        <ReadFailed title={t('keeping.failed')} error={asApiError(error)} onRetry={() => void refetch()} />
      ),
    )
  }
  const open = data.holds.find(({ id }) => id === search.hold)
  const { retention, holds, proposals } = data
  return frame(
    <section className={sheet.body} aria-label={t('view.keeping')} tabIndex={0}>
      <div className={sheet.actions}>
        <Button variant="default" loading={isFetching} onClick={() => void refetch()}>
          {t('refresh')}
        </Button>
        <p className={sheet.note} role="status">
          {t('asOf')} <Moment at={new Date(dataUpdatedAt).toISOString()} />
        </p>
        {error !== null && (
          <p className={sheet.note} role="alert">
            {t('keeping.old', { message: error.message })}
          </p>
        )}
      </div>
      <ProposalsSection proposals={proposals} />
      <RetentionSection retention={retention} proposals={proposals} />
      <HoldsSection
        holds={holds}
        proposals={proposals}
        openId={search.hold}
        onOpen={(hold) => onChange({ view: 'keeping', hold }, open !== undefined)}
      />
    </section>,
    open === undefined ? undefined : (
      <HoldPanel key={open.id} hold={open} proposals={proposals} onClose={() => onChange({ view: 'keeping' })} />
    ),
  )
}

function useKeeping(): UseQueryResult<Keeping> {
  const { tracker } = useRoom()
  const api = useIntegrityApi(tracker.location)
  return useQuery({
    queryKey: ['keeping', tracker.location],
    queryFn: async ({ signal }) => {
      const [retention, holds, proposals] = await Promise.all([
        api.retention(signal),
        api.holds(signal),
        api.proposals(signal),
      ])
      return { retention, holds, proposals }
    },
  })
}
