/** The list of alerts with its filters, and the open one beside it. */
import { type ReactElement, useCallback, useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Alert } from '../api/alert-types.ts'
import { useShortcuts } from '../app/shortcuts.tsx'
import { formatCount } from '../i18n/texts.ts'
import { ActProblem } from '../shared/act-problem.tsx'
import { AlertFilters } from './alert-filters.tsx'
import { AlertGrid, type AlertGridHandle } from './alert-grid.tsx'
import { AlertListState } from './alert-list-state.tsx'
import { AlertPanel } from './alert-panel.tsx'
import { placeOf } from './alert-rows.ts'
import { PageFrame, type ViewProps } from './page-frame.tsx'
import { useAct } from './use-act.ts'
import { useAlerts } from './use-alerts.ts'

export function AlertsView({ search, onChange }: ViewProps): ReactElement {
  const { t } = useTranslation()
  const { feed, state } = useAlerts(search)
  const [active, setActive] = useState<string>()
  const [isAway, setIsAway] = useState(false)
  const grid = useRef<AlertGridHandle>(null)
  const openId = search.alert
  const activeId = openId ?? active

  // Nothing moves under somebody who reads.
  useEffect(() => feed.hold(isAway || openId !== undefined), [feed, isAway, openId])

  const changed = useCallback((alert: Alert) => feed.changed(alert), [feed])
  const acting = useAct(changed)
  const { act, problem, dismiss, said } = acting

  const open = useCallback(
    (id: string | undefined) => {
      const { alert, ...rest } = search
      if (id !== undefined) setActive(id)
      onChange(id === undefined ? rest : { ...rest, alert: id }, id !== undefined && alert !== undefined)
    },
    [search, onChange],
  )
  const activate = useCallback(
    (id: string) => {
      setActive(id)
      if (openId !== undefined) open(id)
    },
    [openId, open],
  )
  const close = useCallback(() => {
    if (openId !== undefined) setActive(openId)
    open(undefined)
    grid.current?.focus()
  }, [openId, open])
  const showNew = useCallback(() => {
    grid.current?.scrollToTop()
    feed.release()
  }, [feed])

  const place = activeId === undefined ? undefined : placeOf(state.rows, activeId)
  const activeAlert = place?.isThere === true ? state.rows[place.row] : undefined
  const { offer } = useShortcuts()
  useEffect(
    () =>
      offer({
        showNew,
        move: (by) => {
          grid.current?.focus()
          grid.current?.move(by)
        },
        ...(activeAlert?.state === 'open' && {
          acknowledge: () => void act(activeAlert, { kind: 'acknowledge' }),
        }),
        ...(openId !== undefined && { close }),
      }),
    [offer, showNew, act, activeAlert, openId, close],
  )

  return (
    <PageFrame
      view="alerts"
      search={search}
      onChange={onChange}
      panel={
        openId === undefined ? undefined : (
          <AlertPanel
            key={openId}
            id={openId}
            listed={activeAlert?.id === openId ? activeAlert : undefined}
            acting={acting}
            onClose={close}
            onChange={onChange}
          />
        )
      }
    >
      <AlertFilters search={search} onChange={onChange} />
      {/* The panel tells of what could not be done about its alert. */}
      {problem !== undefined && problem.id !== openId && <ActProblem error={problem.error} onDismiss={dismiss} />}
      <AlertListState search={search} state={state} onChange={onChange} onRetry={() => void feed.refresh()}>
        <AlertGrid
          ref={grid}
          state={state}
          activeId={activeId}
          openId={openId}
          onActive={activate}
          onOpen={open}
          onAway={setIsAway}
          onOlder={() => void feed.loadOlder()}
          onShowNew={showNew}
        />
      </AlertListState>
      <p className="kw-hidden" role="status">
        {said}
      </p>
      <p className="kw-hidden" role="status">
        {state.held > 0 && t('alerts.list.announce', { count: state.held, formatted: formatCount(state.held) })}
      </p>
    </PageFrame>
  )
}
