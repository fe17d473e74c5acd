/** The side of the shell: where one is, where one can go, how the log is, who one is. */
import { Popover } from '@mantine/core'
import { Link, useMatchRoute, useNavigate } from '@tanstack/react-router'
import { type ReactElement, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useAlerting } from '../alerts/alerting-room.tsx'
import { judge, openCount } from '../alerts/silence.ts'
import { formatCount } from '../i18n/texts.ts'
import { LogHealth } from '../proof/log-health.tsx'
import { BellIcon, BrandIcon, CheckIcon, ChevronIcon, PinIcon, TrailIcon, WarningMark } from './icons.tsx'
import { UserMenu } from './user-menu.tsx'
import { useRoom } from './witness-room.tsx'
import menu from './menu-item.module.css'
import styles from './sidebar.module.css'

export function Sidebar(): ReactElement {
  const { t } = useTranslation()
  const { tracker } = useRoom()
  const [isChoosing, setIsChoosing] = useState(false)
  return (
    <section className={styles.side} aria-label={t('shell.side')}>
      <p className={styles.brand}>
        <span className={styles.glyph}>
          <BrandIcon size={18} />
        </span>
        <span className={styles.brandName}>{t('brand')}</span>
      </p>
      <LocationSwitch isOpen={isChoosing} onOpen={setIsChoosing} />
      {/* The list of locations lies over the pages: while it is open, they are not there. */}
      <nav aria-label={t('nav.label')} className={styles.nav} inert={isChoosing}>
        <Link
          to="/trail/$location"
          params={{ location: tracker.location }}
          activeOptions={{ includeSearch: false }}
          className={styles.link ?? ''}
        >
          <TrailIcon />
          <span className={styles.linkName}>{t('nav.trail')}</span>
        </Link>
        <Link
          to="/alerts/$location"
          params={{ location: tracker.location }}
          activeOptions={{ includeSearch: false }}
          className={styles.link ?? ''}
        >
          <BellIcon />
          <span className={styles.linkName}>{t('nav.alerts')}</span>
          <OpenAlerts />
        </Link>
      </nav>
      <div className={styles.foot}>
        <LogHealth />
        <UserMenu />
      </div>
    </section>
  )
}

/** How many alerts are open, in the colour of the gravest; a mark when that cannot be trusted. */
function OpenAlerts(): ReactElement | null {
  const { t } = useTranslation()
  const alerting = useAlerting()
  const { total, gravest, critical } = openCount(alerting.status)
  const verdict = judge(alerting)
  const hasTrouble = verdict === 'unknown' || verdict === 'trouble'
  if (total === 0 && !hasTrouble) return null
  return (
    <span className={styles.marks}>
      {hasTrouble && (
        <>
          <WarningMark size={14} className={styles.trouble} />
          <span className="kw-hidden">{t('alerts.nav.trouble')}</span>
        </>
      )}
      {total > 0 && (
        <span className={styles.open} data-severity={gravest}>
          <span aria-hidden="true">{total > 99 ? '99+' : total}</span>
          <span className="kw-hidden">
            {t('alerts.nav.open', { count: total, formatted: formatCount(total) })}
            {critical > 0 && `, ${t('alerts.nav.critical', { count: critical, formatted: formatCount(critical) })}`}
          </span>
        </span>
      )}
    </span>
  )
}

/** Choice among trackers; plain words when there is only one. */
function LocationSwitch(props: { readonly isOpen: boolean; readonly onOpen: (isOpen: boolean) => void }): ReactElement {
  const { isOpen, onOpen } = props
  const { t } = useTranslation()
  const { tracker, trackers } = useRoom()
  const navigate = useNavigate()
  const isAtAlerts = useMatchRoute()({ to: '/alerts/$location' }) !== false
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
    <Popover opened={isOpen} onChange={onOpen} position="bottom-start" trapFocus returnFocus>
      <Popover.Target>
        <button type="button" className={styles.location} data-choice onClick={() => onOpen(!isOpen)}>
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
                  onOpen(false)
                  void navigate({ to: isAtAlerts ? '/alerts/$location' : '/trail/$location', params: { location } })
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
