/** Derivation Method and Derivation Parameters, in the words of the crypto unit (KMIP 1.4, section 4.6). */
import type { Derivation } from '@keywitness/crypto-unit/derivation'
import type { MacHash } from '@keywitness/crypto-unit/key-use'
import { DERIVATION_ITERATIONS_MAX } from '@keywitness/crypto-unit/protocol'
import { Refusal } from '../../errors.ts'
import { invalid } from '../attributes/attribute-values.ts'
import type { Fields } from '../message/fields.ts'
import type { Version } from '../message/version.ts'
import { encodingOf } from '../objects/asymmetric-formats.ts'
import { type KmipObject, objectTypes } from '../objects/kmip-object.ts'
import { enumerationName, enumerations } from '../ttlv/enumerations.ts'
import { tags } from '../ttlv/tags.ts'
import { cipherOf } from './ciphers.ts'
import { hashOfAlgorithm, hashOfNumber } from './hashes.ts'
import { parameterOf, requireData, requireShort, type UsableObject, usableWith } from './key-use.ts'

const { DerivationMethod: methods } = enumerations

/** What a request says of how to derive. */
export interface DerivationWish {
  readonly method: number
  /** As an event tells it. */
  readonly name: string
  readonly parameters: DerivationParameters
}

interface DerivationParameters {
  readonly cryptographic: Fields | undefined
  readonly iv: Uint8Array | undefined
  /** Repeated ones are one after the other. */
  readonly data: Uint8Array | undefined
  readonly salt: Uint8Array | undefined
  readonly iterations: number | undefined
}

/** @throws Refusal `KMIP_INVALID_FIELD`, `KMIP_FEATURE_NOT_SUPPORTED`; KmipError */
export function readDerivationWish(payload: Fields): DerivationWish {
  const method = payload.required(tags.DerivationMethod, 'Enumeration', 'InvalidField')
  const name = enumerationName('DerivationMethod', method)
  if (name === undefined) throw invalid('The derivation method is not defined.')
  const fields = payload.structure(tags.DerivationParameters, { missing: 'InvalidField' })
  const cryptographic = fields.optionalStructure(tags.CryptographicParameters, { anyOrder: true })
  const iv = fields.optional(tags.InitializationVector, 'ByteString')
  const data = fields.many(tags.DerivationData, 'ByteString')
  const salt = fields.optional(tags.Salt, 'ByteString')
  const iterations = fields.optional(tags.IterationCount, 'Integer')
  fields.end()
  const joined = data.length === 0 ? undefined : Buffer.concat(data)
  requireData(joined ?? new Uint8Array())
  requireData(salt ?? new Uint8Array())
  requireShort(iv?.length === 0 ? undefined : iv)
  return { method, name, parameters: { cryptographic, iv, data: joined, salt, iterations } }
}

/**
 * @param peer the public key that a secret is agreed on with, as SubjectPublicKeyInfo
 * @throws Refusal `KMIP_MISSING_DATA`, `KMIP_INVALID_FIELD`, `KMIP_FEATURE_NOT_SUPPORTED`
 */
export function derivationOf(
  { method, parameters }: DerivationWish,
  base: KmipObject,
  peer: Uint8Array | undefined,
  version: Version,
): Derivation {
  const key = usableWith(base, parameters.cryptographic?.rest())
  switch (method) {
    case methods.PBKDF2:
      return { method: 'PBKDF2', hash: hashFor(key), ...passwordParameters(parameters) }
    case methods.HASH:
      // A hash of what the client knows already would be no secret.
      if (parameters.data !== undefined) throw invalid('The key is hashed, and no derivation data with it.')
      return { method: 'HASH', hash: hashFor(key) }
    case methods.HMAC:
      return { method: 'HMAC', hash: hashFor(key), data: dataOf(parameters) }
    case methods.ENCRYPT:
      return { method: 'ENCRYPT', use: encryptionOf(key, parameters, version) }
    case methods.NIST800_108_C:
    case methods.NIST800_108_DPI: {
      const name = method === methods.NIST800_108_C ? 'NIST800-108-C' : 'NIST800-108-DPI'
      return { method: name, hash: hashFor(key), data: dataOf(parameters), iv: new Uint8Array() }
    }
    case methods.NIST800_108_F:
      return {
        method: 'NIST800-108-F',
        hash: hashFor(key),
        data: dataOf(parameters),
        iv: parameters.iv ?? new Uint8Array(),
      }
    default:
      if (peer === undefined) throw invalid('A private key and a public one are needed to agree on a secret.')
      return { method: 'ECDH', encoding: encodingOf(objectTypes.PrivateKey, base.form.format ?? 0), peer }
  }
}

function passwordParameters({ salt, iterations }: DerivationParameters): { salt: Uint8Array; iterations: number } {
  if (salt === undefined) throw missing('The salt is missing.')
  if (iterations === undefined) throw missing('The iteration count is missing.')
  if (iterations < 1 || iterations > DERIVATION_ITERATIONS_MAX) {
    throw invalid(`An iteration count is 1 to ${DERIVATION_ITERATIONS_MAX.toLocaleString('en-US')}.`)
  }
  return { salt, iterations }
}

function encryptionOf(key: UsableObject, { iv, data }: DerivationParameters, version: Version) {
  const { algorithm, mode, padding } = cipherOf(key, version)
  if (mode === 'GCM' || mode === 'AEAD') {
    throw new Refusal('KMIP_FEATURE_NOT_SUPPORTED', { message: 'Keys are not derived by authenticated encryption.' })
  }
  // What derives must give the same again: without a vector the crypto unit would draw one.
  if (iv === undefined && mode !== 'ECB' && mode !== 'NISTKeyWrap' && mode !== 'AESKeyWrapPadding') {
    throw missing('The initialization vector is missing.')
  }
  if (data === undefined) throw missing('The derivation data are missing.')
  return { what: 'encrypt', algorithm, mode, padding, data, ...(iv === undefined ? {} : { iv }) } as const
}

function dataOf({ data }: DerivationParameters): Uint8Array {
  if (data === undefined) throw missing('The derivation data are missing.')
  return data
}

/** That of the parameters, or of an HMAC key itself. */
function hashFor({ algorithm, parameters }: UsableObject): MacHash {
  const number = parameterOf(parameters, tags.HashingAlgorithm)
  const named = parameterOf(parameters, tags.CryptographicAlgorithm)
  if (number === undefined) {
    const own = hashOfAlgorithm(named ?? algorithm)
    if (own !== undefined) return own
    throw missing('Neither the request nor the key says which hash.')
  }
  const hash = hashOfNumber(number)
  if (hash === undefined) {
    throw new Refusal('KMIP_FEATURE_NOT_SUPPORTED', { message: 'The hashing algorithm is not supported.' })
  }
  return hash
}

function missing(message: string): Refusal {
  return new Refusal('KMIP_MISSING_DATA', { message })
}
