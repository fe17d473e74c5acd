/** Above a comparison: as of when it was counted, and what counting costs; nothing is counted unasked. */
import { Button } from '@mantine/core'
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { AsOf } from '../shared/as-of.tsx'
import type { Counting } from './use-compare.ts'
import styles from './locations-page.module.css'

interface AskBarProps {
  readonly counting: Counting
  readonly text: string
  readonly onClear: () => void
}

export function AskBar({ counting, text, onClear }: AskBarProps): ReactElement {
  const { t } = useTranslation('locations')
  const { at, isReading, ask } = counting
  return (
    <div className={styles.bar}>
      {at === 0 ? (
        <Button loading={isReading} onClick={ask}>
          {t('ask.count')}
        </Button>
      ) : (
        <AsOf at={at} isReading={isReading} onRefresh={ask} />
      )}
      <Button variant="subtle" onClick={onClear}>
        {t('side.clear')}
      </Button>
      <p className={styles.note}>{text}</p>
    </div>
  )
}
