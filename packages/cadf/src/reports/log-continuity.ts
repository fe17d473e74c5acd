/** Continuity of the log: what was missing, late, repeated, badly dated or not counted alike, and when its producers began. */
import { continuityNow } from './continuity-now.ts'
import { actionsQuery, columns, count, type Report, type ReportKind, row } from './report.ts'
import { memberText, type ReportEvent } from './report-event.ts'

const findings = [
  'numbers.missing',
  'numbers.late',
  'numbers.reused',
  'epochs.missing',
  'epochs.contradicted',
  'events.late-dated',
  'events.future-dated',
  'events.forged',
  'counts.differ',
].map((name) => `activity-tracker.${name}`)
const start = 'hs-crypto.producer.start'
const incidents = ['hs-crypto.clock.step', 'hs-crypto.storage.exhausted', 'hs-crypto.storage.recovered']

export const logContinuityReport: ReportKind = {
  id: 'log-continuity',
  number: 9,
  query: actionsQuery(...findings, start, ...incidents),
  clauses: [
    'PCI DSS 4.0.1: 10.2.1.6, 10.6.1, 10.7.2',
    'ISO/IEC 27001:2022: A.8.15, A.8.17',
    'NIST SP 800-53 Rev. 5: AU-5, AU-8',
  ],
  make: (events) => makeContinuity(events),
  now: [continuityNow],
}

function makeContinuity(events: readonly ReportEvent[]): Report {
  const found = events.filter(({ action }) => findings.includes(action))
  const times = (...names: readonly string[]): number =>
    found.filter(({ action }) => names.some((name) => action === `activity-tracker.${name}`)).length
  const others = events.filter(({ action }) => !findings.includes(action))
  return {
    summary: [
      count('missing', times('numbers.missing', 'epochs.missing')),
      count('cameLate', times('numbers.late')),
      count('forged', times('events.forged', 'numbers.reused', 'epochs.contradicted')),
      count('misdated', times('events.late-dated', 'events.future-dated')),
      count('countsDiffer', times('counts.differ')),
      count('starts', others.filter(({ action }) => action === start).length),
    ],
    tables: [
      {
        id: 'findings',
        columns: columns(
          'time:time',
          'action:action',
          'producer',
          'epoch:count',
          'first:count',
          'last:count',
          'concerned:count',
        ),
        note: 'continuity',
        rows: found.map((event) => {
          const { time, action, request } = event
          const numbers = ['epoch', 'first', 'last', 'count'].map((name) => numberOf(request[name]))
          return row([time, action, memberText(request, 'producer'), ...numbers], [event])
        }),
      },
      {
        id: 'incidents',
        columns: columns('time:time', 'action:action', 'target', 'who', 'outcome:code'),
        rows: others.map((event) => row([event.time, event.action, event.target, event.who, event.outcome], [event])),
      },
    ],
  }
}

const numberOf = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined)
