/** What the views of the crypto units' page have around them. */
import type { ReactElement, ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { InstanceSwitch } from '../app/instance-switch.tsx'
import { usePlace } from '../app/place.tsx'
import { Page, PageViews } from '../shared/page.tsx'
import type { UnitsSearch } from './search.ts'

/** What both views are given. */
export interface ViewProps {
  readonly guid: string
  readonly search: UnitsSearch
  /** @param isStep whether it is a step within what is shown, and no way back is needed to where one was */
  readonly onChange: (search: UnitsSearch, isStep?: boolean) => void
}

interface UnitsFrameProps extends ViewProps {
  readonly panel?: ReactElement | undefined
  readonly children: ReactNode
}

export function UnitsFrame({ search, onChange, panel, children }: UnitsFrameProps): ReactElement {
  const { t } = useTranslation('units')
  const { instance } = usePlace()
  return (
    <Page
      title={t('title')}
      of={instance?.name}
      panel={panel}
      tools={
        <>
          <PageViews
            label={t('views.label')}
            views={[
              { name: 'units', text: t('views.units') },
              { name: 'transcript', text: t('views.transcript') },
            ]}
            view={search.view ?? 'units'}
            onView={(name) => onChange(name === 'transcript' ? { view: name } : {})}
          />
          <InstanceSwitch page="units" />
        </>
      }
    >
      {children}
    </Page>
  )
}
