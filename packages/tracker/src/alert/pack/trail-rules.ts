/** Rules about the trail itself: whether it is whole, who reads it, and who changes what watches over it. */
import { actions, bySomebody, done, notByItself, type PackRule } from './pack-rule.ts'

/** What a tracker records of its own log. It promises no heartbeats: nothing is odd most of the time. */
const ofTheTracker = `(${actions(
  'activity-tracker.numbers.missing',
  'activity-tracker.numbers.late',
  'activity-tracker.numbers.reused',
  'activity-tracker.epochs.missing',
  'activity-tracker.epochs.contradicted',
  'activity-tracker.events.late-dated',
  'activity-tracker.events.future-dated',
  'activity-tracker.events.forged',
  'activity-tracker.log.prune',
)} OR ${actions('hs-crypto.producer.start')} -heartbeatSeconds:*)`

export const trailRules: readonly PackRule[] = [
  {
    number: [26],
    isOn: true,
    why: 'Where KEYWITNESS_HEARTBEAT is more than 15 minutes, make its time longer by as much.',
    rule: {
      id: 'audit-silence',
      name: 'A producer of events fell silent',
      description:
        'A server recorded nothing for 20 minutes, not even the heartbeat that it promises after 15 minutes of quiet. It stands still, cannot deliver, or its events are held back. A server that was stopped for longer is told, too, once it runs again.',
      remedy:
        'See whether the server runs and how many events wait to be delivered. If it was taken out of service, close the alert: it is not told again.',
      severity: 'critical',
      when: { kind: 'absence', query: `-${ofTheTracker}`, within: '20m' },
      groupBy: ['producer'],
    },
  },
  {
    number: [27],
    isOn: true,
    rule: {
      id: 'numbers-missing-or-reused',
      name: 'Numbers of events are missing or were used twice',
      description:
        'Producers number their events. Numbers or starts that are missing mean that events were removed before they reached the log; numbers used twice, or counts that differ, mean that a store was set back or events were made up.',
      remedy:
        'Keep the server store as it is. Find out who could write to it at that time, and whether it was restored from a copy.',
      severity: 'critical',
      when: {
        kind: 'match',
        query: actions(
          'activity-tracker.numbers.missing',
          'activity-tracker.numbers.reused',
          'activity-tracker.epochs.missing',
          'activity-tracker.epochs.contradicted',
          'activity-tracker.counts.differ',
        ),
      },
      groupBy: ['requestData.producer'],
    },
  },
  {
    number: [28],
    isOn: true,
    rule: {
      id: 'late-or-future-events',
      name: 'Events came late, or are dated wrongly',
      description:
        'Events are dated over a minute before the ones before them or ahead of the clock, or numbers that were missing came after all. A clock was set, or somebody held events back.',
      remedy: 'Compare the clocks of the machines with a time service. Trust the order of the log, not the times.',
      severity: 'warning',
      when: {
        kind: 'match',
        query: actions(
          'activity-tracker.events.late-dated',
          'activity-tracker.events.future-dated',
          'activity-tracker.numbers.late',
        ),
      },
      groupBy: ['requestData.producer'],
    },
  },
  {
    number: [29],
    isOn: true,
    rule: {
      id: 'checkpoint-stands-still',
      name: 'No checkpoint covers the newest events',
      description:
        'Events were numbered, and for five minutes no signed checkpoint covers them: they can be found, and not be proved yet.',
      remedy:
        'Look at the log of the server and at the disk. Nothing is lost; checkpoints go on once the cause is gone.',
      severity: 'critical',
      when: { kind: 'watch', of: 'checkpoint', beyond: '5m' },
      groupBy: [],
    },
  },
  {
    number: [30],
    isOn: true,
    rule: {
      id: 'integrity-check-failed',
      name: 'The log is not what was signed',
      description:
        'An entry of the log was altered, a verification of its bytes failed, or events were delivered in the name of the tracker itself.',
      remedy: 'Keep the store as it is. Verify the whole log, and find out who could write to the disk.',
      severity: 'critical',
      when: {
        kind: 'match',
        query: `${actions('activity-tracker.log.altered', 'activity-tracker.events.forged')} OR ${actions(
          'activity-tracker.log.verify',
        )} outcome:failure`,
      },
      groupBy: [],
    },
  },
  {
    number: [31],
    isOn: true,
    rule: {
      id: 'audit-configuration-changed',
      name: 'What watches over the audit was changed',
      description:
        'Retention, legal holds, the signing key, trackers, who delivers, rules, calendars, channels, or roles that rule over them were changed, or a change that takes two people was proposed.',
      remedy: 'Ask who did it. Each of these has an event with what was before; rules keep all their versions.',
      severity: 'critical',
      when: {
        kind: 'match',
        query: `outcome:success ${notByItself} (${actions(
          'activity-tracker.instance.create',
          'activity-tracker.instance.delete',
          'activity-tracker.retention.update',
          'activity-tracker.hold.create',
          'activity-tracker.hold.release',
          'activity-tracker.proposal.create',
          'activity-tracker.proposal.approve',
          'activity-tracker.log-key.rotate',
          'activity-tracker.producer.create',
          'activity-tracker.producer.delete',
          'activity-tracker.producer.admit',
          'activity-tracker.rule.create',
          'activity-tracker.rule.update',
          'activity-tracker.rule.delete',
          'activity-tracker.rule.import',
          'activity-tracker.calendar.update',
          'activity-tracker.calendar.delete',
          'activity-tracker.channel.create',
          'activity-tracker.channel.update',
          'activity-tracker.channel.delete',
        )} OR ${actions('iam-access.role.grant', 'iam-access.role.revoke')} scope:[account, tracker])`,
      },
      groupBy: ['initiator.id', 'action'],
    },
  },
  {
    number: [32],
    isOn: true,
    rule: {
      id: 'trail-exported',
      name: 'Somebody exported the audit trail',
      description:
        'Events of the trail left the server as a file, or what a legal hold has copied did. The event says which search, how many events, and how it ended.',
      remedy: 'If it was not for an audit, ask who did it where the file is.',
      severity: 'warning',
      when: {
        kind: 'match',
        query: `${actions('activity-tracker.events.export', 'activity-tracker.hold.read')} ${done}`,
      },
      groupBy: ['initiator.id'],
    },
  },
  {
    number: [32],
    isOn: true,
    why: 'A person in the console makes a few dozen such events an hour.',
    rule: {
      id: 'trail-read-much',
      name: 'Somebody reads the audit trail in bulk',
      description:
        'An identity searched the trail, or read events and receipts, 500 times within an hour. That is more than a person does.',
      remedy:
        'A program that collects events should export or follow them. If it is none of yours, see what it looked for.',
      severity: 'warning',
      when: {
        kind: 'count',
        query: `${actions(
          'activity-tracker.events.search',
          'activity-tracker.events.read',
          'activity-tracker.events.tail',
          'activity-tracker.receipt.read',
        )} outcome:success ${bySomebody}`,
        threshold: 500,
        within: '1h',
      },
      groupBy: ['initiator.id'],
    },
  },
  {
    number: [33],
    isOn: true,
    rule: {
      id: 'alerts-silenced',
      name: 'Alerts were muted, or a rule turned off',
      description:
        'Somebody muted alerts or turned a rule off, or the server suspended a rule that took too long. The event says who, why and until when.',
      remedy: 'If nobody announced it, end the mute or turn the rule on again, and ask who did it.',
      severity: 'warning',
      when: {
        kind: 'match',
        query: `${actions(
          'activity-tracker.mute.create',
          'activity-tracker.rule.disable',
          'activity-tracker.rule.suspend',
        )} outcome:success`,
      },
      groupBy: ['initiator.id', 'action'],
    },
  },
  {
    number: [34],
    isOn: true,
    rule: {
      id: 'dead-rules',
      name: 'A rule never fired although its events went on',
      description:
        'Events that the rule looks at came for 30 days, and it never fired. It may be as it should, or the rule may ask for something that never happens.',
      remedy: 'Test the rule against the trail with an easier condition. If it finds what it should, leave it.',
      severity: 'info',
      when: { kind: 'watch', of: 'dead-rule', beyond: '30d' },
      groupBy: [],
    },
  },
  {
    number: [],
    isOn: true,
    rule: {
      id: 'alerting-late',
      name: 'Alerts are late',
      description: 'Rules are evaluated more than a minute behind the log, or not at all: nobody is told in time.',
      remedy:
        'Look at the state of alerting and at the log of the server. A rule whose query is too wide slows all down.',
      severity: 'critical',
      when: { kind: 'watch', of: 'engine', beyond: '1m' },
      groupBy: [],
    },
  },
  {
    number: [],
    isOn: true,
    rule: {
      id: 'channel-failing',
      name: 'A channel reaches nobody',
      description: 'Messages of a channel have not been taken for 15 minutes: who it tells learns nothing.',
      remedy: 'See what is wrong with the receiver, test the channel, and send what was given up again.',
      severity: 'critical',
      when: { kind: 'watch', of: 'channel', beyond: '15m' },
      groupBy: [],
    },
  },
]
