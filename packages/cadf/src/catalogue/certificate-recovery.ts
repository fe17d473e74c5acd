/** Events of the way back from a lockout: two people propose and approve, the service performs when time is up. Ours. */
import { enforcement, keyId, switchedOff } from './certificate.ts'
import { administrator, approvedBy, proposedBy, recoveryId } from './certificate-recovery-fields.ts'
import type { EntrySpec, ExplanationSpec, FamilySpec, FieldSpec } from './entry.ts'
import { expirationDate, totalResources } from './keeping.ts'

const call = 'keywitness cert recover list'

const step = {
  object: 'mtlscert-recovery',
  typeURI: 'hs-crypto/mtlscert-recovery',
  severitySource: 'assigned',
  dataEvent: false,
  source: 'extension',
} as const satisfies Partial<EntrySpec>

const removes = {
  name: 'removes',
  type: 'enum',
  values: ['admin-key', 'admin-key-and-certificates'],
  meaning: "What is removed: the administrator's signature key alone, or their certificates with it.",
  source: 'extension',
} as const satisfies FieldSpec

const key = {
  ...keyId,
  meaning: 'The SHA-256 hash of the public key that it removes.',
  when: 'the administrator had a key when it was proposed',
} as const satisfies FieldSpec

const certificates = {
  name: 'certificates',
  type: 'integer',
  meaning: 'The number of certificates of the administrator that it removes.',
  source: 'extension',
} as const satisfies FieldSpec

const dueDate = {
  name: 'dueDate',
  type: 'date',
  meaning: 'When it is performed, unless somebody withdraws it before.',
  source: 'extension',
} as const satisfies FieldSpec

const ifApproved = 'it was approved'

const what = 'a recovery[ that removes {request.removes} of {request.administrator}]'
const request = [recoveryId, administrator, removes] as const

const peopleOnly = {
  when: { outcome: 'failure', refusals: ['PEOPLE_ONLY'] },
  meaning:
    "A service ID tried to propose or approve that an administrator's signature key goes. Only people may: whoever made a service ID, or holds its key, would be two at once.",
  remedy: 'Find out whose program this was. A person with the role Administrator of the account can do it.',
  call: 'GET /v1/iam/service-ids',
  source: 'extension',
} as const satisfies ExplanationSpec

const closed = {
  when: { outcome: 'failure', refusals: ['PROPOSAL_CLOSED'] },
  meaning: 'The recovery was approved, withdrawn or performed already, or has lapsed.',
  remedy: 'See how it ended. If it is still wanted, propose it again.',
  call,
  source: 'extension',
} as const satisfies ExplanationSpec

const unknown = {
  when: { outcome: 'failure', codes: [404] },
  meaning: 'The instance has no recovery of this id.',
  remedy: 'List the recoveries of the instance.',
  call,
  source: 'extension',
} as const satisfies ExplanationSpec

export const certificateRecovery = {
  'hs-crypto.mtlscert-recovery.create': {
    ...step,
    title: 'Propose to remove the signature key of a certificate administrator, or their certificates with it.',
    verb: 'create',
    severity: 'warning',
    phrase: { did: 'proposed', to: 'propose', what },
    request: [administrator, removes],
    response: [recoveryId, key, certificates, expirationDate],
    explanations: [
      {
        when: { outcome: 'success' },
        meaning:
          'Nothing is removed yet: another administrator of the account must approve within seven days, and then a waiting time runs.',
        remedy:
          'Ask the certificate administrator whether the key is lost. Until it is performed every administrator of the account and every certificate administrator of the instance can withdraw it.',
        call,
        source: 'extension',
      },
      {
        when: { outcome: 'failure', refusals: ['CERT_NOTHING_TO_RECOVER'] },
        meaning: 'Who was named has no signature key on this instance, or neither a key nor certificates.',
        remedy: 'List who has: an administrator without a key creates one, and rules their certificates again.',
        call,
        source: 'extension',
      },
      {
        when: { outcome: 'failure', refusals: ['ALREADY_EXISTS'] },
        meaning: 'A recovery about this administrator waits already, for a second person or for its time.',
        remedy: 'Withdraw that one first, if something else is to be removed.',
        call,
        source: 'extension',
      },
      peopleOnly,
    ],
  },
  'hs-crypto.mtlscert-recovery.approve': {
    ...step,
    title: 'Approve the recovery that another person has proposed: from then on its waiting time runs.',
    verb: 'approve',
    severity: 'critical',
    phrase: { did: 'approved', to: 'approve', what, details: ['proposed by {response.proposedBy}'] },
    request,
    response: [proposedBy, key, certificates, dueDate],
    explanations: [
      {
        when: { outcome: 'success' },
        meaning: 'Two people agreed. It is performed at the date in the event, unless somebody withdraws it before.',
        remedy:
          'If the administrator still has the key, or one of the two did not mean it, withdraw it: every administrator of the account and every certificate administrator of the instance can.',
        call,
        source: 'extension',
      },
      {
        when: { outcome: 'failure', refusals: ['SECOND_PERSON_REQUIRED'] },
        meaning: 'Who had proposed the recovery tried to approve it, too.',
        remedy: 'Another person with the role Administrator of the account must approve it, or it lapses.',
        call,
        source: 'extension',
      },
      {
        when: { outcome: 'failure', refusals: ['PROPOSER_WITHOUT_RIGHT'] },
        meaning: 'Who had proposed the recovery is disabled, deleted or no administrator of the account any more.',
        remedy: 'Somebody who is one must propose it again.',
        call: 'GET /v1/iam/roles',
        source: 'extension',
      },
      {
        when: { outcome: 'failure', refusals: ['PROPOSAL_OUTDATED'] },
        meaning: 'The key is not the one any more that it was about: its administrator has replaced or deleted it.',
        remedy: 'Withdraw it. Who replaced the key had it: ask them before anything is proposed again.',
        call,
        source: 'extension',
      },
      peopleOnly,
      closed,
      unknown,
    ],
  },
  'hs-crypto.mtlscert-recovery.withdraw': {
    ...step,
    title: 'Withdraw a recovery, before another person approves it or while it waits.',
    verb: 'withdraw',
    severity: 'normal',
    phrase: { did: 'withdrew', to: 'withdraw', what },
    request,
    response: [proposedBy, { ...approvedBy, when: ifApproved }, key, { ...dueDate, when: ifApproved }],
    explanations: [
      {
        when: { outcome: 'success' },
        meaning: 'Nothing is removed.',
        remedy:
          'If a key is lost after all, and who withdrew should not decide that, take the role from them before it is proposed again.',
        call,
        source: 'extension',
      },
      closed,
      unknown,
    ],
  },
  'hs-crypto.mtlscert-recovery.list': {
    ...step,
    title: 'List the recoveries of an instance, and which administrators have keys and certificates.',
    verb: 'list',
    severity: 'normal',
    phrase: { did: 'listed', to: 'list', what: 'the recoveries of certificate administrators[ of {name}]' },
    request: [],
    response: [totalResources],
    explanations: [],
  },
  'hs-crypto.mtlscert-recovery.lapse': {
    ...step,
    title: 'A recovery lapsed: nobody approved it within seven days.',
    verb: 'lapse',
    severity: 'normal',
    phrase: { did: 'let lapse', to: 'let lapse', what },
    request,
    response: [proposedBy, key, expirationDate],
    explanations: [
      {
        when: { outcome: 'success' },
        meaning: 'Nobody else approved in time. Nothing was removed.',
        remedy: 'If it is still wanted, propose it again.',
        call,
        source: 'extension',
      },
    ],
  },
  'hs-crypto.mtlscert-recovery.perform': {
    ...step,
    title: 'A recovery was performed: the signature key of a certificate administrator is removed.',
    verb: 'perform',
    severity: 'critical',
    phrase: {
      did: 'performed',
      to: 'perform',
      what,
      failed: 'did not perform',
      details: ['proposed by {response.proposedBy}', 'approved by {response.approvedBy}', switchedOff],
    },
    request,
    response: [proposedBy, approvedBy, dueDate, key, certificates, ...enforcement],
    explanations: [
      {
        when: { outcome: 'success', equal: { 'newValue.mtlsEnabled': false } },
        meaning: 'The waiting time is over, and it is done. Clients of EP11 need no certificate any more.',
        remedy:
          'If they shall, a certificate administrator sets a certificate at once; the role can be granted to anybody who has none.',
        call,
        source: 'extension',
      },
      {
        when: { outcome: 'success', equal: { 'newValue.mtlsEnabled': true } },
        meaning:
          'The waiting time is over, and it is done. Certificates that are left, of this and other administrators, stay in force.',
        remedy:
          'With a new key the administrator rules their certificates again; or another person becomes administrator and uploads a new one.',
        call,
        source: 'extension',
      },
      {
        when: { outcome: 'failure', refusals: ['PROPOSAL_OUTDATED'] },
        meaning:
          'When the time was up the key was another one than was to be removed, or there was nothing left to remove. Nothing was changed.',
        remedy:
          'Who replaced or deleted the key had it: ask them. If something else is to be removed now, it is proposed anew.',
        call,
        source: 'extension',
      },
    ],
  },
} as const satisfies FamilySpec
