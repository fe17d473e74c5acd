/** The list of alerts as a grid: virtual rows, one tab stop, arrow keys inside; nothing that is read moves. */
import {
  type KeyboardEvent,
  type ReactElement,
  type Ref,
  useEffect,
  useEffectEvent,
  useImperativeHandle,
  useRef,
} from 'react'
import { useTranslation } from 'react-i18next'
import { useZone } from '../app/zone.tsx'
import { formatCount } from '../i18n/texts.ts'
import { zoneNow } from '../trail/time-range.ts'
import { useRowWindow } from '../trail/use-row-window.ts'
import type { AlertFeedState } from './alert-feed.ts'
import { AlertRow, alertRowId } from './alert-row.tsx'
import { placeOf } from './alert-rows.ts'
import styles from './alert-grid.module.css'

export interface AlertGridHandle {
  focus(): void
  scrollToTop(): void
  /** Moves the active row by so many. */
  move(by: number): void
}

interface AlertGridProps {
  readonly ref: Ref<AlertGridHandle>
  readonly state: AlertFeedState
  /** The row that keys move from, known by its alert: it stays the same while others come. */
  readonly activeId: string | undefined
  readonly openId: string | undefined
  readonly onActive: (id: string) => void
  readonly onOpen: (id: string) => void
  /** Tells whether the reader has left the top: new alerts then wait. */
  readonly onAway: (isAway: boolean) => void
  readonly onOlder: () => void
  readonly onShowNew: () => void
}

const columns = ['severity', 'what', 'state', 'assignee', 'count', 'since'] as const
const heights = { wideRem: 3.25, narrowRem: 4.75, headRem: 1.875 }
/** Older alerts are asked for this many rows before the end comes into sight. */
const rowsAhead = 20

export function AlertGrid(props: AlertGridProps): ReactElement {
  const { ref, state, activeId, openId, onActive, onOpen, onAway, onOlder, onShowNew } = props
  const { rows, left, older, held } = state
  const { t } = useTranslation()
  const { zone } = useZone()
  const scroller = useRef<HTMLDivElement>(null)
  const place = activeId === undefined ? undefined : placeOf(rows, activeId)
  const activeRow = place?.isThere === true ? place.row : -1
  const view = useRowWindow(scroller, rows.length, activeRow, heights)
  const { rowHeight, scrollTo, last } = view

  useEffect(() => {
    if (older === 'more' && last >= rows.length - rowsAhead) onOlder()
  }, [older, last, rows.length, onOlder])

  // An alert opened by its address is brought into sight once, when its row is there.
  const isOpenRowThere = openId !== undefined && placeOf(rows, openId).isThere
  const reveal = useEffectEvent((id: string) => scrollTo(placeOf(rows, id).row))
  useEffect(() => {
    if (isOpenRowThere) reveal(openId)
  }, [isOpenRowThere, openId])

  const moveTo = (to: number): void => {
    const row = Math.min(Math.max(0, to), rows.length - 1)
    const alert = rows[row]
    if (alert === undefined) return
    onActive(alert.id)
    scrollTo(row)
  }
  const move = (by: number): void => {
    if (place === undefined) moveTo(0)
    // A row that is gone is between its neighbours.
    else moveTo(place.isThere || by < 0 ? place.row + by : place.row + by - 1)
  }
  useImperativeHandle(ref, () => ({
    focus: () => scroller.current?.focus({ preventScroll: true }),
    scrollToTop: () => scroller.current?.scrollTo({ top: 0 }),
    move,
  }))

  const onKeyDown = (event: KeyboardEvent<HTMLElement>): void => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target !== event.currentTarget) return
    const pageRows = Math.max(1, Math.floor(event.currentTarget.clientHeight / rowHeight) - 2)
    const moves: Record<string, () => void> = {
      ArrowDown: () => move(1),
      ArrowUp: () => move(-1),
      PageDown: () => move(pageRows),
      PageUp: () => move(-pageRows),
      Home: () => moveTo(0),
      End: () => moveTo(rows.length - 1),
      Enter: () => {
        const alert = rows[Math.max(0, activeRow)]
        if (alert !== undefined) onOpen(alert.id)
      },
    }
    const act = moves[event.key]
    if (act === undefined) return
    event.preventDefault()
    act()
  }

  return (
    <div className={styles.frame}>
      {held > 0 && (
        <button type="button" className={styles.fresh} onClick={onShowNew}>
          {t('alerts.list.showNew', { count: held, formatted: formatCount(held) })}
        </button>
      )}
      <div
        ref={scroller}
        className={styles.grid}
        role="grid"
        tabIndex={0}
        aria-label={t('alerts.list.label')}
        aria-rowcount={older === 'end' ? rows.length + 1 : -1}
        aria-colcount={columns.length}
        aria-activedescendant={activeRow < 0 || activeId === undefined ? undefined : alertRowId(activeId)}
        onKeyDown={onKeyDown}
        onScroll={(event) => {
          view.onScroll()
          onAway(event.currentTarget.scrollTop > rowHeight / 2)
        }}
      >
        <div role="rowgroup" className={styles.head}>
          <div role="row" aria-rowindex={1} className={styles.columns}>
            {columns.map((column, i) => (
              <div key={column} role="columnheader" aria-colindex={i + 1} data-column={column} className={styles.title}>
                {t(`alerts.list.${column}`, { zone: zoneNow(zone) })}
              </div>
            ))}
          </div>
        </div>
        <div role="rowgroup" className={styles.rows} style={{ height: view.totalHeight }}>
          {view.rows.map((row) => {
            const alert = rows[row]
            if (alert === undefined) return null
            return (
              <AlertRow
                key={alert.id}
                alert={alert}
                row={row}
                top={row * rowHeight}
                isOpen={alert.id === openId}
                isActive={alert.id === activeId}
                hasLeft={left.has(alert.id)}
                onOpen={onOpen}
              />
            )
          })}
        </div>
        <GridEnd older={older} onRetry={onOlder} />
      </div>
    </div>
  )
}

function GridEnd(props: { readonly older: AlertFeedState['older']; readonly onRetry: () => void }): ReactElement {
  const { t } = useTranslation()
  const { older, onRetry } = props
  return (
    <div className={styles.foot}>
      {older === 'failed' ? (
        <span className={styles.failed} role="alert">
          {t('alerts.list.moreFailed')}
          <button type="button" className={styles.retry} onClick={onRetry}>
            {t('state.retry')}
          </button>
        </span>
      ) : (
        <span>
          {t(
            older === 'end' ? 'alerts.list.end' : older === 'loading' ? 'alerts.list.loadingMore' : 'alerts.list.more',
          )}
        </span>
      )}
    </div>
  )
}
