/** Events of import tokens. */
import type { FamilySpec, FieldSpec } from './entry.ts'
import { invalidRequest } from './explanations.ts'

const maxAllowedRetrievals = {
  name: 'maxAllowedRetrievals',
  type: 'integer',
  meaning:
    'The maximum number of times the import token can be retrieved within the expiration time before it is no longer accessible.',
  source: 'seed',
} as const satisfies FieldSpec

export const importToken = {
  'hs-crypto.import-token.create': {
    formerNames: ['hs-crypto.importtoken.create'],
    title: 'Create an import token.',
    verb: 'create',
    object: 'import-token',
    typeURI: 'hs-crypto/import-token',
    severity: 'normal',
    severitySource: 'documented',
    dataEvent: false,
    phrase: { did: 'created', to: 'create', what: 'an import token[ valid until {response.expirationDate}]' },
    request: [
      {
        name: 'expirationSeconds',
        type: 'integer',
        meaning: 'For how long the import token was asked to be valid.',
        source: 'extension',
      },
    ],
    response: [
      {
        name: 'expirationDate',
        type: 'date',
        meaning: 'The expiration date of the import token.',
        source: 'seed',
      },
      maxAllowedRetrievals,
    ],
    explanations: [],
    source: 'seed',
  },
  'hs-crypto.import-token.read': {
    formerNames: ['hs-crypto.importtoken.read'],
    title: 'Retrieve an import token.',
    verb: 'read',
    object: 'import-token',
    typeURI: 'hs-crypto/import-token',
    severity: 'normal',
    severitySource: 'documented',
    dataEvent: false,
    phrase: {
      did: 'retrieved',
      to: 'retrieve',
      what: 'the import token[ ({response.remainingRetrievals} more times allowed)]',
    },
    request: [],
    response: [
      maxAllowedRetrievals,
      {
        name: 'remainingRetrievals',
        type: 'integer',
        meaning:
          'The number of times the import token can be retrieved within the expiration time before it is no longer accessible.',
        source: 'seed',
      },
    ],
    explanations: [
      {
        when: { outcome: 'failure', codes: [409] },
        meaning: 'The import token has expired, or was retrieved as often as it may be.',
        remedy: 'Create a new import token.',
        call: 'POST /api/v2/import_token',
        source: 'key-protect',
      },
    ],
    source: 'seed',
  },
  'hs-crypto.import-token.request': {
    formerNames: ['hs-crypto.importtoken.default'],
    title: 'Invalid import token request event.',
    verb: 'request',
    object: 'import-token',
    typeURI: 'hs-crypto/import-token',
    severity: 'normal',
    severitySource: 'assigned',
    dataEvent: false,
    phrase: { did: 'made', to: 'make', failed: 'made', what: 'an invalid import token request' },
    request: [],
    response: [],
    explanations: invalidRequest,
    source: 'seed',
  },
} as const satisfies FamilySpec
