/** Who is signed in, and what is theirs to set: theme, shortcuts, the way out. */
import { Popover, useMantineColorScheme } from '@mantine/core'
import { type ReactElement, useId, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useContrast } from './contrast.ts'
import { CheckIcon, ChevronIcon, KeyboardIcon, MoonIcon, ScreenIcon, SignOutIcon, SunIcon } from './icons.tsx'
import { useSession } from './session.tsx'
import { useShortcuts } from './shortcuts.tsx'
import { useSignOut } from './sign-out-button.tsx'
import styles from './user-menu.module.css'

export function UserMenu(): ReactElement {
  const { t } = useTranslation()
  const { identity, account } = useSession()
  const { showHelp } = useShortcuts()
  const [isOpen, setIsOpen] = useState(false)
  const { leave, isFailed } = useSignOut()
  return (
    <Popover opened={isOpen} onChange={setIsOpen} position="top-start" width={272} trapFocus returnFocus>
      <Popover.Target>
        <button type="button" className={styles.user} onClick={() => setIsOpen(!isOpen)}>
          <span className={styles.avatar} aria-hidden="true">
            {initials(identity.name)}
          </span>
          <span className={styles.who}>
            <span className={styles.name}>{identity.name}</span>
            <span className={styles.kind}>{t(`user.kind.${kindOf(identity.kind)}`)}</span>
          </span>
          <span className="kw-hidden">{t('user.menu')}</span>
          <ChevronIcon className={styles.chevron} />
        </button>
      </Popover.Target>
      <Popover.Dropdown className={styles.dropdown} aria-label={t('user.settings')}>
        <div className={styles.card}>
          <p className={styles.name}>{identity.name}</p>
          <p className={styles.id}>{identity.id}</p>
          <p className={styles.id}>
            {t('user.account')} <span className="kw-mono">{account}</span>
          </p>
        </div>
        <ThemeChoice />
        <ContrastChoice />
        <div className={styles.actions}>
          <button
            type="button"
            className={styles.action}
            onClick={() => {
              setIsOpen(false)
              showHelp()
            }}
          >
            <KeyboardIcon />
            <span>{t('user.shortcuts')}</span>
            <kbd className={styles.key}>?</kbd>
          </button>
          <button type="button" className={styles.action} onClick={leave}>
            <SignOutIcon />
            <span>{t('user.signOut')}</span>
          </button>
          {isFailed && (
            <p className={styles.failed} role="alert">
              {t('user.signOutFailed')}
            </p>
          )}
        </div>
      </Popover.Dropdown>
    </Popover>
  )
}

const themes = [
  { value: 'light', Icon: SunIcon },
  { value: 'dark', Icon: MoonIcon },
  { value: 'auto', Icon: ScreenIcon },
] as const

function ThemeChoice(): ReactElement {
  const { t } = useTranslation()
  const { colorScheme, setColorScheme } = useMantineColorScheme({
    // Muting them would write a style sheet into the page, which the content security policy forbids.
    keepTransitions: true,
  })
  const labelId = useId()
  return (
    <div className={styles.theme}>
      <p className={styles.label} id={labelId}>
        {t('user.theme')}
      </p>
      <div role="group" aria-labelledby={labelId} className={styles.choices}>
        {themes.map(({ value, Icon }) => (
          <button
            key={value}
            type="button"
            aria-pressed={colorScheme === value}
            className={styles.choice}
            onClick={() => setColorScheme(value)}
          >
            <Icon size={14} />
            {t(`user.themes.${value}`)}
          </button>
        ))}
      </div>
    </div>
  )
}

function ContrastChoice(): ReactElement {
  const { t } = useTranslation()
  const { isHigh, toggle } = useContrast()
  return (
    <button type="button" className={styles.contrast} aria-pressed={isHigh} onClick={toggle}>
      <span>{t('user.contrast')}</span>
      {isHigh && <CheckIcon size={14} />}
    </button>
  )
}

function kindOf(kind: string): 'user' | 'serviceId' | 'certificate' | 'other' {
  return kind === 'user' || kind === 'serviceId' || kind === 'certificate' ? kind : 'other'
}

function initials(name: string): string {
  const words = name.trim().split(/\s+/)
  return words
    .slice(0, 2)
    .map((word) => word.slice(0, 1).toUpperCase())
    .join('')
}
