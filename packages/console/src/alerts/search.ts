/** What the alerts page shows, as it stands in the address: the view, filters, the open alert or rule. */
import type { AlertSeverity, AlertsQuery } from '../api/alert-types.ts'

export const pageViews = ['alerts', 'rules', 'mutes', 'channels'] as const
export const stateFilters = ['active', 'open', 'acknowledged', 'closed', 'all'] as const
export const alertSeverities = ['critical', 'warning', 'info'] as const

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
}

const ruleId = /^[a-z0-9][a-z0-9-]{0,63}$/
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
  const rule = text('rule', ruleId)
  const alert = text('alert', alertId)
  return {
    ...(view !== undefined && { view }),
    ...(state !== undefined && { state }),
    ...(severity !== undefined && { severity }),
    ...(rule !== undefined && { rule }),
    ...(alert !== undefined && { alert }),
  }
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
