/** What a status code means for any action of a family that has no explanation of its own for it, and which call tells more. */
import { certificateRefusals } from './certificate-refusals.ts'
import type { ExplanationSpec, Family } from './entry.ts'
import { deletedKey } from './explanations.ts'
import { keyRefusals } from './key-refusals.ts'
import { keystoreRefusals } from './keystore-refusals.ts'
import { kmipRefusals } from './kmip-refusals.ts'

type FamilyExplanations = { readonly [F in Family]?: readonly ExplanationSpec[] }

const noSuchKey = {
  when: { outcome: 'failure', codes: [404] },
  meaning:
    'The instance has no such key, alias or key ring, the key has been purged, or it is in another ring than the request named.',
  remedy:
    'Look for the key among all of the instance, destroyed ones included, and for the ring among its rings. Many of these from one caller can mean that somebody is guessing identifiers.',
  call: 'GET /api/v2/keys?state=0,1,2,3,5',
  source: 'key-protect',
} as const satisfies ExplanationSpec

export const familyExplanations: FamilyExplanations = {
  key: [
    noSuchKey,
    {
      when: { outcome: 'failure', codes: [409] },
      meaning:
        'The state of the key, a waiting time, a bound of the instance or a name that is taken does not allow this action.',
      remedy: 'Read the reason for failure, then the state of the key, its aliases and when it last changed.',
      call: 'GET /api/v2/keys/{id}/metadata',
      source: 'key-protect',
    },
    deletedKey,
    ...keyRefusals,
  ],
  'key-ring': [
    {
      when: { outcome: 'failure', codes: [400, 404] },
      meaning: 'The instance has no such key ring, or its name cannot be one.',
      remedy: 'List the rings of the instance. A name has 2 to 100 letters, digits, hyphens and underscores.',
      call: 'GET /api/v2/key_rings',
      source: 'key-protect',
    },
    {
      when: { outcome: 'failure', codes: [409] },
      meaning: 'The key rings or the keys in them were changed at the same time.',
      remedy: 'List the rings of the instance and repeat what is still to be done.',
      call: 'GET /api/v2/key_rings',
      source: 'extension',
    },
  ],
  policy: [
    noSuchKey,
    {
      when: { outcome: 'failure', codes: [409] },
      meaning: 'The policies were changed at the same time, or the state of the key does not allow new ones.',
      remedy: 'Read the policies of the instance and the state of the key, and set again what is still to be set.',
      call: 'GET /api/v2/instance/policies',
      source: 'key-protect',
    },
    deletedKey,
    keyRefusals[0],
  ],
  'import-token': [
    {
      when: { outcome: 'failure', codes: [404] },
      meaning: 'The instance has no import token.',
      remedy: 'Create one; it can be used until it expires or is replaced.',
      call: 'POST /api/v2/import_token',
      source: 'key-protect',
    },
    {
      when: { outcome: 'failure', codes: [409] },
      meaning: 'The import token was changed at the same time.',
      remedy: 'Retrieve the import token again: the newest one counts.',
      call: 'GET /api/v2/import_token',
      source: 'key-protect',
    },
  ],
  registration: [
    {
      when: { outcome: 'failure', codes: [404] },
      meaning: 'There is no such key, registration, adopter or notification.',
      remedy: 'List the registrations of all keys, and check the resource name of the request.',
      call: 'GET /api/v2/keys/registrations',
      source: 'key-protect',
    },
    {
      when: { outcome: 'failure', codes: [409] },
      meaning: 'There is such a registration or adopter already, or it was changed at the same time.',
      remedy: 'Read what is registered, then decide whether it is to be replaced.',
      call: 'GET /api/v2/keys/registrations',
      source: 'key-protect',
    },
    {
      when: { outcome: 'failure', codes: [412] },
      meaning: 'The registration was changed after the caller read it: its ETag is another one.',
      remedy: 'Read the registration again, filtered by its resource name, and repeat the change with the new ETag.',
      call: 'GET /api/v2/keys/registrations',
      source: 'key-protect',
    },
    {
      when: { outcome: 'failure', codes: [422] },
      meaning: 'The key cannot be registered with: it is not active, is no root key, or has no such version.',
      remedy: 'Read the state, the kind and the versions of the key.',
      call: 'GET /api/v2/keys/{id}/metadata',
      source: 'key-protect',
    },
    deletedKey,
  ],
  certificate: certificateRefusals,
  kmip: kmipRefusals,
  keystore: keystoreRefusals,
  'kmip-management': [
    {
      when: { outcome: 'failure', codes: [400] },
      meaning:
        'The request was not well formed: a name that cannot be one, a standard key, or what is no certificate in PEM.',
      remedy:
        'Read the reason for failure. An adapter needs a root key; a certificate is sent alone, with its begin and end lines, without its private key.',
      call: 'GET /api/v2/kmip_adapters',
      source: 'key-protect',
    },
    {
      when: { outcome: 'failure', codes: [404] },
      meaning: 'The instance has no such adapter, root key, certificate or object.',
      remedy: 'List the adapters of the instance, then what is in the one that is meant.',
      call: 'GET /api/v2/kmip_adapters',
      source: 'key-protect',
    },
    {
      when: { outcome: 'failure', codes: [409] },
      meaning: 'The adapter, or what is in it, was changed at the same time.',
      remedy: 'List the adapters of the instance and repeat what is still to be done.',
      call: 'GET /api/v2/kmip_adapters',
      source: 'extension',
    },
    {
      when: { outcome: 'failure', codes: [410] },
      meaning: 'The KMIP object was destroyed already, and its material erased.',
      remedy: 'Nothing is left to do. Destroyed objects are listed with state=5,6.',
      call: 'GET /api/v2/kmip_adapters',
      source: 'extension',
    },
  ],
  instance: [
    {
      when: { outcome: 'failure', codes: [404] },
      meaning: 'The account has no such service instance, or the caller may not see it.',
      remedy: 'List the instances that the caller may see.',
      call: 'GET /v1/instances',
      source: 'extension',
    },
  ],
}
