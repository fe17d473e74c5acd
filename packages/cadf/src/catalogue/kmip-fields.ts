/** The fields of KMIP events that several of them have. */
import type { FieldSpec } from './entry.ts'

/** What every KMIP event says of the request message. */
export const message = [
  { name: 'adapterId', type: 'uuid', meaning: 'The KMIP adapter.', source: 'extension' },
  { name: 'certificateId', type: 'identifier', meaning: 'The client certificate.', source: 'extension' },
  { name: 'operation', type: 'identifier', meaning: 'The KMIP operation.', source: 'extension' },
  { name: 'protocolVersion', type: 'identifier', meaning: 'The KMIP version of the message.', source: 'extension' },
  { name: 'batchIndex', type: 'integer', meaning: 'Place of the item in its message, from 0.', source: 'extension' },
  { name: 'batchCount', type: 'integer', meaning: 'Items of the message.', source: 'extension' },
  {
    name: 'uniqueBatchItemId',
    type: 'identifier',
    meaning: 'What the client named the item, hexadecimal.',
    when: 'the client named it',
    source: 'extension',
  },
  {
    name: 'clientCorrelationValue',
    type: 'name',
    max: 128,
    meaning: 'What the client named the message.',
    when: 'the client named it (KMIP 1.4)',
    source: 'extension',
  },
  {
    name: 'clientClockSkewSeconds',
    type: 'integer',
    meaning: 'How far the clock of the client is ahead of ours.',
    when: 'the message has a time that is more than a minute off',
    source: 'extension',
  },
  {
    name: 'credentialType',
    type: 'identifier',
    meaning: 'Which kind of credential the message held besides the certificate. It decides nothing.',
    when: 'the message held one',
    source: 'extension',
  },
  {
    name: 'isUndone',
    type: 'boolean',
    meaning: 'Whether this was done and taken back, since a later item of the message failed (Undo).',
    when: 'it was taken back',
    source: 'extension',
  },
] as const satisfies readonly FieldSpec[]

export const object = [
  { name: 'objectType', type: 'identifier', meaning: 'The KMIP object type.', source: 'extension' },
  { name: 'cryptographicAlgorithm', type: 'identifier', meaning: 'The algorithm of the key.', source: 'extension' },
  { name: 'cryptographicLength', type: 'integer', meaning: 'Length of the key in bits.', source: 'extension' },
  { name: 'usageMask', type: 'integer', meaning: 'The cryptographic usage mask.', source: 'extension' },
] as const satisfies readonly FieldSpec[]

export const attributeNames = {
  name: 'attributeNames',
  type: 'identifier[]',
  meaning: 'Names of the attributes, never their values.',
  source: 'extension',
} as const satisfies FieldSpec

export const resultReason = {
  name: 'resultReason',
  type: 'identifier',
  meaning: 'The KMIP result reason.',
  when: 'failure',
  source: 'extension',
} as const satisfies FieldSpec

/** What the answer says. KMIP states are 1 to 6, another scale than that of the key service: hence another name. */
export const result = [
  { name: 'keyId', type: 'identifier', meaning: 'The unique identifier of the KMIP key.', source: 'extension' },
  resultReason,
] as const satisfies readonly FieldSpec[]

export const states = [
  { name: 'initialValue.kmipState', type: 'integer', meaning: 'The previous KMIP state, 1 to 6.', source: 'extension' },
  { name: 'newValue.kmipState', type: 'integer', meaning: 'The current KMIP state, 1 to 6.', source: 'extension' },
] as const satisfies readonly FieldSpec[]

export const rootKeyId = {
  name: 'rootKeyId',
  type: 'uuid',
  meaning: 'The root key of the adapter.',
  when: 'it was used, or refused to be',
  source: 'extension',
} as const satisfies FieldSpec

export const mechanism = {
  name: 'mechanism',
  type: 'identifier',
  meaning: 'What was computed with the key, such as AES-GCM or RSA-PSS-SHA-256; never the data.',
  source: 'extension',
} as const satisfies FieldSpec
