/** Ceremonies of crypto units: every command in its order, by whose signatures, and what it left behind. */
import { countDistinct, distinct, groupEvents } from './group-events.ts'
import { columns, count, type Report, type ReportKind, row } from './report.ts'
import { isDone, memberText, type ReportData, type ReportEvent, valueText } from './report-event.ts'

export const ceremonyStepsReport: ReportKind = {
  id: 'ceremony-steps',
  query: 'action:hs-crypto.tke-',
  clauses: ['PCI DSS 4.0.1: 3.7.1, 3.7.6', 'ISO/IEC 27001:2022: A.8.24', 'NIST SP 800-53: SC-12'],
  make: (events) => makeSteps(events),
}

/** Told in columns of their own, or of the request as every event has it. */
const told = new Set(['location', 'signerIds', 'requestHash', 'transactionCounter', 'requestURI', 'instanceID'])

const unitOf = ({ request, target }: ReportEvent): string => memberText(request, 'location') || target

function makeSteps(events: readonly ReportEvent[]): Report {
  const units = groupEvents(events, unitOf)
  const signers = new Set(events.filter(isDone).flatMap(({ request }) => signersOf(request)))
  return {
    summary: [
      count('commands', events.length),
      count('refused', events.filter(({ outcome }) => outcome === 'failure').length),
      count('units', units.size),
      count('signers', signers.size),
      count(
        'people',
        countDistinct(events, ({ whoId }) => whoId),
      ),
    ],
    tables: [
      {
        id: 'ceremony',
        columns: columns(
          'time:time',
          'unit',
          'action:action',
          'outcome:code',
          'signatures:count',
          'signers',
          'data',
          'requestHash',
          'who',
          'reason',
        ),
        note: 'ceremony',
        rows: events.map((event) => {
          const { time, action, outcome, request, response, who, reason } = event
          const own = signersOf(request)
          const data = [...membersOf(request), ...membersOf(response)].join('; ')
          const proof = memberText(request, 'requestHash')
          return row(
            [time, unitOf(event), action, outcome, own.length, own.join(' '), data, proof, who, reason],
            [event],
          )
        }),
      },
      {
        id: 'units',
        columns: columns('unit', 'commands:count', 'refused:count', 'who', 'first:time', 'last:time'),
        rows: [...units].map(([unit, own]) =>
          row(
            [
              unit,
              own.length,
              own.filter(({ outcome }) => outcome === 'failure').length,
              distinct(own, ({ who }) => who),
              own[0].time,
              own.at(-1)?.time,
            ],
            own,
          ),
        ),
      },
    ],
  }
}

function signersOf({ signerIds }: ReportData): string[] {
  return Array.isArray(signerIds) ? signerIds.map(String) : []
}

function membersOf(data: ReportData): string[] {
  return Object.entries(data).flatMap(([name, value]) => (told.has(name) ? [] : [`${name}=${valueText(value)}`]))
}
