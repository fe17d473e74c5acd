/** Key lifecycle register: each key of the period with its birth, rotations, state and end, by whom, approved by whom. */
import { groupEvents } from './group-events.ts'
import { actionsQuery, columns, count, type Report, type ReportKind, type ReportRow, row } from './report.ts'
import { isDone, memberText, type ReportEvent } from './report-event.ts'

const of = (...verbs: readonly string[]): string[] => verbs.map((verb) => `hs-crypto.secrets.${verb}`)

/** The state in which an action that succeeded leaves a key. */
const states: ReadonlyMap<string, string> = new Map(
  Object.entries({
    create: 'active',
    restore: 'active',
    enable: 'active',
    rotate: 'active',
    disable: 'suspended',
    expire: 'deactivated',
    delete: 'deleted',
    purge: 'purged',
  }).map(([verb, state]) => [`hs-crypto.secrets.${verb}`, state]),
)
const acknowledgement = 'hs-crypto.secrets-event.ack'
const authorization = 'hs-crypto.secrets.setkeyfordeletion'

export const keyLifecycleReport: ReportKind = {
  id: 'key-lifecycle',
  number: 1,
  query: actionsQuery(
    ...states.keys(),
    ...of('patch', 'setkeyfordeletion', 'unsetkeyfordeletion'),
    ...of('ack-delete', 'ack-disable', 'ack-enable', 'ack-restore', 'ack-rotate'),
    acknowledgement,
  ),
  clauses: ['PCI DSS 4.0.1: 3.7.4, 3.7.5', 'ISO/IEC 27001:2022: A.8.24', 'NIST SP 800-53 Rev. 5: AU-12, SC-12'],
  make: (events) => makeRegister(events),
}

function makeRegister(events: readonly ReportEvent[]): Report {
  const keys = [...groupEvents(events, ({ keyId }) => keyId)]
  const done = events.filter(isDone)
  const times = (action: string): number => done.filter((event) => event.action === action).length
  return {
    summary: [
      count('keys', keys.length),
      count('created', times('hs-crypto.secrets.create')),
      count('rotated', times('hs-crypto.secrets.rotate')),
      count('deleted', times('hs-crypto.secrets.delete')),
      count('purged', times('hs-crypto.secrets.purge')),
      count('refused', events.filter(({ outcome }) => outcome === 'failure').length),
    ],
    tables: [
      {
        id: 'keys',
        columns: columns(
          'name',
          'keyId',
          'state:code',
          'created:time',
          'createdBy',
          'rotations:count',
          'lastRotated:time',
          'deleted:time',
          'deletedBy',
          'approvedBy',
          'acknowledged:count',
          'instance',
        ),
        rows: keys.map(([id, own]) => rowOfKey(id, own)),
        note: 'state-of-period',
      },
      {
        id: 'steps',
        columns: columns('time:time', 'name', 'keyId', 'action:action', 'outcome:code', 'who', 'address', 'reason'),
        rows: events.map((event) => {
          const { time, target, keyId, action, outcome, who, address, reason } = event
          return row([time, target, keyId, action, outcome, who, address, reason], [event])
        }),
      },
    ],
  }
}

function rowOfKey(id: string, events: readonly [ReportEvent, ...ReportEvent[]]): ReportRow {
  const done = events.filter(isDone)
  const last = (verb: string): ReportEvent | undefined =>
    done.findLast(({ action }) => action === `hs-crypto.secrets.${verb}`)
  const created = last('create')
  const deleted = last('delete')
  const approval = deleted === undefined ? undefined : approvalOf(done, deleted)
  const state = done.map(({ action }) => states.get(action)).findLast((each) => each !== undefined)
  return row(
    [
      done.at(-1)?.target ?? events[0].target,
      id,
      state ?? 'unknown',
      created?.time,
      created?.who,
      done.filter(({ action }) => action === 'hs-crypto.secrets.rotate').length,
      last('rotate')?.time,
      deleted?.time,
      deleted?.who,
      approval,
      done.filter(({ action }) => action === acknowledgement).length,
      events[0].instance,
    ],
    events,
  )
}

/** Who had authorized the deletion before it came. */
function approvalOf(done: readonly ReportEvent[], deleted: ReportEvent): string | undefined {
  const given = done.findLast(({ action, index }) => action === authorization && index < deleted.index)
  return given === undefined ? undefined : given.who || memberText(given.response, 'newValue.authID')
}
