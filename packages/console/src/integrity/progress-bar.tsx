/** How far something under way is, in numbers and as a bar. */
import type { ReactElement } from 'react'
import sheet from '../shared/sheet.module.css'
import styles from './integrity.module.css'

interface ProgressBarProps {
  readonly label: string
  readonly done: number
  /** 0: not known yet. */
  readonly total: number
  readonly text: string
}

export function ProgressBar({ label, done, total, text }: ProgressBarProps): ReactElement {
  return (
    <div className={sheet.list}>
      <p role="status">{label}</p>
      <progress
        className={styles.progress}
        aria-label={label}
        max={Math.max(1, total)}
        value={total === 0 ? 0 : done}
      />
      {total > 0 && <p className={sheet.note}>{text}</p>}
    </div>
  )
}
