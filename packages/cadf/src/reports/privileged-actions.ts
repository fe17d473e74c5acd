/** Privileged actions by person: what changes keys for ever, rights, crypto units, certificates and the keeping of the trail. */
import { countDistinct, distinct, groupEvents } from './group-events.ts'
import { columns, count, type Report, type ReportKind, row } from './report.ts'
import { isDone, type ReportEvent } from './report-event.ts'

/** Beginnings of their names. */
const privileged = [
  'hs-crypto.tke-',
  'hs-crypto.mtlscert-',
  'hs-crypto.instance.',
  'hs-crypto.policies.write',
  'hs-crypto.instance-policies.write',
  'hs-crypto.secrets.delete',
  'hs-crypto.secrets.purge',
  'hs-crypto.secrets.restore',
  'hs-crypto.secrets.setkeyfordeletion',
  'hs-crypto.secrets.unsetkeyfordeletion',
  'hs-crypto.keystore.deletekey',
  'hs-crypto.adopter.',
  'iam-access.role.',
  'iam-identity.account.',
  'iam-identity.user.',
  'iam-identity.serviceid.',
  'iam-identity.apikey.',
  'activity-tracker.instance.',
  'activity-tracker.retention.update',
  'activity-tracker.hold.',
  'activity-tracker.proposal.',
  'activity-tracker.rule.',
  'activity-tracker.mute.',
  'activity-tracker.channel.',
  'activity-tracker.producer.',
  'activity-tracker.log-key.',
]

export const privilegedActionsReport: ReportKind = {
  id: 'privileged-actions',
  number: 7,
  query: `action:[${privileged.join(', ')}] -action:[*.list, *.read, *.login, *.channel.fail, *.expiring, *.expired]`,
  clauses: ['PCI DSS 4.0.1: 10.2.1.2, 10.2.1.5', 'ISO/IEC 27001:2022: A.8.2', 'NIST SP 800-53 Rev. 5: AC-6(9), AU-12'],
  make: (events) => makeActions(events),
}

function makeActions(events: readonly ReportEvent[]): Report {
  const people = groupEvents(events, ({ whoId, who }) => JSON.stringify([whoId, who]))
  const deeds = groupEvents(events, ({ whoId, who, action }) => JSON.stringify([whoId, who, action]))
  const refusedIn = (own: readonly ReportEvent[]): number => own.filter(({ outcome }) => outcome === 'failure').length
  return {
    summary: [
      count('actions', events.length),
      count('people', people.size),
      count('refused', refusedIn(events)),
      count(
        'addresses',
        countDistinct(events, ({ address }) => address),
      ),
    ],
    tables: [
      {
        id: 'people',
        columns: columns(
          'who',
          'whoId',
          'done:count',
          'refused:count',
          'kinds:count',
          'addresses',
          'first:time',
          'last:time',
        ),
        rows: [...people.values()]
          .toSorted((one, other) => other.length - one.length || one[0].index - other[0].index)
          .map((own) =>
            row(
              [
                own[0].who,
                own[0].whoId,
                own.filter(isDone).length,
                refusedIn(own),
                countDistinct(own, ({ action }) => action),
                distinct(own, ({ address }) => address),
                own[0].time,
                own.at(-1)?.time,
              ],
              own,
            ),
          ),
      },
      {
        id: 'deeds',
        columns: columns('who', 'action:action', 'done:count', 'refused:count', 'targets', 'first:time', 'last:time'),
        rows: [...deeds.values()].map((own) =>
          row(
            [
              own[0].who,
              own[0].action,
              own.filter(isDone).length,
              refusedIn(own),
              [...new Set(own.map(({ target }) => target))].slice(0, 5).join(', '),
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
