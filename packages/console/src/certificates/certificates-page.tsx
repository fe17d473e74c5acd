/** The authorities whose clients may use EP11 of an instance: which there are, what was done to them, and the way back. */
import { getRouteApi } from '@tanstack/react-router'
import { type ReactElement, useCallback } from 'react'
import { addTexts } from '../i18n/texts.ts'
import texts from '../i18n/en/certificates.json'
import type { ViewProps } from './certificates-frame.tsx'
import { CertificatesView } from './certificates-view.tsx'
import { HistoryView } from './history-view.tsx'
import { RecoveriesView } from './recoveries-view.tsx'

addTexts('certificates', texts)

const route = getRouteApi('/certificates/$instance')

const views = { certificates: CertificatesView, recoveries: RecoveriesView, transcript: HistoryView }

export function CertificatesPage(): ReactElement {
  const { instance: guid } = route.useParams()
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const onChange = useCallback<ViewProps['onChange']>((next) => void navigate({ search: next }), [navigate])
  const View = views[search.view ?? 'certificates']
  return <View guid={guid} search={search} onChange={onChange} />
}
