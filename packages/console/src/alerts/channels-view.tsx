/** Who is told of alerts: whether it arrives, what waits, what was given up; the open one beside them, or being written. */
import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { type ReactElement, useCallback, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { asApiError } from '../api/problem.ts'
import { useRights } from '../app/rights.ts'
import { useApi } from '../app/session.tsx'
import { useEscape } from '../app/shortcuts.tsx'
import { StateView } from '../app/state-view.tsx'
import { useRoom } from '../app/witness-room.tsx'
import { ReadFailed } from '../shared/read-failed.tsx'
import { useAlerting } from './alerting-room.tsx'
import { ChannelCard } from './channel-card.tsx'
import { ChannelEditor } from './channel-editor.tsx'
import { ChannelPanel } from './channel-panel.tsx'
import { MadeSecret } from './made-secret.tsx'
import { PageFrame, type ViewProps } from './page-frame.tsx'
import styles from '../shared/cards.module.css'

export function ChannelsView({ search, onChange }: ViewProps): ReactElement {
  const { t } = useTranslation(['translation', 'alerts'])
  const api = useApi()
  const may = useRights()
  const { tracker } = useRoom()
  const { status } = useAlerting()
  const { data, error, refetch } = useQuery({
    queryKey: ['channels', tracker.location],
    queryFn: ({ signal }) => api.alerts(tracker.location).channels(signal),
    refetchOnMount: 'always',
  })
  /** Of a webhook that was just made: shown this once. */
  const [made, setMade] = useState<{ readonly id: string; readonly secret: string }>()
  // The status is asked all the time and says how each is; the list is read once, and says where each leads.
  const channels = data === undefined ? undefined : (status?.channels ?? data)
  const mayWrite = may('trail.administer', { tracker: tracker.location })
  const openId = search.channel
  const settings = data?.find(({ id }) => id === openId)
  const listed = channels?.find(({ id }) => id === openId)
  const isChanging = search.edit === true && settings !== undefined
  const isWriting = search.new === 'channel' || isChanging
  const close = useCallback(() => onChange({ view: 'channels' }), [onChange])
  const toChannel = useCallback((channel: string) => onChange({ view: 'channels', channel }), [onChange])
  const cancel = useCallback(() => (openId === undefined ? close() : toChannel(openId)), [openId, close, toChannel])
  useEscape(isWriting ? cancel : openId === undefined ? undefined : close)
  const begin = (): void => onChange({ view: 'channels', new: 'channel' })
  const saved = (id: string, secret?: string): void => {
    setMade(secret === undefined ? undefined : { id, secret })
    toChannel(id)
  }

  // In the panel of its channel, which covers the list of a small window; and in the list while that is closed.
  const secretNotice =
    made === undefined ? undefined : (
      <MadeSecret
        name={channels?.find(({ id }) => id === made.id)?.name ?? made.id}
        secret={made.secret}
        onSeen={() => setMade(undefined)}
      />
    )

  if (isWriting) {
    const isForbidden = !mayWrite || (isChanging && settings.settings === undefined)
    return (
      <PageFrame view="channels" search={search} onChange={onChange}>
        {isForbidden ? (
          <StateView
            kind="forbidden"
            title={t('channel.forbidden', { ns: 'alerts' })}
            text={t('refusal.forbiddenChannel', { ns: 'alerts' })}
          />
        ) : (
          <ChannelEditor
            key={openId ?? ''}
            channel={isChanging ? settings : undefined}
            onSaved={saved}
            onCancel={cancel}
          />
        )}
      </PageFrame>
    )
  }
  return (
    <PageFrame
      view="channels"
      search={search}
      onChange={onChange}
      panel={
        openId !== undefined && data !== undefined ? (
          <ChannelPanel
            key={openId}
            channel={listed ?? settings}
            settings={settings}
            notice={made?.id === openId ? secretNotice : undefined}
            onClose={close}
            onChange={onChange}
          />
        ) : undefined
      }
    >
      {channels === undefined && error === null && <StateView kind="loading" title={t('alerts.channels.loading')} />}
      {channels === undefined && error !== null && (
        <ReadFailed title={t('alerts.channels.failed')} error={asApiError(error)} onRetry={() => void refetch()} />
      )}
      {channels?.length === 0 && (
        <StateView
          kind="quiet"
          title={t('alerts.channels.empty')}
          text={t(mayWrite ? 'channel.emptyText' : 'channel.emptyForbidden', { ns: 'alerts' })}
        >
          {mayWrite && <Button onClick={begin}>{t('channel.new', { ns: 'alerts' })}</Button>}
        </StateView>
      )}
      {channels !== undefined && channels.length > 0 && (
        <div className={styles.many} tabIndex={0} role="group" aria-label={t('alerts.view.channels')}>
          {mayWrite && (
            <div>
              <Button onClick={begin}>{t('channel.new', { ns: 'alerts' })}</Button>
            </div>
          )}
          {made?.id !== openId && secretNotice}
          {channels.map((channel) => (
            <ChannelCard
              key={channel.id}
              channel={channel}
              isOpen={channel.id === openId}
              onOpen={() => onChange({ view: 'channels', channel: channel.id }, openId !== undefined)}
            />
          ))}
        </div>
      )}
    </PageFrame>
  )
}
