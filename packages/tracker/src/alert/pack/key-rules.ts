/** Rules about the life of keys: deletion, disabling, rotation, and services that do not follow. */
import { actions, notByItself, type PackRule } from './pack-rule.ts'

const destructive = actions('hs-crypto.secrets.delete', 'hs-crypto.secrets.purge', 'hs-crypto.secrets.disable')
const setForDeletion = actions('hs-crypto.secrets.setkeyfordeletion')

export const keyRules: readonly PackRule[] = [
  {
    number: [1],
    isOn: true,
    rule: {
      id: 'key-deleted',
      name: 'A key was deleted or purged',
      description:
        'Somebody deleted a key, or erased a deleted one for good. Data that only this key opens is lost once it is purged. The purge that the server makes by itself 90 days after a deletion is not told again.',
      remedy:
        'Ask who did it whether it was meant. A deleted key can be restored for 30 days; a purged one cannot. See which resources are registered with it.',
      severity: 'critical',
      when: {
        kind: 'match',
        query: `${actions('hs-crypto.secrets.delete', 'hs-crypto.secrets.purge')} outcome:success ${notByItself}`,
      },
      groupBy: ['key'],
    },
  },
  {
    number: [2],
    isOn: true,
    rule: {
      id: 'deletion-by-one-identity',
      name: 'One identity authorized the deletion of a key and deleted it',
      description:
        'Deletion under dual authorization takes two people. Here the same identity did both. This server refuses that: an event that says so comes from another producer, or was made up.',
      remedy:
        'Find out which service recorded the deletion. Restore the key if two people did not agree, and ask the owner of the identity.',
      severity: 'critical',
      when: {
        kind: 'sequence',
        steps: [
          { query: `${setForDeletion} outcome:success` },
          { query: `${actions('hs-crypto.secrets.delete')} outcome:success` },
        ],
        within: '8d',
        same: [['newValue.authID', 'initiator.id']],
      },
      groupBy: ['key'],
    },
  },
  {
    number: [2],
    isOn: true,
    why: 'Where all callers come through one proxy that does not forward their addresses, turn it off: all have the same.',
    rule: {
      id: 'deletion-from-one-address',
      name: 'Both authorizations to delete a key came from one address',
      description:
        'Two identities agreed to the deletion of a key, from the same network address. It may be one person who holds the credentials of two, or two people behind one gateway.',
      remedy: 'Ask both people, separately and not by mail, whether they agreed. The key can be restored for 30 days.',
      severity: 'critical',
      when: {
        kind: 'sequence',
        steps: [
          { query: `${setForDeletion} outcome:success address:*` },
          { query: `${actions('hs-crypto.secrets.delete')} outcome:success address:*` },
        ],
        within: '8d',
        same: [['address', 'address']],
      },
      groupBy: ['key'],
    },
  },
  {
    number: [3],
    isOn: true,
    rule: {
      id: 'deletion-window-closing',
      name: 'An authorization to delete a key ends within a day',
      description:
        'One person authorized the deletion of a key, and nobody has deleted it or withdrawn that. It is the last day on which a second person can delete the key, and on which you can look into it.',
      remedy:
        'Ask who authorized it whether the key is still to go. If not, withdraw the authorization; otherwise it lapses by itself.',
      severity: 'warning',
      when: {
        kind: 'deadline',
        query: `${setForDeletion} outcome:success`,
        due: { field: 'newValue.authExpiration' },
        before: '24h',
        unless: `${actions(
          'hs-crypto.secrets.setkeyfordeletion',
          'hs-crypto.secrets.unsetkeyfordeletion',
          'hs-crypto.secrets.delete',
        )} outcome:success`,
      },
      groupBy: ['key'],
    },
  },
  {
    number: [4],
    isOn: true,
    rule: {
      id: 'bulk-destruction',
      name: 'Several keys deleted, purged or disabled at once',
      description:
        'One identity deleted, purged or disabled three keys or more within ten minutes. That is what sabotage and extortion look like, and what a script gone wrong looks like.',
      remedy:
        'Disable the identity and its API keys first, ask afterwards. Then restore and enable the keys; the alert lists them.',
      severity: 'critical',
      when: {
        kind: 'distinct',
        query: `${destructive} outcome:success ${notByItself}`,
        of: 'key',
        threshold: 3,
        within: '10m',
      },
      groupBy: ['initiator.id'],
    },
  },
  {
    number: [4],
    isOn: true,
    why: 'It knows keys by their events: the share is of those seen within 30 days, from 20 keys on.',
    rule: {
      id: 'bulk-destruction-share',
      name: 'A tenth of all keys deleted, purged or disabled within a day',
      description:
        'Of the keys of an instance that were seen in the last 30 days, a tenth or more was deleted, purged or disabled within a day, by whomever and however slowly.',
      remedy:
        'Find out whether the instance is being given up. If not, disable who did it, then restore and enable the keys.',
      severity: 'critical',
      when: {
        kind: 'ratio',
        query: `${destructive} outcome:success ${notByItself}`,
        of: 'key:*',
        share: 0.1,
        least: 20,
        within: '1d',
        ofWithin: '30d',
        distinct: 'key',
      },
      groupBy: ['instance'],
    },
  },
  {
    number: [5],
    isOn: true,
    rule: {
      id: 'root-key-state-changed',
      name: 'A root key was disabled, enabled or restored',
      description:
        'Disabling a root key stops everything that it protects; enabling or restoring one opens again what was closed on purpose.',
      remedy: 'Compare with the planned changes. If it is none, ask who did it, and set the key back.',
      severity: 'warning',
      when: {
        kind: 'match',
        query: `${actions(
          'hs-crypto.secrets.disable',
          'hs-crypto.secrets.enable',
          'hs-crypto.secrets.restore',
        )} outcome:success -keyType:standard`,
      },
      groupBy: ['key'],
    },
  },
  {
    number: [15],
    isOn: true,
    rule: {
      id: 'rotation-overdue',
      name: 'A key was not rotated within its interval',
      description:
        'A key has a rotation policy, and no rotation was recorded within its interval and a day. The server rotates such keys by itself; something keeps it from that. A key that was disabled is watched again from its next rotation on.',
      remedy: 'Look for refused rotations of the key and for a crypto unit that does not answer. Then rotate the key.',
      severity: 'warning',
      when: {
        kind: 'deadline',
        query: `${actions(
          'hs-crypto.policies.write',
          'hs-crypto.secrets.create',
          'hs-crypto.secrets.rotate',
        )} outcome:success rotationDueDate:*`,
        due: { field: 'rotationDueDate' },
        unless: `outcome:success (${actions(
          'hs-crypto.secrets.rotate',
          'hs-crypto.secrets.delete',
          'hs-crypto.secrets.disable',
          'hs-crypto.secrets.expire',
        )} OR ${actions('hs-crypto.policies.write')} newValue.policyRotationEnabled:*)`,
      },
      groupBy: ['key'],
    },
  },
  {
    number: [16],
    isOn: true,
    rule: {
      id: 'rotation-storm',
      name: 'Many rotations within an hour',
      description:
        'One identity rotated keys more than twenty times within an hour. Each rotation makes services rewrap what they protect, and ages the versions that are kept. Rotations by policy do not count.',
      remedy:
        'Stop the program that does it. See whether it was meant to rotate so many keys, or the same one again and again.',
      severity: 'warning',
      when: {
        kind: 'count',
        query: `${actions('hs-crypto.secrets.rotate')} outcome:success ${notByItself}`,
        threshold: 21,
        within: '1h',
      },
      groupBy: ['initiator.id'],
    },
  },
  {
    number: [17],
    isOn: true,
    rule: {
      id: 'adopter-did-not-acknowledge',
      name: 'A service did not follow a change of its key',
      description:
        'A service that protects resources with a key did not acknowledge that the key was deleted, disabled, enabled, restored or rotated within four hours, or its own state contradicts. Its data may still be open, or closed against your will.',
      remedy: 'The event names the resource. Ask its service, then synchronize the key: the services are told again.',
      severity: 'warning',
      when: {
        kind: 'match',
        query: `outcome:failure code:[408, 409] (${actions(
          'hs-crypto.secrets.ack-delete',
          'hs-crypto.secrets.ack-disable',
          'hs-crypto.secrets.ack-enable',
          'hs-crypto.secrets.ack-restore',
          'hs-crypto.secrets.ack-rotate',
          'hs-crypto.secrets-event.ack',
        )} OR ${actions(
          'hs-crypto.secrets.delete',
          'hs-crypto.secrets.disable',
          'hs-crypto.secrets.enable',
          'hs-crypto.secrets.restore',
          'hs-crypto.secrets.rotate',
        )} responseData.reasonForFailure:*)`,
      },
      groupBy: ['key'],
    },
  },
  {
    number: [17],
    isOn: true,
    rule: {
      id: 'adopter-unreachable',
      name: 'A service could not be told of a change of its key',
      description:
        'A message to a service about the life of a key was given up: its receiver did not take it. The service does not know what became of the key.',
      remedy: 'Mend the receiver or its URL, then have the message sent again; it is kept for 30 days.',
      severity: 'warning',
      when: { kind: 'match', query: `${actions('hs-crypto.notification.deliver')} outcome:failure` },
      groupBy: ['target.id'],
    },
  },
]
