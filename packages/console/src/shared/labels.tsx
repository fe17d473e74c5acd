/** Severity and outcome: a shape, a colour and a word each, so that none of them is needed alone. */
import type { Outcome, Severity } from '@keywitness/cadf'
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { CheckIcon, ClockIcon, CriticalMark, CrossIcon, NormalMark, QuestionIcon, WarningMark } from '../app/icons.tsx'
import styles from './labels.module.css'

export const severityMarks = { normal: NormalMark, warning: WarningMark, critical: CriticalMark }
export const outcomeMarks = { success: CheckIcon, failure: CrossIcon, pending: ClockIcon, unknown: QuestionIcon }

export function SeverityLabel({ severity }: { readonly severity: Severity }): ReactElement {
  const { t } = useTranslation()
  const Mark = severityMarks[severity]
  return (
    <span className={styles.label} data-tone={severity}>
      <Mark size={12} className={styles.mark} />
      {t(`severity.${severity}`)}
    </span>
  )
}

interface OutcomeLabelProps {
  readonly outcome: Outcome
  /** HTTP status; shown where it says more than the outcome. */
  readonly code: number
}

export function OutcomeLabel({ outcome, code }: OutcomeLabelProps): ReactElement {
  const { t } = useTranslation()
  const Mark = outcomeMarks[outcome]
  return (
    <span className={styles.label} data-tone={outcome}>
      <Mark size={14} className={styles.mark} />
      {t(`outcome.${outcome}`)}
      {outcome !== 'success' && (
        <span className={styles.code} data-code>
          {code}
        </span>
      )}
    </span>
  )
}
