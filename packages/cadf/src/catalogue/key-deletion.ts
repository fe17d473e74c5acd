/** Events of dual authorization: setting and cancelling a key's deletion. */
import type { FamilySpec, FieldSpec } from './entry.ts'
import { deletedKey } from './explanations.ts'
import { keyRingId, keyTypeToo, sentKeyRingId, theKey } from './fields.ts'

const authorization = [
  {
    name: 'initialValue.authID',
    type: 'identifier',
    meaning: 'The initiator ID of the person who last set the dual authorization policy.',
    source: 'seed',
  },
  {
    name: 'initialValue.authExpiration',
    type: 'date',
    meaning: 'The previous expiration date for the dual authorization policy.',
    source: 'seed',
  },
  {
    name: 'newValue.authID',
    type: 'identifier',
    meaning: 'The initiator ID of the person who set the dual authorization policy.',
    source: 'seed',
  },
  {
    name: 'newValue.authExpiration',
    type: 'date',
    meaning: 'The expiration date for the dual authorization policy.',
    source: 'seed',
  },
] as const satisfies readonly FieldSpec[]

const noPolicy = {
  when: { outcome: 'failure', codes: [409] },
  meaning: 'The key has no dual authorization policy, or its state does not allow this.',
  remedy: 'Read the policies of the key.',
  call: 'GET /api/v2/keys/{id}/policies',
  source: 'key-protect',
} as const

export const keyDeletion = {
  'hs-crypto.secrets.setkeyfordeletion': {
    title: 'Authorize deletion for a key with Dual Authorization policy.',
    verb: 'setkeyfordeletion',
    object: 'secret',
    typeURI: 'hs-crypto/secrets',
    severity: 'warning',
    severitySource: 'documented',
    dataEvent: true,
    phrase: { did: 'authorized the deletion of', to: 'authorize the deletion of', what: theKey },
    request: [keyTypeToo, sentKeyRingId],
    response: [...authorization, keyRingId],
    explanations: [noPolicy, deletedKey],
    source: 'seed',
  },
  'hs-crypto.secrets.unsetkeyfordeletion': {
    title: 'Cancel deletion for a key with Dual Authorization policy.',
    verb: 'unsetkeyfordeletion',
    object: 'secret',
    typeURI: 'hs-crypto/secrets',
    severity: 'warning',
    severitySource: 'documented',
    dataEvent: true,
    phrase: {
      did: 'withdrew the authorization to delete',
      to: 'withdraw the authorization to delete',
      what: theKey,
    },
    request: [keyTypeToo, sentKeyRingId],
    response: [...authorization, keyRingId],
    explanations: [noPolicy, deletedKey],
    source: 'seed',
  },
} as const satisfies FamilySpec
