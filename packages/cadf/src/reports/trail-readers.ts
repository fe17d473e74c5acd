/** Who looked at the audit trail: searches, events, live tails, receipts, and what was exported by whom. */
import { distinct, groupEvents } from './group-events.ts'
import { actionsQuery, columns, count, type Report, type ReportKind, row } from './report.ts'
import { memberText, type ReportEvent } from './report-event.ts'

const search = 'activity-tracker.events.search'
const read = 'activity-tracker.events.read'
const tail = 'activity-tracker.events.tail'
const receipt = 'activity-tracker.receipt.read'
const exported = 'activity-tracker.events.export'

export const trailReadersReport: ReportKind = {
  id: 'trail-readers',
  number: 11,
  query: actionsQuery(search, read, tail, receipt, exported),
  clauses: ['PCI DSS 4.0.1: 10.2.1.3, 10.3.1', 'ISO/IEC 27001:2022: A.8.15', 'NIST SP 800-53 Rev. 5: AU-2, AU-9'],
  make: (events) => makeReaders(events),
}

function makeReaders(events: readonly ReportEvent[]): Report {
  const people = groupEvents(events, ({ whoId, who }) => JSON.stringify([whoId, who]))
  // An export is told twice: when it begins, and how it ended. One that has no end left it open what went.
  const exports = groupEvents(
    events.filter(({ action }) => action === exported),
    ({ event, index }) => memberText(event, 'correlationId') || String(index),
  )
  const times = (own: readonly ReportEvent[], action: string): number =>
    own.filter((event) => event.action === action && event.outcome !== 'failure').length
  const refused = (own: readonly ReportEvent[]): number =>
    own.filter(({ code = 0 }) => code === 401 || code === 403).length
  return {
    summary: [
      count('readers', people.size),
      count('searches', times(events, search)),
      count('reads', times(events, read)),
      count('exports', exports.size),
      count('refused', refused(events)),
    ],
    tables: [
      {
        id: 'readers',
        columns: columns(
          'who',
          'whoId',
          'searches:count',
          'reads:count',
          'tails:count',
          'receipts:count',
          'exports:count',
          'refused:count',
          'addresses',
          'first:time',
          'last:time',
        ),
        rows: [...people.values()]
          .toSorted((one, other) => other.length - one.length || one[0].index - other[0].index)
          .map((own) => {
            const { who, whoId, time } = own[0]
            const ownExports = [...exports.values()].filter(([begin]) => begin.whoId === whoId && begin.who === who)
            const counts = [search, read, tail, receipt].map((action) => times(own, action))
            const addresses = distinct(own, ({ address }) => address)
            return row([who, whoId, ...counts, ownExports.length, refused(own), addresses, time, own.at(-1)?.time], own)
          }),
      },
      {
        id: 'exports',
        columns: columns(
          'time:time',
          'who',
          'format',
          'asked',
          'checkpointSize:count',
          'exported:count',
          'ended:code',
          'address',
        ),
        note: 'exports',
        rows: [...exports.values()].map((own) => {
          const begin = own[0]
          const end = own.findLast(({ outcome }) => outcome !== 'pending')
          const rows = end?.response['totalResources']
          return row(
            [
              begin.time,
              begin.who,
              memberText(begin.request, 'format'),
              memberText(begin.request, 'query'),
              numberOf(begin.request['checkpointSize']),
              numberOf(rows),
              (end && memberText(end.response, 'ended')) || (end?.outcome ?? 'open'),
              begin.address,
            ],
            own,
          )
        }),
      },
    ],
  }
}

const numberOf = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined)
