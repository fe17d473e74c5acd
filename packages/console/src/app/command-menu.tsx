/** The command menu: every page, every setting and what one types, one key away (Ctrl+K or ⌘K). */
import { Modal, useMantineColorScheme } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import {
  type KeyboardEvent,
  type ReactElement,
  type ReactNode,
  createContext,
  useContext,
  useEffect,
  useId,
  useMemo,
  useState,
} from 'react'
import { useTranslation } from 'react-i18next'
import type { SavedView } from '../api/views-api.ts'
import { searchOf } from '../trail/saved-views.ts'
import type { TrailSearch } from '../trail/search.ts'
import { commandsFor, type Command } from './commands.ts'
import { useContrast } from './contrast.ts'
import { useGoToPlace } from './elsewhere.ts'
import { useInstances } from './instances.ts'
import { pages } from './pages.ts'
import { usePageAddress, usePlace } from './place.tsx'
import { savedViewsKey } from './saved-views-key.ts'
import { useSessionControl } from './session.tsx'
import { useShortcuts } from './shortcuts.tsx'
import { useZone } from './zone.tsx'
import styles from './command-menu.module.css'
import looks from './looks.module.css'

interface CommandMenuControl {
  readonly open: () => void
}

const CommandMenuContext = createContext<CommandMenuControl | undefined>(undefined)

export function CommandMenuProvider({ children }: { readonly children: ReactNode }): ReactElement {
  const { t } = useTranslation()
  const [isOpen, setIsOpen] = useState(false)
  const control = useMemo(() => ({ open: () => setIsOpen(true) }), [])
  useEffect(() => {
    const onKey = (event: globalThis.KeyboardEvent): void => {
      if (event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return
      event.preventDefault()
      setIsOpen((is) => !is)
    }
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  }, [])
  return (
    <CommandMenuContext value={control}>
      {children}
      <Modal.Root
        opened={isOpen}
        onClose={() => setIsOpen(false)}
        lockScroll={false}
        transitionProps={{ duration: 0 }}
        yOffset="8dvh"
        size="md"
        padding={0}
      >
        <Modal.Overlay className={looks.overlay} />
        <Modal.Content classNames={{ content: looks.modal }} aria-label={t('command.title')}>
          <Menu onDone={() => setIsOpen(false)} />
        </Modal.Content>
      </Modal.Root>
    </CommandMenuContext>
  )
}

export function useCommandMenu(): CommandMenuControl {
  const control = useContext(CommandMenuContext)
  if (control === undefined) throw new Error('used outside of a CommandMenuProvider')
  return control
}

function Menu({ onDone }: { readonly onDone: () => void }): ReactElement {
  const { t } = useTranslation()
  const [typed, setTyped] = useState('')
  const [at, setAt] = useState(0)
  const listId = useId()
  const commands = useCommands(typed)
  const chosen = commands[Math.min(at, commands.length - 1)]
  const run = (command: Command | undefined): void => {
    if (command === undefined) return
    onDone()
    command.run()
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    const steps: Record<string, number> = { ArrowDown: 1, ArrowUp: -1 }
    const step = steps[event.key]
    if (step !== undefined) {
      event.preventDefault()
      setAt((Math.min(at, commands.length - 1) + step + commands.length) % Math.max(commands.length, 1))
    } else if (event.key === 'Enter') {
      event.preventDefault()
      run(chosen)
    }
  }
  return (
    <>
      <input
        className={styles.input}
        role="combobox"
        aria-expanded="true"
        aria-controls={listId}
        aria-activedescendant={chosen === undefined ? undefined : `${listId}-${chosen.id}`}
        aria-label={t('command.label')}
        placeholder={t('command.label')}
        autoComplete="off"
        spellCheck={false}
        maxLength={500}
        data-autofocus
        value={typed}
        onChange={(event) => {
          setTyped(event.currentTarget.value)
          setAt(0)
        }}
        onKeyDown={onKeyDown}
      />
      <ul id={listId} role="listbox" aria-label={t('command.title')} className={styles.list}>
        {commands.map((command) => (
          <li
            key={command.id}
            id={`${listId}-${command.id}`}
            role="option"
            aria-selected={command === chosen}
            className={styles.item}
            ref={(element) => {
              if (command === chosen) element?.scrollIntoView({ block: 'nearest' })
            }}
            onClick={() => run(command)}
          >
            <span className={styles.name}>{command.name}</span>
            <span className={styles.kind}>{t(`command.kind.${command.kind}`)}</span>
          </li>
        ))}
      </ul>
      {commands.length === 0 && (
        <p className={styles.none} role="status">
          {t('command.none')}
        </p>
      )}
    </>
  )
}

function useCommands(typed: string): readonly Command[] {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const address = usePageAddress()
  const { tracker, trackers } = usePlace()
  const goToPlace = useGoToPlace()
  // Reading these is an event of the trail: those that somebody has read already are offered.
  const { data: instances = [] } = useInstances(false)
  const { toggle: toggleZone } = useZone()
  const { toggle: toggleContrast } = useContrast()
  const { showHelp } = useShortcuts()
  const { signOut } = useSessionControl()
  const { setColorScheme } = useMantineColorScheme({ keepTransitions: true })
  const go = (to: string): void => void navigate({ to })
  const search = (query: TrailSearch): void => {
    if (tracker === undefined) return
    void navigate({ to: '/trail/$location', params: { location: tracker.location }, search: query })
  }
  const views = useQueryClient().getQueryData<readonly SavedView[]>(savedViewsKey(tracker?.location)) ?? []
  return commandsFor(typed, {
    views: views.map((view) => ({ id: `view-${view.id}`, name: view.name, run: () => search(searchOf(view, {})) })),
    pages: pages.map(({ id }) => ({ id, name: t(`pages.${id}.name`), run: () => go(address(id)) })),
    locations: trackers
      .filter((each) => each !== tracker)
      .map(({ location: name }) => ({ id: `location-${name}`, name, run: () => goToPlace('location', name) })),
    instances: instances.map(({ guid, name, location }) => ({
      id: `instance-${guid}`,
      name: t('nav.instanceIn', { name, location }),
      run: () => goToPlace('instance', guid),
    })),
    settings: [
      { id: 'light', name: t('command.light'), run: () => setColorScheme('light') },
      { id: 'dark', name: t('command.dark'), run: () => setColorScheme('dark') },
      { id: 'contrast', name: t('command.contrast'), run: toggleContrast },
      { id: 'zone', name: t('shortcuts.keys.zone'), run: toggleZone },
      { id: 'help', name: t('command.help'), run: showHelp },
      { id: 'sign-out', name: t('user.signOut'), run: () => void signOut().catch(() => undefined) },
    ],
    trail:
      tracker === undefined
        ? undefined
        : {
            words: { name: t('command.words', { words: typed.trim() }), run: () => search({ words: typed.trim() }) },
            event: (index) => ({
              name: t('command.event', { index }),
              run: () => search({ event: index }),
            }),
            id: (id) => ({ name: t('command.id', { id }), run: () => search({ words: id }) }),
          },
  })
}
