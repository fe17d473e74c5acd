/** Events of registrations: which cloud resources a key protects. */
import type { EntrySpec, ExplanationSpec, FamilySpec, FieldSpec } from './entry.ts'
import { invalidRequest } from './explanations.ts'
import { keyRingId, keyTypeToo, sentKeyRingId } from './fields.ts'

const resource = [
  {
    name: 'resourceCRN',
    type: 'crn',
    meaning: 'The resource that the key protects.',
    source: 'extension',
  },
  {
    name: 'preventKeyDeletion',
    type: 'boolean',
    meaning: 'Whether the resource has a retention policy that keeps the key from being deleted.',
    source: 'extension',
  },
] as const satisfies readonly FieldSpec[]

const notTheOwner = {
  when: { outcome: 'failure', codes: [403] },
  meaning: 'Only services register resources, and each may change only its own registrations.',
  remedy: 'List the registrations of the key and see which service owns the resource.',
  call: 'GET /api/v2/keys/{id}/registrations',
  source: 'key-protect',
} as const satisfies ExplanationSpec

const change = {
  object: 'registration',
  typeURI: 'hs-crypto/registrations',
  dataEvent: false,
  severitySource: 'documented',
  request: [...resource, keyTypeToo, sentKeyRingId],
  response: [keyRingId],
  explanations: [notTheOwner],
  source: 'severity-table',
} as const satisfies Partial<EntrySpec>

export const registration = {
  'hs-crypto.registrations.list': {
    title: 'List registrations for any key.',
    verb: 'list',
    object: 'registration',
    typeURI: 'hs-crypto/registrations',
    severity: 'normal',
    severitySource: 'documented',
    dataEvent: false,
    phrase: { did: 'listed', to: 'list', what: 'the registrations[ of {name}][ ({response.totalResources} found)]' },
    request: [keyTypeToo, sentKeyRingId],
    response: [
      {
        name: 'totalResources',
        type: 'integer',
        meaning: 'The total number of registrations that are returned in the response.',
        source: 'seed',
      },
      keyRingId,
    ],
    explanations: [],
    source: 'seed',
  },
  'hs-crypto.registrations.default': {
    title: 'Invalid registration request event.',
    verb: 'request',
    object: 'registration',
    typeURI: 'hs-crypto/registrations',
    severity: 'normal',
    severitySource: 'assigned',
    dataEvent: false,
    phrase: { did: 'made', to: 'make', failed: 'made', what: 'an invalid registration request' },
    request: [keyTypeToo, sentKeyRingId],
    response: [],
    explanations: invalidRequest,
    source: 'seed',
  },
  'hs-crypto.registrations.create': {
    ...change,
    title: 'Register a resource that a key protects.',
    verb: 'create',
    severity: 'normal',
    phrase: { did: 'registered', to: 'register', what: 'a resource with [key {name}|a key]' },
  },
  'hs-crypto.registrations.write': {
    ...change,
    title: 'Replace a registration.',
    verb: 'write',
    severity: 'normal',
    phrase: { did: 'replaced', to: 'replace', what: 'a registration with [key {name}|a key]' },
  },
  'hs-crypto.registrations.merge': {
    ...change,
    title: 'Change a registration.',
    verb: 'merge',
    severity: 'normal',
    phrase: { did: 'changed', to: 'change', what: 'a registration with [key {name}|a key]' },
  },
  'hs-crypto.registrations.delete': {
    ...change,
    title: 'Delete a registration.',
    verb: 'delete',
    severity: 'critical',
    phrase: { did: 'deleted', to: 'delete', what: 'a registration with [key {name}|a key]' },
  },
} as const satisfies FamilySpec
