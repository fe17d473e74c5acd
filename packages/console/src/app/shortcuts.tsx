/** The keyboard: one listener for the whole page, and the list of what its keys do. */
import { Modal } from '@mantine/core'
import { useRouterState } from '@tanstack/react-router'
import {
  type ReactElement,
  type ReactNode,
  createContext,
  useContext,
  useEffect,
  useMemo,
  useRef,
  useState,
} from 'react'
import { useTranslation } from 'react-i18next'
import { pageOf } from './pages.ts'
import { useZone } from './zone.tsx'
import styles from './shortcuts.module.css'

/** What a page can do at a key press; what it does not offer is ignored. */
interface PageKeys {
  readonly focusSearch?: () => void
  readonly togglePause?: () => void
  readonly showNew?: () => void
  /** Moves in the list by so many rows. */
  readonly move?: (by: number) => void
  readonly acknowledge?: () => void
  readonly close?: () => void
}

interface ShortcutControl {
  readonly showHelp: () => void
  /** Sets what the keys do on the page at hand; returns a function that takes it back. */
  readonly offer: (keys: PageKeys) => () => void
}

const ShortcutContext = createContext<ShortcutControl | undefined>(undefined)

export function ShortcutsProvider({ children }: { readonly children: ReactNode }): ReactElement {
  const [isHelpOpen, setIsHelpOpen] = useState(false)
  const page = useRef<PageKeys>({})
  const { toggle } = useZone()

  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return
      const action = actionOf(event, page.current, toggle, () => setIsHelpOpen(true))
      if (action === undefined) return
      event.preventDefault()
      action()
    }
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  }, [toggle])

  const control = useMemo<ShortcutControl>(
    () => ({
      showHelp: () => setIsHelpOpen(true),
      offer: (keys) => {
        page.current = keys
        return () => {
          if (page.current === keys) page.current = {}
        }
      },
    }),
    [],
  )
  return (
    <ShortcutContext value={control}>
      {children}
      <ShortcutHelp isOpen={isHelpOpen} onClose={() => setIsHelpOpen(false)} />
    </ShortcutContext>
  )
}

export function useShortcuts(): ShortcutControl {
  const control = useContext(ShortcutContext)
  if (control === undefined) throw new Error('used outside of a ShortcutsProvider')
  return control
}

function actionOf(
  event: KeyboardEvent,
  page: PageKeys,
  toggleZone: () => void,
  help: () => void,
): (() => void) | undefined {
  const isInside = (selector: string): boolean =>
    event.target instanceof Element && event.target.closest(selector) !== null
  // A dialog or menu has its own keys.
  if (isInside('[role="dialog"], [role="menu"]')) return undefined
  if (event.key === 'Escape') return page.close
  if (isInside('input, textarea, select, [contenteditable]')) return undefined
  const { move } = page
  switch (event.key) {
    case 'j':
      return move === undefined ? undefined : () => move(1)
    case 'k':
      return move === undefined ? undefined : () => move(-1)
    case 'a':
      return page.acknowledge
    case '/':
      return page.focusSearch
    case '?':
      return help
    case 'p':
      return page.togglePause
    case 'n':
      return page.showNew
    case 'u':
      return toggleZone
    default:
      return undefined
  }
}

const groups = [
  { name: 'list', keys: ['move', 'ends', 'open', 'close'] },
  { name: 'alerts', keys: ['moveAlert', 'openAlert', 'acknowledge', 'closeAlert'] },
  { name: 'page', keys: ['command', 'search', 'pause', 'new', 'zone', 'help'] },
] as const

const keyNames = {
  move: ['↑', '↓'],
  ends: ['Home', 'End'],
  open: ['Enter'],
  close: ['Esc'],
  moveAlert: ['↑', '↓', 'k', 'j'],
  openAlert: ['Enter'],
  acknowledge: ['a'],
  closeAlert: ['Esc'],
  command: ['Ctrl', 'K'],
  search: ['/'],
  pause: ['p'],
  new: ['n'],
  zone: ['u'],
  help: ['?'],
} as const

function ShortcutHelp({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }): ReactElement {
  const { t } = useTranslation()
  const here = pageOf(useRouterState({ select: ({ location }) => location.pathname }))
  return (
    <Modal
      opened={isOpen}
      onClose={onClose}
      title={t('shortcuts.title')}
      closeButtonProps={{ 'aria-label': t('close') }}
      size="sm"
    >
      {here !== undefined && (
        <section className={styles.group}>
          <h3 className={styles.heading}>{t(`pages.${here.id}.name`)}</h3>
          <p>{t(`pages.${here.id}.help`)}</p>
        </section>
      )}
      {groups.map((group) => (
        <section key={group.name} className={styles.group}>
          <h3 className={styles.heading}>{t(`shortcuts.groups.${group.name}`)}</h3>
          <dl className={styles.list}>
            {group.keys.map((key) => (
              <div key={key} className={styles.row}>
                <dt>{t(`shortcuts.keys.${key}`)}</dt>
                <dd>
                  {keyNames[key].map((name) => (
                    <kbd key={name} className={styles.key}>
                      {name}
                    </kbd>
                  ))}
                </dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
    </Modal>
  )
}
