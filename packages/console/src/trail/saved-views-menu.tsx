/** The saved views: found by typing, listed by category, applied by Enter; with the way to save the search at hand. */
import { Button } from '@mantine/core'
import { type KeyboardEvent, type ReactElement, useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { SavedView } from '../api/views-api.ts'
import { CheckIcon, EditIcon, LinkIcon } from '../app/icons.tsx'
import { addTexts } from '../i18n/texts.ts'
import texts from '../i18n/en/views.json'
import { StateView } from '../app/state-view.tsx'
import { useSession } from '../app/session.tsx'
import { useRoom } from '../app/witness-room.tsx'
import { useZone } from '../app/zone.tsx'
import { AsOf } from '../shared/as-of.tsx'
import { CopyButton } from '../shared/copy-button.tsx'
import { rangeName } from './range-words.ts'
import type { ViewAsk } from './saved-view-dialog.tsx'
import { groupsOf, searchOf } from './saved-views.ts'
import { type TrailSearch, formatSearch } from './search.ts'
import { useSavedViews } from './use-saved-views.ts'
import field from '../shared/say-form.module.css'
import styles from './saved-views-menu.module.css'

addTexts('views', texts)

interface SavedViewsMenuProps {
  readonly search: TrailSearch
  readonly onApply: (search: TrailSearch) => void
  readonly onAsk: (ask: ViewAsk) => void
}

export function SavedViewsMenu({ search, onApply, onAsk }: SavedViewsMenuProps): ReactElement {
  const { t } = useTranslation('views')
  const { views, readAt, isReading, error, again } = useSavedViews(true)
  const [typed, setTyped] = useState('')
  const list = useRef<HTMLDivElement>(null)
  const input = useRef<HTMLInputElement>(null)
  const groups = groupsOf(views ?? [], typed)
  const [first] = groups.flatMap((group) => group.views)
  const apply = (view: SavedView): void => onApply(searchOf(view, search))
  // The field is there when the views are: the focus goes where one types.
  const isThere = views !== undefined && views.length > 0
  useEffect(() => {
    if (isThere) input.current?.focus()
  }, [isThere])

  const onKeyDown = (event: KeyboardEvent<HTMLElement>): void => {
    const isInField = event.target === input.current
    if (isInField && event.key === 'Enter' && first !== undefined) {
      event.preventDefault()
      return apply(first)
    }
    const to = nextOf(event, list.current, isInField)
    if (to === undefined) return
    event.preventDefault()
    ;(to === 'field' ? input.current : to)?.focus()
  }
  return (
    <div className={styles.menu} onKeyDown={onKeyDown}>
      <div className={styles.head}>
        {isThere && (
          <input
            ref={input}
            className={field.field}
            aria-label={t('find')}
            placeholder={t('find')}
            autoComplete="off"
            spellCheck={false}
            maxLength={200}
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
          />
        )}
        <Button variant="default" onClick={() => onAsk({ kind: 'save' })}>
          {t('save')}
        </Button>
      </div>
      <div ref={list} className={styles.list}>
        <MenuState {...{ views, error, again, isNone: first === undefined, typed }} />
        {groups.map(({ category, views: ofIt }) => (
          <section key={category} aria-label={category === '' ? t('noCategory') : category}>
            {(category !== '' || groups.length > 1) && (
              // The section has it as its name.
              <p className={styles.category} aria-hidden="true">
                <bdi>{category === '' ? t('noCategory') : category}</bdi>
              </p>
            )}
            <ul>
              {ofIt.map((view) => (
                <ViewRow key={view.id} view={view} search={search} onApply={() => apply(view)} onAsk={onAsk} />
              ))}
            </ul>
          </section>
        ))}
      </div>
      {isThere && (
        <div className={styles.foot}>
          <AsOf at={readAt} isReading={isReading} onRefresh={again} />
        </div>
      )}
    </div>
  )
}

interface ViewRowProps {
  readonly view: SavedView
  readonly search: TrailSearch
  readonly onApply: () => void
  readonly onAsk: (ask: ViewAsk) => void
}

function ViewRow({ view, search, onApply, onAsk }: ViewRowProps): ReactElement {
  const { t } = useTranslation('views')
  const { t: words } = useTranslation()
  const { zone } = useZone()
  const { identity } = useSession()
  const { location } = useRoom().tracker
  const { id, name, query, from, to, isShared, owner } = view
  const isShown = search.saved === id
  const whose = !isShared ? t('own') : owner.id === identity.id ? t('sharedByYou') : t('sharedBy', { name: owner.name })
  const link = `${window.location.origin}/trail/${encodeURIComponent(location)}${formatSearch(searchOf(view, { tz: search.tz }))}`
  return (
    <li className={styles.row}>
      <button
        type="button"
        data-view={id}
        className={styles.view}
        aria-current={isShown || undefined}
        onClick={onApply}
      >
        <span className={styles.name}>
          <bdi>{name}</bdi>
          {isShown && <CheckIcon size={14} />}
        </span>
        <span className={styles.what}>
          <code>{query === '' ? t('everything') : query}</code>
        </span>
        <span className={styles.whose}>
          {rangeName({ from: from ?? undefined, to: to ?? undefined }, zone, words)} · {whose}
        </span>
      </button>
      <CopyButton text={link} label={t('copyLink', { name })} icon={<LinkIcon size={14} />} />
      <button
        type="button"
        className={styles.tool}
        aria-label={t('edit', { name })}
        title={t('edit', { name })}
        onClick={() => onAsk({ kind: 'change', view })}
      >
        <EditIcon size={14} />
      </button>
    </li>
  )
}

interface MenuStateProps extends Pick<ReturnType<typeof useSavedViews>, 'views' | 'error' | 'again'> {
  readonly isNone: boolean
  readonly typed: string
}

function MenuState({ views, error, again, isNone, typed }: MenuStateProps): ReactElement | null {
  const { t } = useTranslation(['views', 'translation'])
  if (views === undefined && error === undefined) return <StateView kind="loading" title={t('loading')} />
  if (error !== undefined) {
    if (error.kind === 'forbidden') {
      const text = t('forbidden.text', { ns: 'translation' })
      return <StateView kind="forbidden" title={t('failed')} text={text} error={error} />
    }
    return <StateView kind="error" title={t('failed')} text={error.message} error={error} onRetry={again} />
  }
  if (!isNone) return null
  if (typed.trim() !== '') return <p className={styles.none}>{t('noneFound')}</p>
  return <StateView kind="empty" title={t('none')} text={t('noneText')} />
}

/** Where a key leads: along the views by up and down, to what can be done with one by left and right. */
function nextOf(
  { key, target }: KeyboardEvent<HTMLElement>,
  list: HTMLElement | null,
  isInField: boolean,
): HTMLElement | 'field' | undefined {
  const views = [...(list?.querySelectorAll<HTMLElement>('[data-view]') ?? [])]
  const row = target instanceof HTMLElement ? target.closest('li') : null
  const at = views.findIndex((view) => row?.contains(view) === true)
  if (key === 'ArrowDown') return isInField ? views[0] : (views[at + 1] ?? views.at(-1))
  if (isInField || at < 0) return undefined
  if (key === 'ArrowUp') return at === 0 ? 'field' : views[at - 1]
  if (key === 'Home') return views[0]
  if (key === 'End') return views.at(-1)
  const buttons = [...(row?.querySelectorAll('button') ?? [])]
  const here = buttons.findIndex((button) => button === target)
  if (key === 'ArrowRight') return buttons[here + 1]
  if (key === 'ArrowLeft') return buttons[here - 1]
  return undefined
}
