/** ML-KEM: Wycheproof's ciphertexts give the published secrets, and both sides of every parameter set agree. */
import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto'
import { expect, test } from 'vitest'
import { refusalOf, returnValueOf } from '../../testing/refusals.ts'
import { octets, sequence } from '../../tke/der.ts'
import { keyTypes } from '../attributes.ts'
import { objectIdentifier } from '../der.ts'
import type { KemParameter } from '../parameter.ts'
import { wycheproof } from '../../testing/wycheproof.ts'
import type { AsymmetricKey } from '../usable-key.ts'
import { generateMlKem, mlKemDerive, mlKemParameterSet } from './ml-kem.ts'

/** Number, object identifier (NIST's registry), bytes of a ciphertext. */
const parameterSets = {
  'ML-KEM-512': [1, '2.16.840.1.101.3.4.4.1', 768],
  'ML-KEM-768': [2, '2.16.840.1.101.3.4.4.2', 1088],
  'ML-KEM-1024': [3, '2.16.840.1.101.3.4.4.3', 1568],
} as const

const encapsulating: KemParameter = { kind: 'kem', version: 1, mode: 1, kdf: 1, ciphertext: Buffer.alloc(0) }

function decapsulating(ciphertext: Buffer): KemParameter {
  return { ...encapsulating, mode: 2, ciphertext }
}

function usable(key: AsymmetricKey['key']): AsymmetricKey {
  return { keyType: keyTypes.CKK_ML_KEM, key }
}

test('Wycheproof: ciphertexts give the published secrets, or are refused for their length', () => {
  const counts = { valid: 0, acceptable: 0, invalid: 0 }
  for (const { parameterSet, tests } of wycheproof('ml-kem.json')) {
    const [number, oid] = parameterSets[parameterSet as keyof typeof parameterSets]
    for (const vector of tests) {
      const seed = Buffer.concat([Buffer.from([0x80, 64]), vector.bytes('seed')])
      const info = sequence(Buffer.from('020100', 'hex'), sequence(objectIdentifier(oid)), octets(seed))
      const key = createPrivateKey({ key: info, format: 'der', type: 'pkcs8' })
      expect(mlKemParameterSet(key)).toBe(number)
      let found = Buffer.alloc(0)
      const outcome = returnValueOf(() => {
        found = Buffer.from(mlKemDerive(usable(key), decapsulating(vector.bytes('c'))).secret)
      })
      const expected = vector.result === 'valid' ? 'CKR_OK' : 'CKR_MECHANISM_PARAM_INVALID'
      expect([vector.name, outcome, found]).toEqual([vector.name, expected, vector.bytes('K')])
      counts[vector.result]++
    }
  }
  expect(counts.valid).toBeGreaterThan(20)
  expect(counts.invalid).toBeGreaterThan(5)
})

test('both sides agree on 32 bytes, and an altered ciphertext gives others without an error', () => {
  for (const [number, , ciphertextBytes] of Object.values(parameterSets)) {
    const { privateKey, publicKey } = generateMlKem(number)
    const { secret, ciphertext } = mlKemDerive(usable(publicKey), encapsulating, 32)
    expect([secret.length, ciphertext?.length]).toEqual([32, ciphertextBytes])
    const back = mlKemDerive(usable(privateKey), decapsulating(ciphertext as Buffer))
    expect(back).toEqual({ secret, ciphertext: undefined })
    const altered = Buffer.from(ciphertext as Buffer)
    altered[7] = (altered[7] as number) ^ 1
    const other = mlKemDerive(usable(privateKey), decapsulating(altered)).secret
    expect(other.equals(secret)).toBe(false)
    expect(mlKemDerive(usable(privateKey), decapsulating(altered)).secret).toEqual(other)
    expect(mlKemDerive(usable(publicKey), encapsulating).secret.equals(secret)).toBe(false)
  }
})

test('a direction with the wrong key, and parameters that there are not, are refused', () => {
  const { privateKey, publicKey } = generateMlKem(2)
  const full = Buffer.alloc(1088)
  expect(refusalOf(() => mlKemDerive(usable(privateKey), encapsulating))).toBe('CKR_KEY_TYPE_INCONSISTENT')
  expect(refusalOf(() => mlKemDerive(usable(publicKey), decapsulating(full)))).toBe('CKR_KEY_TYPE_INCONSISTENT')
  const wrongType = { keyType: keyTypes.CKK_EC, key: publicKey }
  expect(refusalOf(() => mlKemDerive(wrongType, encapsulating))).toBe('CKR_KEY_TYPE_INCONSISTENT')
  const dsa = generateKeyPairSync('ml-dsa-44').publicKey
  expect(refusalOf(() => mlKemDerive(usable(dsa), encapsulating))).toBe('CKR_KEY_TYPE_INCONSISTENT')
  const parameters = [
    { ...encapsulating, mode: 0 },
    { ...encapsulating, mode: 3 },
    { ...encapsulating, kdf: 0 },
    { ...encapsulating, kdf: 0x80_0002 },
    { ...encapsulating, ciphertext: full },
    { kind: 'none' },
  ] as const
  for (const parameter of parameters) {
    expect(refusalOf(() => mlKemDerive(usable(publicKey), parameter))).toBe('CKR_MECHANISM_PARAM_INVALID')
  }
  for (const bytes of [0, 1087, 1089]) {
    const parameter = decapsulating(Buffer.alloc(bytes))
    expect(refusalOf(() => mlKemDerive(usable(privateKey), parameter))).toBe('CKR_MECHANISM_PARAM_INVALID')
  }
  expect(refusalOf(() => mlKemDerive(usable(publicKey), encapsulating, 16))).toBe('CKR_KEY_SIZE_RANGE')
  for (const number of [0, 4, 768])
    expect(refusalOf(() => generateMlKem(number))).toBe('CKR_IBM_PQC_PARAMS_NOT_SUPPORTED')
})

test('a public key stands for its private one', () => {
  const { privateKey, publicKey } = generateMlKem(1)
  expect(createPublicKey(privateKey).equals(publicKey)).toBe(true)
})
