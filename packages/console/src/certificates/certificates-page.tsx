/** The authorities whose clients may use EP11 of an instance: which there are, what was done to them, and the way back. */
import { getRouteApi } from '@tanstack/react-router'
import { type ReactElement, useCallback } from 'react'
import { useTranslation } from 'react-i18next'
import { addTexts } from '../i18n/texts.ts'
import texts from '../i18n/en/certificates.json'
import { PageViews } from '../shared/page.tsx'
import { CertificatesView } from './certificates-view.tsx'
import { HistoryView } from './history-view.tsx'
import { RecoveriesView } from './recoveries-view.tsx'
import type { CertificatesSearch } from './search.ts'

addTexts('certificates', texts)

const route = getRouteApi('/certificates/$instance')

/** What each view is given. */
export interface ViewProps {
  readonly guid: string
  readonly search: CertificatesSearch
  /** The ways to the other views. */
  readonly views: ReactElement
  readonly onChange: (search: CertificatesSearch) => void
}

const shownBy = { certificates: CertificatesView, recoveries: RecoveriesView, transcript: HistoryView }
const names = ['certificates', 'recoveries', 'transcript'] as const

export function CertificatesPage(): ReactElement {
  const { t } = useTranslation('certificates')
  const { instance: guid } = route.useParams()
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const onChange = useCallback<ViewProps['onChange']>((next) => void navigate({ search: next }), [navigate])
  const { view = 'certificates' } = search
  const View = shownBy[view]
  const views = (
    <PageViews
      label={t('views.label')}
      views={names.map((name) => ({ name, text: t(`views.${name}`) }))}
      view={view}
      onView={(name) => onChange(name === 'certificates' ? {} : { view: name })}
    />
  )
  return <View guid={guid} search={search} views={views} onChange={onChange} />
}
