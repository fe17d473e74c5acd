/** Secret keys by their type: which lengths they have, how they are drawn, and what is said of their value (section 8). */
import { createHash, randomFillSync } from 'node:crypto'
import { setOddParity } from '../fresh-material.ts'
import { keyTypes } from './attributes.ts'
import { cipherMechanisms } from './ciphers/cipher-mechanisms.ts'
import { Ep11Error } from './ep11-error.ts'
import { mechanisms } from './mechanisms.ts'
import type { SecretKey } from './usable-key.ts'

/** Longest generic secret: what the device lists as its largest (section 9, row 25). */
export const GENERIC_BYTES_MAX = 256

interface SecretType {
  /** Lengths in bytes; undefined for any up to `GENERIC_BYTES_MAX`. */
  readonly lengths: readonly number[] | undefined
  readonly blockBytes: number
  /** Encrypts one block for the check value; undefined for a type that encrypts nothing. */
  readonly ecb: number | undefined
  readonly hasParity: boolean
}

const aes = { lengths: [16, 24, 32], blockBytes: 16, ecb: mechanisms.CKM_AES_ECB.value, hasParity: false }
const des = { blockBytes: 8, ecb: mechanisms.CKM_DES3_ECB.value, hasParity: true }

const types = new Map<number, SecretType>([
  [keyTypes.CKK_AES, aes],
  [keyTypes.CKK_DES2, { ...des, lengths: [16] }],
  [keyTypes.CKK_DES3, { ...des, lengths: [24] }],
  [keyTypes.CKK_GENERIC_SECRET, { lengths: undefined, blockBytes: 0, ecb: undefined, hasParity: false }],
])

export function isSecretType(keyType: number): boolean {
  return types.has(keyType)
}

/** @throws Ep11Error `CKR_TEMPLATE_INCONSISTENT` for a type that is no secret key's */
function typeOf(keyType: number): SecretType {
  const type = types.get(keyType)
  if (type === undefined) throw new Ep11Error('CKR_TEMPLATE_INCONSISTENT', 'No secret key has this CKA_KEY_TYPE.')
  return type
}

/** Whether a value of this many bytes is a key of the type. */
export function isSecretLength(keyType: number, bytes: number): boolean {
  const { lengths } = typeOf(keyType)
  return lengths === undefined ? bytes >= 1 && bytes <= GENERIC_BYTES_MAX : lengths.includes(bytes)
}

/** The one length that keys of a type have; undefined where there are several. */
export function onlyLength(keyType: number): number | undefined {
  const { lengths } = typeOf(keyType)
  return lengths?.length === 1 ? lengths[0] : undefined
}

/** Fresh random bytes as a value of the type. The caller zeroes them. */
export function drawSecret(keyType: number, bytes: number): Buffer {
  return inForm(keyType, randomFillSync(Buffer.allocUnsafeSlow(bytes)))
}

/** Makes a value of bytes that have none of its form yet: keys of DES have odd parity. Changes them in place. */
export function inForm(keyType: number, value: Buffer): Buffer {
  if (typeOf(keyType).hasParity) setOddParity(value)
  return value
}

/** The first three bytes of a zero block under the key, or of the SHA-1 of a generic secret: `CKA_CHECK_VALUE`. */
export function checkValue(key: SecretKey): Buffer {
  const { ecb, blockBytes } = typeOf(key.keyType)
  const cipher = ecb === undefined ? undefined : cipherMechanisms.get(ecb)
  const whole =
    cipher === undefined
      ? createHash('sha1').update(key.value).digest()
      : cipher.run('encrypt', key, { kind: 'none' }, Buffer.alloc(blockBytes))
  return whole.subarray(0, 3)
}

/** The check value and the length in bits, 4 bytes. */
export function checkSum(key: SecretKey): Buffer {
  return withBits(checkValue(key), key.value.length * 8)
}

/** Something and a number of bits, 4 bytes. */
export function withBits(said: Uint8Array, bits: number): Buffer {
  const count = Buffer.alloc(4)
  count.writeUInt32BE(bits)
  return Buffer.concat([said, count])
}
