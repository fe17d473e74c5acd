/** Explanations of refused KMIP requests: what a client was refused for, and what to do at which side. */
import type { ExplanationSpec } from './entry.ts'

const allAdapters = 'GET /api/v2/kmip_adapters'

/** Of single refusals. */
const refusals = [
  {
    when: {
      outcome: 'failure',
      codes: [400],
      refusals: ['KMIP_INVALID_MESSAGE', 'KMIP_INVALID_FIELD', 'KMIP_MISSING_DATA'],
    },
    meaning: 'The request is against the protocol, or one of its fields or attributes has a value that is not taken.',
    remedy:
      'Read the reason for failure: it says which. Compare the version of the client with those that are known to work; many of these from one client mean a fault of the client, or somebody who tries what happens.',
    source: 'extension',
  },
  {
    when: { outcome: 'failure', codes: [400], refusals: ['KMIP_RESPONSE_TOO_LARGE'] },
    meaning: 'The client takes shorter answers only than this one would have been. Nothing of its message was done.',
    remedy: 'Let the client ask for less at once, or raise its maximum response size.',
    source: 'extension',
  },
  {
    when: {
      outcome: 'failure',
      codes: [400],
      refusals: ['KMIP_OPERATION_NOT_SUPPORTED', 'KMIP_FEATURE_NOT_SUPPORTED'],
    },
    meaning:
      'The client asked for an operation, or a way of doing it, that is not served or that its version does not have.',
    remedy: 'Let the client use what Query tells of, or a newer version of the protocol.',
    source: 'extension',
  },
  {
    when: { outcome: 'failure', codes: [400], refusals: ['KMIP_ILLEGAL_OPERATION'] },
    meaning:
      'The object is not of a kind, or not in a state, that this can be done to; it has the attribute already, or another object has the name.',
    remedy: 'Read the reason for failure, then the state and the type of the object.',
    call: allAdapters,
    source: 'extension',
  },
  {
    when: {
      outcome: 'failure',
      codes: [400],
      refusals: ['KMIP_INDEX_OUT_OF_BOUNDS', 'KMIP_NAMESPACE_NOT_SUPPORTED'],
    },
    meaning: 'The object would carry more attributes than it may, or data that the server would have to make.',
    remedy: 'Let the client delete attributes that it does not need, and send all data itself.',
    source: 'extension',
  },
  {
    when: {
      outcome: 'failure',
      codes: [400],
      refusals: [
        'KMIP_KEY_FORMAT_NOT_SUPPORTED',
        'KMIP_KEY_COMPRESSION_NOT_SUPPORTED',
        'KMIP_ENCODING_OPTION',
        'KMIP_KEY_VALUE_NOT_PRESENT',
      ],
    },
    meaning: 'The key is not to be had in the form that the client asked for, or the server has no value of it.',
    remedy: 'Let the client ask for the form in which the key was registered, without compression.',
    source: 'extension',
  },
  {
    when: { outcome: 'failure', codes: [401], refusals: ['KMIP_UNKNOWN_CERTIFICATE'] },
    meaning: 'No KMIP adapter has the certificate that the client showed, or it was removed.',
    remedy:
      'Compare the fingerprint in the initiator with those of the client and of the registered certificates. If the client is yours, add its certificate to the adapter; if it is not, find out who tries.',
    call: allAdapters,
    source: 'extension',
  },
  {
    when: { outcome: 'failure', codes: [401], refusals: ['KMIP_NO_CERTIFICATE'] },
    meaning: 'A client sent a request without a certificate.',
    remedy:
      'Configure the certificate and the private key at the client. Programs that only look for open ports do this too.',
    source: 'extension',
  },
  {
    when: { outcome: 'failure', codes: [401], refusals: ['KMIP_CERTIFICATE_EXPIRED'] },
    meaning: 'The certificate of the client has expired, or is not valid yet.',
    remedy:
      'Register a new certificate of the client, then let it use that one. If it should be valid, compare the clocks.',
    call: allAdapters,
    source: 'extension',
  },
  {
    when: { outcome: 'failure', codes: [401], refusals: ['KMIP_CERTIFICATE_WEAK'] },
    meaning:
      'The key of the client certificate is too weak: an RSA key below 2048 bits, or a curve below P-256. An earlier version let it be registered.',
    remedy: 'Make a new key and certificate for the client, register that one, and remove this one.',
    call: allAdapters,
    source: 'extension',
  },
  {
    when: { outcome: 'failure', codes: [401], refusals: ['UNAUTHORIZED_ERR'] },
    meaning: 'The instance takes requests from some addresses only, and the client has another one.',
    remedy: 'Read the policy of allowed addresses of the instance; add that of the client if it belongs there.',
    call: 'GET /api/v2/instance/policies?policy=allowedIP',
    source: 'extension',
  },
  {
    when: { outcome: 'failure', codes: [403], refusals: ['KMIP_ROOT_KEY_UNAVAILABLE'] },
    meaning: 'The root key of the adapter is disabled or has expired, and what it protects is out of reach.',
    remedy:
      'Read the state of the root key that the event names. Enabling it brings everything back; an expired one still opens what there is, and makes nothing new.',
    call: allAdapters,
    source: 'extension',
  },
  {
    when: { outcome: 'failure', codes: [403], refusals: ['KMIP_SENSITIVE', 'KMIP_NOT_EXTRACTABLE'] },
    meaning: 'Whoever made the key said that it never leaves in the clear, or not at all; a client asked for it.',
    remedy:
      'Let the client get it wrapped by another key, or use it by Encrypt and Decrypt. Ask who wanted it otherwise.',
    source: 'extension',
  },
  {
    when: { outcome: 'failure', codes: [404], refusals: ['KMIP_ITEM_NOT_FOUND'] },
    meaning:
      'The adapter of the client has no such object, or it is destroyed. Of an object of another adapter the same is said.',
    remedy:
      'Check whether the certificate of the client is at the right adapter, and whether the object was destroyed: the events of the same target say by whom. Many of these from one client can mean that somebody is guessing identifiers.',
    call: allAdapters,
    source: 'extension',
  },
  {
    when: { outcome: 'failure', codes: [409], refusals: ['KMIP_WRONG_STATE'] },
    meaning: 'The state of the object, or one of its dates, does not allow this.',
    remedy:
      'Read the reason for failure, then the state of the object. An active object is revoked before it is destroyed.',
    call: allAdapters,
    source: 'extension',
  },
  {
    when: { outcome: 'failure', codes: [409], refusals: ['KMIP_NOT_PERMITTED'] },
    meaning:
      'The attributes of the object do not allow this: its usage mask or usage limits, or an attribute that only the server sets.',
    remedy: 'Read the reason for failure. What a key may be used for is said when it is made.',
    source: 'extension',
  },
  {
    when: { outcome: 'failure', codes: [409], refusals: ['KMIP_NAME_TAKEN'] },
    meaning: 'Another object of the adapter has the name already.',
    remedy:
      'Let the client choose another name, or destroy the object that has it. Clients that lost an answer try again so.',
    call: allAdapters,
    source: 'extension',
  },
  {
    when: { outcome: 'failure', codes: [409], refusals: ['KMIP_BATCH_UNDONE'] },
    meaning:
      'This was done and taken back, since a later request of the same message failed and the client wanted all of it or nothing. Nothing of it remains, and no key was given out.',
    remedy: 'Look at the events with the same correlation id: the last of them says what failed.',
    source: 'extension',
  },
  {
    when: { outcome: 'failure', codes: [409], refusals: ['QUOTA_EXCEEDED'] },
    meaning: 'The adapter holds as many objects as it may.',
    remedy: 'Let clients destroy what they do not need any more, or make another adapter for new ones.',
    call: allAdapters,
    source: 'extension',
  },
  {
    when: { outcome: 'failure', codes: [422], refusals: ['KMIP_CRYPTOGRAPHIC_FAILURE'] },
    meaning: 'The key, its parameters and the data do not fit together, or the data were altered.',
    remedy:
      'Check that the client decrypts with the key, the mode and the initialisation vector that it encrypted with.',
    source: 'extension',
  },
  {
    when: { outcome: 'failure', codes: [500], refusals: ['KMIP_ROOT_KEY_GONE'] },
    meaning: 'The root key of the adapter is destroyed, and with it everything that its clients made.',
    remedy:
      'Restore the root key if it was deleted less than 30 days ago. Otherwise nothing of it can be read any more.',
    call: allAdapters,
    source: 'extension',
  },
  {
    when: { outcome: 'failure', codes: [503], refusals: ['UNIT_UNAVAILABLE'] },
    meaning: 'No crypto unit of the instance could do this now; nothing was changed.',
    remedy: 'Look at the crypto units and their master key. Clients try again.',
    call: 'GET /readyz',
    source: 'extension',
  },
] as const satisfies readonly ExplanationSpec[]

/** Of status codes, for events that do not name their refusal. */
const statuses = [
  {
    when: { outcome: 'failure', codes: [401] },
    meaning:
      'The client showed no certificate that a KMIP adapter has and that is valid, or came from an address that is not allowed.',
    remedy: 'Compare the fingerprint in the initiator with those of the registered certificates.',
    call: allAdapters,
    source: 'extension',
  },
  {
    when: { outcome: 'failure', codes: [403] },
    meaning: 'The root key of the adapter is not active, or the key may not leave so.',
    remedy: 'Read the state of the root key of the adapter, and the reason for failure.',
    call: allAdapters,
    source: 'extension',
  },
  {
    when: { outcome: 'failure', codes: [404] },
    meaning: 'The adapter of the client has no such object, or it is destroyed.',
    remedy:
      'List the objects of the adapter. Many of these from one client can mean that somebody is guessing identifiers.',
    call: allAdapters,
    source: 'extension',
  },
  {
    when: { outcome: 'failure', codes: [409] },
    meaning: 'The state or the attributes of the object do not allow this, or its name is taken.',
    remedy: 'Read the reason for failure, then the state of the object.',
    call: allAdapters,
    source: 'extension',
  },
] as const satisfies readonly ExplanationSpec[]

export const kmipRefusals = [...refusals, ...statuses] as const satisfies readonly ExplanationSpec[]
