/** Policy and setting changes, one row for each value, before and after, and whether that is looser or stricter. */
import { policyChange } from '../policy-change.ts'
import { columns, count, type Report, type ReportKind, type ReportRow, row } from './report.ts'
import { dataOf, type ReportData, type ReportEvent, valueText } from './report-event.ts'

export const policyChangesReport: ReportKind = {
  id: 'policy-changes',
  number: 6,
  query: 'change:*',
  clauses: ['ISO/IEC 27001:2022: A.8.32', 'NIST SP 800-53 Rev. 5: AU-12, CM-3', 'SOC 2: CC8.1'],
  make: (events) => makeChanges(events),
}

function makeChanges(events: readonly ReportEvent[]): Report {
  const directions = events.map(({ event }) => policyChange(event) ?? 'other')
  const times = (direction: string): number => directions.filter((each) => each === direction).length
  return {
    summary: [
      count('changes', events.length),
      count('looser', times('looser')),
      count('stricter', times('stricter')),
      count('other', times('other')),
      count('people', new Set(events.map(({ whoId }) => whoId)).size),
    ],
    tables: [
      {
        id: 'changes',
        columns: columns(
          'time:time',
          'action:action',
          'target',
          'setting',
          'before',
          'after',
          'direction:code',
          'who',
          'address',
        ),
        rows: events.flatMap((event, at) => rowsOf(event, directions[at] ?? 'other')),
      },
    ],
  }
}

function rowsOf(event: ReportEvent, direction: string): ReportRow[] {
  const { time, action, target, who, address } = event
  const rowOf = (setting: string, before: string, after: string): ReportRow =>
    row([time, action, target, setting, before, after, direction, who, address], [event])
  const before = sideOf(event, 'initialValue')
  const told = sideOf(event, 'newValue')
  const after = told.size > 0 ? told : ownOf(event, before)
  const names = [...new Set([...before.keys(), ...after.keys()])].toSorted()
  const changed = names.filter((name) => before.get(name) !== after.get(name))
  if (changed.length > 0) return changed.map((name) => rowOf(name, before.get(name) ?? '', after.get(name) ?? ''))
  // Older events of crypto units tell none from before.
  const plain = [...membersOf(event.request)].filter(([name]) => /threshold/i.test(name))
  if (plain.length > 0) return plain.map(([name, value]) => rowOf(name, '', value))
  return [rowOf('', '', '')]
}

function sideOf({ request, response }: ReportEvent, side: 'initialValue' | 'newValue'): Map<string, string> {
  return new Map([...membersOf(dataOf(request[side])), ...membersOf(dataOf(response[side]))])
}

/** Events of crypto units tell the new value by its own name. */
function ownOf({ request, response }: ReportEvent, before: ReadonlyMap<string, string>): Map<string, string> {
  const own = new Map([...membersOf(request), ...membersOf(response)])
  return new Map([...own].filter(([name]) => before.has(name)))
}

const membersOf = (data: ReportData): Map<string, string> =>
  new Map(Object.entries(data).map(([name, value]) => [name, valueText(value)]))
