/** Events of managing KMIP: adapters, client certificates and objects. */
import type { FamilySpec, FieldSpec } from './entry.ts'
import { invalidRequest } from './explanations.ts'

/** Which of the three a request is about: it decides how much the event weighs. */
const objectKind = {
  name: 'objectKind',
  type: 'enum',
  values: ['adapter', 'certificate', 'object'],
  meaning: 'What the request is about: a KMIP adapter, a client certificate or a KMIP object.',
  source: 'extension',
} as const satisfies FieldSpec

const adapterId = {
  name: 'adapterId',
  type: 'uuid',
  meaning: 'The KMIP adapter.',
  source: 'extension',
} as const satisfies FieldSpec

// Of what is not known, an event is about the adapter or the instance that it would be in.
const what =
  '[a KMIP {request.objectKind} in {name@}|KMIP adapter {name@kmip-adapter}{request.objectKind=adapter}|a KMIP {request.objectKind} of {name@kmip-adapter}|KMIP {request.objectKind} {name}|a KMIP {request.objectKind}|KMIP resource {name}|a KMIP resource]'

export const kmipManagement = {
  'hs-crypto.kmip-management.create': {
    title: 'Create a KMIP adapter or KMIP adapter client certificate.',
    verb: 'create',
    object: 'kmip-management',
    typeURI: 'hs-crypto/kmip-management',
    severity: 'warning',
    severitySource: 'assigned',
    dataEvent: false,
    phrase: { did: 'created', to: 'create', what },
    request: [objectKind, adapterId],
    response: [{ name: 'id', type: 'identifier', meaning: 'What was created.', source: 'extension' }],
    explanations: [
      {
        when: { outcome: 'failure', codes: [409] },
        meaning:
          'The name is taken, the root key is not active or expires, or the certificate belongs to another adapter.',
        remedy: 'List the adapters, and read the root key of the adapter.',
        call: 'GET /api/v2/kmip_adapters',
        source: 'key-protect',
      },
    ],
    source: 'seed',
  },
  'hs-crypto.kmip-management.delete': {
    title: 'Delete a KMIP adapter, KMIP adapter client certificate, or KMIP object.',
    verb: 'delete',
    object: 'kmip-management',
    typeURI: 'hs-crypto/kmip-management',
    severity: 'warning',
    severitySource: 'assigned',
    dataEvent: false,
    phrase: { did: 'deleted', to: 'delete', what },
    request: [
      objectKind,
      adapterId,
      { name: 'force', type: 'boolean', meaning: 'Whether an active object was to go too.', source: 'extension' },
    ],
    response: [],
    variants: [
      {
        name: 'object',
        meaning: 'A KMIP object is deleted: its key material is erased.',
        severity: 'critical',
        severitySource: 'assigned',
        when: { request: 'objectKind', values: ['object'] },
      },
      {
        name: 'adapter',
        meaning: 'A KMIP adapter is deleted: no client of it reaches its keys again.',
        severity: 'critical',
        severitySource: 'assigned',
        when: { request: 'objectKind', values: ['adapter'] },
      },
      {
        name: 'certificate',
        meaning: 'A client certificate is deleted: its owner is cut off.',
        severity: 'warning',
        severitySource: 'assigned',
        when: { request: 'objectKind', values: ['certificate'] },
      },
    ],
    explanations: [
      {
        when: { outcome: 'failure', codes: [409] },
        meaning: 'The object is active, or the adapter still has objects that are not destroyed.',
        remedy: 'List the objects of the adapter; revoke and destroy them first.',
        call: 'GET /api/v2/kmip_adapters/{id}/kmip_objects',
        source: 'key-protect',
      },
    ],
    source: 'seed',
  },
  'hs-crypto.kmip-management.list': {
    title: 'List KMIP adapters, KMIP adapter client certificates, or KMIP objects.',
    verb: 'list',
    object: 'kmip-management',
    typeURI: 'hs-crypto/kmip-management',
    severity: 'normal',
    severitySource: 'assigned',
    dataEvent: false,
    phrase: {
      did: 'listed',
      to: 'list',
      what: 'KMIP [{request.objectKind}s|resources][ ({response.totalResources} found)]',
    },
    request: [objectKind, adapterId],
    response: [
      {
        name: 'totalResources',
        type: 'integer',
        meaning: 'The number of entries in the response.',
        source: 'extension',
      },
    ],
    explanations: [],
    source: 'seed',
  },
  'hs-crypto.kmip-management.read': {
    title: 'Get a KMIP adapter, KMIP adapter client certificate, or KMIP object.',
    verb: 'read',
    object: 'kmip-management',
    typeURI: 'hs-crypto/kmip-management',
    severity: 'normal',
    severitySource: 'assigned',
    dataEvent: false,
    phrase: { did: 'read', to: 'read', what },
    request: [objectKind, adapterId],
    response: [],
    explanations: [],
    source: 'seed',
  },
  'hs-crypto.kmip-management.default': {
    title: 'Invalid KMIP management API request.',
    verb: 'request',
    object: 'kmip-management',
    typeURI: 'hs-crypto/kmip-management',
    severity: 'normal',
    severitySource: 'assigned',
    dataEvent: false,
    phrase: { did: 'made', to: 'make', failed: 'made', what: 'an invalid KMIP management request' },
    request: [objectKind, adapterId],
    response: [],
    explanations: invalidRequest,
    source: 'seed',
  },
} as const satisfies FamilySpec
