/** What all views of alerts have: the title, the way to the other views, how alerting is; a panel beside them. */
import type { ReactElement, ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { useRoom } from '../app/witness-room.tsx'
import { Page, PageViews } from '../shared/page.tsx'
import { type AlertsSearch, type PageViewName, pageViews } from './search.ts'
import { StatusStrip } from './status-strip.tsx'

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
  return (
    <Page
      title={t('alerts.title')}
      of={tracker.location}
      panel={panel}
      tools={
        <PageViews
          label={t('alerts.views')}
          views={pageViews.map((name) => ({ name, text: t(`alerts.view.${name}`) }))}
          view={view}
          onView={(name) => onChange(name === 'alerts' ? {} : { view: name })}
        />
      }
    >
      <StatusStrip />
      {children}
    </Page>
  )
}
