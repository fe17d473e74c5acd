/** One channel in the list: how it is, a test of it, and sending again what was given up. */
import { Button } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type ReactElement, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Channel, ChannelState } from '../api/alert-types.ts'
import { asApiError } from '../api/problem.ts'
import { CheckIcon, ClockIcon, CriticalMark, PauseIcon } from '../app/icons.tsx'
import { useApi } from '../app/session.tsx'
import { PanelFact } from '../app/side-panel.tsx'
import { useRoom } from '../app/witness-room.tsx'
import { formatCount } from '../i18n/texts.ts'
import { ActProblem } from '../shared/act-problem.tsx'
import { Moment } from '../shared/moment.tsx'
import { Sentence } from '../shared/sentence.tsx'
import { useAlerting } from './alerting-room.tsx'
import { channelKinds } from './channel-kinds.ts'
import { deliveryWords } from './delivery-words.ts'
import labels from '../shared/labels.module.css'
import styles from '../shared/cards.module.css'
import own from './channels-view.module.css'

interface ChannelCardProps {
  readonly channel: Channel
  readonly isOpen: boolean
  readonly onOpen: () => void
}

export function ChannelCard({ channel, isOpen, onOpen }: ChannelCardProps): ReactElement {
  const { t } = useTranslation(['translation', 'alerts'])
  const { id, name, state, minimum, waiting, dead, lastDeliveredAt } = channel
  const testing = useOnChannel((alerts) => alerts.testChannel(id))
  const resending = useOnChannel((alerts) => alerts.resend(id))
  /** The last delivery before the test: another one after it is the test's. */
  const [before, setBefore] = useState<string>()
  const kind = channelKinds.find((each) => each === channel.kind)
  const failed = testing.error ?? resending.error
  const hasArrived = testing.isSuccess && lastDeliveredAt !== undefined && lastDeliveredAt !== before
  return (
    <section className={`${styles.card ?? ''} ${own.card ?? ''}`} data-open={isOpen || undefined}>
      <div className={styles.top}>
        <h2 className={styles.name}>
          <button type="button" className={own.open} aria-current={isOpen ? 'true' : undefined} onClick={onOpen}>
            <bdi>{name}</bdi>
          </button>
        </h2>
        <ChannelStateLabel state={state} />
      </div>
      <p className={styles.note}>
        {kind === undefined ? channel.kind : t(`alerts.channels.kind.${kind}`)}
        {' · '}
        <code>{id}</code>
        {' · '}
        {t(`alerts.channels.minimum.${minimum}`)}
      </p>
      <ChannelFailing channel={channel} />
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
          onClick={() => {
            setBefore(lastDeliveredAt)
            testing.mutate()
          }}
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
        {testing.isSuccess && (
          <p className={styles.note}>
            {hasArrived ? t('channel.arrived', { ns: 'alerts' }) : t('alerts.channels.tested')}
          </p>
        )}
        {resending.data !== undefined && (
          <p className={styles.note}>
            {t('alerts.channels.resent', { count: resending.data, formatted: formatCount(resending.data) })}
          </p>
        )}
      </div>
    </section>
  )
}

/** Why nothing reaches it, and since when; nothing while it delivers. */
export function ChannelFailing({ channel }: { readonly channel: Channel }): ReactElement | null {
  const { t } = useTranslation()
  const { t: words } = useTranslation('alerts')
  const { state, problem, failingSince } = channel
  if (state !== 'failing') return null
  return (
    <p className={styles.failing}>
      {problem !== undefined && `${deliveryWords(problem, words)} `}
      {failingSince !== undefined && (
        <Sentence
          parts={{ time: <Moment at={failingSince} /> }}
          say={(places) => t('alerts.channels.failingSince', places)}
        />
      )}
    </p>
  )
}

const stateMarks: Record<ChannelState, typeof CheckIcon> = {
  ok: CheckIcon,
  failing: CriticalMark,
  off: PauseIcon,
  untried: ClockIcon,
}

export function ChannelStateLabel({ state }: { readonly state: ChannelState }): ReactElement {
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
