/** A line above every other page while alerts are not raised, come late, or nobody knows. */
import { Link, useMatchRoute } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { WarningMark } from '../app/icons.tsx'
import { useRoom } from '../app/witness-room.tsx'
import { useAlerting } from './alerting-room.tsx'
import { engineNews } from './silence.ts'
import styles from './alerting-news.module.css'

export function AlertingNews(): ReactElement | null {
  const { t } = useTranslation()
  const { tracker } = useRoom()
  const news = engineNews(useAlerting())
  // The alerts page says more about it itself.
  const isThere = useMatchRoute()({ to: '/alerts/$location' }) !== false
  if (news === undefined || isThere) return null
  return (
    <section className={styles.news} data-news={news} aria-label={t('alerts.silence.label')}>
      <WarningMark size={14} className={styles.icon} />
      <p role="status">{t(`alerts.news.${news}`)}</p>
      <Link to="/alerts/$location" params={{ location: tracker.location }} className={styles.link ?? ''}>
        {t('alerts.news.see')}
      </Link>
    </section>
  )
}
