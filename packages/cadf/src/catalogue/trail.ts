/** Events of the audit trail itself: who read, searched and exported it. Ours. */
import type { EntrySpec, ExplanationSpec, FamilySpec, FieldSpec } from './entry.ts'

const totalResources = {
  name: 'totalResources',
  type: 'integer',
  meaning: 'The number of entries in the answer.',
  source: 'extension',
} as const satisfies FieldSpec

/** The search as it was asked for. Free text: a reader may type anything into it. */
const query = {
  name: 'query',
  type: 'name',
  max: 2000,
  meaning: 'The search, as text.',
  source: 'extension',
} as const satisfies FieldSpec

const eventId = {
  name: 'eventId',
  type: 'identifier',
  meaning: 'The event, by its id or its index in the log.',
  source: 'extension',
} as const satisfies FieldSpec

const ours = { severitySource: 'assigned', dataEvent: false, explanations: [], source: 'extension' } as const
const trackerInstance = {
  ...ours,
  object: 'tracker',
  typeURI: 'activity-tracker/instance',
} as const satisfies Partial<EntrySpec>
const events = { ...ours, object: 'events', typeURI: 'activity-tracker/events' } as const satisfies Partial<EntrySpec>

const notCovered = {
  when: { outcome: 'failure', codes: [409] },
  meaning: 'No signed checkpoint covers the event yet.',
  remedy: 'Ask again in a second.',
  source: 'extension',
} as const satisfies ExplanationSpec

export const trail = {
  'activity-tracker.instance.create': {
    ...trackerInstance,
    title: 'Provision the Activity Tracker of a location.',
    verb: 'create',
    severity: 'warning',
    phrase: { did: 'provisioned', to: 'provision', what: 'the Activity Tracker[ of {request.location}]' },
    request: [
      { name: 'location', type: 'identifier', meaning: 'The location.', source: 'extension' },
      {
        name: 'remote',
        type: 'identifier',
        meaning: 'Host of the other server that keeps its events.',
        when: 'the tracker is on another server',
        source: 'extension',
      },
    ],
    response: [],
    explanations: [
      {
        when: { outcome: 'failure', codes: [409] },
        meaning: 'The account has an Activity Tracker in this location; there can be only one.',
        remedy: 'Use the one there is.',
        call: 'GET /v1/trackers',
        source: 'seed',
      },
    ],
  },
  'activity-tracker.instance.list': {
    ...trackerInstance,
    title: 'List the Activity Trackers of the account.',
    verb: 'list',
    severity: 'normal',
    phrase: { did: 'listed', to: 'list', what: 'Activity Trackers[ ({response.totalResources} found)]' },
    request: [],
    response: [totalResources],
  },
  'activity-tracker.instance.read': {
    ...trackerInstance,
    title: 'Read an Activity Tracker.',
    verb: 'read',
    severity: 'normal',
    phrase: { did: 'looked at', to: 'look at', what: 'the Activity Tracker[ {name}]' },
    request: [],
    response: [],
  },
  'activity-tracker.instance.delete': {
    ...trackerInstance,
    title: 'Delete an Activity Tracker: what one person proposed and another approved.',
    verb: 'delete',
    severity: 'critical',
    phrase: { did: 'deleted', to: 'delete', what: 'the Activity Tracker[ {name}]' },
    request: [
      {
        name: 'proposal',
        type: 'uuid',
        meaning: 'The proposal that was approved, by its id.',
        source: 'extension',
      },
    ],
    response: [
      {
        name: 'initialValue.state',
        type: 'enum',
        values: ['active'],
        meaning: 'State of the tracker before.',
        source: 'extension',
      },
      {
        name: 'newValue.state',
        type: 'enum',
        values: ['removed'],
        meaning: 'State of the tracker afterwards.',
        source: 'extension',
      },
    ],
    explanations: [
      {
        when: { outcome: 'success' },
        meaning:
          'The tracker takes what was recorded for it until here, signs a final checkpoint, and is archived. Later events of its place wait until a tracker is provisioned there.',
        remedy: 'Provision a tracker for the place, or the room for waiting events runs out.',
        call: 'POST /v1/trackers',
        source: 'extension',
      },
    ],
  },
  'activity-tracker.events.search': {
    ...events,
    title: 'Search the audit trail.',
    verb: 'search',
    severity: 'normal',
    phrase: {
      did: 'searched',
      to: 'search',
      what: 'the audit trail[ for "{request.query}"][ ({response.totalResources} found)]',
    },
    request: [
      query,
      {
        name: 'view',
        type: 'enum',
        values: ['count', 'histogram', 'facets', 'groups', 'context'],
        meaning: 'What was made of the events that were found, when they were not listed.',
        when: 'the events were not listed',
        source: 'extension',
      },
    ],
    response: [totalResources],
    explanations: [
      {
        when: { outcome: 'success', equal: { totalResources: 0 } },
        meaning: 'No event of the trail matched the search.',
        remedy: 'Widen the time or drop a condition; events of another location are in the tracker of that location.',
        call: 'GET /v1/trackers',
        source: 'extension',
      },
    ],
  },
  'activity-tracker.events.read': {
    ...events,
    title: 'Read one event of the audit trail.',
    verb: 'read',
    severity: 'normal',
    phrase: { did: 'read', to: 'read', what: '[event {request.eventId} of ]the audit trail' },
    request: [
      eventId,
      {
        name: 'attachment',
        type: 'sha256',
        meaning: 'The SHA-256 of the attachment that was read.',
        when: 'an attachment of the event was read',
        source: 'extension',
      },
    ],
    response: [],
  },
  'activity-tracker.events.tail': {
    ...events,
    title: 'Follow the audit trail live.',
    verb: 'tail',
    severity: 'normal',
    phrase: { did: 'began to follow', to: 'follow', what: 'the audit trail live[, events matching "{request.query}"]' },
    request: [query],
    response: [],
  },
  'activity-tracker.receipt.read': {
    ...ours,
    object: 'receipt',
    typeURI: 'activity-tracker/receipt',
    title: 'Take the receipt of an event.',
    verb: 'read',
    severity: 'normal',
    phrase: { did: 'took', to: 'take', what: 'the receipt[ of event {request.eventId}]' },
    request: [eventId],
    response: [],
    explanations: [notCovered],
  },
  'activity-tracker.log.altered': {
    ...ours,
    object: 'log',
    typeURI: 'activity-tracker/log',
    title: 'An entry of the log was found altered: its bytes are not those that were signed.',
    verb: 'find',
    severity: 'critical',
    phrase: { did: 'found', to: 'find', what: 'entry[ {request.index}] of the log altered' },
    request: [{ name: 'index', type: 'integer', meaning: 'Index of the first such entry.', source: 'extension' }],
    response: [],
    explanations: [
      {
        when: { outcome: 'success' },
        meaning:
          'Somebody or something changed the stored bytes of an event. The hashes that were signed are unchanged, so it shows.',
        remedy:
          'Verify the whole log, restore the entry from a copy or from a receipt, and find out who could write to the disk.',
        call: 'keywitness log verify',
        source: 'extension',
      },
    ],
  },
  'activity-tracker.log.read': {
    ...ours,
    object: 'log',
    typeURI: 'activity-tracker/log',
    title: "Read the log's key, checkpoint, hashes or state. Recorded when refused only: they hold no event content.",
    verb: 'read',
    severity: 'normal',
    phrase: { did: 'read', to: 'read', what: 'the hashes of the log' },
    request: [],
    response: [],
  },
  'activity-tracker.events.export': {
    ...events,
    title: 'Export events of the audit trail.',
    verb: 'export',
    severity: 'warning',
    phrase: {
      did: 'exported',
      to: 'export',
      what: '[{response.totalResources} ]events of the audit trail[ matching "{request.query}"]',
      failed: 'tried to export',
      details: ['{request.format}', 'up to index {response.lastIndex}'],
    },
    request: [
      query,
      {
        name: 'format',
        type: 'identifier',
        meaning: 'The form of the export.',
        source: 'extension',
      },
      {
        name: 'checkpointSize',
        type: 'integer',
        meaning: 'Size of the checkpoint that the export stands on: it holds events of lower index only.',
        source: 'extension',
      },
      {
        name: 'after',
        type: 'integer',
        meaning: 'The index behind which an export that was broken off goes on.',
        when: 'it goes on with one',
        source: 'extension',
      },
    ],
    response: [
      totalResources,
      {
        name: 'lastIndex',
        type: 'integer',
        meaning: 'Index of the last event that was handed to the connection.',
        when: 'the export has ended, whether complete or not',
        source: 'extension',
      },
      {
        name: 'ended',
        type: 'enum',
        values: ['complete', 'client-left', 'not-allowed', 'shutting-down', 'failed'],
        meaning: 'How the export ended.',
        when: 'the export has ended, whether complete or not',
        source: 'extension',
      },
    ],
    explanations: [
      {
        when: { outcome: 'pending' },
        meaning: 'The export begins. A second event of the same request says how many events left, and how it ended.',
        remedy:
          'Look for that event by the correlation id. Without one the server ended meanwhile: take every matching event up to the checkpoint for exported.',
        call: 'GET /v1/trackers/{location}/events?correlationId={correlationId}',
        source: 'extension',
      },
      {
        when: { outcome: 'failure', refusals: ['EXPORT_BROKEN_OFF'] },
        meaning:
          'The client left before the end. What it may have are the events up to the index that the event names.',
        remedy: 'The export can go on behind the last whole row, from the same checkpoint.',
        call: 'keywitness events export --resume',
        source: 'extension',
      },
      {
        when: { outcome: 'failure', refusals: ['EXPORT_STOPPED'] },
        meaning: 'The server was stopped while the export was under way.',
        remedy: 'Go on with the export behind the last whole row once the server runs again.',
        call: 'keywitness events export --resume',
        source: 'extension',
      },
    ],
  },
} as const satisfies FamilySpec
