/** The alerts of one tracker: what is open, what watches, what is muted, who is told, and the hours that rules go by. */
import { getRouteApi } from '@tanstack/react-router'
import { type ReactElement, useCallback } from 'react'
import { addTexts } from '../i18n/texts.ts'
import texts from '../i18n/en/alerts.json'
import pageTexts from '../i18n/en/alerts-page.json'
import { AlertsView } from './alerts-view.tsx'
import { CalendarsView } from './calendars-view.tsx'
import { ChannelsView } from './channels-view.tsx'
import { MutesView } from './mutes-view.tsx'
import { RulesView } from './rules-view.tsx'
import { type AlertsSearch, parseAlertsSearch } from './search.ts'

addTexts('alerts', texts)
addTexts('translation', pageTexts)

const route = getRouteApi('/alerts/$location')

export function AlertsPage(): ReactElement {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const change = useCallback(
    (next: AlertsSearch, replace = false) => void navigate({ search: parseAlertsSearch({ ...next }), replace }),
    [navigate],
  )
  switch (search.view) {
    case 'rules':
      return <RulesView search={search} onChange={change} />
    case 'mutes':
      return <MutesView search={search} onChange={change} />
    case 'channels':
      return <ChannelsView search={search} onChange={change} />
    case 'calendars':
      return <CalendarsView search={search} onChange={change} />
    default:
      return <AlertsView search={search} onChange={change} />
  }
}
