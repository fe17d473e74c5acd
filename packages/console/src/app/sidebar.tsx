/** The side of the shell: where one is, where one can go, how the log is, who one is. */
import { Popover } from '@mantine/core'
import { Link, useNavigate } from '@tanstack/react-router'
import { type ReactElement, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { LogHealth } from '../proof/log-health.tsx'
import { BrandIcon, CheckIcon, ChevronIcon, PinIcon, TrailIcon } from './icons.tsx'
import { UserMenu } from './user-menu.tsx'
import { useRoom } from './witness-room.tsx'
import menu from './menu-item.module.css'
import styles from './sidebar.module.css'

export function Sidebar(): ReactElement {
  const { t } = useTranslation()
  const { tracker } = useRoom()
  return (
    <section className={styles.side} aria-label={t('shell.side')}>
      <p className={styles.brand}>
        <span className={styles.glyph}>
          <BrandIcon size={18} />
        </span>
        <span className={styles.brandName}>{t('brand')}</span>
      </p>
      <LocationSwitch />
      <nav aria-label={t('nav.label')} className={styles.nav}>
        <Link
          to="/trail/$location"
          params={{ location: tracker.location }}
          activeOptions={{ includeSearch: false }}
          className={styles.link ?? ''}
        >
          <TrailIcon />
          <span>{t('nav.trail')}</span>
        </Link>
      </nav>
      <div className={styles.foot}>
        <LogHealth />
        <UserMenu />
      </div>
    </section>
  )
}

/** Choice among trackers; plain words when there is only one. */
function LocationSwitch(): ReactElement {
  const { t } = useTranslation()
  const { tracker, trackers } = useRoom()
  const navigate = useNavigate()
  const [isOpen, setIsOpen] = useState(false)
  if (trackers.length < 2) {
    return (
      <p className={styles.location}>
        <PinIcon />
        <span className="kw-hidden">{t('nav.location')}</span>
        <span className={styles.locationName}>{tracker.location}</span>
      </p>
    )
  }
  return (
    <Popover opened={isOpen} onChange={setIsOpen} position="bottom-start" trapFocus returnFocus>
      <Popover.Target>
        <button type="button" className={styles.location} data-choice onClick={() => setIsOpen(!isOpen)}>
          <PinIcon />
          <span className="kw-hidden">{t('nav.location')}</span>
          <span className={styles.locationName}>{tracker.location}</span>
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
                aria-current={location === tracker.location}
                onClick={() => {
                  setIsOpen(false)
                  void navigate({ to: '/trail/$location', params: { location } })
                }}
              >
                {location}
                {location === tracker.location && <CheckIcon size={14} />}
              </button>
            </li>
          ))}
        </ul>
      </Popover.Dropdown>
    </Popover>
  )
}
