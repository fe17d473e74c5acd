/** Events of key rings. */
import type { FamilySpec } from './entry.ts'
import { invalidRequest } from './explanations.ts'

const theRing = '[key ring {name}|a key ring]'

export const keyRing = {
  'hs-crypto.key-rings.create': {
    formerNames: ['hs-crypto.keyrings.create'],
    title: 'Create a key ring.',
    verb: 'create',
    object: 'key-ring',
    typeURI: 'hs-crypto/key-rings',
    severity: 'normal',
    severitySource: 'assigned',
    dataEvent: false,
    phrase: { did: 'created', to: 'create', what: theRing },
    request: [],
    response: [],
    explanations: [
      {
        when: { outcome: 'failure', codes: [409] },
        meaning: 'The instance has a key ring of this name, or as many as it may have.',
        remedy: 'List the key rings of the instance.',
        call: 'GET /api/v2/key_rings',
        source: 'key-protect',
      },
    ],
    source: 'seed',
  },
  'hs-crypto.key-rings.delete': {
    formerNames: ['hs-crypto.keyrings.delete'],
    title: 'Delete a key ring.',
    verb: 'delete',
    object: 'key-ring',
    typeURI: 'hs-crypto/key-rings',
    severity: 'warning',
    severitySource: 'assigned',
    dataEvent: false,
    phrase: { did: 'deleted', to: 'delete', what: theRing },
    request: [
      {
        name: 'force',
        type: 'boolean',
        meaning: 'Whether destroyed keys of the ring were to be moved to the default ring.',
        source: 'extension',
      },
    ],
    response: [],
    explanations: [
      {
        when: { outcome: 'failure', codes: [409] },
        meaning: 'The key ring still holds keys.',
        remedy: 'List its keys in every state; move or delete them, or force the deletion when all are destroyed.',
        call: 'GET /api/v2/keys?state=0,1,2,3,5',
        source: 'key-protect',
      },
    ],
    source: 'seed',
  },
  'hs-crypto.key-rings.list': {
    formerNames: ['hs-crypto.keyrings.list'],
    title: 'List key rings in an instance.',
    verb: 'list',
    object: 'key-ring',
    typeURI: 'hs-crypto/key-rings',
    severity: 'normal',
    severitySource: 'assigned',
    dataEvent: false,
    phrase: { did: 'listed', to: 'list', what: 'key rings[ ({response.totalResources} found)]' },
    request: [],
    response: [
      {
        name: 'totalResources',
        type: 'integer',
        meaning: 'The number of key rings that are returned in the response.',
        source: 'extension',
      },
    ],
    explanations: [],
    source: 'seed',
  },
  'hs-crypto.key-rings.request': {
    formerNames: ['hs-crypto.keyrings.default'],
    title: 'Invalid key ring request.',
    verb: 'request',
    object: 'key-ring',
    typeURI: 'hs-crypto/key-rings',
    severity: 'normal',
    severitySource: 'assigned',
    dataEvent: false,
    phrase: { did: 'made', to: 'make', failed: 'made', what: 'an invalid key ring request' },
    request: [],
    response: [],
    explanations: invalidRequest,
    source: 'seed',
  },
} as const satisfies FamilySpec
