/** One row: when, how grave, what happened as a sentence, how it ended, where, by whom, and the mark of its proof. */
import type { InstanceName } from '@keywitness/cadf'
import { type ReactElement, memo } from 'react'
import { useTranslation } from 'react-i18next'
import type { TrailItem } from '../api/types.ts'
import { LockIcon, QuestionIcon, ServiceIcon, UserIcon } from '../app/icons.tsx'
import { ProofMark, type ProofStage } from '../proof/proof-mark.tsx'
import { type InitiatorKind, describe } from './describe.ts'
import { OutcomeLabel, SeverityLabel } from '../shared/labels.tsx'
import { serviceLabel } from './service.ts'
import { type Zone, inEachZone, splitTime, yearNow } from './time-range.ts'
import styles from './event-grid.module.css'

interface EventRowProps {
  readonly item: TrailItem
  /** Position in the list, from 0. */
  readonly row: number
  /** Distance from the first row's top, in pixels. */
  readonly top: number
  readonly zone: Zone
  /** Zones at hand. */
  readonly zones: readonly Zone[]
  readonly stage: ProofStage
  readonly instanceName: InstanceName
  readonly isOpen: boolean
  readonly isActive: boolean
  readonly onOpen: (index: number) => void
}

export const rowId = (index: number): string => `event-${index}`

const initiatorIcons: Record<InitiatorKind, typeof UserIcon> = {
  user: UserIcon,
  service: ServiceIcon,
  certificate: LockIcon,
  unknown: QuestionIcon,
}

export const EventRow = memo(function EventRow(props: EventRowProps): ReactElement {
  const { item, row, top, zone, zones, stage, instanceName, isOpen, isActive, onOpen } = props
  const { t } = useTranslation()
  const { index, event } = item
  const { parts, who, kind, service, time } = describe(event, instanceName)
  const InitiatorIcon = initiatorIcons[kind]
  return (
    <div
      role="row"
      id={rowId(index)}
      aria-rowindex={row + 2}
      aria-selected={isOpen}
      data-active={isActive || undefined}
      data-severity={event.severity}
      data-index={index}
      className={styles.row}
      style={{ transform: `translateY(${top}px)` }}
      onClick={() => onOpen(index)}
    >
      <div
        role="gridcell"
        aria-colindex={1}
        data-column="time"
        className={styles.cell}
        title={time === undefined ? event.eventTime : inEachZone(time, zones)}
      >
        <RowTime item={item} zone={zone} />
      </div>
      <div role="gridcell" aria-colindex={2} data-column="severity" className={styles.cell}>
        <SeverityLabel severity={event.severity} />
      </div>
      <div role="gridcell" aria-colindex={3} data-column="event" className={styles.cell}>
        <span className={styles.sentence}>
          <span className={styles.deed}>
            <span className={styles.clip}>{parts[0]}</span>
            {parts[1] !== '' && <strong className={styles.name}>{parts[1]}</strong>}
          </span>
          {parts[2] !== '' && <span className={styles.clip}>{parts[2]}</span>}
        </span>
      </div>
      <div role="gridcell" aria-colindex={4} data-column="outcome" className={styles.cell}>
        <OutcomeLabel outcome={event.outcome} code={event.reason.reasonCode} />
      </div>
      <div role="gridcell" aria-colindex={5} data-column="service" className={styles.cell} title={service}>
        {serviceLabel(service, t)}
      </div>
      <div role="gridcell" aria-colindex={6} data-column="initiator" className={styles.cell} title={event.initiator.id}>
        <span className="kw-hidden">{t(`kind.${kind}`)}</span>
        <InitiatorIcon size={14} className={styles.kind} />
        <span className={styles.clip}>{event.initiator.name || who}</span>
      </div>
      <div role="gridcell" aria-colindex={7} data-column="proof" className={styles.cell}>
        <ProofMark stage={stage} />
      </div>
    </div>
  )
})

/** A time of fixed width. Its date steps back so that the eye finds the clock; the year is told when it is another one. */
function RowTime({ item, zone }: { readonly item: TrailItem; readonly zone: Zone }): ReactElement {
  const { time } = describe(item.event)
  if (time === undefined) return <time>{item.event.eventTime}</time>
  const { date, clock } = splitTime(time, zone)
  const isThisYear = date.startsWith(yearNow(zone))
  return (
    <time dateTime={new Date(time).toISOString()} className={styles.time}>
      <span className={styles.date}>{isThisYear ? date.slice(5) : date} </span>
      {clock.slice(0, 8)}
      {isThisYear && <span className={styles.fraction}>{clock.slice(8)}</span>}
    </time>
  )
}
