/** Rules about crypto units, certificates, KMIP and EP11: whatever is done there, people are told. */
import { actions, notByItself, type PackRule } from './pack-rule.ts'

const deletesAdapter = `${actions('hs-crypto.kmip-management.delete')} objectKind:==adapter`
/** By the client itself, or by who manages it. */
const destroys = `${actions('hs-crypto.kmip-key.destroy', 'hs-crypto.kmip-key.revoke')} OR ${actions(
  'hs-crypto.kmip-management.delete',
)} objectKind:==object`

export const unitRules: readonly PackRule[] = [
  {
    number: [18],
    isOn: true,
    why: 'The ceremony that the server itself makes in development is not told.',
    rule: {
      id: 'unit-administrator-changed',
      name: 'An administrator of a crypto unit was added or removed',
      description:
        'Who administers the crypto units can load, clear and change master keys together with others. Refused attempts are told, too.',
      remedy:
        'Compare with the planned ceremony and its list of administrators. If it is not planned, stop the ceremony.',
      severity: 'critical',
      when: {
        kind: 'match',
        query: `${actions('hs-crypto.tke-cryptounit-admin.add', 'hs-crypto.tke-cryptounit-admin.remove')} ${notByItself}`,
      },
      groupBy: ['instance'],
    },
  },
  {
    number: [18],
    isOn: true,
    rule: {
      id: 'unit-threshold-lowered',
      name: 'Fewer signatures command a crypto unit',
      description:
        'A signature threshold of a crypto unit became lower, or is below two: one person alone can command it then.',
      remedy: 'Set the threshold to what it was, and find out who signed the command: the event has their hashes.',
      severity: 'critical',
      when: {
        kind: 'match',
        query: `${actions('hs-crypto.tke-cryptounit-threshold.set')} change:looser ${notByItself}`,
      },
      groupBy: ['instance'],
    },
  },
  {
    number: [18],
    isOn: true,
    rule: {
      id: 'unit-threshold-set',
      name: 'Signature thresholds of a crypto unit were set',
      description: 'Signature thresholds of a crypto unit were set and not lowered, or somebody tried to set them.',
      remedy: 'Compare with the planned ceremony.',
      severity: 'warning',
      when: {
        kind: 'match',
        query: `${actions('hs-crypto.tke-cryptounit-threshold.set')} -change:looser ${notByItself}`,
      },
      groupBy: ['instance'],
    },
  },
  {
    number: [19],
    isOn: true,
    rule: {
      id: 'master-key-ceremony',
      name: 'A master key is loaded, committed, activated or cleared',
      description:
        'Every key of the instance depends on its master key. All steps of a ceremony, on all units of the instance, come together in one alert.',
      remedy: 'Compare with the planned ceremony, step by step: verification patterns and signers stand in the events.',
      severity: 'critical',
      when: {
        kind: 'match',
        query: `${actions(
          'hs-crypto.tke-cryptounit-master-key-register.add',
          'hs-crypto.tke-cryptounit-master-key-register.commit',
          'hs-crypto.tke-cryptounit-master-key-register.activate',
          'hs-crypto.tke-cryptounit-new-master-key-register.clear',
          'hs-crypto.tke-cryptounit-current-master-key-register.clear',
        )} ${notByItself}`,
      },
      groupBy: ['instance'],
    },
  },
  {
    number: [20],
    isOn: true,
    rule: {
      id: 'unit-zeroized',
      name: 'A crypto unit was zeroized',
      description: 'A crypto unit lost its master key and its administrators. If it was the last one, so are all keys.',
      remedy: 'See that other units of the instance still hold the master key before anything else is done to them.',
      severity: 'critical',
      // The first state is that of a new unit, which has nothing to lose.
      when: { kind: 'match', query: `${actions('hs-crypto.tke-cryptounit.reset')} -unitRevision:1 ${notByItself}` },
      groupBy: ['instance'],
    },
  },
  {
    number: [],
    isOn: true,
    rule: {
      id: 'unit-set-back',
      name: 'The state of a crypto unit was set back',
      description:
        'The store held an earlier state of a crypto unit than the trail has events of. It is refused until its administrators confirm it: whoever was removed since may be in it again.',
      remedy:
        'Find out who put an old copy of the store in place. Compare the unit with the trail before anybody confirms it; zeroize it when in doubt.',
      severity: 'critical',
      when: { kind: 'match', query: actions('hs-crypto.tke-cryptounit.hold') },
      groupBy: ['instance'],
    },
  },
  {
    number: [],
    isOn: true,
    rule: {
      id: 'unit-process-restarted',
      name: 'The process of the crypto units ended unexpectedly',
      description: 'No key could be used until it was there again. Calls that waited were refused.',
      remedy: 'Look into the log of the server for the cause, and find out whether somebody ended it.',
      severity: 'critical',
      when: { kind: 'match', query: actions('hs-crypto.tke-cryptounit-process.restart') },
      groupBy: [],
    },
  },
  {
    number: [],
    isOn: true,
    rule: {
      id: 'master-key-exported',
      name: 'A master key left a crypto unit',
      description:
        'A master key was exported, encrypted to whoever the event names: another crypto unit of the instance, or somebody else.',
      remedy:
        'Compare the recipient with the importers of the units, which the trail knows, and with the planned ceremony.',
      severity: 'critical',
      when: { kind: 'match', query: `${actions('hs-crypto.tke-cryptounit-master-key.export')} ${notByItself}` },
      groupBy: ['instance'],
    },
  },
  {
    number: [],
    isOn: true,
    rule: {
      id: 'certificate-recovery-proposed',
      name: 'A certificate administrator is about to lose the signature key',
      description:
        'Somebody proposed or approved to remove what a certificate administrator has, as after a lost key. It takes two people and a waiting time, in which it can be withdrawn.',
      remedy:
        'Ask the certificate administrator, not by mail, whether the key is lost. If it is not, withdraw the recovery: every certificate administrator of the instance can.',
      severity: 'critical',
      when: {
        kind: 'match',
        query: `${actions('hs-crypto.mtlscert-recovery.create', 'hs-crypto.mtlscert-recovery.approve')} outcome:success`,
      },
      groupBy: ['instance'],
    },
  },
  {
    number: [21],
    isOn: true,
    rule: {
      id: 'client-certificates-changed',
      name: 'Certificates of clients or the key of their administrator were changed',
      description:
        'Who may connect with a certificate was changed, or who decides on it. Without any certificate left, none is asked for.',
      remedy: 'Ask the administrator of the certificates. If they did not sign the command, replace their key.',
      severity: 'critical',
      when: {
        kind: 'match',
        query: actions(
          'hs-crypto.mtlscert-admin-key.create',
          'hs-crypto.mtlscert-admin-key.update',
          'hs-crypto.mtlscert-admin-key.delete',
          'hs-crypto.mtlscert-cert.set',
          'hs-crypto.mtlscert-cert.delete',
        ),
      },
      groupBy: ['instance'],
    },
  },
  {
    number: [],
    isOn: true,
    rule: {
      id: 'client-certificate-ending',
      name: 'A certificate that clients are issued by ends soon',
      description:
        'A certificate by which clients of EP11 are known ends in 30 days, 7 days or 1 day. Clients that only it has issued are refused from then on.',
      remedy:
        'Have its administrator set the next one beside it, and give the clients certificates that it has issued before the old one ends.',
      severity: 'warning',
      when: { kind: 'match', query: actions('hs-crypto.mtlscert-cert.expiring') },
      groupBy: ['instance'],
    },
  },
  {
    number: [],
    isOn: true,
    rule: {
      id: 'client-certificate-ended',
      name: 'A certificate that clients are issued by has ended',
      description:
        'A certificate by which clients of EP11 are known has ended. With none remaining, no client gets in: the protection stays on.',
      remedy:
        'Have a certificate administrator of the instance set one that is valid; that needs no client certificate.',
      severity: 'critical',
      when: { kind: 'match', query: actions('hs-crypto.mtlscert-cert.expired') },
      groupBy: ['instance'],
    },
  },
  {
    number: [22],
    isOn: true,
    rule: {
      id: 'kmip-key-destroyed',
      name: 'A KMIP key was revoked or destroyed',
      description:
        'A key that a KMIP client encrypts with (machines, disks, databases, backups) was revoked or destroyed, by the client or by somebody who manages KMIP. What was only tried has a rule of its own.',
      title: '{initiator.id} revoked or destroyed a KMIP key',
      remedy:
        'The events name the key. Ask whoever administers the client before it restarts anything that needs it: a destroyed key is gone, and a revoked one encrypts nothing more.',
      severity: 'critical',
      when: { kind: 'match', query: `(${destroys}) -outcome:failure ${notByItself}` },
      groupBy: ['instance', 'initiator.id'],
    },
  },
  {
    number: [22],
    isOn: true,
    rule: {
      id: 'kmip-key-destruction-refused',
      name: 'Revoking or destroying a KMIP key was refused',
      description:
        'Somebody tried to revoke or destroy a KMIP key, or to delete a KMIP adapter, and it was not done. Clients that destroy a key before they revoke it, or again since they lost an answer, are refused so, too.',
      title: '{initiator.id} tried to revoke or destroy a KMIP key or adapter: not done',
      remedy:
        'Nothing was changed. Ask whoever administers the client whether it meant to: where it did, it will try again.',
      severity: 'warning',
      when: { kind: 'match', query: `(${destroys} OR ${deletesAdapter}) outcome:failure ${notByItself}` },
      groupBy: ['instance', 'initiator.id'],
    },
  },
  {
    number: [22],
    isOn: true,
    rule: {
      id: 'kmip-adapter-deleted',
      name: 'A KMIP adapter was deleted',
      description:
        'An adapter was deleted, and the certificates that it let in with it: its clients reach the server no more.',
      title: '{initiator.id} deleted a KMIP adapter',
      remedy:
        'The events name the adapter. Its keys were destroyed before. Ask who deleted it whether its clients are meant to be cut off.',
      severity: 'critical',
      when: { kind: 'match', query: `${deletesAdapter} -outcome:failure ${notByItself}` },
      groupBy: ['instance', 'initiator.id'],
    },
  },
  {
    number: [],
    isOn: true,
    rule: {
      id: 'kmip-client-unknown',
      name: 'A KMIP client was turned away',
      description:
        'Somebody spoke KMIP with a client certificate that no adapter has, that is not valid now, or that was removed; with none; or from an address that is not allowed. The event says which.',
      title: 'A client was turned away from KMIP',
      remedy:
        'If it is a client of yours, compare the fingerprint with its certificate and add that to its adapter. If it is not, find out who reaches the listener.',
      severity: 'warning',
      when: { kind: 'match', query: `${actions('hs-crypto.kmip-key.default')} code:401` },
      groupBy: ['initiator.id'],
    },
  },
  {
    number: [23],
    isOn: true,
    rule: {
      id: 'ep11-key-changed',
      name: 'An EP11 key was changed or deleted',
      description: 'A key of an EP11 keystore was changed or deleted, or a whole keystore, or somebody tried to.',
      remedy: 'Ask the owner of the application. A deleted EP11 key comes back only from a copy of its blob.',
      severity: 'critical',
      when: {
        kind: 'match',
        query: actions(
          'hs-crypto.keystore.updatekey',
          'hs-crypto.keystore.deletekey',
          'hs-crypto.keystore.deletekeystore',
        ),
      },
      groupBy: ['instance', 'initiator.id'],
    },
  },
]
