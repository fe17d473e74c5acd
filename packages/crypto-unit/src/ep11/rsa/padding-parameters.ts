/** What OAEP and PSS are told: RSAOAEPParm and RSAPSSParm, read and held against the key (reference grep11, sections 3, 10). */
import { hashOf, type HashName as Hash } from '../digests/hash-names.ts'
import { Ep11Error } from '../ep11-error.ts'
import { mechanisms } from '../mechanisms.ts'
import type { MechanismParameter } from '../parameter.ts'
import { saltBytesMax, type PssScheme } from './pss.ts'
import type { ModulusSize } from './rsa-key.ts'

/** MGF of the schema, to the digest that MGF1 is made of. */
const maskDigests = new Map<number, number>([
  [1, mechanisms.CKM_SHA_1.value],
  [2, mechanisms.CKM_SHA256.value],
  [3, mechanisms.CKM_SHA384.value],
  [4, mechanisms.CKM_SHA512.value],
  [5, mechanisms.CKM_SHA224.value],
  [0x800001, mechanisms.CKM_IBM_SHA3_224.value],
  [0x800002, mechanisms.CKM_IBM_SHA3_256.value],
  [0x800003, mechanisms.CKM_IBM_SHA3_384.value],
  [0x800004, mechanisms.CKM_IBM_SHA3_512.value],
])

const paddingDigests = new Set(maskDigests.values())

export interface OaepScheme {
  readonly hash: Hash
  readonly label: Buffer | undefined
  /** What can be encrypted: k − 2·hLen − 2. */
  readonly contentBytesMax: number
}

/**
 * Hash and mask are of one digest: OpenSSL's OAEP through Node knows nothing else, and clients send nothing else.
 * @throws Ep11Error `CKR_MECHANISM_PARAM_INVALID`; `CKR_KEY_SIZE_RANGE` for a modulus that has no room for it
 */
export function oaepSchemeOf(parameter: MechanismParameter, modulus: ModulusSize): OaepScheme {
  if (parameter.kind !== 'oaep') throw invalid('The mechanism needs an RSAOAEPParameter.')
  if (maskDigests.get(parameter.mgf) !== parameter.hash) {
    throw invalid('HashMech and Mgf must name the same digest: SHA-1, SHA-2 or SHA-3.')
  }
  const hash = paddingHash(parameter.hash)
  const contentBytesMax = modulus.bytes - 2 * hash.bytes - 2
  if (contentBytesMax < 0) throw tooSmall()
  return { hash, label: parameter.label, contentBytesMax }
}

/**
 * `required` is the CKM_ value of the digest that the mechanism makes itself, and which HashMech must name.
 * @throws Ep11Error `CKR_MECHANISM_PARAM_INVALID`; `CKR_KEY_SIZE_RANGE` for a modulus that has no room for the digest
 */
export function pssSchemeOf(parameter: MechanismParameter, modulus: ModulusSize, required?: number): PssScheme {
  if (parameter.kind !== 'pss') throw invalid('The mechanism needs an RSAPSSParameter.')
  const { saltBytes } = parameter
  if (required !== undefined && parameter.hash !== required) {
    throw invalid('HashMech must name the digest of the mechanism.')
  }
  const hash = paddingHash(parameter.hash)
  const maskDigest = maskDigests.get(parameter.mgf)
  if (maskDigest === undefined) throw invalid('Mgf must name MGF1 with SHA-1, SHA-2 or SHA-3.')
  const longest = saltBytesMax(modulus.bits, hash)
  if (longest < 0) throw tooSmall()
  if (!Number.isInteger(saltBytes) || saltBytes < 0 || saltBytes > longest) {
    throw invalid('The salt does not fit the modulus.')
  }
  return { hash, mask: paddingHash(maskDigest), saltBytes }
}

function paddingHash(ckm: number): Hash {
  const hash = paddingDigests.has(ckm) ? hashOf(ckm) : undefined
  if (hash === undefined) throw invalid('HashMech must name SHA-1, SHA-2 or SHA-3.')
  return hash
}

function invalid(message: string): Ep11Error {
  return new Ep11Error('CKR_MECHANISM_PARAM_INVALID', message)
}

function tooSmall(): Ep11Error {
  return new Ep11Error('CKR_KEY_SIZE_RANGE', 'The modulus is too small for this digest.')
}
