/** How many alerts are open, in the colour of the gravest; a mark when that cannot be trusted. */
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { WarningMark } from '../app/icons.tsx'
import { formatCount } from '../i18n/texts.ts'
import { useAlerting } from './alerting-room.tsx'
import { judge, openCount } from './silence.ts'
import styles from './open-alerts.module.css'

export function OpenAlerts(): ReactElement | null {
  const { t } = useTranslation()
  const alerting = useAlerting()
  const { total, gravest, critical } = openCount(alerting.status)
  const verdict = judge(alerting)
  const hasTrouble = verdict === 'unknown' || verdict === 'trouble'
  if (total === 0 && !hasTrouble) return null
  return (
    <span className={styles.marks}>
      {hasTrouble && (
        <>
          <WarningMark size={14} className={styles.trouble} />
          <span className="kw-hidden">{t('alerts.nav.trouble')}</span>
        </>
      )}
      {total > 0 && (
        <span className={styles.open} data-severity={gravest}>
          <span aria-hidden="true">{total > 99 ? '99+' : total}</span>
          <span className="kw-hidden">
            {t('alerts.nav.open', { count: total, formatted: formatCount(total) })}
            {critical > 0 && `, ${t('alerts.nav.critical', { count: critical, formatted: formatCount(critical) })}`}
          </span>
        </span>
      )}
    </span>
  )
}
