/** The alerts of one tracker: what is open, what watches, what is muted, and who is told. */
import { getRouteApi } from '@tanstack/react-router'
import { type ReactElement, useCallback } from 'react'
import { AlertsView } from './alerts-view.tsx'
import { ChannelsView } from './channels-view.tsx'
import { MutesView } from './mutes-view.tsx'
import { RulesView } from './rules-view.tsx'
import { type AlertsSearch, parseAlertsSearch } from './search.ts'

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
    default:
      return <AlertsView search={search} onChange={change} />
  }
}
