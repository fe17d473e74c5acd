/** Integrity of the log: each verification of its bytes with what it found, and every change of the key that signs it. */
import { checkpointsNow, logKeysNow, verificationsNow } from './integrity-now.ts'
import { actionsQuery, columns, count, type Report, type ReportFact, type ReportKind, row } from './report.ts'
import { memberText, type ReportEvent } from './report-event.ts'

const verification = 'activity-tracker.log.verify'
const altered = 'activity-tracker.log.altered'
const rotation = 'activity-tracker.log-key.rotate'
const digest = 'activity-tracker.digest.send'

export const logIntegrityReport: ReportKind = {
  id: 'log-integrity',
  number: 10,
  query: actionsQuery(verification, altered, rotation, digest),
  clauses: [
    'PCI DSS 4.0.1: 10.3.2, 10.3.4',
    'ISO/IEC 27001:2022: A.5.28, A.8.15',
    'NIST SP 800-53 Rev. 5: AU-9(3), AU-10',
  ],
  make: (events) => makeIntegrity(events),
  now: [checkpointsNow, verificationsNow, logKeysNow],
}

function makeIntegrity(events: readonly ReportEvent[]): Report {
  const of = (action: string): ReportEvent[] => events.filter((event) => event.action === action)
  const verifications = of(verification)
  const failed = verifications.filter(
    (event) => event.outcome === 'failure' || Number(event.response['findings'] ?? 0) > 0,
  )
  const last: ReportFact = { id: 'lastVerified', kind: 'time', value: verifications.at(-1)?.time }
  return {
    summary: [
      count('verifications', verifications.length),
      count('withFindings', failed.length),
      count('altered', of(altered).length),
      count('keyChanges', of(rotation).length),
      count('digests', of(digest).length),
      last,
    ],
    tables: [
      {
        id: 'verifications',
        columns: columns(
          'time:time',
          'outcome:code',
          'trigger:code',
          'entries:count',
          'covered:count',
          'checkpoints:count',
          'findings:count',
          'firstFinding',
          'root',
          'took:duration',
        ),
        rows: verifications.map((event) => {
          const { time, outcome, request, response } = event
          const number = (name: string): number | undefined => numberOf(response[name])
          const counts = ['size', 'covered', 'checkpoints', 'findings'].map(number)
          const [finding, root] = [memberText(response, 'firstFinding'), memberText(response, 'root')]
          return row(
            [time, outcome, memberText(request, 'trigger'), ...counts, finding, root, number('durationMs')],
            [event],
          )
        }),
      },
      {
        id: 'logKeys',
        columns: columns('time:time', 'outcome:code', 'who', 'previousKey', 'newKey'),
        rows: of(rotation).map((event) => {
          const { time, outcome, who, request, response } = event
          const key = (name: string): string => memberText(request, name) || memberText(response, name)
          return row([time, outcome, who, key('previousKey'), key('newKey')], [event])
        }),
      },
      {
        id: 'alterations',
        columns: columns('time:time', 'index:count', 'action:action'),
        rows: of(altered).map((event) => row([event.time, numberOf(event.request['index']), event.action], [event])),
      },
    ],
  }
}

const numberOf = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined)
