/** Above a comparison: as of when it was counted, and what counting costs; nothing is counted unasked. */
import { Button } from '@mantine/core'
import { type ReactElement, useId } from 'react'
import { useTranslation } from 'react-i18next'
import { AsOf } from '../shared/as-of.tsx'
import { type RecentRange, recentRangeIn, recentRanges } from '../shared/recent-range.ts'
import type { Counting } from './use-compare.ts'
import styles from './locations-page.module.css'

interface AskBarProps {
  readonly counting: Counting
  readonly range: RecentRange
  readonly onRange: (range: RecentRange) => void
  readonly text: string
  readonly onClear: () => void
}

export function AskBar({ counting, range, onRange, text, onClear }: AskBarProps): ReactElement {
  const { t } = useTranslation('locations')
  const id = useId()
  const { at, isReading, ask } = counting
  return (
    <div className={styles.bar}>
      <label htmlFor={id} className={styles.label}>
        {t('range.label')}
      </label>
      <select
        id={id}
        className={styles.choice}
        value={range}
        onChange={({ currentTarget: { value } }) => onRange(recentRangeIn(value) ?? '24h')}
      >
        {recentRanges.map((each) => (
          <option key={each} value={each}>
            {t(`range.${each}`)}
          </option>
        ))}
      </select>
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
