/** Something that is to be read first: how things stand, or what has to be done soon. */
import type { ReactElement, ReactNode } from 'react'
import { CheckIcon, CriticalMark, NormalMark, WarningMark } from '../app/icons.tsx'
import styles from './notice.module.css'

const marks = { good: CheckIcon, plain: NormalMark, warning: WarningMark, critical: CriticalMark }

interface NoticeProps {
  readonly tone: keyof typeof marks
  readonly title: string
  readonly children?: ReactNode
}

export function Notice({ tone, title, children }: NoticeProps): ReactElement {
  const Mark = marks[tone]
  return (
    <section className={styles.notice} data-tone={tone} role={tone === 'critical' ? 'alert' : undefined}>
      <Mark size={16} className={styles.mark} />
      <div className={styles.body}>
        <p className={styles.title}>{title}</p>
        {children}
      </div>
    </section>
  )
}
