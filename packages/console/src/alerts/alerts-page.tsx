/** The alerts of one tracker: what is open, what watches, what is muted, who is told, and the hours that rules go by. */
import { getRouteApi } from '@tanstack/react-router'
import { type ReactElement, useCallback } from 'react'
import { addTexts } from '../i18n/texts.ts'
import texts from '../i18n/en/alerts.json'
import pageTexts from '../i18n/en/alerts-page.json'
import { FormPlace } from '../shared/unsaved.tsx'
import { AlertsView } from './alerts-view.tsx'
import { CalendarsView } from './calendars-view.tsx'
import { ChannelsView } from './channels-view.tsx'
import { MutesView } from './mutes-view.tsx'
import { RulesView } from './rules-view.tsx'
import { type AlertsSearch, parseAlertsSearch } from './search.ts'

addTexts('alerts', texts)
addTexts('translation', pageTexts)

const route = getRouteApi('/alerts/$location')

const viewsOf = {
  alerts: AlertsView,
  rules: RulesView,
  mutes: MutesView,
  channels: ChannelsView,
  calendars: CalendarsView,
}

/** Without what only narrows a list. */
const placeOf = (raw: Readonly<Record<string, unknown>>): AlertsSearch => {
  const { state: _state, severity: _severity, query: _query, rule, ...open } = parseAlertsSearch(raw)
  return open.view === undefined || rule === undefined ? open : { ...open, rule }
}

export function AlertsPage(): ReactElement {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const change = useCallback(
    (next: AlertsSearch, replace = false) => void navigate({ search: parseAlertsSearch({ ...next }), replace }),
    [navigate],
  )
  const View = viewsOf[search.view ?? 'alerts']
  return (
    <FormPlace of={placeOf}>
      <View search={search} onChange={change} />
    </FormPlace>
  )
}
