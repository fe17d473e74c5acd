/** One alert in full: what happened, what to do about it, what can be done here, and what was done. */
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { type ReactElement, useEffect, useEffectEvent } from 'react'
import { useTranslation } from 'react-i18next'
import type { Alert, AlertDetail, AlertedEvent, AlertStep } from '../api/alert-types.ts'
import { asApiError } from '../api/problem.ts'
import { LinkIcon } from '../app/icons.tsx'
import { useApi } from '../app/session.tsx'
import { StateView } from '../app/state-view.tsx'
import { useRoom } from '../app/witness-room.tsx'
import { formatCount } from '../i18n/texts.ts'
import { CopyButton } from '../shared/copy-button.tsx'
import { AlertActions } from './alert-actions.tsx'
import { AlertSeverityLabel, AlertStateLabel, MutedLabel } from './alert-labels.tsx'
import { Moment } from '../shared/moment.tsx'
import { ReadFailed } from '../shared/read-failed.tsx'
import { RuleText } from './rule-text.tsx'
import type { AlertsSearch } from './search.ts'
import { PanelFact, PanelSection, SidePanel } from '../app/side-panel.tsx'
import { type ActControl, alertKey } from './use-act.ts'
import styles from './alert-panel.module.css'

interface AlertPanelProps {
  readonly id: string
  /** The alert as the list has it; undefined when it is not there, as behind the link of a message. */
  readonly listed: Alert | undefined
  readonly acting: ActControl
  readonly onClose: () => void
  readonly onChange: (search: AlertsSearch) => void
}

export function AlertPanel({ id, listed, acting, onClose, onChange }: AlertPanelProps): ReactElement {
  const { t } = useTranslation()
  const api = useApi()
  const { tracker } = useRoom()
  const { data, error, refetch } = useQuery({
    queryKey: alertKey(tracker.location, id),
    queryFn: ({ signal }) => api.alerts(tracker.location).alert(id, signal),
    // What somebody else did since it was last open must show.
    refetchOnMount: 'always',
  })
  const known = stateKey(data)
  const wanted = stateKey(listed)
  const catchUp = useEffectEvent(() => {
    if (data !== undefined && known !== wanted) void refetch()
  })
  // The list is read all the time, the alert in full only when the list says that it is another.
  useEffect(() => {
    if (wanted !== '') catchUp()
  }, [wanted])

  return (
    <SidePanel
      label={t('alerts.panel.label')}
      closeLabel={t('alerts.panel.close')}
      onClose={onClose}
      tools={<CopyButton text={window.location.href} label={t('alerts.panel.copyLink')} icon={<LinkIcon />} />}
    >
      {data === undefined ? (
        <Missing error={error} onRetry={() => void refetch()} />
      ) : (
        <Whole alert={data} acting={acting} onChange={onChange} />
      )}
    </SidePanel>
  )
}

function Missing({ error, onRetry }: { readonly error: Error | null; readonly onRetry: () => void }): ReactElement {
  const { t } = useTranslation()
  if (error === null) return <StateView kind="loading" title={t('alerts.panel.loading')} />
  const known = asApiError(error)
  if (known.kind === 'missing') {
    return <StateView kind="missing" title={t('alerts.panel.missing')} text={t('alerts.panel.missingText')} />
  }
  return <ReadFailed title={t('alerts.panel.failed')} error={known} onRetry={onRetry} />
}

interface WholeProps {
  readonly alert: AlertDetail
  readonly acting: ActControl
  readonly onChange: (search: AlertsSearch) => void
}

function Whole({ alert, acting, onChange }: WholeProps): ReactElement {
  const { t } = useTranslation()
  const { definition, rule, ruleVersion, count, firstAt, lastAt, closedAt, assignee, group } = alert
  return (
    // One scrolled box, reached by the keyboard.
    <div className={styles.whole} tabIndex={0} role="group" aria-label={alert.title}>
      <div className={styles.headline}>
        <h2 className={styles.title}>{alert.title}</h2>
        <p className={styles.marks}>
          <AlertSeverityLabel severity={alert.severity} />
          <AlertStateLabel state={alert.state} />
          {alert.isMuted && <MutedLabel />}
        </p>
      </div>
      <AlertActions alert={alert} acting={acting} />
      <PanelSection title={t('alerts.panel.happened')}>
        <p className={styles.text}>{alert.text}</p>
      </PanelSection>
      <PanelSection title={t('alerts.panel.toDo')}>
        <p className={styles.text}>{alert.remedy}</p>
      </PanelSection>
      <Events events={alert.events} />
      <PanelSection title={t('alerts.panel.facts')}>
        <dl>
          <PanelFact name={t('alerts.panel.since')}>
            <Moment at={firstAt} />
          </PanelFact>
          {lastAt !== firstAt && (
            <PanelFact name={t('alerts.panel.last')}>
              <Moment at={lastAt} />
            </PanelFact>
          )}
          <PanelFact name={t('alerts.panel.count')}>{formatCount(count)}</PanelFact>
          {closedAt !== undefined && (
            <PanelFact name={t('alerts.panel.closedAt')}>
              <Moment at={closedAt} />
            </PanelFact>
          )}
          <PanelFact name={t('alerts.panel.assignee')}>{assignee?.name ?? t('alerts.panel.nobody')}</PanelFact>
          {group.map(({ field, value, name }) => (
            <PanelFact key={field} name={field}>
              {name === undefined || name === value ? value : `${name} (${value})`}
            </PanelFact>
          ))}
        </dl>
      </PanelSection>
      <PanelSection title={t('alerts.panel.rule')}>
        <RuleText rule={definition} />
        <p className={styles.note}>{t('alerts.panel.ruleVersion', { version: ruleVersion })}</p>
        <p className={styles.ways}>
          <button type="button" className={styles.way} onClick={() => onChange({ view: 'rules', rule })}>
            {t('alerts.panel.ruleOpen')}
          </button>
          <button type="button" className={styles.way} onClick={() => onChange({ rule, state: 'all' })}>
            {t('alerts.panel.ruleAlerts')}
          </button>
        </p>
      </PanelSection>
      <Steps steps={alert.steps} />
    </div>
  )
}

function Events({ events }: { readonly events: readonly AlertedEvent[] }): ReactElement {
  const { t } = useTranslation()
  const { tracker } = useRoom()
  const newestFirst = [...events].sort((a, b) => b.index - a.index)
  return (
    <PanelSection title={t('alerts.panel.events', { count: Math.max(1, events.length) })}>
      {events.length === 0 && <p className={styles.note}>{t('alerts.panel.eventsNone')}</p>}
      <ul className={styles.events}>
        {newestFirst.map(({ id, index, time, sentence }) => (
          <li key={id}>
            <Link
              to="/trail/$location"
              params={{ location: tracker.location }}
              search={{ event: index }}
              className={styles.event ?? ''}
            >
              <span className={styles.time}>
                <Moment at={time} />
              </span>
              <span>{sentence}</span>
            </Link>
          </li>
        ))}
      </ul>
    </PanelSection>
  )
}

const stepKinds = [
  'raised',
  'repeated',
  'acknowledged',
  'assigned',
  'commented',
  'closed',
  'reopened',
  'muted',
] as const

function Steps({ steps }: { readonly steps: readonly AlertStep[] }): ReactElement {
  const { t } = useTranslation()
  return (
    <PanelSection title={t('alerts.panel.steps')}>
      <ol className={styles.steps}>
        {steps.map(({ number, kind, at, by, text }) => (
          <li key={number} className={styles.step}>
            <p className={styles.stepHead}>
              <strong>{t(`alerts.step.${stepKinds.find((each) => each === kind) ?? 'other'}`)}</strong>
              <span className={styles.by}>{by.name}</span>
              <span className={styles.time}>
                <Moment at={at} />
              </span>
            </p>
            {text !== undefined && text !== '' && <p className={styles.text}>{text}</p>}
          </li>
        ))}
      </ol>
    </PanelSection>
  )
}

/** What tells two states of one alert apart, as far as a list shows it. */
function stateKey(alert: Alert | undefined): string {
  if (alert === undefined) return ''
  const { state, isMuted, count, lastAt, assignee } = alert
  return JSON.stringify([state, isMuted, count, lastAt, assignee?.id])
}
