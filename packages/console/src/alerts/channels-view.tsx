/** Who is told of alerts: whether it arrives, what waits, what was given up. */
import { Button } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type ReactElement, useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import type { Channel, ChannelState } from '../api/alert-types.ts'
import { asApiError } from '../api/problem.ts'
import { CheckIcon, ClockIcon, CriticalMark, PauseIcon } from '../app/icons.tsx'
import { useApi } from '../app/session.tsx'
import { useShortcuts } from '../app/shortcuts.tsx'
import { StateView } from '../app/state-view.tsx'
import { useRoom } from '../app/witness-room.tsx'
import { useZone } from '../app/zone.tsx'
import { formatCount } from '../i18n/texts.ts'
import labels from '../shared/labels.module.css'
import { ActProblem } from '../shared/act-problem.tsx'
import { useAlerting } from './alerting-room.tsx'
import { CommandLine } from '../shared/command-line.tsx'
import { Moment, momentText } from '../shared/moment.tsx'
import { PageFrame, type ViewProps } from './page-frame.tsx'
import { ReadFailed } from '../shared/read-failed.tsx'
import { PanelFact } from '../app/side-panel.tsx'
import styles from '../shared/cards.module.css'

export function ChannelsView({ search, onChange }: ViewProps): ReactElement {
  const { t } = useTranslation()
  const api = useApi()
  const { tracker } = useRoom()
  const { status } = useAlerting()
  const { data, error, refetch } = useQuery({
    queryKey: ['channels', tracker.location],
    queryFn: ({ signal }) => api.alerts(tracker.location).channels(signal),
    refetchOnMount: 'always',
  })
  const { offer } = useShortcuts()
  useEffect(() => offer({}), [offer])
  // The status is asked all the time and says how each is; the list is read once.
  const channels = data === undefined ? undefined : (status?.channels ?? data)
  return (
    <PageFrame view="channels" search={search} onChange={onChange}>
      {channels === undefined && error === null && <StateView kind="loading" title={t('alerts.channels.loading')} />}
      {channels === undefined && error !== null && (
        <ReadFailed title={t('alerts.channels.failed')} error={asApiError(error)} onRetry={() => void refetch()} />
      )}
      {channels?.length === 0 && (
        <StateView kind="quiet" title={t('alerts.channels.empty')} text={t('alerts.channels.emptyText')}>
          <CommandLine command={t('alerts.command.channel', { location: tracker.location })} />
        </StateView>
      )}
      {channels !== undefined && channels.length > 0 && (
        <div className={styles.cards} tabIndex={0} role="group" aria-label={t('alerts.view.channels')}>
          {channels.map((channel) => (
            <ChannelCard key={channel.id} channel={channel} />
          ))}
          <div className={styles.hint}>
            <p className={styles.note}>{t('alerts.channels.create')}</p>
            <CommandLine command={t('alerts.command.channel', { location: tracker.location })} />
          </div>
        </div>
      )}
    </PageFrame>
  )
}

const kinds = ['email', 'slack', 'teams', 'pagerduty', 'webhook', 'syslog'] as const

function ChannelCard({ channel }: { readonly channel: Channel }): ReactElement {
  const { t } = useTranslation()
  const { zone } = useZone()
  const { id, name, state, minimum, waiting, dead, lastDeliveredAt, failingSince, problem } = channel
  const testing = useOnChannel((alerts) => alerts.testChannel(id))
  const resending = useOnChannel((alerts) => alerts.resend(id))
  const kind = kinds.find((each) => each === channel.kind)
  const failed = testing.error ?? resending.error
  return (
    <section className={styles.card}>
      <div className={styles.top}>
        <h2 className={styles.name}>{name}</h2>
        <ChannelStateLabel state={state} />
      </div>
      <p className={styles.note}>
        {kind === undefined ? channel.kind : t(`alerts.channels.kind.${kind}`)}
        {' · '}
        <code>{id}</code>
        {' · '}
        {t(`alerts.channels.minimum.${minimum}`)}
      </p>
      {state === 'failing' && (
        <p className={styles.failing}>
          {problem}
          {failingSince !== undefined &&
            ` ${t('alerts.channels.failingSince', { time: momentText(failingSince, zone) })}`}
        </p>
      )}
      <dl>
        <PanelFact name={t('alerts.channels.lastDelivered')}>
          {lastDeliveredAt === undefined ? t('alerts.channels.never') : <Moment at={lastDeliveredAt} />}
        </PanelFact>
        <PanelFact name={t('alerts.channels.waiting')}>{formatCount(waiting)}</PanelFact>
        <PanelFact name={t('alerts.channels.dead')}>{formatCount(dead)}</PanelFact>
      </dl>
      <div className={styles.buttons}>
        <Button
          variant="default"
          disabled={testing.isPending}
          aria-label={t('alerts.channels.testLabel', { name })}
          onClick={() => testing.mutate()}
        >
          {t('alerts.channels.test')}
        </Button>
        {dead > 0 && (
          <Button
            variant="default"
            disabled={resending.isPending}
            aria-label={t('alerts.channels.resendLabel', { name })}
            onClick={() => resending.mutate()}
          >
            {t('alerts.channels.resend')}
          </Button>
        )}
      </div>
      {failed !== null && (
        <ActProblem
          error={asApiError(failed)}
          isForAdministrators
          onDismiss={() => {
            testing.reset()
            resending.reset()
          }}
        />
      )}
      <div role="status" className={styles.said}>
        {testing.isSuccess && <p className={styles.note}>{t('alerts.channels.tested')}</p>}
        {resending.data !== undefined && (
          <p className={styles.note}>
            {t('alerts.channels.resent', { count: resending.data, formatted: formatCount(resending.data) })}
          </p>
        )}
      </div>
    </section>
  )
}

const stateMarks: Record<ChannelState, typeof CheckIcon> = {
  ok: CheckIcon,
  failing: CriticalMark,
  off: PauseIcon,
  untried: ClockIcon,
}

function ChannelStateLabel({ state }: { readonly state: ChannelState }): ReactElement {
  const { t } = useTranslation()
  const Mark = stateMarks[state]
  return (
    <span className={labels.label} data-tone={state === 'failing' ? 'failure' : undefined}>
      <Mark size={14} className={labels.mark} />
      {t(`alerts.channels.state.${state}`)}
    </span>
  )
}

// What a mutation is made of is all there is to say about its type.
function useOnChannel<Result>(act: (alerts: ReturnType<ReturnType<typeof useApi>['alerts']>) => Promise<Result>) {
  const api = useApi()
  const { tracker } = useRoom()
  const { refresh } = useAlerting()
  const queries = useQueryClient()
  return useMutation({
    mutationFn: () => act(api.alerts(tracker.location)),
    networkMode: 'always',
    onSuccess: () => {
      refresh()
      void queries.invalidateQueries({ queryKey: ['channels', tracker.location] })
    },
  })
}
