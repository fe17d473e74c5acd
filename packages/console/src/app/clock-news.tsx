/** A line above every page when this computer's clock and the server's differ: so that nobody reckons with the wrong one. */
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { durationText } from '../shared/duration-text.ts'
import { useClockOffset } from '../shared/use-server-clock.ts'
import { ClockIcon } from './icons.tsx'
import styles from '../shared/news.module.css'

/** Less is nobody's trouble. */
const minuteMs = 60_000

export function ClockNews(): ReactElement | null {
  const { t } = useTranslation()
  const offset = useClockOffset()
  if (Math.abs(offset) <= minuteMs) return null
  const time = durationText(Math.round(Math.abs(offset) / minuteMs) * 60, t)
  return (
    <section className={styles.news} aria-label={t('clock.label')}>
      <ClockIcon size={14} />
      <p role="status">{t(offset > 0 ? 'clock.behind' : 'clock.ahead', { time })}</p>
    </section>
  )
}
