/** The way to where another period is chosen, from a report that its period does not suit. */
import { Link } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import type { Period } from './periods.ts'
import styles from './reports.module.css'

interface OtherPeriodProps {
  readonly location: string
  readonly period: Period
}

export function OtherPeriod({ location, period }: OtherPeriodProps): ReactElement {
  const { t } = useTranslation('reports')
  return (
    <Link
      to="/reports/$location"
      params={{ location }}
      search={{ from: period.from, to: period.to }}
      className={styles.link ?? ''}
      data-screen
    >
      {t('otherPeriod')}
    </Link>
  )
}
