/** What all views of alerts have: the title, the way to the other views, how alerting is; a panel beside them. */
import { type ReactElement, type ReactNode, useId } from 'react'
import { useTranslation } from 'react-i18next'
import { useRoom } from '../app/witness-room.tsx'
import { ZoneButton } from '../app/zone-button.tsx'
import { type AlertsSearch, type PageViewName, pageViews } from './search.ts'
import { StatusStrip } from './status-strip.tsx'
import layout from '../app/list-page.module.css'
import styles from './page-frame.module.css'

export interface ViewProps {
  readonly search: AlertsSearch
  readonly onChange: (search: AlertsSearch, replace?: boolean) => void
}

interface PageFrameProps extends ViewProps {
  readonly view: PageViewName
  readonly panel?: ReactNode
  readonly children: ReactNode
}

export function PageFrame({ view, panel, onChange, children }: PageFrameProps): ReactElement {
  const { t } = useTranslation()
  const { tracker } = useRoom()
  const titleId = useId()
  return (
    <div className={layout.page} data-panel={panel !== undefined || undefined}>
      <title>{t('alerts.documentTitle', { location: tracker.location })}</title>
      <div className={layout.list}>
        <header className={styles.head}>
          <h1 id={titleId} className={styles.title}>
            {t('alerts.title')}
          </h1>
          <nav className={styles.views} aria-label={t('alerts.views')}>
            {pageViews.map((each) => (
              <button
                key={each}
                type="button"
                className={styles.view}
                aria-current={each === view ? 'page' : undefined}
                onClick={() => onChange(each === 'alerts' ? {} : { view: each })}
              >
                {t(`alerts.view.${each}`)}
              </button>
            ))}
          </nav>
          <ZoneButton />
        </header>
        <StatusStrip />
        {children}
      </div>
      {panel}
    </div>
  )
}
