/** The way to the saved views, beside the query line; and what stands below it when the search is no longer the view. */
import { Button, Popover } from '@mantine/core'
import { type ReactElement, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { SavedView } from '../api/views-api.ts'
import { BookmarkIcon, ChevronIcon } from '../app/icons.tsx'
import { LazyPart } from '../shared/lazy-part.tsx'
import type { ViewAsk } from './saved-view-dialog.tsx'
import { isChanged, searchOf } from './saved-views.ts'
import type { TrailSearch } from './search.ts'
import { useSavedViews } from './use-saved-views.ts'
import { useMaySave } from './use-may-save.ts'
import range from './time-range-menu.module.css'
import styles from './saved-views.module.css'

interface SavedViewsProps {
  readonly search: TrailSearch
  readonly onChange: (search: TrailSearch) => void
}

/** The view that the search began with; undefined where there is none, or it may not be seen. */
function useShownView({ saved }: TrailSearch): SavedView | undefined {
  const { views } = useSavedViews(saved !== undefined)
  return views?.find(({ id }) => id === saved)
}

export function SavedViewsButton({ search, onChange }: SavedViewsProps): ReactElement {
  const { t } = useTranslation('trail')
  const [isOpen, setIsOpen] = useState(false)
  const [ask, setAsk] = useState<ViewAsk>()
  const shown = useShownView(search)
  const open = (next: ViewAsk): void => {
    setIsOpen(false)
    setAsk(next)
  }
  return (
    <>
      <Popover
        opened={isOpen}
        onChange={setIsOpen}
        position="bottom-end"
        width="min(30rem, calc(100vw - 1rem))"
        trapFocus
        returnFocus
      >
        <Popover.Target>
          <button
            type="button"
            data-views
            className={`${range.button} ${styles.button}`}
            onClick={() => setIsOpen(!isOpen)}
            data-set={shown !== undefined || undefined}
          >
            <BookmarkIcon />
            {shown === undefined ? (
              t('views.open')
            ) : (
              <>
                <span className="kw-hidden">{t('views.shown')}</span>
                <bdi className={styles.shown}>{shown.name}</bdi>
              </>
            )}
            <ChevronIcon className={range.chevron} />
          </button>
        </Popover.Target>
        <Popover.Dropdown className={styles.dropdown} aria-label={t('views.open')}>
          <LazyPart
            name="saved-views-menu"
            load={async () => (await import('./saved-views-menu.tsx')).SavedViewsMenu}
            props={{
              search,
              onApply: (next: TrailSearch) => {
                setIsOpen(false)
                focusViews()
                onChange(next)
              },
              onAsk: open,
            }}
          />
        </Popover.Dropdown>
      </Popover>
      {ask !== undefined && <Dialog ask={ask} search={search} onChange={onChange} onClose={() => setAsk(undefined)} />}
    </>
  )
}

/** A line while the search is no longer what its view keeps: save it, or go back. */
export function ChangedView({ search, onChange }: SavedViewsProps): ReactElement | null {
  const { t } = useTranslation('trail')
  const [ask, setAsk] = useState<ViewAsk>()
  const shown = useShownView(search)
  const may = useMaySave()
  if (shown === undefined || (!isChanged(shown, search) && ask === undefined)) return null
  const isRefused = shown.isShared && !may
  return (
    <div className={styles.line}>
      <p role="status">
        {t('views.differs')} <bdi className={styles.strong}>{shown.name}</bdi>
      </p>
      <Button
        variant="default"
        size="compact-xs"
        disabled={isRefused}
        title={isRefused ? t('views.officer') : undefined}
        onClick={() => setAsk({ kind: 'replace', view: shown })}
      >
        {t('views.replace')}
      </Button>
      <Button variant="default" size="compact-xs" onClick={() => setAsk({ kind: 'save', from: shown })}>
        {t('views.saveAs')}
      </Button>
      <Button variant="subtle" size="compact-xs" onClick={() => onChange(searchOf(shown, search))}>
        {t('views.goBack')}
      </Button>
      {isRefused && <p className={styles.why}>{t('views.officer')}</p>}
      {ask !== undefined && <Dialog ask={ask} search={search} onChange={onChange} onClose={() => setAsk(undefined)} />}
    </div>
  )
}

function focusViews(): void {
  requestAnimationFrame(() => document.querySelector<HTMLElement>('[data-views]')?.focus())
}

function Dialog(props: SavedViewsProps & { readonly ask: ViewAsk; readonly onClose: () => void }): ReactElement {
  const { ask, search, onChange } = props
  const onClose = (): void => {
    props.onClose()
    // What opened it may be gone by now: what is always there is beside it.
    focusViews()
  }
  return (
    <LazyPart
      name="saved-view-dialog"
      isQuiet
      load={async () => (await import('./saved-view-dialog.tsx')).SavedViewDialog}
      props={{
        ask,
        search,
        onClose,
        onDone: (view: SavedView | undefined) => {
          onClose()
          if (view !== undefined && ask.kind !== 'change') onChange(searchOf(view, search))
        },
      }}
    />
  )
}
