/** Rotation against policy: each key of the period with its interval, its last rotation and when the next one was due. */
import { groupEvents } from './group-events.ts'
import {
  actionsQuery,
  columns,
  count,
  type Report,
  type ReportKind,
  type ReportPeriod,
  type ReportRow,
  row,
} from './report.ts'
import { dataOf, isDone, memberText, type ReportEvent } from './report-event.ts'

const rotation = 'hs-crypto.secrets.rotate'
const creation = 'hs-crypto.secrets.create'
const policy = 'hs-crypto.policies.write'
const ends = ['hs-crypto.secrets.delete', 'hs-crypto.secrets.purge', 'hs-crypto.secrets.expire']
const restoration = 'hs-crypto.secrets.restore'

export const rotationComplianceReport: ReportKind = {
  id: 'rotation-compliance',
  number: 8,
  query: `${actionsQuery(rotation, creation, policy, ...ends, restoration)} outcome:success`,
  clauses: ['PCI DSS 4.0.1: 3.7.4', 'ISO/IEC 27001:2022: A.8.24', 'NIST SP 800-53 Rev. 5: SC-12'],
  make: (events, period) => makeCompliance(events, period),
}

type Verdict = 'in-time' | 'late' | 'overdue' | 'no-policy' | 'ended'

interface KeyRotation {
  readonly verdict: Verdict
  readonly row: ReportRow
}

function makeCompliance(events: readonly ReportEvent[], period: ReportPeriod): Report {
  const keys = [...groupEvents(events.filter(isDone), ({ keyId }) => keyId)].map(([id, own]) =>
    rotationOf(id, own, period),
  )
  const times = (verdict: Verdict): number => keys.filter((key) => key.verdict === verdict).length
  return {
    summary: [
      count('keys', keys.length),
      count('inTime', times('in-time')),
      count('late', times('late')),
      count('overdue', times('overdue')),
      count('noPolicy', times('no-policy')),
      count('rotated', events.filter((event) => event.action === rotation && isDone(event)).length),
    ],
    tables: [
      {
        id: 'rotations',
        columns: columns(
          'name',
          'keyId',
          'verdict:code',
          'intervalMonths:count',
          'rotations:count',
          'lastRotated:time',
          'due:time',
          'rotatedLate:count',
          'instance',
        ),
        note: 'rotation-of-period',
        rows: keys.map((key) => key.row),
      },
    ],
  }
}

function rotationOf(id: string, events: readonly [ReportEvent, ...ReportEvent[]], { to }: ReportPeriod): KeyRotation {
  let due: string | undefined
  let interval: number | undefined
  let isOver = false
  let late = 0
  for (const event of events) {
    const { action, time, request, response } = event
    if (action === rotation && due !== undefined && time !== undefined && time > due) late++
    const after = { ...dataOf(request['newValue']), ...dataOf(response['newValue']) }
    if (typeof after['policyRotationIntervalMonth'] === 'number') interval = after['policyRotationIntervalMonth']
    const told = timeOf(memberText(response, 'rotationDueDate'))
    if (after['policyRotationEnabled'] === false) [due, interval] = [undefined, undefined]
    else if (told !== undefined) due = told
    isOver = ends.includes(action) || (isOver && action !== restoration)
  }
  const verdict = verdictOf({ isOver, due, late, to })
  const rotations = events.filter(({ action }) => action === rotation)
  const { target, instance } = events.at(-1) ?? events[0]
  const cells = [target, id, verdict, interval, rotations.length, rotations.at(-1)?.time, due, late, instance]
  return { verdict, row: row(cells, events) }
}

function verdictOf(of: { isOver: boolean; due: string | undefined; late: number; to: number }): Verdict {
  const { isOver, due, late, to } = of
  if (isOver) return 'ended'
  if (due === undefined) return 'no-policy'
  if (Date.parse(due) < to) return 'overdue'
  return late > 0 ? 'late' : 'in-time'
}

function timeOf(text: string): string | undefined {
  const time = Date.parse(text)
  return Number.isNaN(time) ? undefined : new Date(time).toISOString()
}
