/** The list of alerts: newest first, each once; what was read again is joined without moving what stands there. */
import type { Alert, AlertsPage, AlertsQuery } from '../api/alert-types.ts'

export interface AlertRows {
  readonly rows: readonly Alert[]
  /** Where older ones begin; null when there are none, or the list ends. */
  readonly next: string | null
  /** Ids of rows that are listed still, and do not match any more. */
  readonly left: ReadonlySet<string>
}

export const noRows: AlertRows = { rows: [], next: null, left: new Set() }

/** The newest page takes the place of what it covers; older rows stay behind it. */
export function withNewest({ rows, next }: AlertRows, page: AlertsPage): AlertRows {
  const last = page.alerts.at(-1)
  const newest = rows[0]
  if (page.next === null || last === undefined) return { rows: page.alerts, next: null, left: new Set() }
  // More than a page is new: what lies between is not known, so that reading on begins anew.
  if (newest === undefined || last.id > newest.id) return { rows: page.alerts, next: page.next, left: new Set() }
  const older = rows.filter(({ id }) => id < last.id)
  return { rows: [...page.alerts, ...older], next: older.length === 0 ? page.next : next, left: new Set() }
}

/** What is known of the rows is renewed, none is added and none goes. Counts the alerts of the page that are not among them. */
export function renewed({ rows, next, left }: AlertRows, page: AlertsPage): AlertRows & { readonly fresh: number } {
  const byId = new Map(page.alerts.map((alert) => [alert.id, alert]))
  const last = page.alerts.at(-1)
  const isCovered = (id: string): boolean => page.next === null || (last !== undefined && id >= last.id)
  const gone = rows.filter(({ id }) => isCovered(id) && !byId.has(id)).map(({ id }) => id)
  const stayed = [...left].filter((id) => !byId.has(id))
  const known = new Set(rows.map(({ id }) => id))
  const fresh = page.alerts.filter(({ id }) => !known.has(id) && (next === null || id > (rows.at(-1)?.id ?? ''))).length
  return { rows: rows.map((row) => byId.get(row.id) ?? row), next, left: new Set([...stayed, ...gone]), fresh }
}

export function withOlder({ rows, left }: AlertRows, page: AlertsPage): AlertRows {
  const last = rows.at(-1)
  const older = last === undefined ? page.alerts : page.alerts.filter(({ id }) => id < last.id)
  return { rows: [...rows, ...older], next: page.next, left }
}

/** One alert has changed, by what its reader did. */
export function withChanged(list: AlertRows, alert: Alert, query: AlertsQuery): AlertRows {
  const left = new Set(list.left)
  if (matches(alert, query)) left.delete(alert.id)
  else if (list.rows.some(({ id }) => id === alert.id)) left.add(alert.id)
  return { ...list, rows: list.rows.map((row) => (row.id === alert.id ? alert : row)), left }
}

/** Where an alert stands, or would stand: the place of the first that is not newer. */
export function placeOf(rows: readonly Alert[], id: string): { readonly row: number; readonly isThere: boolean } {
  let low = 0
  let high = rows.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((rows[middle]?.id ?? '') > id) low = middle + 1
    else high = middle
  }
  return { row: low, isThere: rows[low]?.id === id }
}

function matches(alert: Alert, { state = 'active', severity, rule }: AlertsQuery): boolean {
  const isState = state === 'all' || (state === 'active' ? alert.state !== 'closed' : alert.state === state)
  return (
    isState && (severity === undefined || alert.severity === severity) && (rule === undefined || alert.rule === rule)
  )
}
