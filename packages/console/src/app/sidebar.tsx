/** The side of the shell: where one is, where one can go, how the log is, who one is. */
import { Menu } from '@mantine/core'
import { Link, useNavigate } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { LogHealth } from '../proof/log-health.tsx'
import { BrandIcon, CheckIcon, ChevronIcon, PinIcon, TrailIcon } from './icons.tsx'
import { UserMenu } from './user-menu.tsx'
import { useRoom } from './witness-room.tsx'
import styles from './sidebar.module.css'

export function Sidebar(): ReactElement {
  const { t } = useTranslation()
  const { tracker } = useRoom()
  return (
    <header className={styles.side}>
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
    </header>
  )
}

/** Choice among trackers; plain words when there is only one. */
function LocationSwitch(): ReactElement {
  const { t } = useTranslation()
  const { tracker, trackers } = useRoom()
  const navigate = useNavigate()
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
    <Menu position="bottom-start" width="target">
      <Menu.Target>
        <button type="button" className={styles.location} data-choice>
          <PinIcon />
          <span className="kw-hidden">{t('nav.location')}</span>
          <span className={styles.locationName}>{tracker.location}</span>
          <ChevronIcon className={styles.chevron} />
        </button>
      </Menu.Target>
      <Menu.Dropdown className={styles.menu}>
        <Menu.Label>{t('nav.locations')}</Menu.Label>
        {trackers.map(({ location }) => (
          <Menu.Item
            key={location}
            role="menuitemradio"
            aria-checked={location === tracker.location}
            rightSection={location === tracker.location ? <CheckIcon /> : undefined}
            onClick={() => void navigate({ to: '/trail/$location', params: { location } })}
          >
            {location}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}
