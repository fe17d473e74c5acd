/** Events of what proves the audit trail: the keys that sign its log, and the verification of its bytes. Ours. */
import type { FamilySpec, FieldSpec } from './entry.ts'

const verification = {
  name: 'verification',
  type: 'uuid',
  meaning: 'The verification, by its id.',
  source: 'extension',
} as const satisfies FieldSpec

const ours = { severitySource: 'assigned', dataEvent: false, explanations: [], source: 'extension' } as const

export const logProof = {
  'activity-tracker.log-key.rotate': {
    ...ours,
    object: 'log-key',
    typeURI: 'activity-tracker/log-key',
    title: 'Change the key that signs the checkpoints of a log: the old key vouches here for the new one.',
    verb: 'rotate',
    severity: 'critical',
    phrase: { did: 'changed', to: 'change', what: 'the key of the log[ of {name}]' },
    request: [
      {
        name: 'overlapSeconds',
        type: 'integer',
        meaning: 'How long both keys sign every checkpoint; then the private half of the old one is destroyed.',
        source: 'extension',
      },
    ],
    response: [
      {
        name: 'newKey',
        type: 'name',
        max: 500,
        meaning: 'The verifier key that signs from this event on.',
        source: 'extension',
      },
      {
        name: 'previousKey',
        type: 'name',
        max: 500,
        meaning: 'The verifier key that vouches for it, and stops when the overlap is over.',
        source: 'extension',
      },
      {
        name: 'voucher',
        type: 'name',
        max: 500,
        meaning: 'Its signature over the new key, as a signed note has it.',
        source: 'extension',
      },
    ],
    explanations: [
      {
        when: { outcome: 'failure', codes: [409] },
        meaning: 'A change of the key is under way: two keys sign.',
        remedy: 'Wait until the overlap of the last change is over.',
        call: 'GET /v1/trackers/{location}/log/keys',
        source: 'extension',
      },
      {
        when: { outcome: 'success' },
        meaning: 'From here on the new key signs the log beside the old one, and after the overlap alone.',
        remedy:
          'If nobody meant to, ask who may administer the tracker. Whoever keeps the old key learns the new one by proof.',
        call: 'keywitness log keys',
        source: 'extension',
      },
    ],
  },
  'activity-tracker.log.verify': {
    ...ours,
    object: 'log',
    typeURI: 'activity-tracker/log',
    title: 'The bytes of a log on the disk were verified: every hash was computed again, against what was signed.',
    verb: 'verify',
    severity: 'normal',
    phrase: {
      did: 'verified',
      to: 'verify',
      what: 'the log[ of {response.size} entries][ of {name}]',
      failed: 'found what was not signed in',
      details: ['{response.firstFinding}'],
    },
    request: [
      verification,
      {
        name: 'trigger',
        type: 'enum',
        values: ['schedule', 'request'],
        meaning: 'Whether it was due, or somebody asked for it.',
        source: 'extension',
      },
    ],
    response: [
      { name: 'size', type: 'integer', meaning: 'Entries in the log.', source: 'extension' },
      { name: 'covered', type: 'integer', meaning: 'Entries that a signed checkpoint covers.', source: 'extension' },
      {
        name: 'root',
        type: 'name',
        max: 44,
        meaning: "Root computed from the entries' bytes, Base64.",
        when: 'every entry could be read',
        source: 'extension',
      },
      { name: 'segments', type: 'integer', meaning: 'Sealed segments verified.', source: 'extension' },
      { name: 'checkpoints', type: 'integer', meaning: 'Checkpoints verified.', source: 'extension' },
      { name: 'findings', type: 'integer', meaning: 'How many things were found to be wrong.', source: 'extension' },
      {
        name: 'firstFinding',
        type: 'name',
        max: 500,
        meaning: 'The first of them, in words.',
        when: 'something was found',
        source: 'extension',
      },
      { name: 'durationMs', type: 'integer', meaning: 'How long it took, milliseconds.', source: 'extension' },
    ],
    explanations: [
      {
        when: { outcome: 'failure' },
        meaning:
          'Bytes on the disk are not those that were hashed and signed: somebody or something changed them. Or they could not be read.',
        remedy:
          'Keep the store as it is, see what was found, restore from a copy, and find out who could write to the disk.',
        call: 'GET /v1/trackers/{location}/log/verifications',
        source: 'extension',
      },
    ],
  },
  'activity-tracker.verification.create': {
    ...ours,
    object: 'verification',
    typeURI: 'activity-tracker/verification',
    title: 'Have the bytes of a log on the disk verified now.',
    verb: 'create',
    severity: 'normal',
    phrase: { did: 'asked for', to: 'ask for', what: 'a verification of the log[ of {name}]' },
    request: [],
    response: [verification],
    explanations: [
      {
        when: { outcome: 'failure', codes: [409] },
        meaning: 'A verification of this log waits or runs already.',
        remedy: 'Wait for its result.',
        call: 'GET /v1/trackers/{location}/log/verifications',
        source: 'extension',
      },
    ],
  },
  'activity-tracker.verification.list': {
    ...ours,
    object: 'verification',
    typeURI: 'activity-tracker/verification',
    title: 'List the verifications of a log.',
    verb: 'list',
    severity: 'normal',
    phrase: { did: 'listed', to: 'list', what: 'the verifications of the log[ of {name}]' },
    request: [],
    response: [
      {
        name: 'totalResources',
        type: 'integer',
        meaning: 'The number of entries in the answer.',
        source: 'extension',
      },
    ],
  },
} as const satisfies FamilySpec
