/** What stands around or instead of the list of alerts: loading, nothing, nothing found, forbidden, failed. */
import { Button } from '@mantine/core'
import type { ReactElement, ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { OfflineIcon } from '../app/icons.tsx'
import { StateView } from '../app/state-view.tsx'
import { formatCount } from '../i18n/texts.ts'
import type { AlertFeedState } from './alert-feed.ts'
import { useAlerting } from './alerting-room.tsx'
import type { ViewProps } from './page-frame.tsx'
import { ReadFailed } from '../shared/read-failed.tsx'
import { hasAlertFilters } from './search.ts'
import { judge } from './silence.ts'
import styles from './alert-list-state.module.css'

interface AlertListStateProps extends ViewProps {
  readonly state: AlertFeedState
  readonly onRetry: () => void
  readonly children: ReactNode
}

export function AlertListState(props: AlertListStateProps): ReactElement {
  const { search, state, onChange, onRetry, children } = props
  const { t } = useTranslation()
  const { phase, error, rows, held } = state
  if (phase === 'loading') return <StateView kind="loading" title={t('alerts.list.loading')} />
  if (phase === 'failed' && error !== undefined) {
    return <ReadFailed title={t('alerts.list.failed')} error={error} onRetry={onRetry} />
  }
  if (rows.length === 0 && held === 0) {
    if (!hasAlertFilters(search)) return <NoAlerts />
    return (
      <StateView kind="missing" title={t('alerts.list.noMatch')} text={t('alerts.list.noMatchText')}>
        <Button variant="default" onClick={() => onChange({})}>
          {t('alerts.filters.clear')}
        </Button>
      </StateView>
    )
  }
  return (
    <>
      {error !== undefined && (
        <div className={styles.stale}>
          <OfflineIcon />
          <p role="status">{t('alerts.list.stale', { message: error.message })}</p>
        </div>
      )}
      {children}
    </>
  )
}

/** That there is none says something only when rules are watching; whether anybody would be told stands above all alerts. */
function NoAlerts(): ReactElement {
  const { t } = useTranslation()
  const alerting = useAlerting()
  const verdict = judge(alerting)
  const on = alerting.status?.rules.on
  const text = (): string => {
    if (verdict === 'unknown' || on === undefined) return t('alerts.list.emptyUnknown')
    if (alerting.status?.engine.state === 'failed') return t('alerts.list.emptyFailed')
    if (on === 0) return t('alerts.list.emptyNoRules')
    return t('alerts.list.emptyText', { count: on, formatted: formatCount(on) })
  }
  return <StateView kind="quiet" title={t('alerts.list.empty')} text={text()} />
}
