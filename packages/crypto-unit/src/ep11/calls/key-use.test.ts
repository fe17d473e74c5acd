/** A key is used as its class, type and attributes permit: all else is refused with what is wrong, before any data count. */
import { beforeAll, expect, test } from 'vitest'
import type { MechanismUse } from '../calls.ts'
import { Ep11Unit, none, template, use } from '../testing/ep11-unit.ts'

const unit = new Ep11Unit()
const iv = Buffer.alloc(16)
const cbc = use('CKM_AES_CBC_PAD', iv)
const data = Buffer.from('data')
const nothing = { CKA_ENCRYPT: false, CKA_DECRYPT: false, CKA_SIGN: false, CKA_VERIFY: false }
let aes = none
let idle = none
let rsa = { privateKey: none, publicKey: none }
let idleRsa = { privateKey: none, publicKey: none }
let ec = { privateKey: none, publicKey: none }

beforeAll(async () => {
  aes = await unit.aes()
  idle = await unit.aes(nothing)
  rsa = await unit.rsa()
  idleRsa = await unit.rsa(nothing, nothing)
  ec = await unit.ec('P-256')
})

/** Each of the four uses, at once and begun. */
async function refusals(mechanism: MechanismUse, key: Buffer) {
  return {
    encrypt: [
      await unit.refusal('EncryptSingle', { mechanism, key, plain: data }),
      await unit.refusal('EncryptInit', { mechanism, key }),
    ],
    decrypt: [
      await unit.refusal('DecryptSingle', { mechanism, key, ciphered: data }),
      await unit.refusal('DecryptInit', { mechanism, key }),
    ],
    sign: [
      await unit.refusal('SignSingle', { mechanism, key, data }),
      await unit.refusal('SignInit', { mechanism, key }),
    ],
    verify: [
      await unit.refusal('VerifySingle', { mechanism, key, data, signature: data }),
      await unit.refusal('VerifyInit', { mechanism, key }),
    ],
  }
}

const twice = (code: string): string[] => [code, code]

test('a usage that a key does not have is refused', async () => {
  const forbidden = twice('CKR_KEY_FUNCTION_NOT_PERMITTED')
  expect(await refusals(cbc, idle)).toMatchObject({ encrypt: forbidden, decrypt: forbidden })
  expect(await refusals(use('CKM_SHA256_HMAC'), idle)).toMatchObject({ sign: forbidden, verify: forbidden })
  const pkcs1 = use('CKM_RSA_PKCS')
  expect(await refusals(pkcs1, idleRsa.publicKey)).toMatchObject({ encrypt: forbidden, verify: forbidden })
  expect(await refusals(pkcs1, idleRsa.privateKey)).toMatchObject({ decrypt: forbidden, sign: forbidden })
})

test('a key of another class or type is refused', async () => {
  const inconsistent = twice('CKR_KEY_TYPE_INCONSISTENT')
  const pkcs1 = use('CKM_RSA_PKCS')
  expect(await refusals(cbc, rsa.privateKey)).toMatchObject({ encrypt: inconsistent, decrypt: inconsistent })
  expect(await refusals(cbc, rsa.publicKey)).toMatchObject({ encrypt: inconsistent, decrypt: inconsistent })
  expect(await refusals(pkcs1, aes)).toMatchObject({ encrypt: inconsistent, sign: inconsistent, verify: inconsistent })
  expect(await refusals(pkcs1, rsa.privateKey)).toMatchObject({ encrypt: inconsistent, verify: inconsistent })
  expect(await refusals(pkcs1, rsa.publicKey)).toMatchObject({ decrypt: inconsistent, sign: inconsistent })
  expect(await refusals(pkcs1, ec.privateKey)).toMatchObject({ decrypt: inconsistent, sign: inconsistent })
  expect(await refusals(use('CKM_ECDSA'), rsa.privateKey)).toMatchObject({ sign: inconsistent })
  expect(await refusals(use('CKM_DES3_ECB'), aes)).toMatchObject({ encrypt: inconsistent })
  expect(await refusals(use('CKM_SHA256_HMAC'), rsa.privateKey)).toMatchObject({ sign: inconsistent })
})

test('a key that is missing and a parameter that does not fit are refused', async () => {
  const missing = twice('CKR_KEY_HANDLE_INVALID')
  expect(await refusals(cbc, none)).toMatchObject({ encrypt: missing, decrypt: missing })
  const unfit = twice('CKR_MECHANISM_PARAM_INVALID')
  expect(await refusals(use('CKM_AES_CBC_PAD'), aes)).toMatchObject({ encrypt: unfit, decrypt: unfit })
  expect(await refusals(use('CKM_SHA256_HMAC', iv), aes)).toMatchObject({ sign: unfit, verify: unfit })
  const other = { kind: 'other' } as const
  expect(await refusals(use('CKM_AES_ECB', other), aes)).toMatchObject({ encrypt: unfit, decrypt: unfit })
})

test('Schnorr signatures are made and verified in one call only', async () => {
  const mechanism = use('CKM_IBM_ECDSA_OTHER', { kind: 'ecsg', type: 3 })
  const { signature } = await unit.call('SignSingle', { mechanism, key: ec.privateKey, data })
  expect(await unit.refusal('VerifySingle', { mechanism, key: ec.publicKey, data, signature })).toBe('CKR_OK')
  expect(await unit.refusal('SignInit', { mechanism, key: ec.privateKey })).toBe('CKR_MECHANISM_INVALID')
  expect(await unit.refusal('VerifyInit', { mechanism, key: ec.publicKey })).toBe('CKR_MECHANISM_INVALID')
})

test('a signature that is not one is refused, for its length or its value', async () => {
  const mechanism = use('CKM_ECDSA_SHA256')
  const { signature } = await unit.call('SignSingle', { mechanism, key: ec.privateKey, data })
  const verifying = (given: Buffer) =>
    unit.refusal('VerifySingle', { mechanism, key: ec.publicKey, data, signature: given })
  expect(await verifying(signature)).toBe('CKR_OK')
  expect(await verifying(Buffer.alloc(64, 1))).toBe('CKR_SIGNATURE_INVALID')
  expect(await verifying(signature.subarray(1))).toBe('CKR_SIGNATURE_LEN_RANGE')
})

test('data go from one key to another without a word of them leaving', async () => {
  const to = await unit.secret('CKM_DES3_KEY_GEN', {})
  const encMechanism = use('CKM_DES3_CBC_PAD', Buffer.alloc(8))
  const { ciphered } = await unit.call('EncryptSingle', { mechanism: cbc, key: aes, plain: data })
  const asked = { decMechanism: cbc, encMechanism, decKey: aes, encKey: to, ciphered }
  const outcome = await unit.outcome('ReencryptSingle', asked)
  const reciphered = 'answer' in outcome ? outcome.answer.reciphered : none
  expect(await unit.call('DecryptSingle', { mechanism: encMechanism, key: to, ciphered: reciphered })).toEqual({
    plain: data,
  })
  expect(outcome.facts.request).toMatchObject({
    decMechanism: 'CKM_AES_CBC_PAD',
    encMechanism: 'CKM_DES3_CBC_PAD',
    dataLength: 16,
  })
  expect(Object.keys(outcome.facts.request)).toContain('newKeyFingerprint')
  const refused = (changed: Partial<typeof asked>) => unit.refusal('ReencryptSingle', { ...asked, ...changed })
  expect(await refused({ decKey: idle })).toBe('CKR_KEY_FUNCTION_NOT_PERMITTED')
  expect(await refused({ encKey: await unit.secret('CKM_DES3_KEY_GEN', nothing) })).toBe(
    'CKR_KEY_FUNCTION_NOT_PERMITTED',
  )
  expect(await refused({ ciphered: Buffer.alloc(16) })).toBe('CKR_ENCRYPTED_DATA_INVALID')
  expect(await refused({ encMechanism: use('CKM_SHA256') })).toBe('CKR_MECHANISM_INVALID')
})

test('a refusal tells what is known of it: mechanism, key, length', async () => {
  const { facts } = await unit.outcome('EncryptSingle', { mechanism: cbc, key: idle, plain: data })
  expect(facts).toEqual({
    request: {
      mechanism: 'CKM_AES_CBC_PAD',
      keyFingerprint: expect.stringMatching(/^[\da-f]{32}$/) as string,
      dataLength: 4,
    },
    response: {},
  })
  const made = await unit.outcome('GenerateKey', { mechanism: use('CKM_AES_KEY_GEN'), template: template({}) })
  expect(made.facts).toEqual({ request: { mechanism: 'CKM_AES_KEY_GEN' }, response: {} })
})

test('data as long as a call may bring go through, and the unit goes on', async () => {
  const plain = Buffer.alloc(4 * 1024 * 1024, 1)
  const { ciphered } = await unit.call('EncryptSingle', { mechanism: cbc, key: aes, plain })
  expect(ciphered.length).toBe(plain.length + 16)
  await expect(
    unit.outcome('EncryptSingle', { mechanism: cbc, key: aes, plain: Buffer.alloc(plain.length + 1) }),
  ).rejects.toThrow('larger')
})
