/** Events by which adopting services acknowledge the lifecycle actions of a key. */
import type { EntrySpec, FamilySpec, FieldSpec } from './entry.ts'
import { lifecycle } from './explanations.ts'
import { reasonForFailure, resourceCRN, sentKeyRingId } from './fields.ts'

const acknowledgement = [
  {
    name: 'eventAckData.eventId',
    type: 'identifier',
    meaning: 'The event that is acknowledged.',
    source: 'key-protect',
  },
  {
    name: 'eventAckData.eventType',
    type: 'identifier',
    meaning: 'Kind of the acknowledged event.',
    source: 'key-protect',
  },
  {
    name: 'eventAckData.keyState',
    type: 'identifier',
    meaning: 'State of the key in the adopting service.',
    when: 'restore, enable, disable and delete',
    source: 'key-protect',
  },
  {
    name: 'eventAckData.eventAckTimeStamp',
    type: 'date',
    meaning: 'When the adopting service had done its part.',
    source: 'key-protect',
  },
  {
    name: 'eventAckData.newKeyVersionId',
    type: 'uuid',
    meaning: 'The key version the resource is protected with now.',
    when: 'rotate',
    source: 'key-protect',
  },
  {
    name: 'eventAckData.newKeyVersionCreationDate',
    type: 'date',
    meaning: 'When that version was created.',
    when: 'rotate',
    source: 'key-protect',
  },
  {
    name: 'eventAckData.oldKeyVersionId',
    type: 'uuid',
    meaning: 'The key version the resource was protected with before.',
    when: 'rotate',
    source: 'key-protect',
  },
  {
    name: 'eventAckData.oldKeyVersionCreationDate',
    type: 'date',
    meaning: 'When that version was created.',
    when: 'rotate',
    source: 'key-protect',
  },
  reasonForFailure,
  resourceCRN,
] as const satisfies readonly FieldSpec[]

const completion = {
  object: 'secret',
  typeURI: 'hs-crypto/secrets',
  severity: 'normal',
  severitySource: 'documented',
  dataEvent: false,
  request: [],
  response: acknowledgement,
  explanations: lifecycle,
  source: 'severity-table',
} as const satisfies Partial<EntrySpec>

export const keyAcknowledgement = {
  'hs-crypto.secrets-event.ack': {
    formerNames: ['hs-crypto.secrets.eventack'],
    title: 'Acknowledge a lifecycle action on a key.',
    verb: 'ack',
    object: 'secret-event',
    typeURI: 'hs-crypto/secrets-event',
    severity: 'normal',
    severitySource: 'documented',
    dataEvent: false,
    phrase: {
      did: 'acknowledged',
      to: 'acknowledge',
      what: '[the {response.eventAckData.eventType}|a lifecycle action] of [key {name}|a key]',
    },
    request: [sentKeyRingId],
    response: acknowledgement,
    explanations: lifecycle,
    source: 'seed',
  },
  'hs-crypto.secrets.ack-delete': {
    ...completion,
    title: 'All services acknowledged the deletion of a key.',
    verb: 'ack-delete',
    phrase: {
      did: 'completed the deletion of',
      to: 'complete the deletion of',
      what: '[key {name}|a key] with the adopting services',
    },
  },
  'hs-crypto.secrets.ack-disable': {
    ...completion,
    title: 'All services acknowledged that a key is disabled.',
    verb: 'ack-disable',
    phrase: {
      did: 'completed the disabling of',
      to: 'complete the disabling of',
      what: '[key {name}|a key] with the adopting services',
    },
  },
  'hs-crypto.secrets.ack-enable': {
    ...completion,
    title: 'All services acknowledged that a key is enabled.',
    verb: 'ack-enable',
    phrase: {
      did: 'completed the enabling of',
      to: 'complete the enabling of',
      what: '[key {name}|a key] with the adopting services',
    },
  },
  'hs-crypto.secrets.ack-restore': {
    ...completion,
    title: 'All services acknowledged the restoration of a key.',
    verb: 'ack-restore',
    phrase: {
      did: 'completed the restoration of',
      to: 'complete the restoration of',
      what: '[key {name}|a key] with the adopting services',
    },
  },
  'hs-crypto.secrets.ack-rotate': {
    ...completion,
    title: 'All services acknowledged the rotation of a key.',
    verb: 'ack-rotate',
    phrase: {
      did: 'completed the rotation of',
      to: 'complete the rotation of',
      what: '[key {name}|a key] with the adopting services',
    },
  },
} as const satisfies FamilySpec
