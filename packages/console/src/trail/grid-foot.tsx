/** What stands below the last row: that older events are coming, that they failed to, or that this is where it all began. */
import { Button } from '@mantine/core'
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { formatCount } from '../i18n/texts.ts'
import type { FeedState } from './feed.ts'
import styles from './event-grid.module.css'

interface GridFootProps {
  readonly older: FeedState['older']
  readonly count: number
  readonly onRetry: () => void
}

export function GridFoot({ older, count, onRetry }: GridFootProps): ReactElement {
  const { t } = useTranslation()
  return (
    <div role="rowgroup" className={styles.foot}>
      <div role="row">
        <div role="gridcell">
          {older === 'failed' ? (
            <span className={styles.failed}>
              {t('trail.older.failed')}
              <Button variant="default" size="compact-xs" onClick={onRetry}>
                {t('state.retry')}
              </Button>
            </span>
          ) : (
            t(`trail.older.${older}`, { count, formatted: formatCount(count) })
          )}
        </div>
      </div>
    </div>
  )
}
