/** Events of what takes two people: proposals, and the archive of a tracker that was removed. Ours. */
import type { ExplanationSpec, FamilySpec, FieldSpec } from './entry.ts'

const ours = { severitySource: 'assigned', dataEvent: false, explanations: [], source: 'extension' } as const

export const totalResources = {
  name: 'totalResources',
  type: 'integer',
  meaning: 'The number of entries in the answer.',
  source: 'extension',
} as const satisfies FieldSpec

const proposal = {
  name: 'proposal',
  type: 'uuid',
  meaning: 'The proposal, by its id.',
  source: 'extension',
} as const satisfies FieldSpec
const kind = {
  name: 'kind',
  type: 'enum',
  values: ['tracker-removal', 'retention', 'hold-release'],
  meaning: 'What is proposed: removing the tracker, keeping events for less time, releasing a legal hold.',
  source: 'extension',
} as const satisfies FieldSpec
export const hold = {
  name: 'hold',
  type: 'uuid',
  meaning: 'The legal hold, by its id.',
  when: 'it is about one',
  source: 'extension',
} as const satisfies FieldSpec
const proposedBy = {
  name: 'proposedBy',
  type: 'identifier',
  meaning: 'Who made the proposal.',
  source: 'extension',
} as const satisfies FieldSpec
export const expirationDate = {
  name: 'expirationDate',
  type: 'date',
  meaning: 'Until when another person could or can approve.',
  source: 'extension',
} as const satisfies FieldSpec

export const states = [
  {
    name: 'initialValue.state',
    type: 'enum',
    values: ['active', 'open'],
    meaning: 'State of the tracker or hold before.',
    when: 'a state changes',
    source: 'extension',
  },
  {
    name: 'newValue.state',
    type: 'enum',
    values: ['removed', 'released'],
    meaning: 'State of the tracker or hold afterwards.',
    when: 'a state changes',
    source: 'extension',
  },
] as const satisfies readonly FieldSpec[]
export const days = [
  {
    name: 'initialValue.retentionDays',
    type: 'integer',
    meaning: 'Days for which events were kept at least; 0: for ever.',
    when: 'the retention changes',
    source: 'extension',
  },
  {
    name: 'newValue.retentionDays',
    type: 'integer',
    meaning: 'Days for which events are kept at least; 0: for ever.',
    when: 'the retention changes',
    source: 'extension',
  },
] as const satisfies readonly FieldSpec[]

const step = {
  ...ours,
  object: 'proposal',
  typeURI: 'activity-tracker/proposal',
  severity: 'warning',
} as const
const response = [proposedBy, expirationDate, ...states, ...days] as const

const closed = {
  when: { outcome: 'failure', refusals: ['PROPOSAL_CLOSED'] },
  meaning: 'The proposal was approved, withdrawn or has lapsed already.',
  remedy: 'If it is still wanted, propose it again.',
  call: 'keywitness proposals list',
  source: 'extension',
} as const satisfies ExplanationSpec
const peopleOnly = {
  when: { outcome: 'failure', refusals: ['PEOPLE_ONLY'] },
  meaning:
    'A service ID tried to propose or approve what weakens the audit. Only people may: whoever made a service ID, or holds its key, would be two at once.',
  remedy: 'Find out whose program this was. A person with the role Administrator can do it.',
  call: 'GET /v1/iam/service-ids',
  source: 'extension',
} as const satisfies ExplanationSpec

export const keeping = {
  'activity-tracker.proposal.create': {
    ...step,
    title: 'Propose what weakens the audit and takes two people.',
    verb: 'create',
    phrase: { did: 'proposed', to: 'propose', what: 'a change that takes two people[: {request.kind}][ of {name}]' },
    request: [kind, hold],
    response: [proposal, expirationDate, ...states, ...days],
    explanations: [
      {
        when: { outcome: 'success' },
        meaning: 'Nothing is changed yet: another person must approve within seven days.',
        remedy: 'If it is not wanted, withdraw it, and ask who made it.',
        call: 'keywitness proposals list',
        source: 'extension',
      },
      peopleOnly,
      {
        when: { outcome: 'failure', codes: [409] },
        meaning: 'The same is proposed already, is so already, or strengthens the audit and needs nobody else.',
        remedy: 'List the open proposals.',
        call: 'keywitness proposals list',
        source: 'extension',
      },
    ],
  },
  'activity-tracker.proposal.approve': {
    ...step,
    title: 'Approve what another person has proposed: it is done in the same moment.',
    verb: 'approve',
    severity: 'critical',
    phrase: {
      did: 'approved',
      to: 'approve',
      what: 'a change that takes two people[: {request.kind}][ of {name}]',
      details: ['proposed by {response.proposedBy}'],
    },
    request: [proposal, kind, hold],
    response,
    explanations: [
      {
        when: { outcome: 'failure', refusals: ['SECOND_PERSON_REQUIRED'] },
        meaning: 'Who had made the proposal tried to approve it, too.',
        remedy: 'Another person with the role Administrator of the tracker must approve it, or it lapses.',
        call: 'keywitness proposals list',
        source: 'extension',
      },
      {
        when: { outcome: 'failure', refusals: ['PROPOSER_WITHOUT_RIGHT'] },
        meaning: 'Who had made the proposal is disabled, deleted or without the role that it took.',
        remedy: 'Somebody who has the role must propose it again.',
        call: 'GET /v1/iam/roles',
        source: 'extension',
      },
      {
        when: { outcome: 'failure', refusals: ['PROPOSAL_OUTDATED'] },
        meaning: 'What it would change is not any more what it was when it was proposed.',
        remedy: 'Withdraw it, look at how things are, and propose again what is still wanted.',
        call: 'keywitness proposals list',
        source: 'extension',
      },
      peopleOnly,
      closed,
      {
        when: { outcome: 'success' },
        meaning: 'Two people agreed, and it is done.',
        remedy: 'Both stand in the events of this log. If one of them did not mean it, their key was used by others.',
        call: 'keywitness proposals list',
        source: 'extension',
      },
    ],
  },
  'activity-tracker.proposal.withdraw': {
    ...step,
    title: 'Withdraw a proposal.',
    verb: 'withdraw',
    severity: 'normal',
    phrase: { did: 'withdrew', to: 'withdraw', what: 'a proposal[: {request.kind}][ of {name}]' },
    request: [proposal, kind, hold],
    response,
    explanations: [closed],
  },
  'activity-tracker.proposal.lapse': {
    ...step,
    title: 'A proposal lapsed: nobody approved it within seven days.',
    verb: 'lapse',
    severity: 'normal',
    phrase: { did: 'let lapse', to: 'let lapse', what: 'a proposal[: {request.kind}][ of {name}]' },
    request: [proposal, kind, hold],
    response,
    explanations: [
      {
        when: { outcome: 'success' },
        meaning: 'Nobody else approved in time. Nothing was changed.',
        remedy: 'If it is still wanted, propose it again.',
        call: 'keywitness proposals list',
        source: 'extension',
      },
    ],
  },
  'activity-tracker.proposal.list': {
    ...step,
    title: 'List the proposals of a tracker.',
    verb: 'list',
    severity: 'normal',
    phrase: { did: 'listed', to: 'list', what: 'the proposals[ of {name}]' },
    request: [],
    response: [totalResources],
  },
  'activity-tracker.instance.archive': {
    ...ours,
    object: 'tracker',
    typeURI: 'activity-tracker/instance',
    title: 'A removed Activity Tracker signed its final checkpoint, and its files are in the archive.',
    verb: 'archive',
    severity: 'warning',
    phrase: {
      did: 'archived',
      to: 'archive',
      what: 'the removed Activity Tracker[ of {name}][, {response.size} entries]',
    },
    request: [],
    response: [
      { name: 'size', type: 'integer', meaning: 'Entries that the final checkpoint covers: all.', source: 'extension' },
      {
        name: 'root',
        type: 'name',
        max: 44,
        meaning: 'Root of the final checkpoint, Base64.',
        when: 'the log had entries',
        source: 'extension',
      },
    ],
    explanations: [
      {
        when: { outcome: 'success' },
        meaning:
          'All that was recorded for it is covered, its private keys are destroyed, and its files are in the folder archive, under its id. They still verify, and so do receipts.',
        remedy: 'Keep a copy of the archive as long as the events may be asked for; then delete it.',
        call: 'keywitness trackers removed',
        source: 'extension',
      },
    ],
  },
} as const satisfies FamilySpec
