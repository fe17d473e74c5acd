/** ML-DSA: Wycheproof's signatures verify or do not, and every parameter set signs what it verifies. */
import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto'
import { expect, test } from 'vitest'
import { octets, sequence } from '../../tke/der.ts'
import { keyTypes } from '../attributes.ts'
import { bitString, objectIdentifier } from '../der.ts'
import type { SignatureMechanism } from '../mechanism-parts.ts'
import { mechanisms } from '../mechanisms.ts'
import { refusalOf, returnValueOf } from '../../testing/refusals.ts'
import { wycheproof } from '../../testing/wycheproof.ts'
import type { AsymmetricKey } from '../usable-key.ts'
import { generateMlDsa, mlDsaParameterSet, mlDsaSignatures } from './ml-dsa.ts'

const none = { kind: 'none' } as const
const mechanism = mlDsaSignatures.get(mechanisms.CKM_ML_DSA.value) as SignatureMechanism

/** Number, object identifier (NIST's registry), bytes of a signature. */
const parameterSets = {
  'ML-DSA-44': [1, '2.16.840.1.101.3.4.3.17', 2420],
  'ML-DSA-65': [2, '2.16.840.1.101.3.4.3.18', 3309],
  'ML-DSA-87': [3, '2.16.840.1.101.3.4.3.19', 4627],
} as const

function usable(key: AsymmetricKey['key']): AsymmetricKey {
  return { keyType: keyTypes.CKK_ML_DSA, key }
}

test('Wycheproof: signatures verify, or do not, as published', () => {
  let valid = 0
  for (const { parameterSet, publicKey, tests } of wycheproof('ml-dsa.json')) {
    const [number, oid, signatureBytes] = parameterSets[parameterSet as keyof typeof parameterSets]
    const spki = sequence(sequence(objectIdentifier(oid)), bitString(Buffer.from(publicKey, 'hex')))
    const key = usable(createPublicKey({ key: spki, format: 'der', type: 'spki' }))
    expect(mlDsaParameterSet(key.key)).toBe(number)
    for (const vector of tests) {
      const signature = vector.bytes('sig')
      const refusal = signature.length === signatureBytes ? 'CKR_SIGNATURE_INVALID' : 'CKR_SIGNATURE_LEN_RANGE'
      const outcome = returnValueOf(() => mechanism.verify(key, none, vector.bytes('msg'), signature))
      expect([vector.name, outcome]).toEqual([vector.name, vector.result === 'valid' ? 'CKR_OK' : refusal])
      if (outcome === 'CKR_OK') valid++
    }
  }
  expect(valid).toBe(6)
})

test('from a published seed comes the published key, and what it signs verifies', () => {
  // The seed of Wycheproof's mldsa_…_sign_seed_test.json, whose public key is that of the signatures above.
  const seed = Buffer.alloc(32, 0x2a)
  for (const { parameterSet, publicKey } of wycheproof('ml-dsa.json')) {
    const [, oid] = parameterSets[parameterSet as keyof typeof parameterSets]
    const tagged = Buffer.concat([Buffer.from([0x80, 32]), seed])
    const info = sequence(Buffer.from('020100', 'hex'), sequence(objectIdentifier(oid)), octets(tagged))
    const key = createPrivateKey({ key: info, format: 'der', type: 'pkcs8' })
    const spki = createPublicKey(key).export({ format: 'der', type: 'spki' })
    expect(spki.subarray(-publicKey.length / 2).toString('hex')).toBe(publicKey)
    mechanism.verify(
      usable(createPublicKey(key)),
      none,
      Buffer.from('text'),
      mechanism.sign(usable(key), none, Buffer.from('text')),
    )
  }
})

test('each parameter set signs with the length of its standard, differently each time, and alterations are refused', () => {
  for (const [number, , signatureBytes] of Object.values(parameterSets)) {
    const { privateKey, publicKey } = generateMlDsa(number)
    expect(mlDsaParameterSet(privateKey)).toBe(number)
    mechanism.check(usable(privateKey), none)
    const data = Buffer.alloc(1000, 5)
    const signature = mechanism.sign(usable(privateKey), none, data)
    expect(signature.length).toBe(signatureBytes)
    expect(mechanism.sign(usable(privateKey), none, data).equals(signature)).toBe(false)
    mechanism.verify(usable(publicKey), none, data, signature)
    mechanism.verify(
      usable(publicKey),
      none,
      Buffer.alloc(0),
      mechanism.sign(usable(privateKey), none, Buffer.alloc(0)),
    )
    for (const at of [0, signatureBytes >> 1]) {
      const altered = Buffer.from(signature)
      altered[at] = (altered[at] as number) ^ 1
      expect(refusalOf(() => mechanism.verify(usable(publicKey), none, data, altered))).toBe('CKR_SIGNATURE_INVALID')
    }
    const other = generateMlDsa(number).publicKey
    expect(refusalOf(() => mechanism.verify(usable(other), none, data, signature))).toBe('CKR_SIGNATURE_INVALID')
    expect(refusalOf(() => mechanism.verify(usable(publicKey), none, data, signature.subarray(0, -1)))).toBe(
      'CKR_SIGNATURE_LEN_RANGE',
    )
  }
})

test('other parameter sets, keys and parameters are refused', () => {
  for (const number of [0, 4, 44])
    expect(refusalOf(() => generateMlDsa(number))).toBe('CKR_IBM_PQC_PARAMS_NOT_SUPPORTED')
  const kem = generateKeyPairSync('ml-kem-512').privateKey
  expect(refusalOf(() => mlDsaParameterSet(kem))).toBe('CKR_KEY_TYPE_INCONSISTENT')
  expect(refusalOf(() => mechanism.check(usable(kem), none))).toBe('CKR_KEY_TYPE_INCONSISTENT')
  const { privateKey } = generateMlDsa(1)
  expect(refusalOf(() => mechanism.check({ keyType: keyTypes.CKK_EC, key: privateKey }, none))).toBe(
    'CKR_KEY_TYPE_INCONSISTENT',
  )
  expect(refusalOf(() => mechanism.check(usable(privateKey), { kind: 'ecsg', type: 3 }))).toBe(
    'CKR_MECHANISM_PARAM_INVALID',
  )
  expect(mechanism.digested).toBeUndefined()
})
