/** The trail: what happened, newest first, live; each event readable, explainable, provable. */
import { getRouteApi } from '@tanstack/react-router'
import { type ReactElement, useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { addTexts } from '../i18n/texts.ts'
import texts from '../i18n/en/trail.json'
import { useShortcuts } from '../app/shortcuts.tsx'
import { useRoom } from '../app/witness-room.tsx'
import { Announcer } from './announcer.tsx'
import { EventGrid, type GridHandle } from './event-grid.tsx'
import { EventPanel } from './event-panel.tsx'
import { FacetsColumn } from './facets-column.tsx'
import { HistogramView } from './histogram-view.tsx'
import { findRow } from './rows.ts'
import { type TrailSearch, divisions, parseTrailSearch } from './search.ts'
import { Toolbar } from './toolbar.tsx'
import { TrailState } from './trail-state.tsx'
import { useAddressZone } from './use-address-zone.ts'
import { useFeed } from './use-feed.ts'
import { useHistogram } from './use-histogram.ts'
import { useHistogramShown } from './use-histogram-shown.ts'
import { useKeptFocus } from './use-kept-focus.ts'
import { useTabHold } from './use-tab-hold.ts'
import { useLanguage } from './use-language.ts'
import { ViewToggles } from './view-toggles.tsx'
import styles from '../app/list-page.module.css'
import body from './trail-body.module.css'

addTexts('trail', texts)

const route = getRouteApi('/trail/$location')

export function TrailPage(): ReactElement {
  const { t } = useTranslation()
  const { tracker } = useRoom()
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const { language, error: languageError, again } = useLanguage(search.query !== undefined)
  const fault = useMemo(
    () => (search.query === undefined ? undefined : language?.faultOf(search.query)),
    [search.query, language],
  )
  const isReadable = search.query === undefined || (language !== undefined && fault === undefined)
  const change = useCallback(
    (next: TrailSearch, replace = false) => void navigate({ search: parseTrailSearch(next), replace }),
    [navigate],
  )
  const zone = useAddressZone(search, change)
  const { feed, state, query } = useFeed(search, isReadable, zone)
  const [isPaused, setIsPaused] = useState(false)
  const [isAway, setIsAway] = useState(false)
  const grid = useRef<GridHandle>(null)
  const input = useRef<HTMLInputElement>(null)

  const page = useRef<HTMLDivElement>(null)
  const place = useRef<HTMLDivElement>(null)
  const land = useCallback(() => (grid.current ?? place.current)?.focus(), [])
  useKeptFocus(page, land)
  // Whoever landed where the list was to come goes on in it.
  useEffect(() => {
    if (document.activeElement === place.current) grid.current?.focus()
  })

  const [wasHidden, endTabHold] = useTabHold(state.held > 0)

  useEffect(() => feed.hold(isPaused || isAway || wasHidden), [feed, isPaused, isAway, wasHidden])

  const open = useCallback(
    (index: number | undefined, replace = false) => {
      const { event, view, ...rest } = search
      const isFirst = event === undefined
      if (index === undefined) change(rest)
      else change({ ...rest, event: index, ...(view !== undefined && { view }) }, replace || !isFirst)
    },
    [search, change],
  )
  const close = useCallback(() => {
    open(undefined)
    grid.current?.focus()
  }, [open])
  const showNew = useCallback(() => {
    setIsPaused(false)
    endTabHold()
    grid.current?.scrollToTop()
    feed.release()
  }, [feed, endTabHold])

  const { offer } = useShortcuts()
  const isOpen = search.event !== undefined
  useEffect(
    () =>
      offer({
        focusSearch: () => input.current?.focus(),
        togglePause: () => setIsPaused((paused) => !paused),
        showNew,
        move: (by) => {
          grid.current?.focus()
          grid.current?.move(by)
        },
        ...(isOpen && { close }),
      }),
    [offer, showNew, close, isOpen],
  )

  const division = search.by ?? divisions[0]
  const showFacets = (isShown: boolean): void => {
    const { facets: _, ...rest } = search
    change(isShown ? { ...rest, facets: true } : rest, true)
  }
  const [isHistogramShown, showHistogram] = useHistogramShown()
  const histogram = useHistogram({ search, query, state, by: division, isWanted: isHistogramShown, zone })
  const hasBars = isHistogramShown && fault === undefined && (state.phase === 'loading' || state.rows.length > 0)
  const row = search.event === undefined ? -1 : findRow(state.rows, search.event)
  return (
    <div ref={page} className={styles.page} data-panel={isOpen || undefined}>
      <title>{t('trail.documentTitle', { location: tracker.location })}</title>
      <div className={styles.list}>
        <Toolbar
          search={search}
          state={state}
          isPaused={isPaused}
          onPause={setIsPaused}
          onChange={change}
          input={input}
          onLeaveInput={land}
          isReadable={isReadable}
          views={
            <ViewToggles
              histogram={{ isShown: isHistogramShown, show: showHistogram }}
              facets={{ isShown: search.facets === true, show: showFacets }}
            />
          }
        />
        {hasBars && (
          <HistogramView search={search} by={division} histogram={histogram} onChange={change} onLeave={land} />
        )}
        <div className={body.body}>
          {search.facets === true && (
            <FacetsColumn
              search={search}
              query={query}
              begun={state.begun}
              isReady={state.phase === 'ready'}
              onChange={change}
              onClose={() => showFacets(false)}
            />
          )}
          <div ref={place} tabIndex={-1} className={body.list}>
            <TrailState
              fault={fault}
              missing={search.query === undefined ? undefined : { error: languageError, again }}
              search={search}
              state={state}
              onChange={change}
              onRetry={() => void feed.start()}
              onOlder={() => void feed.loadOlder()}
            >
              <EventGrid
                ref={grid}
                state={state}
                openIndex={search.event}
                onOpen={open}
                onAway={setIsAway}
                onOlder={() => void feed.loadOlder()}
                onShowNew={showNew}
                wasHidden={wasHidden}
              />
            </TrailState>
          </div>
        </div>
      </div>
      {search.event !== undefined && (
        <EventPanel
          key={search.event}
          index={search.event}
          item={state.rows[row]}
          isListLoading={state.phase === 'loading'}
          covered={state.covered}
          view={search.view ?? 'event'}
          search={search}
          onChange={change}
          onClose={close}
          onMove={(by) => {
            const next = state.rows[row + by]
            if (next !== undefined) open(next.index, true)
          }}
          canMove={{ newer: row > 0, older: row >= 0 && row < state.rows.length - 1 }}
        />
      )}
      <Announcer arrived={state.arrived} held={state.held} heldBy={state.heldBy} />
    </div>
  )
}
