/** The keyboard: one listener for the whole page. */
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
import { LazyDialog } from '../shared/lazy-part.tsx'
import { useZone } from './zone.tsx'

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
      <LazyDialog
        name="shortcut-help"
        load={async () => (await import('./shortcut-help.tsx')).ShortcutHelp}
        props={{ isOpen: isHelpOpen, onClose: () => setIsHelpOpen(false) }}
      />
    </ShortcutContext>
  )
}

export function useShortcuts(): ShortcutControl {
  const control = useContext(ShortcutContext)
  if (control === undefined) throw new Error('used outside of a ShortcutsProvider')
  return control
}

/** On a page whose only key of its own is Escape. */
export function useEscape(close: (() => void) | undefined): void {
  const { offer } = useShortcuts()
  useEffect(() => offer({ ...(close !== undefined && { close }) }), [offer, close])
}

function actionOf(
  event: KeyboardEvent,
  page: PageKeys,
  toggleZone: () => void,
  help: () => void,
): (() => void) | undefined {
  const isInside = (selector: string): boolean =>
    event.target instanceof Element && event.target.closest(selector) !== null
  // A dialog or menu has its own keys, and a modal one has them before the focus is in it.
  if (isInside('[role="dialog"], [role="menu"]') || document.querySelector('[aria-modal="true"]') !== null)
    return undefined
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
