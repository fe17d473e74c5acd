/** What a channel was not told: messages that were given up, each to be sent again, and those that wait for their next attempt. */
import { Button } from '@mantine/core'
import { type ReactElement, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Channel, ChannelMessage } from '../api/alert-types.ts'
import { asApiError } from '../api/problem.ts'
import { useRoom } from '../app/witness-room.tsx'
import { formatCount } from '../i18n/texts.ts'
import { ActProblem } from '../shared/act-problem.tsx'
import { Moment } from '../shared/moment.tsx'
import { MoreButton } from '../shared/more-button.tsx'
import { useParts } from '../shared/use-parts.ts'
import { deliveryWords } from './delivery-words.ts'
import { useRefusalWords } from './use-refusal-words.ts'
import { useChange, useSetupApi } from './use-setup.ts'
import say from '../shared/say-form.module.css'
import happening from './happening.module.css'
import styles from './channels-view.module.css'

interface ChannelMessagesProps {
  readonly channel: Channel
  readonly state: ChannelMessage['state']
  /** As the status counts them. */
  readonly count: number
}

export function ChannelMessages({ channel, state, count }: ChannelMessagesProps): ReactElement {
  const { t } = useTranslation('alerts')
  const [isWanted, setIsWanted] = useState(false)
  return (
    <div className={styles.messages}>
      <p>{t(`messages.${state}`, { count, formatted: formatCount(count) })}</p>
      {count > 0 && !isWanted && (
        <div>
          <Button variant="default" onClick={() => setIsWanted(true)}>
            {t(`messages.show.${state}`)}
          </Button>
        </div>
      )}
      {isWanted && <Listed channel={channel} state={state} />}
    </div>
  )
}

function Listed({ channel, state }: Omit<ChannelMessagesProps, 'count'>): ReactElement {
  const { t } = useTranslation('alerts')
  const words = useRefusalWords('channel')
  const api = useSetupApi()
  const { tracker } = useRoom()
  const key = ['channel-messages', tracker.location, channel.id, state]
  const parts = useParts(key, (after, signal) => api.messages(channel.id, state, after, signal))
  const { items, error, again } = parts
  if (items === undefined && error === undefined) return <p role="status">{t('messages.loading')}</p>
  if (items === undefined && error !== undefined) {
    return (
      <div className={styles.messages}>
        <ActProblem error={error} said={words.said(error) ?? t('messages.failed', { message: error.message })} />
        <div>
          <Button variant="default" size="compact-sm" onClick={again}>
            {t('form.retry')}
          </Button>
        </div>
      </div>
    )
  }
  return (
    <>
      {items?.length === 0 && <p className={say.note}>{t('messages.none')}</p>}
      <ul className={styles.messages}>
        {items?.map((message) => (
          <Message key={message.id} channel={channel.id} message={message} />
        ))}
      </ul>
      <MoreButton parts={parts} />
    </>
  )
}

const types = [
  'alert.raised',
  'alert.repeated',
  'alert.acknowledged',
  'alert.closed',
  'alert.reopened',
  'alerting.changed',
  'digest',
  'channel.test',
  'channel.heartbeat',
] as const

function Message({ channel, message }: { readonly channel: string; readonly message: ChannelMessage }): ReactElement {
  const { t } = useTranslation('alerts')
  const { id, type, state, createdAt, nextAt, attempts, problem } = message
  const resending = useChange(['channels'], (api, one: string) => api.resendMessage(channel, one))
  const known = types.find((each) => each === type)
  return (
    <li className={happening.happening}>
      <p className={happening.line}>
        <strong>{known === undefined ? type : t(`messageType.${known.replace('.', '-') as 'alert-raised'}`)}</strong>
        <Moment at={createdAt} />
      </p>
      <p className={say.note}>
        {t('messages.attempts', { count: attempts, formatted: formatCount(attempts) })}{' '}
        {problem !== undefined && <bdi>{deliveryWords(problem, t)}</bdi>}
      </p>
      {nextAt !== undefined && (
        <p className={say.note}>
          {t('messages.next')} <Moment at={nextAt} />
        </p>
      )}
      {state === 'dead' && !resending.isSuccess && (
        <div>
          <Button
            variant="default"
            size="compact-sm"
            disabled={resending.isPending}
            onClick={() => resending.mutate(id)}
          >
            {t('messages.resend')}
          </Button>
        </div>
      )}
      {resending.isSuccess && <p role="status">{t('messages.resent')}</p>}
      {resending.error !== null && <ActProblem error={asApiError(resending.error)} isForAdministrators />}
    </li>
  )
}
