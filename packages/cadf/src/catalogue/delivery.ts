/** Events of the delivery between servers: who may deliver whose numbers, and what was refused. Ours. */
import type { EntrySpec, FamilySpec, FieldSpec } from './entry.ts'

const ours = { severitySource: 'assigned', dataEvent: false, explanations: [], source: 'extension' } as const

const producerField = {
  name: 'producer',
  type: 'uuid',
  meaning: 'The producer whose numbers they are.',
  source: 'extension',
} as const satisfies FieldSpec

const identity = {
  name: 'identity',
  type: 'identifier',
  meaning: 'The service ID that delivered them.',
  source: 'extension',
} as const satisfies FieldSpec

const totalResources = {
  name: 'totalResources',
  type: 'integer',
  meaning: 'The number of entries in the answer.',
  source: 'extension',
} as const satisfies FieldSpec

const producers = {
  ...ours,
  object: 'producer',
  typeURI: 'activity-tracker/producer',
} as const satisfies Partial<EntrySpec>

export const delivery = {
  'activity-tracker.producer.list': {
    ...producers,
    title: 'List the other servers that deliver to a tracker.',
    verb: 'list',
    severity: 'normal',
    phrase: { did: 'listed', to: 'list', what: 'the servers that deliver to the Activity Tracker[ {name}]' },
    request: [],
    response: [totalResources],
  },
  'activity-tracker.producer.read': {
    ...producers,
    title: 'Ask whether one may deliver to a tracker.',
    verb: 'read',
    severity: 'normal',
    phrase: { did: 'asked about', to: 'ask about', what: 'producer[ {request.producer}]' },
    request: [producerField],
    response: [],
  },
  'activity-tracker.producer.create': {
    ...producers,
    title: 'Bind the numbers of another server to who delivers them.',
    verb: 'create',
    severity: 'warning',
    phrase: { did: 'bound', to: 'bind', what: 'producer[ {request.producer}] to itself' },
    request: [producerField],
    response: [],
    explanations: [
      {
        when: { outcome: 'failure', codes: [409] },
        meaning:
          'Another service ID delivers these numbers, an administrator took them from who did, or they are this server’s own.',
        remedy:
          'See who delivers them, or did; an administrator of the tracker can release them, and admit them again.',
        call: 'GET /v1/trackers/{location}/producers',
        source: 'extension',
      },
    ],
  },
  'activity-tracker.producer.delete': {
    ...producers,
    title: 'Take the numbers of another server from who delivers them.',
    verb: 'delete',
    severity: 'critical',
    phrase: { did: 'released', to: 'release', what: 'producer[ {request.producer}]' },
    request: [producerField, identity],
    response: [],
    explanations: [
      {
        when: { outcome: 'success' },
        meaning: 'The service ID delivers these numbers no more, and nobody may bind them.',
        remedy: 'Its server keeps what it records until its room runs out: admit the numbers again once all is well.',
        call: 'POST /v1/trackers/{location}/producers/{producer}/admit',
        source: 'extension',
      },
    ],
  },
  'activity-tracker.producer.admit': {
    ...producers,
    title: 'Let numbers of another server be bound again that were taken from who delivered them.',
    verb: 'admit',
    severity: 'warning',
    phrase: { did: 'admitted', to: 'admit', what: 'producer[ {request.producer}] again' },
    request: [producerField, identity],
    response: [],
  },
  'activity-tracker.entries.deliver': {
    ...ours,
    object: 'entries',
    typeURI: 'activity-tracker/entries',
    title: 'Deliver events of another server. Recorded when refused only: what is taken is in the log.',
    verb: 'deliver',
    severity: 'normal',
    phrase: { did: 'delivered', to: 'deliver', what: 'events of another server' },
    request: [],
    response: [],
    explanations: [
      {
        when: { outcome: 'failure', codes: [404] },
        meaning: 'The numbers are not bound to this service ID, or there is no such tracker.',
        remedy: 'Bind them first, as a server does when it begins to deliver.',
        call: 'POST /v1/trackers/{location}/producers',
        source: 'extension',
      },
      {
        when: { outcome: 'failure', codes: [409] },
        meaning: 'The log does not hold what was delivered to it: it was set back to an older copy.',
        remedy:
          'Find out who set it back. The sender delivers anew what it still has; the rest shows as a gap of numbers.',
        call: 'GET /v1/trackers/{location}/continuity',
        source: 'extension',
      },
    ],
  },
} as const satisfies FamilySpec
