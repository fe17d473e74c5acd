/** Events of EP11 keystores. The seed publishes no fields for them; all are ours. */
import { certificateFields, whyCertificate as why } from './client-certificates.ts'
import type { EntrySpec, FamilySpec, FieldSpec } from './entry.ts'

const keystoreId = { name: 'keystoreId', type: 'uuid', meaning: 'The keystore.', source: 'extension' } as const
const keyId = { name: 'keyId', type: 'uuid', meaning: 'The key.', source: 'extension' } as const

const ids = {
  name: 'ids',
  type: 'identifier[]',
  meaning: 'The identifiers that were asked for.',
  source: 'extension',
} as const satisfies FieldSpec

const attributeNames = {
  name: 'attributeNames',
  type: 'identifier[]',
  meaning: 'Names of the attributes, never their values.',
  source: 'extension',
} as const satisfies FieldSpec

const totalResources = {
  name: 'totalResources',
  type: 'integer',
  meaning: 'The number of entries in the answer.',
  source: 'extension',
} as const satisfies FieldSpec

const keystoreAction = {
  typeURI: 'hs-crypto/keystore',
  severitySource: 'documented',
  dataEvent: true,
  explanations: [],
  source: 'seed',
} as const satisfies Partial<EntrySpec>

export const keystore = {
  'hs-crypto.keystore.createkeystore': {
    ...keystoreAction,
    title: 'Create an EP11 keystore.',
    verb: 'create',
    object: 'keystore',
    severity: 'normal',
    phrase: { did: 'created', to: 'create', what: '[EP11 keystore {name}|an EP11 keystore]', why },
    request: [
      { name: 'type', type: 'identifier', meaning: 'The type of the keystore.', source: 'extension' },
      { name: 'authenticated', type: 'boolean', meaning: 'Whether a PIN guards it.', source: 'extension' },
      ...certificateFields,
    ],
    response: [keystoreId],
  },
  'hs-crypto.keystore.deletekeystore': {
    ...keystoreAction,
    title: 'Delete an EP11 keystore.',
    verb: 'delete',
    object: 'keystore',
    severity: 'critical',
    phrase: {
      did: 'deleted',
      to: 'delete',
      what: '[EP11 keystore {name}|an EP11 keystore][ and {response.deletedKeys} keys in it]',
      why,
    },
    request: [keystoreId, ...certificateFields],
    response: [
      { name: 'deletedKeys', type: 'integer', meaning: 'How many keys were deleted with it.', source: 'extension' },
    ],
  },
  'hs-crypto.keystore.listkeystoresbyids': {
    ...keystoreAction,
    title: 'View EP11 keystores.',
    verb: 'list',
    object: 'keystore',
    severity: 'normal',
    phrase: { did: 'looked up', to: 'look up', what: 'EP11 keystores by id[ ({response.totalResources} found)]', why },
    request: [ids, ...certificateFields],
    response: [totalResources],
  },
  'hs-crypto.keystore.listkeystoresbyattributes': {
    ...keystoreAction,
    title: 'View EP11 keystores.',
    verb: 'list',
    object: 'keystore',
    severity: 'normal',
    phrase: { did: 'searched', to: 'search', what: 'EP11 keystores[ ({response.totalResources} found)]', why },
    request: [attributeNames, ...certificateFields],
    response: [totalResources],
  },
  'hs-crypto.keystore.storenewkey': {
    ...keystoreAction,
    title: 'Store an EP11 key.',
    verb: 'store',
    object: 'keystore-key',
    severity: 'normal',
    phrase: { did: 'stored', to: 'store', what: '[EP11 key {name}|an EP11 key]', why },
    request: [
      keystoreId,
      { name: 'class', type: 'identifier', meaning: 'The PKCS #11 object class.', source: 'extension' },
      { name: 'keyType', type: 'identifier', meaning: 'The PKCS #11 key type.', source: 'extension' },
      ...certificateFields,
    ],
    response: [keyId, { name: 'version', type: 'integer', meaning: 'The version of the key.', source: 'extension' }],
  },
  'hs-crypto.keystore.updatekey': {
    ...keystoreAction,
    title: 'Update an EP11 key.',
    verb: 'update',
    object: 'keystore-key',
    severity: 'critical',
    phrase: { did: 'updated', to: 'update', what: '[EP11 key {name}|an EP11 key]', why },
    request: [
      keystoreId,
      keyId,
      { name: 'initialValue.version', type: 'integer', meaning: 'The previous version.', source: 'extension' },
      attributeNames,
      ...certificateFields,
    ],
    response: [{ name: 'newValue.version', type: 'integer', meaning: 'The version now.', source: 'extension' }],
  },
  'hs-crypto.keystore.deletekey': {
    ...keystoreAction,
    title: 'Delete an EP11 key.',
    verb: 'delete',
    object: 'keystore-key',
    severity: 'critical',
    phrase: { did: 'deleted', to: 'delete', what: '[EP11 key {name}|an EP11 key]', why },
    request: [keystoreId, keyId, ...certificateFields],
    response: [],
  },
  'hs-crypto.keystore.listkeysbyids': {
    ...keystoreAction,
    title: 'View EP11 keys.',
    verb: 'list',
    object: 'keystore-key',
    severity: 'normal',
    phrase: { did: 'looked up', to: 'look up', what: 'EP11 keys by id[ ({response.totalResources} found)]', why },
    request: [keystoreId, ids, ...certificateFields],
    response: [totalResources],
  },
  'hs-crypto.keystore.listkeysbyattributes': {
    ...keystoreAction,
    title: 'View EP11 keys.',
    verb: 'list',
    object: 'keystore-key',
    severity: 'normal',
    phrase: { did: 'searched', to: 'search', what: 'EP11 keys[ ({response.totalResources} found)]', why },
    request: [
      { name: 'keystoreIds', type: 'identifier[]', meaning: 'The keystores searched.', source: 'extension' },
      attributeNames,
      ...certificateFields,
    ],
    response: [totalResources],
  },
} as const satisfies FamilySpec
