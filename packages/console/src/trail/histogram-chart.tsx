/** The bars themselves: drawn, moved along by keys, and narrowed to by a drag. */
import { type KeyboardEvent, type PointerEvent, type ReactElement, memo, useId, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import type { Bar } from './histogram.ts'
import styles from './histogram.module.css'

/** A run of bars, from the one it began at to the one it has come to. */
export interface Run {
  readonly anchor: number
  readonly at: number
}

interface HistogramChartProps {
  /** None while they are counted: the place of the keyboard stays. */
  readonly bars: readonly Bar[]
  /** The gravest first. */
  readonly parts: readonly string[]
  readonly run: Run | undefined
  readonly onRun: (run: Run | undefined) => void
  readonly onHover: (at: number | undefined) => void
  readonly onNarrow: (run: Run) => void
  readonly onLeave: () => void
}

export function HistogramChart(props: HistogramChartProps): ReactElement {
  const { bars, parts, run, onRun, onHover, onNarrow, onLeave } = props
  const { t } = useTranslation('trail')
  const keysId = useId()
  const drag = useRef<Run>(undefined)
  const last = bars.length - 1

  const onKeyDown = (event: KeyboardEvent<HTMLElement>): void => {
    if ((bars.length === 0 && event.key !== 'Escape') || event.ctrlKey || event.metaKey || event.altKey) return
    const from = run?.at ?? bars.length
    const moves: Record<string, number> = { ArrowLeft: from - 1, ArrowRight: from + 1, Home: 0, End: last }
    const to = moves[event.key]
    if (to !== undefined) {
      const at = Math.min(Math.max(0, to), last)
      onRun({ anchor: event.shiftKey ? (run?.anchor ?? at) : at, at })
    } else if (event.key === 'Enter' && run !== undefined) onNarrow(run)
    else if (event.key === 'Escape') {
      onRun(undefined)
      onLeave()
    } else return
    event.preventDefault()
  }
  const barAt = (event: PointerEvent<HTMLElement>): number => {
    const box = event.currentTarget.getBoundingClientRect()
    return Math.min(Math.max(0, Math.floor(((event.clientX - box.left) / box.width) * bars.length)), last)
  }
  const onPointerDown = (event: PointerEvent<HTMLElement>): void => {
    if (event.button !== 0 || bars.length === 0) return
    const at = barAt(event)
    event.currentTarget.setPointerCapture(event.pointerId)
    drag.current = { anchor: event.shiftKey ? (run?.anchor ?? at) : at, at }
    onRun(drag.current)
  }
  const onPointerMove = (event: PointerEvent<HTMLElement>): void => {
    if (bars.length === 0) return
    const at = barAt(event)
    onHover(at)
    if (drag.current === undefined || drag.current.at === at) return
    drag.current = { ...drag.current, at }
    onRun(drag.current)
  }
  const onPointerUp = (event: PointerEvent<HTMLElement>): void => {
    const dragged = drag.current
    drag.current = undefined
    // One bar is chosen by a click: what it says can be read, and a button narrows to it.
    if (dragged !== undefined && dragged.anchor !== dragged.at && !event.shiftKey) onNarrow(dragged)
  }
  return (
    <div
      className={styles.chart}
      // Arrow keys are for the bars, also where a screen reader would take them for itself.
      role="application"
      aria-roledescription={t('histogram.roleDescription')}
      aria-label={t('histogram.label')}
      aria-describedby={keysId}
      tabIndex={0}
      onKeyDown={onKeyDown}
      onPointerDown={onPointerDown}
      onPointerMove={onPointerMove}
      onPointerUp={onPointerUp}
      onPointerCancel={() => {
        drag.current = undefined
        onRun(undefined)
      }}
      onPointerLeave={() => onHover(undefined)}
    >
      <span id={keysId} className="kw-hidden">
        {t('histogram.keys')}
      </span>
      <svg
        className={styles.drawing}
        viewBox={`0 0 ${Math.max(1, bars.length)} 100`}
        preserveAspectRatio="none"
        aria-hidden="true"
      >
        <Bars bars={bars} parts={parts} />
        {run !== undefined && (
          <rect
            className={styles.run}
            x={Math.min(run.anchor, run.at)}
            width={Math.abs(run.anchor - run.at) + 1}
            y={0}
            height={100}
          />
        )}
      </svg>
    </div>
  )
}

/** Least height of what is there at all, of 100: one critical event among thousands is seen. */
const heightMin = 4

/** Drawn anew only when numbers change, not while one moves along them. */
const Bars = memo(function Bars(props: { bars: readonly Bar[]; parts: readonly string[] }): ReactElement {
  const { bars, parts } = props
  const most = Math.max(1, ...bars.map(({ total }) => total))
  return (
    <>
      {bars.map((bar, at) => {
        let top = 100
        return parts.map((name) => {
          const count = bar.counts[name] ?? 0
          if (count === 0) return null
          const height = Math.max(heightMin, (count / most) * (100 - heightMin * parts.length))
          top -= height
          return (
            <rect
              key={`${bar.from}-${name}`}
              className={styles.part}
              data-part={name}
              x={at + 0.1}
              width={0.8}
              y={top}
              height={height}
            />
          )
        })
      })}
    </>
  )
})
