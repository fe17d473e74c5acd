/** ML-KEM (FIPS 203), an addition of ours under the values of PKCS #11 3.2: HPCS has Kyber's drafts instead. */
import { decapsulate, encapsulate, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { keyTypes } from '../attributes.ts'
import { Ep11Error } from '../ep11-error.ts'
import type { KeyPair } from '../key-pair.ts'
import type { KemParameter, MechanismParameter } from '../parameter.ts'
import type { AsymmetricKey } from '../usable-key.ts'

/** What FIPS 203 calls them, and the bytes of a ciphertext (table 3), by `CKA_PARAMETER_SET`. */
const parameterSets = [
  { parameterSet: 1, node: 'ml-kem-512', ciphertextBytes: 768 },
  { parameterSet: 2, node: 'ml-kem-768', ciphertextBytes: 1088 },
  { parameterSet: 3, node: 'ml-kem-1024', ciphertextBytes: 1568 },
] as const

const ENCAPSULATE = 1
const DECAPSULATE = 2
const KDF_NULL = 1
/** Of each parameter set. */
const SECRET_BYTES = 32

export interface KemResult {
  /** 32 bytes, which the caller zeroes. */
  readonly secret: Buffer
  /** For whoever has the private key; undefined when it was used here. */
  readonly ciphertext: Buffer | undefined
}

/** CKM_ML_KEM_KEY_PAIR_GEN. @throws Ep11Error `CKR_IBM_PQC_PARAMS_NOT_SUPPORTED` */
export function generateMlKem(parameterSet: number): KeyPair {
  switch (parameterSets.find((set) => set.parameterSet === parameterSet)?.node) {
    case 'ml-kem-512':
      return generateKeyPairSync('ml-kem-512')
    case 'ml-kem-768':
      return generateKeyPairSync('ml-kem-768')
    case 'ml-kem-1024':
      return generateKeyPairSync('ml-kem-1024')
    case undefined:
      throw new Ep11Error('CKR_IBM_PQC_PARAMS_NOT_SUPPORTED', 'ML-KEM has the parameter sets 1, 2 and 3.')
  }
}

/** `CKA_PARAMETER_SET` of a key. @throws Ep11Error `CKR_KEY_TYPE_INCONSISTENT` */
export function mlKemParameterSet(key: KeyObject): number {
  return setOf(key).parameterSet
}

/**
 * CKM_ML_KEM as a derivation: encapsulates with a public key, decapsulates with a private one, as the parameter says. A
 * ciphertext that was not made for the key gives a secret that nobody else has, and no error (FIPS 203, section 6.3).
 * @throws Ep11Error `CKR_KEY_TYPE_INCONSISTENT`, `CKR_MECHANISM_PARAM_INVALID`; `CKR_KEY_SIZE_RANGE` when other than 32 bytes
 * are asked for
 */
export function mlKemDerive(key: AsymmetricKey, parameter: MechanismParameter, derivedBytes?: number): KemResult {
  if (key.keyType !== keyTypes.CKK_ML_KEM) throw keyTypeInconsistent('The key is not one of ML-KEM.')
  const { ciphertextBytes } = setOf(key.key)
  const { mode, ciphertext } = kemParameter(parameter)
  if (derivedBytes !== undefined && derivedBytes !== SECRET_BYTES) {
    throw new Ep11Error('CKR_KEY_SIZE_RANGE', `ML-KEM gives secrets of ${SECRET_BYTES} bytes.`)
  }
  const type = mode === ENCAPSULATE ? 'public' : 'private'
  if (key.key.type !== type) throw keyTypeInconsistent(`This direction takes a ${type} key.`)
  if (ciphertext.length !== (mode === ENCAPSULATE ? 0 : ciphertextBytes)) {
    throw parameterInvalid(`A ciphertext for this key has ${ciphertextBytes} bytes, and none is taken to encapsulate.`)
  }
  if (mode === DECAPSULATE) return { secret: decapsulate(key.key, ciphertext), ciphertext: undefined }
  const made = encapsulate(key.key)
  return { secret: made.sharedKey, ciphertext: made.ciphertext }
}

function kemParameter(parameter: MechanismParameter): KemParameter {
  if (parameter.kind !== 'kem') throw parameterInvalid('The mechanism takes KyberKEMParm.')
  const { mode, kdf } = parameter
  if (mode !== ENCAPSULATE && mode !== DECAPSULATE) throw parameterInvalid('The mode is neither of the two.')
  if (kdf !== KDF_NULL) throw parameterInvalid('The mechanism has no KDF but the null one.')
  return parameter
}

function setOf(key: KeyObject): (typeof parameterSets)[number] {
  const set = parameterSets.find(({ node }) => node === key.asymmetricKeyType)
  if (set === undefined) throw keyTypeInconsistent('The key is not one of ML-KEM.')
  return set
}

function keyTypeInconsistent(message: string): Ep11Error {
  return new Ep11Error('CKR_KEY_TYPE_INCONSISTENT', message)
}

function parameterInvalid(message: string): Ep11Error {
  return new Ep11Error('CKR_MECHANISM_PARAM_INVALID', message)
}
