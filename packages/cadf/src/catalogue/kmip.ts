/** Events of KMIP for VMware. Requests come over the private network: they carry no host address. */
import type { FamilySpec, FieldSpec } from './entry.ts'

const theKey = '[KMIP key {name}|a KMIP key]'

/** What every KMIP event says of the request message. */
const message = [
  { name: 'adapterId', type: 'uuid', meaning: 'The KMIP adapter.', source: 'extension' },
  { name: 'certificateId', type: 'identifier', meaning: 'The client certificate.', source: 'extension' },
  { name: 'operation', type: 'identifier', meaning: 'The KMIP operation.', source: 'extension' },
  { name: 'protocolVersion', type: 'identifier', meaning: 'The KMIP version of the message.', source: 'extension' },
  { name: 'batchIndex', type: 'integer', meaning: 'Place of the item in its message, from 0.', source: 'extension' },
  { name: 'batchCount', type: 'integer', meaning: 'Items of the message.', source: 'extension' },
] as const satisfies readonly FieldSpec[]

const object = [
  { name: 'objectType', type: 'identifier', meaning: 'The KMIP object type.', source: 'extension' },
  { name: 'cryptographicAlgorithm', type: 'identifier', meaning: 'The algorithm of the key.', source: 'extension' },
  { name: 'cryptographicLength', type: 'integer', meaning: 'Length of the key in bits.', source: 'extension' },
  { name: 'usageMask', type: 'integer', meaning: 'The cryptographic usage mask.', source: 'extension' },
] as const satisfies readonly FieldSpec[]

const attributeNames = {
  name: 'attributeNames',
  type: 'identifier[]',
  meaning: 'Names of the attributes, never their values.',
  source: 'extension',
} as const satisfies FieldSpec

/** What the answer says. KMIP states are 1 to 6, another scale than that of the key service: hence another name. */
const result = [
  { name: 'keyId', type: 'identifier', meaning: 'The unique identifier of the KMIP key.', source: 'extension' },
  {
    name: 'resultReason',
    type: 'identifier',
    meaning: 'The KMIP result reason.',
    when: 'failure',
    source: 'extension',
  },
] as const satisfies readonly FieldSpec[]

const states = [
  { name: 'initialValue.kmipState', type: 'integer', meaning: 'The previous KMIP state, 1 to 6.', source: 'extension' },
  { name: 'newValue.kmipState', type: 'integer', meaning: 'The current KMIP state, 1 to 6.', source: 'extension' },
] as const satisfies readonly FieldSpec[]

export const kmip = {
  'hs-crypto.kmip-key.create': {
    title: 'A KMIP key is created.',
    verb: 'create',
    object: 'kmip-key',
    typeURI: 'hs-crypto/kmip-key',
    severity: 'normal',
    severitySource: 'assigned',
    dataEvent: true,
    phrase: { did: 'created', to: 'create', what: theKey },
    request: [...message, ...object, attributeNames],
    response: [...result, { name: 'kmipState', type: 'integer', meaning: 'The KMIP state.', source: 'extension' }],
    explanations: [],
    source: 'seed',
  },
  'hs-crypto.kmip-key.read': {
    title: 'A KMIP key is retrieved.',
    verb: 'read',
    object: 'kmip-key',
    typeURI: 'hs-crypto/kmip-key',
    severity: 'normal',
    severitySource: 'assigned',
    dataEvent: true,
    phrase: { did: 'retrieved', to: 'retrieve', what: theKey },
    request: [...message],
    response: [
      ...result,
      { name: 'keyFormatType', type: 'identifier', meaning: 'The format of the answer.', source: 'extension' },
      { name: 'wrappedWith', type: 'identifier', meaning: 'The key it was wrapped with.', source: 'extension' },
    ],
    explanations: [],
    source: 'seed',
  },
  'hs-crypto.kmip-key-attributes.retrieve': {
    title: "A KMIP key's attributes are retrieved.",
    verb: 'retrieve',
    object: 'kmip-key-attributes',
    typeURI: 'hs-crypto/kmip-key-attributes',
    severity: 'normal',
    severitySource: 'assigned',
    dataEvent: true,
    phrase: { did: 'retrieved', to: 'retrieve', what: `the attributes of ${theKey}` },
    request: [...message, attributeNames],
    response: [...result],
    explanations: [],
    source: 'seed',
  },
  'hs-crypto.kmip-key.activate': {
    title: 'A KMIP key is activated.',
    verb: 'activate',
    object: 'kmip-key',
    typeURI: 'hs-crypto/kmip-key',
    severity: 'normal',
    severitySource: 'assigned',
    dataEvent: true,
    phrase: { did: 'activated', to: 'activate', what: theKey },
    request: [...message],
    response: [
      ...result,
      ...states,
      { name: 'activationDate', type: 'date', meaning: 'From when the key is active.', source: 'extension' },
    ],
    explanations: [
      {
        when: { outcome: 'failure', codes: [409] },
        meaning: 'The key is not in the pre-active state.',
        remedy: 'Read the state of the object.',
        source: 'extension',
      },
    ],
    source: 'seed',
  },
  'hs-crypto.kmip-key.revoke': {
    title: 'A KMIP key is revoked.',
    verb: 'revoke',
    object: 'kmip-key',
    typeURI: 'hs-crypto/kmip-key',
    severity: 'warning',
    severitySource: 'assigned',
    dataEvent: true,
    phrase: { did: 'revoked', to: 'revoke', what: `${theKey}[ ({request.revocationReasonCode})]` },
    request: [
      ...message,
      {
        name: 'revocationReasonCode',
        type: 'enum',
        values: [
          'unspecified',
          'key-compromise',
          'ca-compromise',
          'affiliation-changed',
          'superseded',
          'cessation-of-operation',
          'privilege-withdrawn',
        ],
        meaning: 'The revocation reason code (KMIP 1.4, section 9.1.3.2.19).',
        source: 'extension',
      },
      {
        name: 'compromiseOccurrenceDate',
        type: 'date',
        meaning: 'When the key is believed to have been compromised.',
        source: 'extension',
      },
    ],
    response: [
      ...result,
      ...states,
      { name: 'deactivationDate', type: 'date', meaning: 'From when the key is deactivated.', source: 'extension' },
    ],
    variants: [
      {
        name: 'compromise',
        meaning: 'The key, or the authority that vouches for it, is said to be compromised.',
        severity: 'critical',
        severitySource: 'assigned',
        when: { request: 'revocationReasonCode', values: ['key-compromise', 'ca-compromise'] },
      },
    ],
    explanations: [],
    source: 'seed',
  },
  'hs-crypto.kmip-key.destroy': {
    title: 'A KMIP key is destroyed.',
    verb: 'destroy',
    object: 'kmip-key',
    typeURI: 'hs-crypto/kmip-key',
    severity: 'critical',
    severitySource: 'assigned',
    dataEvent: true,
    phrase: { did: 'destroyed', to: 'destroy', what: theKey },
    request: [...message],
    response: [
      ...result,
      ...states,
      { name: 'destroyDate', type: 'date', meaning: 'When the key material was destroyed.', source: 'extension' },
    ],
    explanations: [
      {
        when: { outcome: 'failure', codes: [409] },
        meaning: 'The key is active; only a revoked or never activated key can be destroyed.',
        remedy: 'Revoke the key first.',
        source: 'extension',
      },
    ],
    source: 'seed',
  },
} as const satisfies FamilySpec
