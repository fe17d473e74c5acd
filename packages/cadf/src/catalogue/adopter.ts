/** Events of adopting services as receivers of messages: where they are told, and what did not reach them. Ours. */
import type { EntrySpec, FamilySpec, FieldSpec } from './entry.ts'

const ours = {
  severitySource: 'assigned',
  dataEvent: false,
  explanations: [],
  source: 'extension',
} as const satisfies Partial<EntrySpec>

const adopter = { ...ours, object: 'adopter', typeURI: 'hs-crypto/adopter' } as const
const notification = { ...ours, object: 'notification', typeURI: 'hs-crypto/notification' } as const

const receiver = {
  name: 'receiver',
  type: 'name',
  max: 300,
  meaning: 'Host and port that messages are sent to; never the whole URL, which may hold a secret.',
  source: 'extension',
} as const satisfies FieldSpec

const isSecretRenewed = {
  name: 'isSecretRenewed',
  type: 'boolean',
  meaning: 'Whether the signing secret was replaced.',
  source: 'extension',
} as const satisfies FieldSpec

const totalResources = {
  name: 'totalResources',
  type: 'integer',
  meaning: 'The number of entries in the answer.',
  source: 'extension',
} as const satisfies FieldSpec

const messageId = {
  name: 'messageId',
  type: 'uuid',
  meaning: 'The message, as the receiver sees it in the header webhook-id.',
  source: 'extension',
} as const satisfies FieldSpec

export const adopters = {
  'hs-crypto.adopter.create': {
    ...adopter,
    title: 'Say where an adopting service is told of the lifecycle of its keys.',
    verb: 'create',
    severity: 'warning',
    phrase: { did: 'connected', to: 'connect', what: 'the adopting service[ {name}][ at {request.receiver}]' },
    request: [receiver],
    response: [],
  },
  'hs-crypto.adopter.list': {
    ...adopter,
    title: 'List the adopting services that are told.',
    verb: 'list',
    severity: 'normal',
    phrase: { did: 'listed', to: 'list', what: 'adopting services[ ({response.totalResources} found)]' },
    request: [],
    response: [totalResources],
  },
  'hs-crypto.adopter.read': {
    ...adopter,
    title: 'Read where an adopting service is told.',
    verb: 'read',
    severity: 'normal',
    phrase: { did: 'read', to: 'read', what: 'the adopting service[ {name}]' },
    request: [],
    response: [],
  },
  'hs-crypto.adopter.update': {
    ...adopter,
    title: 'Change where an adopting service is told, or its signing secret.',
    verb: 'update',
    severity: 'warning',
    phrase: {
      did: 'changed',
      to: 'change',
      what: 'the adopting service[ {name}]',
      details: ['messages go to {request.receiver}'],
    },
    request: [receiver, isSecretRenewed],
    response: [],
  },
  'hs-crypto.adopter.delete': {
    ...adopter,
    title: 'Tell an adopting service no more.',
    verb: 'delete',
    severity: 'warning',
    phrase: { did: 'disconnected', to: 'disconnect', what: 'the adopting service[ {name}]' },
    request: [],
    response: [],
  },
  'hs-crypto.notification.deliver': {
    ...notification,
    title: 'A message to an adopting service was given up.',
    verb: 'deliver',
    severity: 'warning',
    phrase: {
      did: 'delivered',
      to: 'deliver',
      failed: 'gave up',
      what: 'a message to[ the adopting service {name}| an adopting service]',
    },
    request: [
      messageId,
      { name: 'messageType', type: 'identifier', meaning: 'What the message tells of.', source: 'extension' },
      { name: 'attempts', type: 'integer', meaning: 'How often it was sent.', source: 'extension' },
    ],
    response: [],
    explanations: [
      {
        when: { outcome: 'failure' },
        meaning: 'The receiver could not be reached, or did not take the message, until its time was over.',
        remedy:
          'Look at the reason, mend the receiver or its URL, then have the message sent again; it is kept for 30 days.',
        call: 'GET /v1/adopters/{id}/notifications',
        source: 'extension',
      },
    ],
  },
  'hs-crypto.notification.list': {
    ...notification,
    title: 'List the messages to an adopting service that wait or were given up.',
    verb: 'list',
    severity: 'normal',
    phrase: { did: 'listed', to: 'list', what: 'messages to the adopting service[ {name}]' },
    request: [],
    response: [totalResources],
  },
  'hs-crypto.notification.resend': {
    ...notification,
    title: 'Send a message again that was given up.',
    verb: 'resend',
    severity: 'normal',
    phrase: { did: 'had sent again', to: 'have sent again', what: 'a message to the adopting service[ {name}]' },
    request: [messageId],
    response: [],
  },
} as const satisfies FamilySpec
