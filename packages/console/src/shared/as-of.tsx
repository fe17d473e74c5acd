/** As of when a page was read, and what reads it anew: nothing that is recorded is asked for by itself. */
import { Button } from '@mantine/core'
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { Moment } from './moment.tsx'
import styles from './as-of.module.css'

interface AsOfProps {
  /** Milliseconds since the epoch; 0 while nothing was read. */
  readonly at: number
  readonly isReading: boolean
  readonly onRefresh: () => void
}

export function AsOf({ at, isReading, onRefresh }: AsOfProps): ReactElement | null {
  const { t } = useTranslation()
  if (at === 0) return null
  return (
    <div className={styles.line}>
      <p role="status">
        {t('asOf.time')} <Moment at={new Date(at).toISOString()} />
      </p>
      <Button variant="default" loading={isReading} onClick={onRefresh}>
        {t('asOf.refresh')}
      </Button>
    </div>
  )
}
