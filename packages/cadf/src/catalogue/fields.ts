/** Fields that several actions share. */
import type { FieldSpec } from './entry.ts'

/** Words for the key in sentences: "root key billing". */
export const theKey = '[{request.keyType} key {name}|key {name}|a {request.keyType} key|a key]'

/** Of the key: the seed documents it for create, expire and the reads. */
export const keyType = {
  name: 'keyType',
  type: 'enum',
  values: ['root', 'standard'],
  meaning: 'The type of the key.',
  source: 'seed',
} as const satisfies FieldSpec

/** The same where the seed does not document it: with it the trail says which kind of key was meant. */
export const keyTypeToo = {
  name: 'keyType',
  type: 'enum',
  values: ['root', 'standard'],
  meaning: 'The type of the key.',
  when: 'the key is known',
  source: 'extension',
} as const satisfies FieldSpec

export const keyId = {
  name: 'keyId',
  type: 'uuid',
  meaning: 'The unique identifier of the key.',
  source: 'seed',
} as const satisfies FieldSpec

export const keyState = {
  name: 'keyState',
  type: 'integer',
  meaning: 'State of the key: 0 pre-activation, 1 active, 2 suspended, 3 deactivated, 5 destroyed.',
  source: 'seed',
} as const satisfies FieldSpec

export const initialKeyState = {
  name: 'initialValue.keyState',
  type: 'integer',
  meaning: 'The previous state of the key.',
  source: 'seed',
} as const satisfies FieldSpec

export const newKeyState = {
  name: 'newValue.keyState',
  type: 'integer',
  meaning: 'The current state of the key.',
  source: 'seed',
} as const satisfies FieldSpec

export const keyVersionId = {
  name: 'keyVersionId',
  type: 'uuid',
  meaning: 'The key version used: for wrap the current one, for unwrap the one that opened the ciphertext.',
  source: 'seed',
} as const satisfies FieldSpec

export const keyVersionCreationDate = {
  name: 'keyVersionCreationDate',
  type: 'date',
  meaning: 'When the current version of the key was created.',
  source: 'seed',
} as const satisfies FieldSpec

export const expirationDate = {
  name: 'expirationDate',
  type: 'date',
  meaning: 'When the key expires.',
  when: 'the key has an expiration date',
  source: 'key-protect',
} as const satisfies FieldSpec

export const rotationDueDate = {
  name: 'rotationDueDate',
  type: 'date',
  meaning: 'Until when the key must be rotated again: its interval and a day.',
  when: 'the key has a rotation policy in force',
  source: 'extension',
} as const satisfies FieldSpec

/** `requestData.keyRingId`. */
export const sentKeyRingId = {
  name: 'keyRingId',
  type: 'identifier',
  meaning: 'The key ring named by the request.',
  when: 'the header X-Kms-Key-Ring was sent',
  source: 'key-protect',
} as const satisfies FieldSpec

/** `responseData.keyRingId`. */
export const keyRingId = {
  name: 'keyRingId',
  type: 'identifier',
  meaning: 'The key ring the key belongs to, or that the keys of the answer were looked for in.',
  when: 'the ring is known',
  source: 'key-protect',
} as const satisfies FieldSpec

/** Why a lifecycle action on a key with registrations did not complete. */
export const reasonForFailure = {
  name: 'reasonForFailure',
  type: 'name',
  max: 500,
  meaning: 'Why the action did not complete.',
  when: 'a lifecycle action on a key with registrations failed',
  source: 'seed',
} as const satisfies FieldSpec

export const resourceCRN = {
  name: 'resourceCRN',
  type: 'crn',
  meaning: 'The protected resource that kept the action from completing.',
  when: 'a lifecycle action on a key with registrations failed',
  source: 'seed',
} as const satisfies FieldSpec

/** `requestData.location` of every Trusted Key Entry event. */
export const unitLocation = {
  name: 'location',
  type: 'name',
  max: 128,
  meaning: 'Location of the crypto unit: [region].[availability zone].[HSM module index].[HSM domain index].',
  when: 'always',
  source: 'seed',
} as const satisfies FieldSpec
