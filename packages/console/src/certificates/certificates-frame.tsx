/** What the views of the certificates' page have around them. */
import type { ReactElement, ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { InstanceSwitch } from '../app/instance-switch.tsx'
import { usePlace } from '../app/place.tsx'
import { Page, PageViews } from '../shared/page.tsx'
import type { CertificatesSearch } from './search.ts'

/** What each view is given. */
export interface ViewProps {
  readonly guid: string
  readonly search: CertificatesSearch
  readonly onChange: (search: CertificatesSearch) => void
}

interface CertificatesFrameProps extends ViewProps {
  readonly panel?: ReactElement | undefined
  readonly children: ReactNode
}

export function CertificatesFrame({ search, onChange, panel, children }: CertificatesFrameProps): ReactElement {
  const { t } = useTranslation('certificates')
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
              { name: 'certificates', text: t('views.certificates') },
              { name: 'recoveries', text: t('views.recoveries') },
              { name: 'transcript', text: t('views.transcript') },
            ]}
            view={search.view ?? 'certificates'}
            onView={(name) => onChange(name === 'certificates' ? {} : { view: name })}
          />
          <InstanceSwitch page="certificates" />
        </>
      }
    >
      {children}
    </Page>
  )
}
