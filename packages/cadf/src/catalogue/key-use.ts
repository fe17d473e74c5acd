/** Events of using a key: wrap, unwrap, rewrap. */
import type { ExplanationSpec, FamilySpec } from './entry.ts'
import { invalidState } from './explanations.ts'
import { expirationDate, keyRingId, keyTypeToo, keyVersionId, sentKeyRingId, theKey } from './fields.ts'

const notRoot = {
  when: { outcome: 'failure', codes: [400] },
  meaning: 'The request was not valid, or the key is a standard key; only root keys wrap and unwrap.',
  remedy: 'Read the type of the key, and check the body of the request.',
  call: 'GET /api/v2/keys/{id}/metadata',
  source: 'key-protect',
} as const satisfies ExplanationSpec

const foreignCiphertext = {
  when: { outcome: 'failure', codes: [422] },
  meaning: 'The ciphertext was not made by this key, was altered, or the additional authenticated data differ.',
  remedy: 'Check which key wrapped the data. Repeated failures can mean that somebody tries ciphertexts out.',
  call: 'GET /api/v2/keys/{id}/versions',
  source: 'key-protect',
} as const satisfies ExplanationSpec

export const keyUse = {
  'hs-crypto.secrets.wrap': {
    title: 'Wrap a key.',
    verb: 'wrap',
    object: 'secret',
    typeURI: 'hs-crypto/secrets',
    severity: 'normal',
    severitySource: 'documented',
    dataEvent: true,
    phrase: { did: 'wrapped data with', to: 'wrap data with', what: theKey },
    request: [keyTypeToo, sentKeyRingId],
    response: [keyVersionId, keyRingId, expirationDate],
    explanations: [notRoot, ...invalidState],
    source: 'seed',
  },
  'hs-crypto.secrets.unwrap': {
    title: 'Unwrap a key.',
    verb: 'unwrap',
    object: 'secret',
    typeURI: 'hs-crypto/secrets',
    severity: 'normal',
    severitySource: 'documented',
    dataEvent: true,
    phrase: { did: 'unwrapped data with', to: 'unwrap data with', what: theKey },
    request: [keyTypeToo, sentKeyRingId],
    response: [keyVersionId, keyRingId, expirationDate],
    explanations: [notRoot, foreignCiphertext, ...invalidState],
    source: 'seed',
  },
  'hs-crypto.secrets.rewrap': {
    title: 'Rewrap a key.',
    verb: 'rewrap',
    object: 'secret',
    typeURI: 'hs-crypto/secrets',
    severity: 'normal',
    severitySource: 'documented',
    dataEvent: true,
    phrase: { did: 'rewrapped data with', to: 'rewrap data with', what: theKey },
    request: [keyTypeToo, sentKeyRingId],
    response: [
      keyVersionId,
      {
        name: 'rewrappedKeyVersionId',
        type: 'uuid',
        meaning: 'The unique identifier of the new key version that is used to wrap input ciphertext on wrap requests.',
        source: 'seed',
      },
      keyRingId,
    ],
    explanations: [notRoot, foreignCiphertext, ...invalidState],
    source: 'seed',
  },
} as const satisfies FamilySpec
