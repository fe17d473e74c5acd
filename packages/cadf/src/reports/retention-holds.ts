/** Retention and legal holds: how long events must be kept, what must not go, what went, and which two people decided it. */
import { groupEvents } from './group-events.ts'
import { holdsNow, proposalsNow, retentionNow } from './keeping-now.ts'
import { actionsQuery, columns, count, type Report, type ReportKind, row } from './report.ts'
import { isDone, memberText, type ReportEvent } from './report-event.ts'

const tracker = (...names: readonly string[]): string[] => names.map((name) => `activity-tracker.${name}`)
const [retention, prune, made, released, copied] = tracker(
  'retention.update',
  'log.prune',
  'hold.create',
  'hold.release',
  'hold.copy',
) as [string, string, string, string, string]
const proposals = tracker('proposal.create', 'proposal.approve', 'proposal.withdraw', 'proposal.lapse')
const endings = tracker('instance.archive', 'instance.delete')

export const retentionHoldsReport: ReportKind = {
  id: 'retention-holds',
  number: 13,
  query: actionsQuery(retention, prune, made, released, copied, ...proposals, ...endings),
  clauses: ['PCI DSS 4.0.1: 10.5.1', 'ISO/IEC 27001:2022: A.5.33', 'NIST SP 800-53 Rev. 5: AU-9(5), AU-11'],
  make: (events) => makeKeeping(events),
  now: [retentionNow, holdsNow, proposalsNow],
}

function makeKeeping(events: readonly ReportEvent[]): Report {
  const done = events.filter(isDone)
  const of = (...actions: readonly string[]): ReportEvent[] => done.filter(({ action }) => actions.includes(action))
  const holds = groupEvents(
    of(made, released, copied),
    ({ targetId, request }) => memberText(request, 'hold') || targetId,
  )
  return {
    summary: [
      count('retentionChanges', of(retention).length),
      count('prunings', of(prune).length),
      count('holdsMade', of(made).length),
      count('holdsReleased', of(released).length),
      count('proposals', of(proposals[0] ?? '').length),
      count('refused', events.filter(({ outcome }) => outcome === 'failure').length),
    ],
    tables: [
      {
        id: 'retention',
        columns: columns('time:time', 'action:action', 'before', 'after', 'who', 'address'),
        rows: of(retention, prune, ...endings).map((event) => {
          const { time, action, who, address } = event
          return row(
            [time, action, sideText(event, 'initialValue'), sideText(event, 'newValue'), who, address],
            [event],
          )
        }),
      },
      {
        id: 'holds',
        columns: columns(
          'hold',
          'reason',
          'asked',
          'state:code',
          'created:time',
          'createdBy',
          'releasedAt:time',
          'releasedBy',
          'copies:count',
        ),
        rows: [...holds.values()].map((own) => {
          const begin = own.find(({ action }) => action === made)
          const end = own.findLast(({ action }) => action === released)
          const about = begin ?? own[0]
          return row(
            [
              about.target,
              memberText(about.request, 'reason'),
              memberText(about.request, 'query'),
              end === undefined ? 'inForce' : 'released',
              begin?.time,
              begin?.who,
              end?.time,
              end?.who,
              own.filter(({ action }) => action === copied).length,
            ],
            own,
          )
        }),
      },
      {
        id: 'proposals',
        columns: columns('time:time', 'action:action', 'kind:code', 'who', 'proposedBy', 'proposal', 'outcome:code'),
        rows: events
          .filter(({ action }) => proposals.includes(action))
          .map((event) => {
            const { time, action, request, response, who, outcome } = event
            const text = (name: string): string => memberText(request, name) || memberText(response, name)
            return row([time, action, text('kind'), who, text('proposedBy'), text('proposal'), outcome], [event])
          }),
      },
    ],
  }
}

/** What an event says of one side of a change. */
function sideText({ request, response }: ReportEvent, side: string): string {
  return memberText(request, side) || memberText(response, side)
}
