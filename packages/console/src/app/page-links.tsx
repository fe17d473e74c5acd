/** The ways to all pages, by what they are for: at the side, or in a menu where there is no room. */
import { Link } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { OpenAlerts } from '../alerts/open-alerts.tsx'
import { pageGroups } from './pages.ts'
import { usePageAddress, usePlace } from './place.tsx'
import styles from './page-links.module.css'

export function PageLinks({ onGo }: { readonly onGo?: () => void }): ReactElement {
  const { t } = useTranslation()
  const { tracker } = usePlace()
  const address = usePageAddress()
  return (
    <>
      {pageGroups.map((group) => (
        <section key={group.id} className={styles.group} aria-labelledby={`pages-${group.id}`}>
          <h2 id={`pages-${group.id}`} className={styles.heading}>
            {t(`nav.groups.${group.id}`)}
          </h2>
          <ul>
            {group.pages.map(({ id, Icon }) => (
              <li key={id}>
                <Link
                  to={address(id)}
                  activeOptions={{ includeSearch: false }}
                  className={styles.link ?? ''}
                  {...(onGo !== undefined && { onClick: onGo })}
                >
                  <Icon />
                  <span>{t(`pages.${id}.name`)}</span>
                  {id === 'alerts' && tracker !== undefined && <OpenAlerts />}
                </Link>
              </li>
            ))}
          </ul>
        </section>
      ))}
    </>
  )
}
