/** Events of what is kept and for how long: retention, pruning, legal holds. Ours. */
import type { FamilySpec, FieldSpec } from './entry.ts'
import { days, hold, states, totalResources } from './keeping.ts'

const ours = { severitySource: 'assigned', dataEvent: false, explanations: [], source: 'extension' } as const
const holds = { ...ours, object: 'hold', typeURI: 'activity-tracker/hold' } as const
const firstIndex = {
  name: 'firstIndex',
  type: 'integer',
  meaning: 'Lowest index concerned.',
  when: 'a range was named',
  source: 'extension',
} as const satisfies FieldSpec
const endIndex = {
  name: 'endIndex',
  type: 'integer',
  meaning: 'The index behind the highest one concerned.',
  when: 'a range was named',
  source: 'extension',
} as const satisfies FieldSpec
const sha256 = {
  name: 'fileHash',
  type: 'sha256',
  meaning: 'SHA-256 of the file.',
  source: 'extension',
} as const satisfies FieldSpec
const retention = { ...ours, object: 'retention', typeURI: 'activity-tracker/retention' } as const

export const retentionAndHolds = {
  'activity-tracker.retention.read': {
    ...retention,
    title: 'Read for how long a tracker keeps events.',
    verb: 'read',
    severity: 'normal',
    phrase: { did: 'read', to: 'read', what: 'the retention[ of {name}]' },
    request: [],
    response: [],
  },
  'activity-tracker.retention.update': {
    ...retention,
    title: 'Change for how long a tracker keeps events: longer by one person, shorter by two.',
    verb: 'update',
    severity: 'critical',
    phrase: {
      did: 'changed',
      to: 'change',
      what: 'the retention[ of {name}]',
      details: [
        '{response.newValue.retentionDays} days, 0 is for ever',
        'before {response.initialValue.retentionDays}',
      ],
    },
    request: [
      {
        name: 'proposal',
        type: 'uuid',
        meaning: 'The proposal that was approved, by its id.',
        when: 'it took two people',
        source: 'extension',
      },
    ],
    response: days,
    explanations: [
      {
        when: { outcome: 'failure', refusals: ['TWO_PEOPLE_REQUIRED'] },
        meaning: 'Somebody tried alone to have events kept for less time.',
        remedy: 'Propose it; another person with the role Administrator must approve.',
        call: 'POST /v1/trackers/{location}/proposals',
        source: 'extension',
      },
      {
        when: { outcome: 'success' },
        meaning:
          'From now on events may leave once they are older than this, unless a legal hold has them copied first.',
        remedy: 'If it is shorter than the law wants, lengthen it at once: that takes one person.',
        call: 'keywitness retention show',
        source: 'extension',
      },
    ],
  },
  'activity-tracker.log.prune': {
    ...ours,
    object: 'log',
    typeURI: 'activity-tracker/log',
    title:
      'Old events left a log by its retention. Recorded by the tracker itself, in the commit that raised its minimum index.',
    verb: 'prune',
    severity: 'warning',
    phrase: {
      did: 'pruned',
      to: 'prune',
      what: 'the log[ of {name}][ below entry {request.newValue.minimumIndex}]',
      details: ['{request.segments} segments', 'kept at least {request.retentionDays} days'],
    },
    request: [
      {
        name: 'initialValue.minimumIndex',
        type: 'integer',
        meaning: 'Index below which there was nothing any more before.',
        source: 'extension',
      },
      {
        name: 'newValue.minimumIndex',
        type: 'integer',
        meaning: 'Index below which there is nothing any more now. The log has signed it.',
        source: 'extension',
      },
      {
        name: 'retentionDays',
        type: 'integer',
        meaning: 'Days for which every event was kept at least.',
        source: 'extension',
      },
      { name: 'segments', type: 'integer', meaning: 'Sealed segments that left.', source: 'extension' },
    ],
    response: [],
    explanations: [
      {
        when: { outcome: 'success' },
        meaning: 'The events below are gone; their hashes stay, so that proofs of later events still hold.',
        remedy: 'What a legal hold covers was copied to its archive first.',
        call: 'keywitness log minimum-index',
        source: 'extension',
      },
    ],
  },
  'activity-tracker.hold.create': {
    ...holds,
    title: 'Place a legal hold on events of a tracker.',
    verb: 'create',
    severity: 'warning',
    phrase: { did: 'placed', to: 'place', what: 'a legal hold[ on {name}][: {request.reason}]' },
    request: [
      { name: 'reason', type: 'name', max: 500, meaning: 'Why.', source: 'extension' },
      {
        name: 'query',
        type: 'name',
        max: 2000,
        meaning: 'What it covers, in the query language.',
        when: 'not every event of the range',
        source: 'extension',
      },
      firstIndex,
      endIndex,
    ],
    response: [hold],
    explanations: [
      {
        when: { outcome: 'success' },
        meaning: 'Whatever it covers is copied with its proofs before it may leave the log.',
        remedy: 'Releasing it takes two people.',
        call: 'keywitness holds list',
        source: 'extension',
      },
    ],
  },
  'activity-tracker.hold.list': {
    ...holds,
    title: 'List legal holds, or the files of one’s archive.',
    verb: 'list',
    severity: 'normal',
    phrase: { did: 'listed', to: 'list', what: 'legal holds[ of {name}]' },
    request: [],
    response: [totalResources],
  },
  'activity-tracker.hold.read': {
    ...holds,
    title: 'Read a file of a legal hold’s archive.',
    verb: 'read',
    severity: 'warning',
    phrase: {
      did: 'read',
      to: 'read',
      what: '[{response.totalResources} ]events that a legal hold has copied[ from {name}]',
    },
    request: [hold, firstIndex, endIndex],
    response: [totalResources, sha256],
  },
  'activity-tracker.hold.copy': {
    ...holds,
    title: 'Events that a legal hold covers were copied, with their proofs, before they may leave the log.',
    verb: 'copy',
    severity: 'normal',
    phrase: {
      did: 'copied',
      to: 'copy',
      what: '[{response.totalResources} ]events that a legal hold covers[ from {name}]',
    },
    request: [hold, firstIndex, endIndex],
    response: [
      totalResources,
      sha256,
      {
        name: 'checkpointSize',
        type: 'integer',
        meaning: 'Size of the checkpoint that the proofs stand on.',
        source: 'extension',
      },
    ],
  },
  'activity-tracker.hold.release': {
    ...holds,
    title: 'Release a legal hold: what one person proposed and another approved.',
    verb: 'release',
    severity: 'critical',
    phrase: { did: 'released', to: 'release', what: 'a legal hold[ on {name}]' },
    request: [
      hold,
      { name: 'proposal', type: 'uuid', meaning: 'The proposal that was approved, by its id.', source: 'extension' },
    ],
    response: states,
    explanations: [
      {
        when: { outcome: 'success' },
        meaning: 'From now on events leave as the retention says, whether this hold covered them or not.',
        remedy: 'What it has copied stays in its archive. To protect the events again, place another hold.',
        call: 'keywitness holds list',
        source: 'extension',
      },
    ],
  },
} as const satisfies FamilySpec
