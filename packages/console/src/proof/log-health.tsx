/** The log's health, always in sight: how long it is, how much is signed, up to where this browser has verified it. */
import { type ReactElement, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { BrokenMark, CoveredMark, ProvenMark, WarningMark } from '../app/icons.tsx'
import { useGrowth, useRoom, useWitnessState } from '../app/witness-room.tsx'
import { useZone } from '../app/zone.tsx'
import { formatCount } from '../i18n/texts.ts'
import { LazyDialog } from '../shared/lazy-part.tsx'
import { useTrackerStatus } from '../shared/use-tracker-status.ts'
import { splitTime } from '../trail/time-range.ts'
import styles from './log-health.module.css'

const marks = {
  waiting: CoveredMark,
  verified: ProvenMark,
  doubted: WarningMark,
  unchecked: WarningMark,
  alarm: BrokenMark,
}

export function LogHealth(): ReactElement {
  const { t } = useTranslation()
  const { tracker } = useRoom()
  const { phase: found, memory } = useWitnessState()
  // The notices above every page ask again and again; here their answer is enough.
  const { data: status } = useTrackerStatus(tracker.location, Infinity)
  const isDoubted = status?.verification?.last?.state === 'bad' || (status?.oddities?.altered ?? null) !== null
  // What this browser verified holds; beside what the server found in its own log it is no reason for a mark that all is well.
  const phase = found === 'verified' && isDoubted ? 'doubted' : found
  const { size, covered } = useGrowth()
  const { zone } = useZone()
  const [isOpen, setIsOpen] = useState(false)
  const Mark = marks[phase]
  const head = memory?.head
  const verified = head?.size ?? 0
  // While the log contradicts itself, what the server says and what was verified are shown as they are, side by side.
  const total = phase === 'alarm' ? size : Math.max(size, covered, verified)
  return (
    <>
      <button
        type="button"
        className={styles.card}
        data-phase={phase}
        onClick={() => setIsOpen(true)}
        aria-haspopup="dialog"
      >
        <span className={styles.state}>
          <Mark size={16} className={styles.mark} />
          <span className={styles.word}>{t(`log.phase.${phase}`)}</span>
        </span>
        <span className={styles.short}>
          {formatCount(verified)} / {formatCount(total)}
        </span>
        <span className={styles.lines}>
          <Line label={t('log.recorded')} value={total} />
          <Line label={t('log.covered')} value={phase === 'alarm' ? covered : Math.max(covered, verified)} />
          <Line label={t('log.verified')} value={verified} isStrong />
        </span>
        <Meter total={total} covered={covered} verified={verified} />
        {head !== undefined && (
          <span className={styles.head}>
            <span className={styles.hash}>{head.root.slice(0, 12)}…</span>
            <span>{splitTime(Date.parse(head.verifiedAt), zone).clock.slice(0, 8)}</span>
          </span>
        )}
      </button>
      <LazyDialog
        name="log-details"
        load={async () => (await import('./log-details.tsx')).LogDetails}
        props={{ isOpen, onClose: () => setIsOpen(false), location: tracker.location }}
      />
    </>
  )
}

function Line({ label, value, isStrong = false }: { label: string; value: number; isStrong?: boolean }): ReactElement {
  return (
    <span className={styles.line} data-strong={isStrong || undefined}>
      <span>{label}</span> <span className={styles.number}>{formatCount(value)}</span>
    </span>
  )
}

/** The three counts as one bar: verified inside covered inside recorded. */
function Meter(props: { total: number; covered: number; verified: number }): ReactElement {
  const share = (count: number): number => (props.total === 0 ? 0 : (100 * Math.min(count, props.total)) / props.total)
  return (
    <svg className={styles.meter} viewBox="0 0 100 3" preserveAspectRatio="none" aria-hidden="true" focusable="false">
      <rect className={styles.track} width="100" height="3" />
      <rect className={styles.covered} width={share(props.covered)} height="3" />
      <rect className={styles.verified} width={share(props.verified)} height="3" />
    </svg>
  )
}
