/** The crypto units of an instance: how they stand and what comes next, and what was done to them, step by step. */
import { getRouteApi } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { addTexts } from '../i18n/texts.ts'
import texts from '../i18n/en/units.json'
import { PageViews } from '../shared/page.tsx'
import type { UnitsSearch } from './search.ts'
import { TranscriptView } from './transcript-view.tsx'
import { UnitsView } from './units-view.tsx'

addTexts('units', texts)

const route = getRouteApi('/units/$instance')

/** What both views are given. */
export interface ViewProps {
  readonly guid: string
  readonly search: UnitsSearch
  /** The ways to the other view. */
  readonly views: ReactElement
  /** @param isStep whether it is a step within what is shown, and no way back is needed to where one was */
  readonly onChange: (search: UnitsSearch, isStep?: boolean) => void
}

const names = ['units', 'transcript'] as const

export function UnitsPage(): ReactElement {
  const { t } = useTranslation('units')
  const { instance: guid } = route.useParams()
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const onChange: ViewProps['onChange'] = (next, isStep = false) => void navigate({ search: next, replace: isStep })
  const View = search.view === 'transcript' ? TranscriptView : UnitsView
  const views = (
    <PageViews
      label={t('views.label')}
      views={names.map((name) => ({ name, text: t(`views.${name}`) }))}
      view={search.view ?? 'units'}
      onView={(name) => onChange(name === 'transcript' ? { view: name } : {})}
    />
  )
  return <View guid={guid} search={search} views={views} onChange={onChange} />
}
