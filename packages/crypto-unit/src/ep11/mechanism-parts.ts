/** What a mechanism is made of, by what it does: each family of mechanisms offers a map from CKM_ value to one of these. */
import type { MechanismParameter } from './parameter.ts'
import type { AsymmetricKey, SecretKey } from './usable-key.ts'

/**
 * An operation that goes on in parts. `save` gives all that `restore` needs to go on elsewhere, but the key: at most 1 KiB,
 * of a format of its own behind a version byte. `restore` never trusts it: it throws Ep11Error `CKR_SAVED_STATE_INVALID`
 * for bytes that `save` cannot have made.
 */
export interface Running {
  save(): Buffer
}

/** Digest: update as often as there are data, then finish once. */
export interface RunningDigest extends Running {
  update(data: Uint8Array): void
  finish(): Buffer
}

export interface DigestMechanism {
  start(): RunningDigest
  restore(saved: Buffer): RunningDigest
  /** One shot, by OpenSSL. */
  digest(data: Uint8Array): Buffer
}

/** Encryption or decryption with a secret key in parts; what each part gives, together, is what one shot would give. */
export interface RunningCipher extends Running {
  update(data: Uint8Array): Buffer
  /** @throws Ep11Error `CKR_DATA_LEN_RANGE`, `CKR_ENCRYPTED_DATA_LEN_RANGE`, `CKR_ENCRYPTED_DATA_INVALID` */
  finish(): Buffer
}

export type Direction = 'encrypt' | 'decrypt'

export interface CipherMechanism {
  /** @throws Ep11Error `CKR_KEY_TYPE_INCONSISTENT`, `CKR_KEY_SIZE_RANGE`, `CKR_MECHANISM_PARAM_INVALID` */
  check(key: SecretKey, parameter: MechanismParameter): void
  start(direction: Direction, key: SecretKey, parameter: MechanismParameter): RunningCipher
  restore(direction: Direction, key: SecretKey, saved: Buffer): RunningCipher
  /** One shot, by OpenSSL. */
  run(direction: Direction, key: SecretKey, parameter: MechanismParameter, data: Uint8Array): Buffer
}

export interface MacMechanism {
  check(key: SecretKey, parameter: MechanismParameter): void
  start(key: SecretKey): RunningDigest
  restore(key: SecretKey, saved: Buffer): RunningDigest
  mac(key: SecretKey, data: Uint8Array): Buffer
}

/** Encryption with a public and decryption with a private key, one shot only. */
export interface AsymmetricCipherMechanism {
  check(key: AsymmetricKey, parameter: MechanismParameter): void
  /** @throws Ep11Error `CKR_DATA_LEN_RANGE` */
  encrypt(key: AsymmetricKey, parameter: MechanismParameter, data: Uint8Array): Buffer
  /** @throws Ep11Error `CKR_ENCRYPTED_DATA_LEN_RANGE`; `CKR_ENCRYPTED_DATA_INVALID` for whatever else does not fit */
  decrypt(key: AsymmetricKey, parameter: MechanismParameter, data: Uint8Array): Buffer
}

export interface SignatureMechanism {
  /** For a private as for a public key. @throws Ep11Error as `CipherMechanism.check`; `CKR_CURVE_NOT_SUPPORTED` */
  check(key: AsymmetricKey, parameter: MechanismParameter): void
  sign(key: AsymmetricKey, parameter: MechanismParameter, data: Uint8Array): Buffer
  /** Returns when it verifies. @throws Ep11Error `CKR_SIGNATURE_LEN_RANGE`, `CKR_SIGNATURE_INVALID`, `CKR_DATA_LEN_RANGE` */
  verify(key: AsymmetricKey, parameter: MechanismParameter, data: Uint8Array, signature: Uint8Array): void
  /** Of a mechanism that hashes its data itself: it can go on in parts, over a running digest of this mechanism. */
  readonly digested?: DigestedSignature
}

export interface DigestedSignature {
  /** CKM_ value of the digest. */
  readonly digest: number
  sign(key: AsymmetricKey, parameter: MechanismParameter, digest: Uint8Array): Buffer
  verify(key: AsymmetricKey, parameter: MechanismParameter, digest: Uint8Array, signature: Uint8Array): void
}
