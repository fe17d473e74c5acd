/**
 * Keeps a form from being left without a word while something in it is not saved: by the way to another page, by closing what
 * it stands in, or with the window. What was saved, a session that ends, and an address that keeps the form hold nobody.
 */
import { Button, Modal } from '@mantine/core'
import { useBlocker } from '@tanstack/react-router'
import {
  type ReactElement,
  type ReactNode,
  createContext,
  useCallback,
  useContext,
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
} from 'react'
import { useTranslation } from 'react-i18next'
import { addTexts } from '../i18n/texts.ts'
import texts from '../i18n/en/unsaved.json'
import styles from './confirm-dialog.module.css'

addTexts('unsaved', texts)

/** What of an address's members says which forms there are: while it stays the same, they stay. */
type PlaceOf = (search: Readonly<Record<string, unknown>>) => unknown

/** Where nothing is said of it, every member may. */
const PlaceContext = createContext<PlaceOf>((search) => search)

/** Around all that shows by an address: filters and other looks of it then leave its forms alone. */
export function FormPlace(props: { readonly of: PlaceOf; readonly children: ReactNode }): ReactElement {
  return <PlaceContext value={props.of}>{props.children}</PlaceContext>
}

interface Address {
  readonly pathname: string
  readonly search: object
}

export interface Unsaved {
  /** Goes at once from a form that is as it was; asks before otherwise. */
  readonly leave: (go: () => void) => void
  readonly isAsking: boolean
  /** Stands beside the form, never in it: its keys would be taken for the form's. */
  readonly question: ReactElement
}

/**
 * @param what is written, as its form is called
 * @param isChanged whether leaving would lose something
 * @param isSaving it goes out at this moment: the way to where it shows then is no loss
 */
export function useUnsaved(what: string, isChanged: boolean, isSaving = false): Unsaved {
  const { t } = useTranslation(['unsaved', 'translation'])
  const isHeld = useRef(false)
  // At once: the key that leaves may come right after the last letter.
  useLayoutEffect(() => {
    isHeld.current = isChanged && !isSaving
  }, [isChanged, isSaving])
  const { isAsking, ask, settle } = useQuestion()
  const placeOf = useContext(PlaceContext)
  const shouldBlockFn = useCallback(
    async ({ current, next }: { readonly current: Address; readonly next: Address }) => {
      const [here, there] = [current, next].map(({ pathname, search }) =>
        JSON.stringify([pathname, placeOf({ ...search })]),
      )
      return isHeld.current && here !== there && !(await ask())
    },
    [ask, placeOf],
  )
  const enableBeforeUnload = useCallback(() => isHeld.current, [])
  useBlocker({ shouldBlockFn, enableBeforeUnload })

  const leave = useCallback(
    (go: () => void) => {
      const leaving = async (): Promise<void> => {
        if (isHeld.current && !(await ask())) return
        isHeld.current = false
        go()
      }
      void leaving()
    },
    [ask],
  )
  // Always there: a dialog remembers where the focus was only when it opens later.
  const question = (
    <Modal
      opened={isAsking}
      onClose={() => settle(false)}
      // Of its own: the key that brings the question up in a dialog would put it away again.
      closeOnEscape={false}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return
        event.stopPropagation()
        settle(false)
      }}
      title={t('title')}
      closeButtonProps={{ 'aria-label': t('close', { ns: 'translation' }) }}
      size="md"
    >
      <div className={styles.form}>
        <p className={styles.name}>
          <bdi>{what}</bdi>
        </p>
        <p>{t('text')}</p>
        <div className={styles.buttons}>
          <Button data-autofocus onClick={() => settle(false)}>
            {t('stay')}
          </Button>
          <Button variant="default" onClick={() => settle(true)}>
            {t('leave')}
          </Button>
        </div>
      </div>
    </Modal>
  )
  return { leave, isAsking, question }
}

interface Question {
  readonly isAsking: boolean
  /** Gives whether one leaves. */
  readonly ask: () => Promise<boolean>
  readonly settle: (isLeaving: boolean) => void
}

function useQuestion(): Question {
  const [isAsking, setIsAsking] = useState(false)
  const pending = useRef<(isLeaving: boolean) => void>(undefined)
  const answer = useCallback((isLeaving: boolean) => {
    pending.current?.(isLeaving)
    pending.current = undefined
  }, [])
  // Whoever waits when the form goes for another reason has nothing to wait for.
  useEffect(() => () => answer(true), [answer])
  const ask = useCallback(() => {
    answer(false)
    setIsAsking(true)
    return new Promise<boolean>((resolve) => {
      pending.current = resolve
    })
  }, [answer])
  const settle = useCallback(
    (isLeaving: boolean) => {
      setIsAsking(false)
      answer(isLeaving)
    },
    [answer],
  )
  return { isAsking, ask, settle }
}
