/** One row: how grave, what happened, where it stands, who looks after it, how often, since when. */
import { type ReactElement, memo } from 'react'
import { useTranslation } from 'react-i18next'
import type { Alert } from '../api/alert-types.ts'
import { formatCount } from '../i18n/texts.ts'
import { AlertSeverityLabel, AlertStateLabel, MutedLabel } from './alert-labels.tsx'
import { Moment } from '../shared/moment.tsx'
import styles from './alert-grid.module.css'

interface AlertRowProps {
  readonly alert: Alert
  /** Position in the list, from 0. */
  readonly row: number
  /** Distance from the first row's top, in pixels. */
  readonly top: number
  readonly isOpen: boolean
  readonly isActive: boolean
  /** Whether it does not match the filters any more. */
  readonly hasLeft: boolean
  readonly onOpen: (id: string) => void
}

export const alertRowId = (id: string): string => `alert-${id}`

export const AlertRow = memo(function AlertRow(props: AlertRowProps): ReactElement {
  const { alert, row, top, isOpen, isActive, hasLeft, onOpen } = props
  const { t } = useTranslation()
  const { id, severity, title, text, state, isMuted, assignee, count, firstAt } = alert
  return (
    <div
      role="row"
      id={alertRowId(id)}
      aria-rowindex={row + 2}
      aria-selected={isOpen}
      data-alert={id}
      data-active={isActive || undefined}
      data-severity={severity}
      data-left={hasLeft || undefined}
      className={styles.row}
      style={{ transform: `translateY(${top}px)` }}
      onClick={() => onOpen(id)}
    >
      <div role="gridcell" aria-colindex={1} data-column="severity" className={styles.cell}>
        <AlertSeverityLabel severity={severity} />
      </div>
      <div role="gridcell" aria-colindex={2} data-column="what" className={styles.what}>
        <span className={styles.name}>{title}</span>
        <span className={styles.text}>{text}</span>
      </div>
      <div role="gridcell" aria-colindex={3} data-column="state" className={styles.cell}>
        <AlertStateLabel state={state} />
        {isMuted && <MutedLabel />}
        {hasLeft && <span className="kw-hidden">{t('alerts.left')}</span>}
      </div>
      <div role="gridcell" aria-colindex={4} data-column="assignee" className={styles.cell} title={assignee?.id}>
        <span className={styles.clip}>{assignee?.name ?? t('alerts.list.nobody')}</span>
      </div>
      <div role="gridcell" aria-colindex={5} data-column="count" className={styles.cell}>
        <span aria-hidden="true">{`${formatCount(count)} ×`}</span>
        <span className="kw-hidden">{t('alerts.list.times', { formatted: formatCount(count) })}</span>
      </div>
      <div role="gridcell" aria-colindex={6} data-column="since" className={styles.cell}>
        <Moment at={firstAt} />
      </div>
    </div>
  )
})
