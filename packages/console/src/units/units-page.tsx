/** The crypto units of an instance: how they stand and what comes next, and what was done to them, step by step. */
import { getRouteApi } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import { addTexts } from '../i18n/texts.ts'
import texts from '../i18n/en/units.json'
import { TranscriptView } from './transcript-view.tsx'
import type { ViewProps } from './units-frame.tsx'
import { UnitsView } from './units-view.tsx'

addTexts('units', texts)

const route = getRouteApi('/units/$instance')

export function UnitsPage(): ReactElement {
  const { instance: guid } = route.useParams()
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const onChange: ViewProps['onChange'] = (next, isStep = false) => void navigate({ search: next, replace: isStep })
  const View = search.view === 'transcript' ? TranscriptView : UnitsView
  return <View guid={guid} search={search} onChange={onChange} />
}
