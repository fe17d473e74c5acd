/** A state in a word, with a shape and a colour that say the same. */
import type { ReactElement, ReactNode } from 'react'
import { BrokenMark, CheckIcon, ClockIcon, NormalMark, WarningMark } from '../app/icons.tsx'
import styles from './labels.module.css'

export type StateTone = 'good' | 'plain' | 'pending' | 'warning' | 'critical'

export const stateMarks = {
  good: CheckIcon,
  plain: NormalMark,
  pending: ClockIcon,
  warning: WarningMark,
  critical: BrokenMark,
}

export function StateLabel(props: { readonly tone: StateTone; readonly children: ReactNode }): ReactElement {
  const { tone, children } = props
  const Mark = stateMarks[tone]
  return (
    <span className={styles.label} data-tone={tone}>
      <Mark size={14} className={styles.mark} />
      {children}
    </span>
  )
}
