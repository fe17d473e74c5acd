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

const resultReason = {
  name: 'resultReason',
  type: 'identifier',
  meaning: 'The KMIP result reason.',
  when: 'failure',
  source: 'extension',
} as const satisfies FieldSpec

/** What the answer says. KMIP states are 1 to 6, another scale than that of the key service: hence another name. */
const result = [
  { name: 'keyId', type: 'identifier', meaning: 'The unique identifier of the KMIP key.', source: 'extension' },
  resultReason,
] as const satisfies readonly FieldSpec[]

const states = [
  { name: 'initialValue.kmipState', type: 'integer', meaning: 'The previous KMIP state, 1 to 6.', source: 'extension' },
  { name: 'newValue.kmipState', type: 'integer', meaning: 'The current KMIP state, 1 to 6.', source: 'extension' },
] as const satisfies readonly FieldSpec[]

const rootKeyId = {
  name: 'rootKeyId',
  type: 'uuid',
  meaning: 'The root key of the adapter.',
  when: 'it was used, or refused to be',
  source: 'extension',
} as const satisfies FieldSpec

const mechanism = {
  name: 'mechanism',
  type: 'identifier',
  meaning: 'What was computed with the key, such as AES-GCM or RSA-PSS-SHA-256; never the data.',
  source: 'extension',
} as const satisfies FieldSpec

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
    request: [
      ...message,
      ...object,
      attributeNames,
      {
        name: 'replacedKeyId',
        type: 'identifier',
        meaning: 'The KMIP key that the new one is to replace.',
        when: 'Re-key',
        source: 'extension',
      },
      {
        name: 'publicKeyUsageMask',
        type: 'integer',
        meaning:
          'The cryptographic usage mask of the public key; what else is said of the key is said of the private one.',
        when: 'Create Key Pair',
        source: 'extension',
      },
      {
        name: 'derivationMethod',
        type: 'identifier',
        meaning: 'How the key is derived.',
        when: 'Derive Key',
        source: 'extension',
      },
      {
        name: 'baseKeyIds',
        type: 'identifier[]',
        meaning: 'The KMIP objects that the key is derived from.',
        when: 'Derive Key',
        source: 'extension',
      },
    ],
    response: [
      ...result,
      {
        name: 'publicKeyId',
        type: 'identifier',
        meaning: 'The unique identifier of the public key; `keyId` is that of the private one.',
        when: 'Create Key Pair',
        source: 'extension',
      },
      { name: 'kmipState', type: 'integer', meaning: 'The KMIP state.', source: 'extension' },
      rootKeyId,
    ],
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
      { name: 'kmipState', type: 'integer', meaning: 'The KMIP state.', source: 'extension' },
      { name: 'keyFormatType', type: 'identifier', meaning: 'The format of the answer.', source: 'extension' },
      { name: 'wrappedWith', type: 'identifier', meaning: 'The key it was wrapped with.', source: 'extension' },
      rootKeyId,
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
        when: { outcome: 'failure', codes: [409], refusals: ['KMIP_WRONG_STATE'] },
        meaning: 'The key is not in the pre-active state: only that can be activated, and once.',
        remedy: 'Read the state of the object. Clients that lost an answer activate again so, and nothing is wrong.',
        call: 'GET /api/v2/kmip_adapters',
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
        when: { outcome: 'failure', codes: [409], refusals: ['KMIP_WRONG_STATE'] },
        meaning: 'The key is active, or destroyed already; only a revoked or never activated key can be destroyed.',
        remedy: 'Let the client revoke the key first, or delete it by force with the API.',
        call: 'GET /api/v2/kmip_adapters',
        source: 'extension',
      },
    ],
    source: 'seed',
  },
  'hs-crypto.kmip-key-attributes.update': {
    title: "A KMIP key's attributes are added to, modified or deleted.",
    verb: 'update',
    object: 'kmip-key-attributes',
    typeURI: 'hs-crypto/kmip-key-attributes',
    severity: 'normal',
    severitySource: 'assigned',
    dataEvent: true,
    phrase: { did: 'changed', to: 'change', what: `the attributes of ${theKey}` },
    request: [
      ...message,
      attributeNames,
      {
        name: 'attributeEffect',
        type: 'enum',
        values: ['description', 'use'],
        meaning: 'Whether the attribute describes the key only, or decides when and for what it may be used.',
        source: 'extension',
      },
    ],
    response: [...result, ...states],
    variants: [
      {
        name: 'use',
        meaning: 'The attribute decides when, or for what, the key may be used.',
        severity: 'warning',
        severitySource: 'assigned',
        when: { request: 'attributeEffect', values: ['use'] },
      },
    ],
    explanations: [],
    source: 'extension',
  },
  'hs-crypto.kmip-key.list': {
    title: 'KMIP keys are looked for by their attributes.',
    verb: 'list',
    object: 'kmip-key',
    typeURI: 'hs-crypto/kmip-key',
    severity: 'normal',
    severitySource: 'assigned',
    dataEvent: true,
    phrase: { did: 'looked for', to: 'look for', what: 'KMIP keys[ ({response.totalResources} found)]' },
    request: [...message, attributeNames],
    response: [
      resultReason,
      { name: 'totalResources', type: 'integer', meaning: 'How many objects match.', source: 'extension' },
    ],
    explanations: [
      {
        when: { outcome: 'success', equal: { totalResources: 0 } },
        meaning:
          'No object of the adapter has these attributes. Destroyed objects and those of other adapters are not found.',
        remedy: 'If the client should have found one, check whether its certificate is at the right adapter.',
        call: 'GET /api/v2/kmip_adapters',
        source: 'extension',
      },
    ],
    source: 'extension',
  },
  'hs-crypto.kmip-key.use': {
    title:
      'A KMIP key is used by the service: Encrypt, Decrypt, Sign, Signature Verify, MAC, MAC Verify; or random bytes are retrieved.',
    verb: 'use',
    object: 'kmip-key',
    typeURI: 'hs-crypto/kmip-key',
    severity: 'normal',
    severitySource: 'assigned',
    dataEvent: true,
    phrase: { did: 'used', to: 'use', what: `${theKey}[ ({request.operation})]` },
    request: [...message, mechanism],
    response: [
      ...result,
      {
        name: 'validity',
        type: 'enum',
        values: ['Valid', 'Invalid'],
        meaning: 'Whether the signature or the code is of the data and the key.',
        when: 'Signature Verify, MAC Verify',
        source: 'extension',
      },
      { name: 'kmipState', type: 'integer', meaning: 'The KMIP state.', source: 'extension' },
      rootKeyId,
    ],
    explanations: [],
    source: 'extension',
  },
  'hs-crypto.kmip-key.default': {
    title: 'Invalid KMIP request.',
    verb: 'request',
    object: 'kmip-key',
    typeURI: 'hs-crypto/kmip-key',
    severity: 'normal',
    severitySource: 'assigned',
    dataEvent: true,
    phrase: { did: 'made', to: 'make', failed: 'made', what: 'an invalid KMIP request' },
    request: [...message],
    response: [resultReason],
    explanations: [],
    source: 'extension',
  },
} as const satisfies FamilySpec
