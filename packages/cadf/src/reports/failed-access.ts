/** Failed access and its follow-up: who was refused, from where, how often, and which alerts came of it. */
import { countDistinct, distinct, groupEvents } from './group-events.ts'
import { actionsQuery, columns, count, type Report, type ReportKind, row } from './report.ts'
import { memberText, type ReportEvent } from './report-event.ts'

const alert = (step: string): string => `activity-tracker.alert.${step}`
const steps = ['raise', 'repeat', 'acknowledge', 'close'].map(alert)

export const failedAccessReport: ReportKind = {
  id: 'failed-access',
  number: 5,
  query: `(outcome:failure (code:401 OR code:403)) OR ${actionsQuery(...steps)}`,
  clauses: [
    'PCI DSS 4.0.1: 10.2.1.4, 10.4.3',
    'ISO/IEC 27001:2022: A.8.15, A.8.16',
    'NIST SP 800-53 Rev. 5: AU-6, IR-5',
    'SOC 2: CC7.2, CC7.3',
  ],
  make: (events) => makeFailures(events),
}

function makeFailures(events: readonly ReportEvent[]): Report {
  const refused = events.filter(({ action, outcome }) => outcome === 'failure' && !steps.includes(action))
  const alerts = events.filter(({ action }) => steps.includes(action))
  const followed = refused.filter((event) => alertsOf(event, alerts).length > 0)
  const callers = groupEvents(refused, ({ whoId, who, address }) => JSON.stringify([whoId, who, address]))
  return {
    summary: [
      count('refused', refused.length),
      count('unauthenticated', refused.filter(({ code }) => code === 401).length),
      count('forbidden', refused.filter(({ code }) => code === 403).length),
      count('callers', callers.size),
      count(
        'addresses',
        countDistinct(refused, ({ address }) => address),
      ),
      count('withAlert', followed.length),
    ],
    tables: [
      {
        id: 'callers',
        columns: columns(
          'who',
          'address',
          'attempts:count',
          'unauthenticated:count',
          'forbidden:count',
          'targets:count',
          'first:time',
          'last:time',
          'alerts',
        ),
        note: 'follow-up',
        rows: [...callers.values()]
          .toSorted((one, other) => other.length - one.length || one[0].index - other[0].index)
          .map((own) => {
            const raised = new Set(own.flatMap((event) => alertsOf(event, alerts)))
            const { who, address, time } = own[0]
            return row(
              [
                who,
                address,
                own.length,
                own.filter(({ code }) => code === 401).length,
                own.filter(({ code }) => code === 403).length,
                countDistinct(own, ({ targetId }) => targetId),
                time,
                own.at(-1)?.time,
                [...raised].map((each) => each.target).join(' '),
              ],
              own,
            )
          }),
      },
      {
        id: 'attempts',
        columns: columns(
          'time:time',
          'who',
          'address',
          'action:action',
          'target',
          'code:count',
          'reason',
          'alerts',
          'followUp:code',
        ),
        rows: refused.map((event) => {
          const { time, who, address, action, target, code, reason } = event
          const raised = alertsOf(event, alerts)
          return row(
            [
              time,
              who,
              address,
              action,
              target,
              code,
              reason,
              distinct(raised, (each) => each.target),
              stateOf(raised, alerts),
            ],
            [event],
          )
        }),
      },
    ],
  }
}

/** The alerts whose events an attempt lies among. */
function alertsOf({ index }: ReportEvent, alerts: readonly ReportEvent[]): ReportEvent[] {
  return alerts.filter(({ action, request }) => {
    if (action !== alert('raise') && action !== alert('repeat')) return false
    const [first, last] = [Number(request['firstIndex'] ?? Number.NaN), Number(request['lastIndex'] ?? Number.NaN)]
    // A rule that has fired again and again spans much that is not its own: its first and last event are named.
    return index === first || index === last
  })
}

function stateOf(raised: readonly ReportEvent[], alerts: readonly ReportEvent[]): string {
  if (raised.length === 0) return 'none'
  const ids = new Set(
    raised.map(({ response, request }) => memberText(response, 'alert') || memberText(request, 'alert')),
  )
  const own = alerts.filter(({ request }) => ids.has(memberText(request, 'alert')))
  if (own.some(({ action }) => action === alert('close'))) return 'closed'
  return own.some(({ action }) => action === alert('acknowledge')) ? 'acknowledged' : 'raised'
}
