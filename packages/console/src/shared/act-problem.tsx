/** What could not be done, and why: above all, that the reader lacks the right to. */
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import type { ApiError } from '../api/problem.ts'
import { AlertIcon, CloseIcon } from '../app/icons.tsx'
import styles from './act-problem.module.css'

interface ActProblemProps {
  readonly error: ApiError
  /** Who may do it: officers and administrators, or administrators only. */
  readonly isForAdministrators?: boolean
  /** What it takes, where that is something else. */
  readonly forbidden?: string
  /** Said in place of what is said of alerts. */
  readonly said?: string | undefined
  readonly onDismiss?: () => void
}

export function ActProblem({
  error,
  isForAdministrators = false,
  forbidden,
  said,
  onDismiss,
}: ActProblemProps): ReactElement {
  const { t } = useTranslation()
  const text = (): string => {
    if (said !== undefined) return said
    if (error.kind === 'forbidden' && forbidden !== undefined) return forbidden
    if (error.kind === 'forbidden') return t(isForAdministrators ? 'alerts.act.forbiddenAdmin' : 'alerts.act.forbidden')
    if (error.kind === 'network') return t('alerts.act.offline')
    return t('alerts.act.failed', { message: error.message, code: error.code })
  }
  return (
    <div className={styles.problem} role="alert">
      <AlertIcon size={14} className={styles.icon} />
      <p className={styles.text}>{text()}</p>
      {onDismiss !== undefined && (
        <button
          type="button"
          className={styles.close}
          onClick={onDismiss}
          aria-label={t('alerts.act.dismiss')}
          title={t('alerts.act.dismiss')}
        >
          <CloseIcon size={14} />
        </button>
      )}
    </div>
  )
}
