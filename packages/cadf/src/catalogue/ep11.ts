/** The event of EP11 cryptography. The seed publishes no fields for it; all are ours, none holds key or data. */
import { certificateFields, whyCertificate } from './client-certificates.ts'
import type { FamilySpec, FieldSpec } from './entry.ts'
import { ep11Refusals } from './ep11-refusals.ts'

/** First 16 bytes of a SHA-256 over a key blob, in hexadecimal: names a key without telling anything of it. */
const fingerprint = { type: 'identifier', source: 'extension' } as const

const request = [
  { name: 'method', type: 'identifier', meaning: 'The method that was called.', source: 'extension' },
  { name: 'mechanism', type: 'identifier', meaning: 'The PKCS #11 mechanism.', source: 'extension' },
  { name: 'decMechanism', type: 'identifier', meaning: 'Mechanism of decryption, re-encrypting.', source: 'extension' },
  { name: 'encMechanism', type: 'identifier', meaning: 'Mechanism of encryption, re-encrypting.', source: 'extension' },
  { name: 'keyType', type: 'identifier', meaning: 'The PKCS #11 key type.', source: 'extension' },
  { name: 'keySize', type: 'integer', meaning: 'Length of the key in bits.', source: 'extension' },
  { name: 'curve', type: 'identifier', meaning: 'The elliptic curve.', source: 'extension' },
  { name: 'deriveType', type: 'identifier', meaning: 'The kind of derivation.', source: 'extension' },
  { name: 'extractable', type: 'boolean', meaning: 'Whether the key may leave wrapped.', source: 'extension' },
  { name: 'length', type: 'integer', meaning: 'Bytes that were asked for.', source: 'extension' },
  { name: 'dataLength', type: 'integer', meaning: 'Bytes of data.', source: 'extension' },
  { name: 'operationId', type: 'identifier', meaning: 'Joins the calls of one operation.', source: 'extension' },
  { name: 'attributeNames', type: 'identifier[]', meaning: 'Names of the attributes.', source: 'extension' },
  { name: 'keyFingerprint', meaning: 'The key used.', ...fingerprint },
  { name: 'baseKeyFingerprint', meaning: 'The key derived from.', ...fingerprint },
  { name: 'kekFingerprint', meaning: 'The wrapping key.', ...fingerprint },
  { name: 'macKeyFingerprint', meaning: 'The key that signs attributes.', ...fingerprint },
  { name: 'newKeyFingerprint', meaning: 'The key re-encrypted under.', ...fingerprint },
  { name: 'oldWkid', type: 'identifier', meaning: 'Master key that wrapped the blob.', source: 'extension' },
  { name: 'storeId', type: 'identifier', meaning: 'The keystore logged in to.', source: 'extension' },
  ...certificateFields,
] as const satisfies readonly FieldSpec[]

const response = [
  { name: 'keyFingerprint', meaning: 'The key made.', ...fingerprint },
  { name: 'publicKeyFingerprint', meaning: 'The public key made.', ...fingerprint },
  { name: 'newKeyFingerprint', meaning: 'The key blob after the change.', ...fingerprint },
  { name: 'operationId', type: 'identifier', meaning: 'Joins the calls of one operation.', source: 'extension' },
  { name: 'mechanismCount', type: 'integer', meaning: 'Mechanisms listed.', source: 'extension' },
  { name: 'serverCount', type: 'integer', meaning: 'Servers listed.', source: 'extension' },
  { name: 'newWkid', type: 'identifier', meaning: 'Master key that wraps the blob now.', source: 'extension' },
] as const satisfies readonly FieldSpec[]

export const ep11 = {
  'hs-crypto.ep11.use': {
    title: 'Cryptographic operation',
    verb: 'use',
    object: 'ep11',
    typeURI: 'hs-crypto/ep11',
    severity: 'normal',
    severitySource: 'documented',
    dataEvent: true,
    phrase: {
      did: 'used',
      to: 'use',
      what: 'EP11[ {request.method}][ ({request.mechanism})][ with key {request.keyFingerprint}]',
      why: whyCertificate,
    },
    request,
    response,
    explanations: ep11Refusals,
    source: 'seed',
  },
} as const satisfies FamilySpec
