/** The calls of EP11 as they travel over the pipe: one table of their fields, from which both sides read and write. */
import type { MechanismParameter } from './parameter.ts'

export interface MechanismUse {
  /** A CKM_ value. */
  readonly value: number
  readonly parameter: MechanismParameter
}

/** What a client gave for an attribute, by the arm it chose; undefined when it chose none. */
export type AttributeValue = boolean | bigint | Buffer | undefined

/** By CKA_ value. */
export type Template = ReadonlyMap<number, AttributeValue>

/** What a field of a call can be, and its type. */
interface FieldTypes {
  /** Keys, states, data: at most `EP11_DATA_BYTES_MAX`, empty where there is none. */
  readonly bytes: Buffer
  /** Bytes that nobody else has: where they are put, their memory is erased and given back. */
  readonly own: Buffer
  readonly u32: number
  readonly u32s: readonly number[]
  readonly mechanism: MechanismUse
  readonly template: Template
}

type FieldType = keyof FieldTypes
type Shape = Readonly<Record<string, FieldType>>
type ValuesOf<S extends Shape> = S extends Shape
  ? keyof S extends never
    ? Readonly<Record<string, never>>
    : { readonly [Name in keyof S]: FieldTypes[S[Name]] }
  : never

interface CallShape {
  /** The byte on the pipe. */
  readonly code: number
  readonly request: Shape
  readonly answer: Shape
}

const stateless = {} as const

/**
 * Names are the RPCs of `grep11.Crypto` (reference grep11, section 2); fields are in the order of the pipe. A key is the
 * blob or the public key object as the client sent it; a state is the client's, and so is what comes of it.
 */
export const calls = {
  GenerateRandom: { code: 1, request: { length: 'u32' }, answer: { random: 'bytes' } },
  GetMechanismList: { code: 2, request: stateless, answer: { mechanisms: 'u32s' } },
  GetMechanismInfo: {
    code: 3,
    request: { mechanism: 'u32' },
    answer: { sizeMin: 'u32', sizeMax: 'u32', flags: 'u32' },
  },
  DigestInit: { code: 4, request: { mechanism: 'mechanism' }, answer: { state: 'bytes' } },
  Digest: { code: 5, request: { state: 'bytes', data: 'bytes' }, answer: { digest: 'bytes' } },
  DigestUpdate: { code: 6, request: { state: 'bytes', data: 'bytes' }, answer: { state: 'bytes' } },
  DigestKey: { code: 7, request: { state: 'bytes', key: 'bytes' }, answer: { state: 'bytes' } },
  DigestFinal: { code: 8, request: { state: 'bytes' }, answer: { digest: 'bytes' } },
  DigestSingle: { code: 9, request: { mechanism: 'mechanism', data: 'bytes' }, answer: { digest: 'bytes' } },
  EncryptInit: { code: 10, request: { mechanism: 'mechanism', key: 'bytes' }, answer: { state: 'bytes' } },
  DecryptInit: { code: 11, request: { mechanism: 'mechanism', key: 'bytes' }, answer: { state: 'bytes' } },
  EncryptUpdate: {
    code: 12,
    request: { state: 'bytes', plain: 'bytes' },
    answer: { state: 'bytes', ciphered: 'own' },
  },
  DecryptUpdate: {
    code: 13,
    request: { state: 'bytes', ciphered: 'bytes' },
    answer: { state: 'bytes', plain: 'own' },
  },
  Encrypt: { code: 14, request: { state: 'bytes', plain: 'bytes' }, answer: { ciphered: 'own' } },
  Decrypt: { code: 15, request: { state: 'bytes', ciphered: 'bytes' }, answer: { plain: 'own' } },
  EncryptFinal: { code: 16, request: { state: 'bytes' }, answer: { ciphered: 'own' } },
  DecryptFinal: { code: 17, request: { state: 'bytes' }, answer: { plain: 'own' } },
  EncryptSingle: {
    code: 18,
    request: { mechanism: 'mechanism', key: 'bytes', plain: 'bytes' },
    answer: { ciphered: 'own' },
  },
  DecryptSingle: {
    code: 19,
    request: { mechanism: 'mechanism', key: 'bytes', ciphered: 'bytes' },
    answer: { plain: 'own' },
  },
  ReencryptSingle: {
    code: 20,
    request: {
      decMechanism: 'mechanism',
      encMechanism: 'mechanism',
      decKey: 'bytes',
      encKey: 'bytes',
      ciphered: 'bytes',
    },
    answer: { reciphered: 'own' },
  },
  SignInit: { code: 21, request: { mechanism: 'mechanism', key: 'bytes' }, answer: { state: 'bytes' } },
  VerifyInit: { code: 22, request: { mechanism: 'mechanism', key: 'bytes' }, answer: { state: 'bytes' } },
  SignUpdate: { code: 23, request: { state: 'bytes', data: 'bytes' }, answer: { state: 'bytes' } },
  VerifyUpdate: { code: 24, request: { state: 'bytes', data: 'bytes' }, answer: { state: 'bytes' } },
  SignFinal: { code: 25, request: { state: 'bytes' }, answer: { signature: 'bytes' } },
  VerifyFinal: { code: 26, request: { state: 'bytes', signature: 'bytes' }, answer: stateless },
  Sign: { code: 27, request: { state: 'bytes', data: 'bytes' }, answer: { signature: 'bytes' } },
  Verify: { code: 28, request: { state: 'bytes', data: 'bytes', signature: 'bytes' }, answer: stateless },
  SignSingle: {
    code: 29,
    request: { mechanism: 'mechanism', key: 'bytes', data: 'bytes' },
    answer: { signature: 'bytes' },
  },
  VerifySingle: {
    code: 30,
    request: { mechanism: 'mechanism', key: 'bytes', data: 'bytes', signature: 'bytes' },
    answer: stateless,
  },
  GenerateKey: {
    code: 31,
    request: { mechanism: 'mechanism', template: 'template' },
    answer: { key: 'bytes', checkSum: 'bytes' },
  },
  GenerateKeyPair: {
    code: 32,
    request: { mechanism: 'mechanism', privateTemplate: 'template', publicTemplate: 'template' },
    answer: { privateKey: 'bytes', publicKey: 'bytes' },
  },
  WrapKey: {
    code: 33,
    request: { mechanism: 'mechanism', key: 'bytes', kek: 'bytes', macKey: 'bytes' },
    answer: { wrapped: 'bytes' },
  },
  UnwrapKey: {
    code: 34,
    request: { mechanism: 'mechanism', wrapped: 'bytes', kek: 'bytes', macKey: 'bytes', template: 'template' },
    answer: { key: 'bytes', checkSum: 'bytes' },
  },
  DeriveKey: {
    code: 35,
    request: { mechanism: 'mechanism', baseKey: 'bytes', data: 'bytes', template: 'template' },
    answer: { key: 'bytes', checkSum: 'bytes' },
  },
  /** Of `attributes` only the types count. */
  GetAttributeValue: {
    code: 36,
    request: { object: 'bytes', attributes: 'u32s' },
    answer: { attributes: 'template' },
  },
  SetAttributeValue: {
    code: 37,
    request: { object: 'bytes', attributes: 'template' },
    answer: { object: 'bytes' },
  },
  Login: { code: 38, request: { storeId: 'bytes', pin: 'bytes' }, answer: { pinBlob: 'bytes' } },
  Logout: { code: 39, request: stateless, answer: stateless },
  RewrapKeyBlob: { code: 40, request: { key: 'bytes' }, answer: { key: 'bytes' } },
  /**
   * No RPC: what an object that a keystore is to hold says of itself, and `object`: the same under the master key in force,
   * empty when it is so already.
   */
  DescribeObject: { code: 41, request: { object: 'bytes' }, answer: { attributes: 'template', object: 'bytes' } },
  /** No RPC: an object of a keystore under the master key in force, from whichever it is under: a step of a rotation. */
  ReencryptObject: { code: 42, request: { object: 'bytes' }, answer: { object: 'bytes' } },
} as const satisfies Readonly<Record<string, CallShape>>

export type CallName = keyof typeof calls
export type CallRequest<Name extends CallName> = ValuesOf<(typeof calls)[Name]['request']>
export type CallAnswer<Name extends CallName> = ValuesOf<(typeof calls)[Name]['answer']>

/** Names of `hs-crypto.ep11.use` in the catalogue, for what a call may tell. On the pipe each is its place in this list. */
export const factNames = [
  'attributeNames',
  'baseKeyFingerprint',
  'curve',
  'dataLength',
  'decMechanism',
  'deriveType',
  'encMechanism',
  'extractable',
  'kekFingerprint',
  'keyFingerprint',
  'keySize',
  'keyType',
  'length',
  'macKeyFingerprint',
  'mechanism',
  'mechanismCount',
  'newKeyFingerprint',
  'newWkid',
  'oldWkid',
  'operationId',
  'publicKeyFingerprint',
  'storeId',
] as const

export type FactName = (typeof factNames)[number]

/** What the event of a call says of it; nothing secret is in it. */
export interface CallFacts {
  readonly request: Readonly<Partial<Record<FactName, string | number | boolean | readonly string[]>>>
  readonly response: Readonly<Partial<Record<FactName, string | number | boolean>>>
}

/** How a call ended: with its answer, or with a CKR_ value and a sentence for the caller. Facts are there either way. */
export type CallOutcome<Name extends CallName> =
  | { readonly facts: CallFacts; readonly answer: CallAnswer<Name> }
  | { readonly facts: CallFacts; readonly refusal: { readonly code: number; readonly message: string } }
