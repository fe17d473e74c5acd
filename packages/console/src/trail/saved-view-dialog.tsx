/** Saving a view, changing it, putting the search at hand in its place, deleting it: each says before what it will do. */
import { Button, Modal } from '@mantine/core'
import type { TFunction } from 'i18next'
import { type FormEvent, type ReactElement, useId, useLayoutEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { type ApiError, asApiError } from '../api/problem.ts'
import type { SavedView, ViewContent, WantedView } from '../api/views-api.ts'
import { LockIcon } from '../app/icons.tsx'
import { useSession } from '../app/session.tsx'
import { addTexts } from '../i18n/texts.ts'
import texts from '../i18n/en/views.json'
import { ActProblem } from '../shared/act-problem.tsx'
import { ConfirmDialog } from '../shared/confirm-dialog.tsx'
import { Notice } from '../shared/notice.tsx'
import { FormPlace, useUnsaved } from '../shared/unsaved.tsx'
import { KeptSearch } from './kept-search.tsx'
import { asQuery } from './search-as-query.ts'
import { contentOf } from './saved-views.ts'
import type { TrailSearch } from './search.ts'
import { useMaySave } from './use-may-save.ts'
import { useSavedViews, useViewChange } from './use-saved-views.ts'
import field from '../shared/say-form.module.css'
import styles from './saved-view-dialog.module.css'

addTexts('views', texts)

/** What is to be done with a view. */
export type ViewAsk =
  /** The search at hand becomes a view; it began with `from`. */
  | { readonly kind: 'save'; readonly from?: SavedView }
  /** Its name, its category, who sees it. */
  | { readonly kind: 'change'; readonly view: SavedView }
  /** It keeps the search at hand from now on. */
  | { readonly kind: 'replace'; readonly view: SavedView }
  | { readonly kind: 'delete'; readonly view: SavedView }

interface SavedViewDialogProps {
  readonly ask: ViewAsk
  readonly search: TrailSearch
  readonly onClose: () => void
  /** With what it is now; undefined when it is no more. */
  readonly onDone: (view: SavedView | undefined) => void
}

export function SavedViewDialog(props: SavedViewDialogProps): ReactElement {
  return (
    // What else the address says of the trail is what one saves, not where.
    <FormPlace of={({ saved }) => saved}>
      <AskedView {...props} />
    </FormPlace>
  )
}

function AskedView(props: SavedViewDialogProps): ReactElement {
  const { ask, onClose } = props
  const { t } = useTranslation(['views', 'translation'])
  const [isDeleting, setIsDeleting] = useState(ask.kind === 'delete')
  // Somebody else may have changed it: what was read again is what is shown and changed.
  const view = useNow('view' in ask ? ask.view : undefined)
  const [isChanged, setIsChanged] = useState(false)
  const titles = { save: t('saveTitle'), change: t('changeTitle'), replace: t('replaceTitle') }
  const title = ask.kind === 'delete' ? titles.change : titles[ask.kind]
  const unsaved = useUnsaved(title, isChanged)
  const close = (): void => unsaved.leave(onClose)
  if (view !== undefined && isDeleting) return <DeleteView {...props} view={view} />
  return (
    <Modal
      opened
      onClose={close}
      // What is asked above it takes the key first.
      closeOnEscape={!unsaved.isAsking}
      title={title}
      closeButtonProps={{ 'aria-label': t('close', { ns: 'translation' }) }}
      size="md"
    >
      <ViewForm
        {...props}
        key={view?.version ?? 0}
        view={view}
        onClose={close}
        onChanged={setIsChanged}
        onDelete={ask.kind === 'change' ? () => setIsDeleting(true) : undefined}
      />
      {unsaved.question}
    </Modal>
  )
}

function useNow(view: SavedView | undefined): SavedView | undefined {
  const { views } = useSavedViews(false)
  return views?.find(({ id }) => id === view?.id) ?? view
}

interface ViewFormProps extends SavedViewDialogProps {
  /** Undefined for a new one. */
  readonly view: SavedView | undefined
  readonly onDelete: (() => void) | undefined
  /** Told whether leaving would lose something. */
  readonly onChanged: (isChanged: boolean) => void
}

const nameMax = 100
const categoryMax = 50

function ViewForm({ ask, view, search, onClose, onDone, onDelete, onChanged }: ViewFormProps): ReactElement {
  const { t } = useTranslation(['views', 'translation'])
  const { identity } = useSession()
  const may = useMaySave()
  const { views = [], again } = useSavedViews(false)
  const ids = { name: useId(), category: useId(), known: useId() }
  const first = view ?? (ask.kind === 'save' ? ask.from : undefined)
  const [name, setName] = useState(view?.name ?? '')
  const [category, setCategory] = useState(first?.category ?? '')
  const [isShared, setIsShared] = useState(view?.isShared ?? false)
  const change = useViewChange(onDone)
  const isTyped =
    name !== (view?.name ?? '') || category !== (first?.category ?? '') || isShared !== (view?.isShared ?? false)
  const isChanged = isTyped && !change.isPending && !change.isSuccess
  useLayoutEffect(() => onChanged(isChanged), [onChanged, isChanged])
  const error = change.error === null ? undefined : asApiError(change.error)
  const content = ask.kind === 'change' && view !== undefined ? contentOf(view) : contentAtHand(search)
  // Whoever may not share may not touch what is shared, either.
  const isLocked = view?.isShared === true && !may
  const isOthers = view?.isShared === true && view.owner.id !== identity.id
  const categories = [...new Set(views.map((each) => each.category))].filter((each) => each !== '')
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    if (content === undefined || name.trim() === '' || isLocked || change.isPending) return
    const wanted: WantedView = { name: name.trim(), category: category.trim(), isShared, ...content }
    change.mutate({ view, wanted })
  }
  return (
    <form className={styles.form} onSubmit={submit}>
      {isLocked && (
        <Notice tone="plain" title={t('lockedTitle')}>
          <p>{t('officer')}</p>
        </Notice>
      )}
      <div className={styles.pair}>
        <label htmlFor={ids.name} className={field.label}>
          {t('name')}
        </label>
        <input
          id={ids.name}
          className={field.field}
          maxLength={nameMax}
          autoComplete="off"
          readOnly={isLocked}
          data-autofocus
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
      </div>
      <div className={styles.pair}>
        <label htmlFor={ids.category} className={field.label}>
          {t('category')}
        </label>
        <input
          id={ids.category}
          className={field.field}
          maxLength={categoryMax}
          autoComplete="off"
          readOnly={isLocked}
          list={ids.known}
          value={category}
          onChange={(event) => setCategory(event.currentTarget.value)}
        />
        <datalist id={ids.known}>
          {categories.map((each) => (
            <option key={each} value={each} />
          ))}
        </datalist>
      </div>
      <ShareChoice
        isShared={isShared}
        onChange={setIsShared}
        owner={isOthers ? view.owner.name : undefined}
        isLocked={isLocked}
      />
      {content === undefined ? (
        <p className={field.error} role="alert">
          {t('unwritable')}
        </p>
      ) : (
        <KeptSearch content={content} before={ask.kind === 'replace' ? view : undefined} />
      )}
      {error !== undefined && (
        <>
          <ActProblem error={error} said={refusalOf(error, t)} />
          {error.status === 412 && (
            <Button variant="default" onClick={again} className={styles.again}>
              {t('readAgain')}
            </Button>
          )}
        </>
      )}
      <div className={field.buttons}>
        <Button type="submit" disabled={content === undefined || name.trim() === '' || isLocked || change.isPending}>
          {t(view === undefined ? 'confirmSave' : 'confirmChange')}
        </Button>
        <Button variant="default" onClick={onClose}>
          {t('cancel', { ns: 'translation' })}
        </Button>
        {onDelete !== undefined && !isLocked && (
          <Button variant="subtle" className={styles.delete} onClick={onDelete}>
            {t('delete')}
          </Button>
        )}
      </div>
    </form>
  )
}

interface ShareChoiceProps {
  readonly isShared: boolean
  readonly onChange: (isShared: boolean) => void
  /** Whose it is, where only they may take it back. */
  readonly owner: string | undefined
  /** Nothing of the view may be changed. */
  readonly isLocked: boolean
}

/** Who sees the view; where that cannot be chosen, why, beside the choice. */
function ShareChoice({ isShared, onChange, owner, isLocked }: ShareChoiceProps): ReactElement {
  const { t } = useTranslation('views')
  const may = useMaySave()
  const noteId = useId()
  const locked = may ? owner !== undefined && t('ownerOnly', { name: owner }) : t(isLocked ? 'lockedWhole' : 'sharing')
  return (
    <div>
      <label className={field.choice}>
        <input
          type="checkbox"
          checked={isShared}
          disabled={locked !== false}
          aria-describedby={noteId}
          onChange={(event) => onChange(event.currentTarget.checked)}
        />
        {t('share')}
      </label>
      <p
        id={noteId}
        className={`${field.note ?? ''} ${styles.shareNote ?? ''}`}
        data-locked={locked !== false || undefined}
      >
        {locked !== false && <LockIcon size={14} />}
        {locked === false ? t(isShared ? 'sharedNote' : 'ownNote') : locked}
      </p>
    </div>
  )
}

/** The search at hand as a view keeps it; undefined where no query says the same. */
function contentAtHand(search: TrailSearch): ViewContent | undefined {
  const query = asQuery(search)
  const { from, to, by = 'severity' } = search
  return query === undefined ? undefined : { query, from: from ?? null, to: to ?? null, by }
}

function DeleteView({ view, onClose, onDone }: SavedViewDialogProps & { readonly view: SavedView }): ReactElement {
  const { t } = useTranslation(['views', 'translation'])
  const change = useViewChange(onDone)
  return (
    <ConfirmDialog
      title={t('deleteTitle')}
      name={view.name}
      will={[t(view.isShared ? 'deleteShared' : 'deleteOwn'), t('deleteLinks')]}
      confirm={t('confirmDelete')}
      isBusy={change.isPending}
      error={change.error}
      explain={(error) => refusalOf(error, t)}
      onCancel={onClose}
      onConfirm={() => change.mutate({ view })}
    />
  )
}

/** What a refusal means here; undefined where the server's own words say it. */
function refusalOf(error: ApiError, t: TFunction<['views', 'translation']>): string {
  if (error.status === 412) return t('refused.stale')
  if (error.code === 'ALREADY_EXISTS') return t('refused.taken')
  if (error.code === 'QUOTA_EXCEEDED') return t('refused.full')
  if (error.kind === 'forbidden') return t('officer')
  if (error.kind === 'missing') return t('refused.gone')
  if (error.kind === 'network') return t('confirm.offline', { ns: 'translation' })
  return t('confirm.refused', { ns: 'translation', message: error.message, code: error.code })
}
