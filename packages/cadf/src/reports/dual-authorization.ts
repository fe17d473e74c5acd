/** Exceptions to dual authorization and to the separation of duties: what one person did that should have taken two. */
import { groupEvents } from './group-events.ts'
import { actionsQuery, columns, count, type Report, type ReportKind, type ReportRow, row } from './report.ts'
import { dataOf, isDone, type ReportEvent } from './report-event.ts'

const deletion = 'hs-crypto.secrets.delete'
const authorization = 'hs-crypto.secrets.setkeyfordeletion'
const withdrawal = 'hs-crypto.secrets.unsetkeyfordeletion'
const policies = ['hs-crypto.policies.write', 'hs-crypto.instance-policies.write']
const threshold = 'hs-crypto.tke-cryptounit-threshold.set'
const grant = 'iam-access.role.grant'

/** Signatures below which one person alone commands a crypto unit. */
const signaturesMin = 2

export const dualAuthorizationReport: ReportKind = {
  id: 'dual-authorization',
  number: 3,
  query: actionsQuery(deletion, authorization, withdrawal, ...policies, threshold, grant),
  clauses: ['ISO/IEC 27001:2022: A.5.3', 'NIST SP 800-53 Rev. 5: AC-3(2), AC-5', 'SOC 2: CC6.3'],
  make: (events) => makeExceptions(events),
}

/** What was found of an event: a code, and the others that show it. */
interface Finding {
  readonly code: string
  readonly event: ReportEvent
  readonly other?: ReportEvent | undefined
}

function makeExceptions(events: readonly ReportEvent[]): Report {
  const deletions = events.filter(({ action }) => action === deletion)
  const done = deletions.filter(isDone)
  const pairs = done.map((event) => ({ event, other: authorizationOf(event, events) }))
  const findings: Finding[] = [
    ...pairs.flatMap(({ event, other }) => findingOfDeletion(event, other)),
    ...events.flatMap((event) => findingOfSetting(event)),
    ...dutiesOfOne(events),
  ].toSorted((one, another) => one.event.index - another.event.index)
  const refused = deletions.filter(
    ({ outcome, reason }) => outcome === 'failure' && reason.includes('AUTHORIZATIONS_NOT_MET'),
  )
  const times = (code: string): number => findings.filter((finding) => finding.code === code).length
  return {
    summary: [
      count('deletions', done.length),
      count('byTwo', done.length - times('one-person') - times('same-person')),
      count('byOne', times('one-person') + times('same-person')),
      count('protectionOff', times('protection-off') + times('threshold-low')),
      count('bothDuties', times('both-duties')),
      count('refusedAlone', refused.length),
    ],
    tables: [
      {
        id: 'exceptions',
        columns: columns('time:time', 'finding:code', 'action:action', 'target', 'who', 'address'),
        note: 'exceptions',
        rows: findings.map(({ code, event, other }) => {
          const { time, action, target, who, address } = event
          return row([time, code, action, target, who, address], other === undefined ? [event] : [other, event])
        }),
      },
      {
        id: 'deletions',
        columns: columns('time:time', 'name', 'keyId', 'deletedBy', 'approvedBy', 'approved:time', 'address'),
        rows: pairs.map(({ event, other }): ReportRow => {
          const { time, target, keyId, who, address } = event
          const made = other === undefined ? [event] : [other, event]
          return row([time, target, keyId, who, other?.who, other?.time, address], made)
        }),
      },
      {
        id: 'refusals',
        columns: columns('time:time', 'name', 'keyId', 'who', 'address', 'reason'),
        rows: refused.map((event) => {
          const { time, target, keyId, who, address, reason } = event
          return row([time, target, keyId, who, address, reason], [event])
        }),
      },
    ],
  }
}

/** The last authorization of the key before its deletion, unless it was withdrawn. */
function authorizationOf({ keyId, index }: ReportEvent, events: readonly ReportEvent[]): ReportEvent | undefined {
  const last = events.findLast(
    (event) =>
      event.index < index &&
      event.keyId === keyId &&
      isDone(event) &&
      (event.action === authorization || event.action === withdrawal),
  )
  return last?.action === authorization ? last : undefined
}

function findingOfDeletion(event: ReportEvent, other: ReportEvent | undefined): Finding[] {
  if (other === undefined) return [{ code: 'one-person', event }]
  return other.whoId === event.whoId ? [{ code: 'same-person', event, other }] : []
}

/** What takes the need for a second person away. */
function findingOfSetting(event: ReportEvent): Finding[] {
  if (!isDone(event)) return []
  if (policies.includes(event.action)) {
    const { request } = event
    const isOff = dataOf(request['newValue'])['policyDualAuthDeleteEnabled'] === false
    const wasOn = dataOf(request['initialValue'])['policyDualAuthDeleteEnabled'] === true
    return isOff && wasOn ? [{ code: 'protection-off', event }] : []
  }
  if (event.action !== threshold) return []
  const after = { ...event.request, ...event.response }
  const isLow = ['signatureThreshold', 'revocationSignatureThreshold'].some((name) => {
    const value = dataOf(after)[name]
    return typeof value === 'number' && value < signaturesMin
  })
  return isLow ? [{ code: 'threshold-low', event }] : []
}

/** Whoever grants roles and deletes keys or sets policies has duties of two: told once, at the last of the deeds. */
function dutiesOfOne(events: readonly ReportEvent[]): Finding[] {
  const people = groupEvents(events.filter(isDone), ({ whoId }) => whoId || undefined)
  return [...people.values()].flatMap((own) => {
    const granted = own.findLast(({ action }) => action === grant)
    const managed = own.findLast(({ action }) => action === deletion || policies.includes(action))
    if (granted === undefined || managed === undefined) return []
    const [other, event] = [granted, managed].toSorted((one, another) => one.index - another.index)
    return event === undefined ? [] : [{ code: 'both-duties', event, other }]
  })
}
