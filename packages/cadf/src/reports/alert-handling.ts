/** Handling of alerts: how long until somebody took each on, how long until it was closed, and what is still open. */
import { groupEvents } from './group-events.ts'
import { actionsQuery, columns, count, type Report, type ReportFact, type ReportKind, row } from './report.ts'
import { memberText, type ReportEvent } from './report-event.ts'

const step = (name: string): string => `activity-tracker.alert.${name}`

export const alertHandlingReport: ReportKind = {
  id: 'alert-handling',
  number: 12,
  query: actionsQuery(...['raise', 'repeat', 'acknowledge', 'assign', 'comment', 'close', 'reopen'].map(step)),
  clauses: [
    'PCI DSS 4.0.1: 10.4.3, 12.10.5',
    'ISO/IEC 27001:2022: A.5.26, A.8.16',
    'NIST SP 800-53 Rev. 5: AU-6, IR-5',
    'SOC 2: CC7.3, CC7.4',
  ],
  make: (events) => makeHandling(events),
}

/** One alert, as its events tell it. */
interface Handled {
  readonly events: readonly [ReportEvent, ...ReportEvent[]]
  readonly raised: ReportEvent | undefined
  readonly acknowledged: ReportEvent | undefined
  readonly closed: ReportEvent | undefined
  readonly state: 'raised' | 'acknowledged' | 'closed' | 'unknown'
}

function makeHandling(events: readonly ReportEvent[]): Report {
  const alerts = [...groupEvents(events, alertOf)].map(([id, own]) => ({ id, ...handledOf(own) }))
  const isIn = (state: Handled['state']): number => alerts.filter((alert) => alert.state === state).length
  const medianOf = (id: string, end: (alert: Handled) => ReportEvent | undefined): ReportFact => ({
    id,
    kind: 'duration',
    value: median(alerts.flatMap((alert) => between(alert.raised, end(alert)) ?? [])),
  })
  return {
    summary: [
      count('raised', alerts.filter(({ raised }) => raised !== undefined).length),
      count('closed', isIn('closed')),
      count('acknowledged', isIn('acknowledged')),
      count('untouched', isIn('raised')),
      medianOf('medianAcknowledged', ({ acknowledged }) => acknowledged),
      medianOf('medianClosed', ({ closed }) => closed),
    ],
    tables: [
      {
        id: 'alerts',
        columns: columns(
          'alert',
          'severity:code',
          'state:code',
          'raised:time',
          'acknowledged:time',
          'acknowledgedBy',
          'untilAcknowledged:duration',
          'closed:time',
          'closedBy',
          'untilClosed:duration',
          'comment',
          'alertId',
        ),
        note: 'alerts-of-period',
        rows: alerts.map((alert) => {
          const { id, raised, acknowledged, closed, state } = alert
          const first = alert.events[0]
          return row(
            [
              first.target,
              raised === undefined ? '' : memberText(raised.request, 'alertSeverity'),
              state,
              raised?.time,
              acknowledged?.time,
              acknowledged?.who,
              between(raised, acknowledged),
              closed?.time,
              closed?.who,
              between(raised, closed),
              memberText((closed ?? acknowledged)?.request ?? {}, 'comment'),
              id,
            ],
            alert.events,
          )
        }),
      },
    ],
  }
}

/** Events that raise an alert name it in their answer, all others in their request. */
function alertOf({ request, response, outcome }: ReportEvent): string | undefined {
  if (outcome === 'failure') return undefined
  return memberText(response, 'alert') || memberText(request, 'alert') || undefined
}

function handledOf(events: readonly [ReportEvent, ...ReportEvent[]]): Handled {
  const first = (name: string): ReportEvent | undefined => events.find(({ action }) => action === step(name))
  const last = (...names: readonly string[]): ReportEvent | undefined =>
    events.findLast(({ action }) => names.map(step).includes(action))
  const turn = last('raise', 'acknowledge', 'close', 'reopen')
  const isClosed = turn?.action === step('close')
  return {
    events,
    raised: first('raise'),
    // Whoever closes an alert at once has taken it on, too.
    acknowledged: first('acknowledge') ?? first('close'),
    closed: isClosed ? turn : undefined,
    state: stateAfter(turn),
  }
}

function stateAfter(turn: ReportEvent | undefined): Handled['state'] {
  switch (turn?.action) {
    case step('close'):
      return 'closed'
    case step('acknowledge'):
      return 'acknowledged'
    case undefined:
      return 'unknown'
    default:
      return 'raised'
  }
}

/** Milliseconds; undefined unless both are told, in this order. */
function between(begin: ReportEvent | undefined, end: ReportEvent | undefined): number | undefined {
  if (begin?.time === undefined || end?.time === undefined) return undefined
  return Math.max(0, Date.parse(end.time) - Date.parse(begin.time))
}

function median(values: readonly number[]): number | undefined {
  const sorted = values.toSorted((one, other) => one - other)
  const middle = Math.floor(sorted.length / 2)
  const upper = sorted[middle]
  if (upper === undefined || sorted.length % 2 === 1) return upper
  return Math.round(((sorted[middle - 1] ?? upper) + upper) / 2)
}
