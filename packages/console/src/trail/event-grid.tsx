/** The list as a grid: virtual rows, one tab stop, arrow keys inside; it stays where the reader is while events come. */
import {
  type KeyboardEvent,
  type ReactElement,
  type Ref,
  useEffect,
  useEffectEvent,
  useImperativeHandle,
  useRef,
  useState,
} from 'react'
import { useTranslation } from 'react-i18next'
import { useInstanceName } from '../app/instances.ts'
import { useRoom, useWitnessState } from '../app/witness-room.tsx'
import { useZone } from '../app/zone.tsx'
import { formatCount } from '../i18n/texts.ts'
import { provableRows } from '../proof/prove-rows.ts'
import { EventRow, rowId } from './event-row.tsx'
import type { FeedState } from './feed.ts'
import { GridFoot } from './grid-foot.tsx'
import { findRow } from './rows.ts'
import { severityWords } from './severity-words.ts'
import { useRowWindow } from './use-row-window.ts'
import { zoneNow } from './time-range.ts'
import styles from './event-grid.module.css'

export interface GridHandle {
  focus(): void
  scrollToTop(): void
  /** Moves by so many rows. */
  move(by: number): void
}

interface EventGridProps {
  readonly ref: Ref<GridHandle>
  readonly state: FeedState
  readonly openIndex: number | undefined
  readonly onOpen: (index: number, replace?: boolean) => void
  /** Tells whether the reader has left the top: new events then wait. */
  readonly onAway: (isAway: boolean) => void
  readonly onOlder: () => void
  readonly onShowNew: () => void
  /** Whether new events wait because the tab was out of sight. */
  readonly wasHidden: boolean
}

const columns = ['time', 'severity', 'event', 'outcome', 'service', 'initiator', 'proof'] as const
/** One line, or two where there is little room. */
const heights = { wideRem: 2.125, narrowRem: 3.25, headRem: 1.875 }
/** Older events are asked for this many rows before the end comes into sight. */
const rowsAhead = 100

export function EventGrid(props: EventGridProps): ReactElement {
  const { ref, state, openIndex, onOpen, onAway, onOlder, onShowNew, wasHidden } = props
  const { rows, covered, older, held, heldBy } = state
  const { t } = useTranslation()
  const { zone, zones } = useZone()
  const instanceName = useInstanceName()
  const { witness } = useRoom()
  const { proven, alarm } = useWitnessState()
  const scroller = useRef<HTMLDivElement>(null)
  // The row that arrow keys move: known by its event, so that it stays the same while others come.
  const [active, setActive] = useState<number>()
  // However an event was opened: when it is closed again, one goes on from it.
  if (openIndex !== undefined && openIndex !== active) setActive(openIndex)
  const activeIndex = openIndex ?? active
  const activeRow = activeIndex === undefined ? -1 : findRow(rows, activeIndex)

  const view = useRowWindow(scroller, rows.length, activeRow, heights)
  const { rowHeight, scrollTo } = view

  const { first, last } = view
  useEffect(() => {
    if (older === 'more' && last >= rows.length - rowsAhead) onOlder()
  }, [older, last, rows.length, onOlder])

  useEffect(() => witness.show(provableRows(rows.slice(first, last + 1))), [witness, rows, first, last])

  // An event opened by its address is brought into sight once, when its row is there.
  const isOpenRowThere = openIndex !== undefined && activeRow >= 0
  const reveal = useEffectEvent((index: number) => scrollTo(findRow(rows, index)))
  // Only when the row appears or another is opened: not while rows above it move it.
  useEffect(() => {
    if (isOpenRowThere) reveal(openIndex)
  }, [isOpenRowThere, openIndex])

  const move = (to: number): void => {
    const row = Math.min(Math.max(0, to), rows.length - 1)
    const item = rows[row]
    if (item === undefined) return
    setActive(item.index)
    scrollTo(row)
    if (openIndex !== undefined) onOpen(item.index, true)
  }
  useImperativeHandle(ref, () => ({
    focus: () => scroller.current?.focus({ preventScroll: true }),
    scrollToTop: () => scroller.current?.scrollTo({ top: 0 }),
    move: (by) => move(activeRow + by),
  }))
  const onKeyDown = (event: KeyboardEvent<HTMLElement>): void => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target !== event.currentTarget) return
    const pageRows = Math.max(1, Math.floor(event.currentTarget.clientHeight / rowHeight) - 2)
    const moves: Record<string, number> = {
      ArrowDown: activeRow + 1,
      ArrowUp: activeRow - 1,
      PageDown: activeRow + pageRows,
      PageUp: activeRow - pageRows,
      Home: 0,
      End: rows.length - 1,
    }
    const to = moves[event.key]
    if (to !== undefined) {
      event.preventDefault()
      move(to)
    } else if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault()
      const item = rows[Math.max(0, activeRow)]
      if (item !== undefined) {
        setActive(item.index)
        onOpen(item.index)
      }
    }
  }

  return (
    <div className={styles.frame}>
      {held > 0 && (
        <button type="button" className={styles.fresh} onClick={onShowNew}>
          {wasHidden && t('trail.outOfSight')} {t('trail.showNew', { count: held, formatted: formatCount(held) })} (
          {severityWords(heldBy, t)})
        </button>
      )}
      <div
        ref={scroller}
        className={styles.grid}
        role="grid"
        tabIndex={0}
        aria-label={t('trail.gridLabel')}
        aria-rowcount={older === 'end' ? rows.length + 1 : -1}
        aria-colcount={columns.length}
        aria-activedescendant={activeRow < 0 || activeIndex === undefined ? undefined : rowId(activeIndex)}
        onKeyDown={onKeyDown}
        onScroll={(event) => {
          view.onScroll()
          onAway(event.currentTarget.scrollTop > rowHeight)
        }}
      >
        <div role="rowgroup" className={styles.head}>
          <div role="row" aria-rowindex={1} className={styles.columns}>
            {columns.map((column, i) => (
              <div key={column} role="columnheader" aria-colindex={i + 1} data-column={column} className={styles.title}>
                {column === 'time' ? t('trail.columns.timeIn', { zone: zoneNow(zone) }) : t(`trail.columns.${column}`)}
              </div>
            ))}
          </div>
        </div>
        <div role="rowgroup" className={styles.rows} style={{ height: view.totalHeight }}>
          {view.rows.map((row) => {
            const item = rows[row]
            if (item === undefined) return null
            const { index } = item
            const isBroken = alarm?.index === index
            return (
              <EventRow
                key={index}
                item={item}
                row={row}
                top={row * rowHeight}
                zone={zone}
                zones={zones}
                stage={isBroken ? 'broken' : proven.has(index) ? 'proven' : index < covered ? 'covered' : 'recorded'}
                instanceName={instanceName}
                isOpen={index === openIndex}
                isActive={index === activeIndex}
                onOpen={onOpen}
              />
            )
          })}
        </div>
        <GridFoot older={older} count={rows.length} onRetry={onOlder} />
      </div>
    </div>
  )
}
