/** Keys and pairs as they are generated: what templates make of them, what is said of them, and what is refused. */
import { createPublicKey } from 'node:crypto'
import { expect, test } from 'vitest'
import { attributeBits } from '../attributes.ts'
import { Ep11Unit, none, template, use, type Attributes } from '../testing/ep11-unit.ts'
import type { MechanismName } from '../mechanisms.ts'

const unit = new Ep11Unit()

function bitsOf(blob: Buffer): number {
  return blob.readUInt32BE(52)
}

function refused(mechanism: MechanismName, attributes: Attributes): Promise<string | undefined> {
  return unit.refusal('GenerateKey', { mechanism: use(mechanism), template: template(attributes) })
}

test.each([
  ['CKM_AES_KEY_GEN', 16n],
  ['CKM_AES_KEY_GEN', 24n],
  ['CKM_AES_KEY_GEN', 32n],
  ['CKM_DES2_KEY_GEN', 16n],
  ['CKM_DES3_KEY_GEN', 24n],
  ['CKM_GENERIC_SECRET_KEY_GEN', 1n],
  ['CKM_GENERIC_SECRET_KEY_GEN', 64n],
] as const)('%s of %i bytes has a check sum of three bytes and its length in bits', async (name, bytes) => {
  const made = await unit.outcome('GenerateKey', {
    mechanism: use(name),
    template: template({ CKA_VALUE_LEN: bytes }),
  })
  const answer = 'answer' in made ? made.answer : undefined
  expect(answer?.checkSum.length).toBe(7)
  expect(answer?.checkSum.readUInt32BE(3)).toBe(Number(bytes) * 8)
  const { attributes } = await unit.call('GetAttributeValue', {
    object: answer?.key ?? none,
    attributes: [0x90, 0x161],
  })
  expect(attributes.get(0x90)).toEqual(answer?.checkSum.subarray(0, 3))
  expect(attributes.get(0x161)).toBe(bytes)
  expect(made.facts.request).toMatchObject({ mechanism: name, keySize: Number(bytes) * 8, extractable: false })
  expect(made.facts.response).toHaveProperty('keyFingerprint')
})

test('the check value of an AES key is its encryption of a zero block', async () => {
  const { key, checkSum } = await unit.call('GenerateKey', {
    mechanism: use('CKM_AES_KEY_GEN'),
    template: template({ CKA_VALUE_LEN: 32n }),
  })
  const { ciphered } = await unit.call('EncryptSingle', {
    mechanism: use('CKM_AES_ECB'),
    key,
    plain: Buffer.alloc(16),
  })
  expect(ciphered.subarray(0, 3)).toEqual(checkSum.subarray(0, 3))
})

test('lengths of DES keys are not asked for, and mean nothing', async () => {
  expect(await refused('CKM_DES3_KEY_GEN', { CKA_VALUE_LEN: 32n })).toBe('CKR_OK')
  expect(await refused('CKM_DES2_KEY_GEN', {})).toBe('CKR_OK')
})

test('values are taken in whichever arm a client chose', async () => {
  const bytes = Buffer.from('0000000000000020', 'hex')
  const key = await unit.secret('CKM_AES_KEY_GEN', { CKA_VALUE_LEN: bytes, CKA_WRAP: Buffer.from([1]), CKA_SIGN: 0n })
  expect(bitsOf(key) & attributeBits.WRAP).toBe(attributeBits.WRAP)
  expect(bitsOf(key) & attributeBits.SIGN).toBe(0)
})

test('usages that a template does not name come by themselves, but for wrapping, deriving and leaving', async () => {
  const key = await unit.aes()
  const { SIGN, VERIFY, ENCRYPT, DECRYPT, MODIFIABLE, LOCAL, NEVER_EXTRACTABLE } = attributeBits
  expect(bitsOf(key)).toBe(SIGN | VERIFY | ENCRYPT | DECRYPT | MODIFIABLE | LOCAL | NEVER_EXTRACTABLE)
  const { privateKey, publicKey } = await unit.ec(
    'P-256',
    { CKA_ENCRYPT: true },
    { CKA_DECRYPT: true, CKA_DERIVE: true },
  )
  expect(bitsOf(privateKey)).toBe(SIGN | attributeBits.DERIVE | MODIFIABLE | LOCAL | NEVER_EXTRACTABLE)
  expect(publicKey.readUInt32BE(publicKey.length - 38)).toBe(VERIFY | MODIFIABLE)
})

test.each([
  ['CKM_AES_KEY_GEN', {}, 'CKR_TEMPLATE_INCOMPLETE'],
  ['CKM_AES_KEY_GEN', { CKA_VALUE_LEN: 17n }, 'CKR_ATTRIBUTE_VALUE_INVALID'],
  ['CKM_AES_KEY_GEN', { CKA_VALUE_LEN: 4294967295n }, 'CKR_ATTRIBUTE_VALUE_INVALID'],
  ['CKM_AES_KEY_GEN', { CKA_VALUE_LEN: -1n }, 'CKR_ATTRIBUTE_VALUE_INVALID'],
  ['CKM_AES_KEY_GEN', { CKA_VALUE_LEN: true }, 'CKR_ATTRIBUTE_VALUE_INVALID'],
  ['CKM_AES_KEY_GEN', { CKA_VALUE_LEN: 32n, CKA_SIGN: 2n }, 'CKR_ATTRIBUTE_VALUE_INVALID'],
  ['CKM_AES_KEY_GEN', { CKA_VALUE_LEN: 32n, CKA_SIGN: Buffer.alloc(9) }, 'CKR_ATTRIBUTE_VALUE_INVALID'],
  ['CKM_AES_KEY_GEN', { CKA_VALUE_LEN: 32n, CKA_KEY_TYPE: 0x10n }, 'CKR_TEMPLATE_INCONSISTENT'],
  ['CKM_AES_KEY_GEN', { CKA_VALUE_LEN: 32n, CKA_CLASS: 3n }, 'CKR_TEMPLATE_INCONSISTENT'],
  ['CKM_AES_KEY_GEN', { CKA_VALUE_LEN: 32n, CKA_LOCAL: true }, 'CKR_ATTRIBUTE_READ_ONLY'],
  ['CKM_AES_KEY_GEN', { CKA_VALUE_LEN: 32n, CKA_CHECK_VALUE: Buffer.alloc(3) }, 'CKR_ATTRIBUTE_READ_ONLY'],
  ['CKM_AES_KEY_GEN', { CKA_VALUE_LEN: 32n, CKA_TRUSTED: true }, 'CKR_ATTRIBUTE_VALUE_INVALID'],
  ['CKM_AES_KEY_GEN', { CKA_VALUE_LEN: 32n, CKA_LABEL: Buffer.from('any'), CKA_TOKEN: true }, 'CKR_OK'],
  ['CKM_GENERIC_SECRET_KEY_GEN', { CKA_VALUE_LEN: 257n }, 'CKR_ATTRIBUTE_VALUE_INVALID'],
  ['CKM_DSA_PARAMETER_GEN', {}, 'CKR_TEMPLATE_INCOMPLETE'],
  ['CKM_DH_PKCS_PARAMETER_GEN', { CKA_PRIME_BITS: 1000n }, 'CKR_ATTRIBUTE_VALUE_INVALID'],
  ['CKM_SHA256', { CKA_VALUE_LEN: 32n }, 'CKR_MECHANISM_INVALID'],
  ['CKM_RSA_PKCS_KEY_PAIR_GEN', {}, 'CKR_MECHANISM_INVALID'],
] as const)('%s with %o is %s', async (name, attributes, expected) => {
  expect(await refused(name, attributes)).toBe(expected)
})

test('a mechanism that nobody offers, or with a parameter that it does not take, is refused and told', async () => {
  const parameter = { kind: 'none' } as const
  const unknown = await unit.outcome('GenerateKey', {
    mechanism: { value: 0x80010023, parameter },
    template: template({ CKA_VALUE_LEN: 32n }),
  })
  expect(unknown).toMatchObject({ facts: { request: { mechanism: 'CKM_0x80010023' } }, refusal: { code: 0x70 } })
  const mechanism = use('CKM_AES_KEY_GEN', Buffer.alloc(16))
  const asked = { mechanism, template: template({ CKA_VALUE_LEN: 32n }) }
  expect(await unit.refusal('GenerateKey', asked)).toBe('CKR_MECHANISM_PARAM_INVALID')
})

test('RSA pairs have the exponent that was asked for, as number or as bytes, or the usual one', async () => {
  for (const [exponent, expected] of [
    [undefined, 65537n],
    [17n, 17n],
    [Buffer.from('0000000000010001', 'hex'), 65537n],
  ] as const) {
    const { publicKey } = await unit.rsa({ CKA_PUBLIC_EXPONENT: exponent })
    const spki = createPublicKey({ key: publicKey.subarray(0, publicKey.length - 116), format: 'der', type: 'spki' })
    expect(spki.asymmetricKeyDetails).toMatchObject({ modulusLength: 1024, publicExponent: expected })
  }
  const even = { CKA_MODULUS_BITS: 1024n, CKA_PUBLIC_EXPONENT: 4n }
  const mechanism = use('CKM_RSA_PKCS_KEY_PAIR_GEN')
  const asked = { mechanism, publicTemplate: template(even), privateTemplate: template({}) }
  expect(await unit.refusal('GenerateKeyPair', asked)).toBe('CKR_ATTRIBUTE_VALUE_INVALID')
  const empty = { ...asked, publicTemplate: template({}) }
  expect(await unit.refusal('GenerateKeyPair', empty)).toBe('CKR_TEMPLATE_INCOMPLETE')
})

test('a pair tells its type, size and curve, and both fingerprints', async () => {
  const made = await unit.outcome('GenerateKeyPair', {
    mechanism: use('CKM_EC_KEY_PAIR_GEN'),
    publicTemplate: template({ CKA_EC_PARAMS: Buffer.from('06082a8648ce3d030107', 'hex') }),
    privateTemplate: template({ CKA_EXTRACTABLE: true }),
  })
  expect(made.facts.request).toEqual({
    mechanism: 'CKM_EC_KEY_PAIR_GEN',
    keyType: 'CKK_EC',
    keySize: 256,
    curve: 'P-256',
    extractable: true,
  })
  expect(Object.keys(made.facts.response)).toEqual(['keyFingerprint', 'publicKeyFingerprint'])
})

test('DH and DSA pairs are made of domain parameters, which go out in the clear', async () => {
  for (const [parameters, pairs, bits] of [
    ['CKM_DH_PKCS_PARAMETER_GEN', 'CKM_DH_PKCS_KEY_PAIR_GEN', 2048n],
    ['CKM_DSA_PARAMETER_GEN', 'CKM_DSA_KEY_PAIR_GEN', 1024n],
  ] as const) {
    const { key, checkSum } = await unit.call('GenerateKey', {
      mechanism: use(parameters),
      template: template({ CKA_PRIME_BITS: bits }),
    })
    expect(checkSum).toEqual(none)
    expect(key[0]).toBe(0x30)
    const { privateKey } = await unit.pair(pairs, { CKA_IBM_STRUCT_PARAMS: key })
    const { attributes } = await unit.call('GetAttributeValue', { object: privateKey, attributes: [0x80010009, 0x133] })
    expect(attributes.get(0x80010009)).toEqual(key)
    expect(attributes.get(0x133)).toBe(bits)
    const broken = { CKA_IBM_STRUCT_PARAMS: key.subarray(1) }
    const asked = { mechanism: use(pairs), publicTemplate: template(broken), privateTemplate: template({}) }
    expect(await unit.refusal('GenerateKeyPair', asked)).toBe('CKR_DOMAIN_PARAMS_INVALID')
  }
})

test('ML-KEM and ML-DSA pairs are of the parameter set that was asked for', async () => {
  for (const [name, size] of [
    ['CKM_ML_DSA_KEY_PAIR_GEN', 65],
    ['CKM_ML_KEM_KEY_PAIR_GEN', 768],
  ] as const) {
    const made = await unit.outcome('GenerateKeyPair', {
      mechanism: use(name),
      publicTemplate: template({ CKA_PARAMETER_SET: 2n }),
      privateTemplate: template({}),
    })
    expect(made.facts.request).toMatchObject({ keySize: size })
    const object = 'answer' in made ? made.answer.publicKey : none
    const { attributes } = await unit.call('GetAttributeValue', { object, attributes: [0x61d] })
    expect(attributes.get(0x61d)).toBe(2n)
  }
})

test('other calls are answered while a pair is being found, and too many at once are refused', async () => {
  const pairs = Array.from({ length: 16 }, () =>
    unit.outcome('GenerateKeyPair', {
      mechanism: use('CKM_RSA_PKCS_KEY_PAIR_GEN'),
      publicTemplate: template({ CKA_MODULUS_BITS: 2048n }),
      privateTemplate: template({}),
    }),
  )
  expect(await unit.call('GenerateRandom', { length: 8 })).toMatchObject({ random: { length: 8 } })
  const mechanism = use('CKM_RSA_PKCS_KEY_PAIR_GEN')
  const more = { mechanism, publicTemplate: template({ CKA_MODULUS_BITS: 2048n }), privateTemplate: template({}) }
  expect(await unit.refusal('GenerateKeyPair', more)).toBe('CKR_DEVICE_MEMORY')
  const outcomes = await Promise.all(pairs)
  expect(outcomes.every((outcome) => 'answer' in outcome)).toBe(true)
  expect(await unit.refusal('GenerateKeyPair', more)).toBe('CKR_OK')
})
