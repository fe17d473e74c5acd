/** The side of the shell: where one is, where one can go, how the log is, who one is. */
import { Modal, Popover } from '@mantine/core'
import { useRouterState } from '@tanstack/react-router'
import { type ReactElement, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { LogHealth } from '../proof/log-health.tsx'
import { useCommandMenu } from './command-menu.tsx'
import { useGoToPlace } from './elsewhere.ts'
import { BrandIcon, CheckIcon, ChevronIcon, MenuIcon, PinIcon, SearchIcon } from './icons.tsx'
import { PageLinks } from './page-links.tsx'
import { pageOf } from './pages.ts'
import { usePlace } from './place.tsx'
import { UserMenu } from './user-menu.tsx'
import menu from './menu-item.module.css'
import styles from './sidebar.module.css'

export function Sidebar(): ReactElement {
  const { t } = useTranslation()
  const { tracker } = usePlace()
  const { open } = useCommandMenu()
  const [isChoosing, setIsChoosing] = useState(false)
  return (
    <section className={styles.side} aria-label={t('shell.side')}>
      <p className={styles.brand}>
        <span className={styles.glyph}>
          <BrandIcon size={18} />
        </span>
        <span className={styles.brandName}>{t('brand')}</span>
      </p>
      <PagesMenu />
      {tracker !== undefined && <LocationSwitch isOpen={isChoosing} onOpen={setIsChoosing} />}
      <button type="button" className={styles.find} onClick={open}>
        <SearchIcon size={14} />
        {t('command.open')}
        <kbd>Ctrl K</kbd>
      </button>
      {/* The list of locations lies over the pages: while it is open, they are not there. */}
      <nav aria-label={t('nav.label')} className={styles.nav} inert={isChoosing}>
        <PageLinks />
      </nav>
      <div className={styles.foot}>
        {tracker !== undefined && <LogHealth />}
        <UserMenu />
      </div>
    </section>
  )
}

/** The pages where there is no room for them at the side. */
function PagesMenu(): ReactElement {
  const { t } = useTranslation()
  const [isOpen, setIsOpen] = useState(false)
  const here = pageOf(useRouterState({ select: ({ location }) => location.pathname }))
  return (
    <>
      <button type="button" className={styles.pages} aria-haspopup="dialog" onClick={() => setIsOpen(true)}>
        <MenuIcon />
        {here === undefined ? t('nav.label') : t(`pages.${here.id}.name`)}
      </button>
      <Modal
        opened={isOpen}
        onClose={() => setIsOpen(false)}
        title={t('nav.label')}
        closeButtonProps={{ 'aria-label': t('close') }}
        size="xs"
      >
        <nav aria-label={t('nav.label')}>
          <PageLinks onGo={() => setIsOpen(false)} />
        </nav>
      </Modal>
    </>
  )
}

/** Choice among trackers; plain words when there is only one. */
function LocationSwitch(props: { readonly isOpen: boolean; readonly onOpen: (isOpen: boolean) => void }): ReactElement {
  const { isOpen, onOpen } = props
  const { t } = useTranslation()
  const { tracker, trackers } = usePlace()
  const go = useGoToPlace()
  if (trackers.length < 2) {
    return (
      <p className={styles.location}>
        <PinIcon />
        <span className="kw-hidden">{t('nav.location')}</span>
        <span className={styles.locationName} data-place>
          {tracker?.location}
        </span>
      </p>
    )
  }
  return (
    <Popover opened={isOpen} onChange={onOpen} position="bottom-start" trapFocus returnFocus>
      <Popover.Target>
        <button type="button" className={styles.location} data-choice onClick={() => onOpen(!isOpen)}>
          <PinIcon />
          <span className="kw-hidden">{t('nav.location')}</span>
          <span className={styles.locationName} data-place>
            {tracker?.location}
          </span>
          <ChevronIcon className={styles.chevron} />
        </button>
      </Popover.Target>
      <Popover.Dropdown className={styles.choices} aria-label={t('nav.locations')}>
        <ul>
          {trackers.map(({ location }) => (
            <li key={location}>
              <button
                type="button"
                className={menu.item}
                aria-current={location === tracker?.location}
                onClick={() => {
                  onOpen(false)
                  go('location', location)
                }}
              >
                {location}
                {location === tracker?.location && <CheckIcon size={14} />}
              </button>
            </li>
          ))}
        </ul>
      </Popover.Dropdown>
    </Popover>
  )
}
