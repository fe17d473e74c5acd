/** What the alerts page shows, as it stands in the address: the view, filters, the open alert or rule. */
import type { AlertSeverity, AlertsQuery } from '../api/alert-types.ts'
import { queryCharsMax } from '../trail/search.ts'
import { idForm } from './setup-id.ts'

export const pageViews = ['alerts', 'rules', 'mutes', 'channels', 'calendars'] as const
export const stateFilters = ['active', 'open', 'acknowledged', 'closed', 'all'] as const
export const alertSeverities = ['critical', 'warning', 'info'] as const

/** What can be made, and the view where it is: `import` takes rules in from a file. */
const viewOfNew = { rule: 'rules', import: 'rules', channel: 'channels', calendar: 'calendars' } as const

export type PageViewName = (typeof pageViews)[number]
type StateFilter = (typeof stateFilters)[number]

export interface AlertsSearch {
  /** The list of alerts when not given. */
  readonly view?: PageViewName
  /** `active` when not given: what is not closed. */
  readonly state?: StateFilter
  readonly severity?: AlertSeverity
  /** Id of a rule: narrows the list of alerts, and is open among the rules. */
  readonly rule?: string
  /** Id of the open alert. */
  readonly alert?: string
  /** Id of the open channel, of the open calendar. */
  readonly channel?: string
  readonly calendar?: string
  /** A form for a new one is open. */
  readonly new?: keyof typeof viewOfNew
  /** What the new rule is to find, as a search of the trail hands it over. */
  readonly query?: string
  /** The open rule, channel or calendar is being changed. */
  readonly edit?: true
}

/** What of it makes sense at another location. */
export const alertsKept: readonly (keyof AlertsSearch)[] = ['view', 'state', 'severity']

const alertId = /^[A-Za-z0-9-]{1,64}$/

/** Reads an address. What is malformed is left out, never guessed. */
export function parseAlertsSearch(raw: Readonly<Record<string, unknown>>): AlertsSearch {
  const text = (name: string, form: RegExp): string | undefined => {
    const value = raw[name]
    return typeof value === 'string' && form.test(value) ? value : undefined
  }
  const view = pageViews.find((name) => name === raw['view'] && name !== 'alerts')
  const state = stateFilters.find((name) => name === raw['state'] && name !== 'active')
  const severity = alertSeverities.find((name) => name === raw['severity'])
  const rule = text('rule', idForm)
  const alert = text('alert', alertId)
  const channel = view === 'channels' ? text('channel', idForm) : undefined
  const calendar = view === 'calendars' ? text('calendar', idForm) : undefined
  const made = (['rule', 'import', 'channel', 'calendar'] as const).find(
    (name) => name === raw['new'] && viewOfNew[name] === view,
  )
  const query = made === 'rule' ? queryIn(raw['query']) : undefined
  const opened = { rules: rule, channels: channel, calendars: calendar }
  const hasOpen = view === 'rules' || view === 'channels' || view === 'calendars' ? opened[view] !== undefined : false
  const edit = made === undefined && hasOpen && (raw['edit'] === true || raw['edit'] === 'true')
  return {
    ...(view !== undefined && { view }),
    ...(state !== undefined && { state }),
    ...(severity !== undefined && { severity }),
    ...(rule !== undefined && { rule }),
    ...(alert !== undefined && { alert }),
    ...(channel !== undefined && { channel }),
    ...(calendar !== undefined && { calendar }),
    ...(made !== undefined && { new: made }),
    ...(query !== undefined && { query }),
    ...(edit && { edit: true as const }),
  }
}

function queryIn(value: unknown): string | undefined {
  const text = typeof value === 'string' ? value.trim() : ''
  return text === '' || text.length > queryCharsMax ? undefined : text
}

/** The search as the API takes it: what the list is narrowed by. */
export function toAlertsQuery({ state, severity, rule }: AlertsSearch): AlertsQuery {
  return {
    ...(state !== undefined && { state }),
    ...(severity !== undefined && { severity }),
    ...(rule !== undefined && { rule }),
  }
}

export function hasAlertFilters({ state, severity, rule }: AlertsSearch): boolean {
  return state !== undefined || severity !== undefined || rule !== undefined
}
