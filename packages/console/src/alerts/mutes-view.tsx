/** What nobody is told of for a while: why, until when, and ending it. */
import { Button } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type ReactElement, useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Mute } from '../api/alert-types.ts'
import { asApiError } from '../api/problem.ts'
import { useApi } from '../app/session.tsx'
import { useShortcuts } from '../app/shortcuts.tsx'
import { StateView } from '../app/state-view.tsx'
import { useRoom } from '../app/witness-room.tsx'
import { formatCount } from '../i18n/texts.ts'
import { ActProblem } from '../shared/act-problem.tsx'
import { useAlerting } from './alerting-room.tsx'
import { Moment } from '../shared/moment.tsx'
import { PageFrame, type ViewProps } from './page-frame.tsx'
import { ReadFailed } from '../shared/read-failed.tsx'
import { SayForm } from '../shared/say-form.tsx'
import { Sentence } from '../shared/sentence.tsx'
import { Who } from '../shared/who.tsx'
import { useRules } from './use-setup.ts'
import styles from '../shared/cards.module.css'

/** Mutes that are over are shown so many, the newest. */
const pastMax = 50

export function MutesView({ search, onChange }: ViewProps): ReactElement {
  const { t } = useTranslation()
  const api = useApi()
  const { tracker } = useRoom()
  const { data: rules } = useRules()
  const { data, error, refetch } = useQuery({
    queryKey: ['mutes', tracker.location],
    queryFn: ({ signal }) => api.alerts(tracker.location).mutes(signal),
    refetchOnMount: 'always',
  })
  const { offer } = useShortcuts()
  useEffect(() => offer({}), [offer])
  const active = data?.filter(({ isActive }) => isActive) ?? []
  const past = data?.filter(({ isActive }) => !isActive).slice(0, pastMax) ?? []
  // One that is deleted since, or cannot be read, is told by its id.
  const nameOf = ({ rule: id }: Mute): string | undefined => rules?.find(({ rule }) => rule.id === id)?.rule.name ?? id
  return (
    <PageFrame view="mutes" search={search} onChange={onChange}>
      {data === undefined && error === null && <StateView kind="loading" title={t('alerts.mutes.loading')} />}
      {data === undefined && error !== null && (
        <ReadFailed title={t('alerts.mutes.failed')} error={asApiError(error)} onRetry={() => void refetch()} />
      )}
      {data?.length === 0 && (
        <StateView kind="quiet" title={t('alerts.mutes.empty')} text={t('alerts.mutes.emptyText')} />
      )}
      {data !== undefined && data.length > 0 && (
        <div className={styles.many} tabIndex={0} role="group" aria-label={t('alerts.view.mutes')}>
          <h2 className={styles.heading}>{t('alerts.mutes.active')}</h2>
          {active.length === 0 && <p className={styles.note}>{t('alerts.mutes.empty')}</p>}
          {active.map((mute) => (
            <MuteCard key={mute.id} mute={mute} ruleName={nameOf(mute)} />
          ))}
          {past.length > 0 && <h2 className={styles.heading}>{t('alerts.mutes.past')}</h2>}
          {past.map((mute) => (
            <MuteCard key={mute.id} mute={mute} ruleName={nameOf(mute)} />
          ))}
        </div>
      )}
    </PageFrame>
  )
}

function MuteCard({ mute, ruleName }: { readonly mute: Mute; readonly ruleName: string | undefined }): ReactElement {
  const { t } = useTranslation()
  const [isAsking, setIsAsking] = useState(false)
  const ending = useEnding(mute.id)
  const { group = {}, names = {}, query, reason, until, createdAt, createdBy, isActive, muted } = mute
  return (
    <section className={styles.card} data-over={!isActive || undefined}>
      <div className={styles.top}>
        <h3 className={styles.name}>
          <bdi>{ruleName ?? t('alerts.mutes.everyRule')}</bdi>
        </h3>
        <p className={styles.state}>
          <Sentence
            parts={{ time: <Moment at={until} /> }}
            say={(places) => t(isActive ? 'alerts.mutes.until' : 'alerts.mutes.ended', places)}
          />
        </p>
      </div>
      {Object.entries(group).map(([field, value]) => (
        <p key={field} className={styles.text}>
          {field} <Who id={value} name={names[field]} withId />
        </p>
      ))}
      {query !== undefined && <code className={styles.text}>{query}</code>}
      <p className={styles.text}>{reason}</p>
      <p className={styles.note}>
        <Sentence
          parts={{ name: <bdi>{createdBy.name}</bdi>, time: <Moment at={createdAt} /> }}
          say={(places) => t('alerts.mutes.by', places)}
        />
        {' · '}
        {t('alerts.mutes.mutedCount', { count: muted, formatted: formatCount(muted) })}
      </p>
      {ending.error !== null && <ActProblem error={asApiError(ending.error)} onDismiss={ending.reset} />}
      {isActive && !isAsking && (
        <div className={styles.buttons}>
          <Button variant="default" onClick={() => setIsAsking(true)}>
            {t('alerts.mutes.end')}
          </Button>
        </div>
      )}
      {isActive && isAsking && (
        <SayForm
          label={t('alerts.mutes.endReason')}
          confirm={t('alerts.mutes.endConfirm')}
          isBusy={ending.isPending}
          most={500}
          onCancel={() => setIsAsking(false)}
          onSay={(why) => ending.mutate(why)}
        />
      )}
    </section>
  )
}

// What a mutation is made of is all there is to say about its type.
function useEnding(id: string) {
  const api = useApi()
  const { tracker } = useRoom()
  const { refresh } = useAlerting()
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (reason: string) => api.alerts(tracker.location).endMute(id, reason),
    networkMode: 'always',
    onSuccess: () => {
      refresh()
      void queries.invalidateQueries({ queryKey: ['mutes', tracker.location] })
    },
  })
}
