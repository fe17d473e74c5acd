/** Access review: roles granted and revoked in the period, who holds them at its end, and which of them reach the audit trail. */
import { accountRolesNow, auditAccessNow } from './access-now.ts'
import { groupEvents } from './group-events.ts'
import { actionsQuery, columns, count, type Report, type ReportKind, row } from './report.ts'
import { isDone, memberText, type ReportEvent } from './report-event.ts'

const grant = 'iam-access.role.grant'
const revoke = 'iam-access.role.revoke'
const identities = ['user', 'serviceid', 'apikey'].flatMap((kind) =>
  ['create', 'update', 'delete'].map((verb) => `iam-identity.${kind}.${verb}`),
)

export const accessReviewReport: ReportKind = {
  id: 'access-review',
  number: 15,
  query: actionsQuery(grant, revoke, ...identities),
  clauses: [
    'PCI DSS 4.0.1: 7.2.4, 10.2.1.5, 10.3.1',
    'ISO/IEC 27001:2022: A.5.15, A.5.18',
    'NIST SP 800-53 Rev. 5: AC-2, AC-6',
    'SOC 2: CC6.3',
  ],
  make: (events) => makeReview(events),
  now: [auditAccessNow, accountRolesNow],
}

function makeReview(events: readonly ReportEvent[]): Report {
  const done = events.filter(isDone)
  const grants = groupEvents(
    done.filter(({ action }) => action === grant || action === revoke),
    ({ request }) => JSON.stringify(['identityId', 'role', 'scope'].map((name) => memberText(request, name))),
  )
  const rows = [...grants.values()].map((own) => {
    const { request, target } = own[0]
    const [identity, role, scope] = ['identityId', 'role', 'scope'].map((name) => memberText(request, name))
    const last = own.at(-1) ?? own[0]
    const given = own.findLast(({ action }) => action === grant)
    const state = last.action === grant ? 'held' : 'revoked'
    const reach = reachOf(scope ?? '')
    const taken = state === 'revoked' ? last : undefined
    const cells = [target, identity, role, scope, reach, state, given?.time, given?.who, taken?.time, taken?.who]
    return { state, reach, row: row(cells, own) }
  })
  return {
    summary: [
      count('granted', done.filter(({ action }) => action === grant).length),
      count('revoked', done.filter(({ action }) => action === revoke).length),
      count('reachTrail', rows.filter(({ state, reach }) => state === 'held' && reach !== 'instance').length),
      count('identityChanges', done.filter(({ action }) => identities.includes(action)).length),
      count('refused', events.filter(({ outcome }) => outcome === 'failure').length),
    ],
    tables: [
      {
        id: 'roles',
        columns: columns(
          'identity',
          'identityId',
          'role',
          'scope:scope',
          'reach:code',
          'state:code',
          'granted:time',
          'grantedBy',
          'revokedAt:time',
          'revokedBy',
        ),
        note: 'access-of-period',
        rows: rows.map((each) => each.row),
      },
      {
        id: 'identities',
        columns: columns('time:time', 'action:action', 'target', 'outcome:code', 'who', 'address'),
        rows: events
          .filter(({ action }) => identities.includes(action))
          .map((event) => {
            const { time, action, target, outcome, who, address } = event
            return row([time, action, target, outcome, who, address], [event])
          }),
      },
    ],
  }
}

/** Whether a role can reach the audit trail: one of the account or of a tracker can. */
function reachOf(scope: string): string {
  if (scope.startsWith('instance/')) return 'instance'
  return scope.startsWith('tracker/') ? 'tracker' : 'account'
}
