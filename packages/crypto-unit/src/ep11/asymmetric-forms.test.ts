/** Private keys that come in: OpenSSL reads those of the type asked for whose numbers are bounded, and never sees another. */
import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { afterEach, expect, test, vi } from 'vitest'
import { generateDhParameters } from './dh/domain.ts'
import { generateDh } from './dh/generate.ts'
import { longDhKey, longDsaKey, longRsaKey } from '../testing/long-keys.ts'
import { privateKeyOf } from './asymmetric-forms.ts'
import { keyTypes } from './attributes.ts'
import { refusalOf } from '../testing/refusals.ts'

vi.mock('node:crypto', { spy: true })

const { CKK_RSA, CKK_DSA, CKK_DH, CKK_ML_KEM, CKK_ML_DSA } = keyTypes

const infoOf = (key: KeyObject): Buffer => key.export({ format: 'der', type: 'pkcs8' })
const rsa = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey
const pss = generateKeyPairSync('rsa-pss', { modulusLength: 1024 }).privateKey
const dsa = generateKeyPairSync('dsa', { modulusLength: 1024, divisorLength: 160 }).privateKey

afterEach(() => void vi.mocked(createPrivateKey).mockClear())

test.each([
  ['a DSA key with a P of 4104 bits', CKK_DSA, longDsaKey({ p: 513 })],
  ['a DSA key with a P of 5400 bytes', CKK_DSA, longDsaKey({ p: 5400, g: 1 })],
  ['a DSA key with a Q of 264 bits', CKK_DSA, longDsaKey({ q: 33 })],
  ['a DSA key with a G longer than P', CKK_DSA, longDsaKey({ g: 129 })],
  ['a DSA key with an X longer than Q', CKK_DSA, longDsaKey({ x: 21 })],
  ['a DH key with a P of 4104 bits', CKK_DH, longDhKey({ p: 513 })],
  ['a DH key with a G longer than P', CKK_DH, longDhKey({ g: 129 })],
  ['a DH key with an X longer than P', CKK_DH, longDhKey({ x: 129 })],
  ['an RSA key with a modulus of 4104 bits', CKK_RSA, longRsaKey(513)],
  ['an RSA key with a public exponent longer than its modulus', CKK_RSA, longRsaKey(128, 129)],
  ['an RSA key with a private exponent longer than its modulus', CKK_RSA, longRsaKey(128, 3, 129)],
  ['an RSA key with a coefficient longer than its modulus', CKK_RSA, longRsaKey(128, 3, 128, 64, 64, 64, 64, 129)],
  ['a DSA key where an RSA key is asked for', CKK_RSA, infoOf(dsa)],
  ['a DSA key where a DH key is asked for', CKK_DH, infoOf(dsa)],
  ['an RSA key where a DSA key is asked for', CKK_DSA, infoOf(rsa)],
  ['an RSA key where an ML-DSA key is asked for', CKK_ML_DSA, infoOf(rsa)],
  ['a DSA key where a key on a curve is asked for', keyTypes.CKK_EC, infoOf(dsa)],
  ['an RSA key that is bound to PSS', CKK_RSA, infoOf(pss)],
  ['a DSA key where a secret key is asked for', keyTypes.CKK_AES, infoOf(dsa)],
])('%s is refused, and OpenSSL never sees it', (_, keyType, info) => {
  expect(refusalOf(() => privateKeyOf(info, keyType))).toBe('CKR_WRAPPED_KEY_INVALID')
  expect(createPrivateKey).not.toHaveBeenCalled()
})

const dhOf = async (bits: number): Promise<KeyObject> => (await generateDh(await generateDhParameters(bits))).privateKey

test.each<[string, number, KeyObject]>([
  ['RSA', CKK_RSA, rsa],
  ['DSA', CKK_DSA, dsa],
  [
    'DSA, with a Q of 256 bits',
    CKK_DSA,
    generateKeyPairSync('dsa', { modulusLength: 2048, divisorLength: 256 }).privateKey,
  ],
  ['DH', CKK_DH, await dhOf(2_048)],
  ['DH, with a P of 3072 bits', CKK_DH, await dhOf(3_072)],
  ['ML-KEM-512', CKK_ML_KEM, generateKeyPairSync('ml-kem-512').privateKey],
  ['ML-KEM-768', CKK_ML_KEM, generateKeyPairSync('ml-kem-768').privateKey],
  ['ML-KEM-1024', CKK_ML_KEM, generateKeyPairSync('ml-kem-1024').privateKey],
  ['ML-DSA-44', CKK_ML_DSA, generateKeyPairSync('ml-dsa-44').privateKey],
  ['ML-DSA-65', CKK_ML_DSA, generateKeyPairSync('ml-dsa-65').privateKey],
  ['ML-DSA-87', CKK_ML_DSA, generateKeyPairSync('ml-dsa-87').privateKey],
])('a key of %s is read', (_, keyType, key) => {
  expect(privateKeyOf(infoOf(key), keyType).equals(key)).toBe(true)
  expect(createPrivateKey).toHaveBeenCalledOnce()
})
