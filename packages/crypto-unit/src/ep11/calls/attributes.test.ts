/** Attributes are told in their natural arm and changed where they may be; secrets are not told at all. */
import { expect, test } from 'vitest'
import { attributeBits, attributeTypes } from '../attributes.ts'
import type { AttributeName } from '../template.ts'
import { Ep11Unit, none, template, use, type Attributes } from '../testing/ep11-unit.ts'

const unit = new Ep11Unit()

async function told(object: Buffer, ...names: AttributeName[]): Promise<unknown[]> {
  const attributes = names.map((name) => attributeTypes[name])
  const answer = await unit.call('GetAttributeValue', { object, attributes })
  expect([...answer.attributes.keys()]).toEqual(attributes)
  return [...answer.attributes.values()]
}

function refusedToTell(object: Buffer, name: AttributeName) {
  return unit.refusal('GetAttributeValue', { object, attributes: [attributeTypes[name]] })
}

function changed(object: Buffer, attributes: Attributes) {
  return unit.call('SetAttributeValue', { object, attributes: template(attributes) })
}

function refusedToChange(object: Buffer, attributes: Attributes) {
  return unit.refusal('SetAttributeValue', { object, attributes: template(attributes) })
}

test('a secret key tells its class, type, lengths and uses', async () => {
  const key = await unit.aes({ CKA_WRAP: true, CKA_EXTRACTABLE: true })
  const names = ['CKA_CLASS', 'CKA_KEY_TYPE', 'CKA_VALUE_LEN', 'CKA_WRAP', 'CKA_UNWRAP', 'CKA_EXTRACTABLE'] as const
  expect(await told(key, ...names)).toEqual([4n, 0x1fn, 32n, true, false, true])
  const made = ['CKA_LOCAL', 'CKA_NEVER_EXTRACTABLE', 'CKA_SENSITIVE', 'CKA_KEY_GEN_MECHANISM', 'CKA_TOKEN'] as const
  expect(await told(key, ...made)).toEqual([true, false, true, 0x1080n, false])
  expect(await told(key, 'CKA_GREP11_WKID')).toEqual([key.subarray(32, 48)])
})

test('the parts of a pair tell modulus, exponent, curve, point and themselves', async () => {
  const rsa = await unit.rsa()
  const [bits, modulus, exponent] = await told(rsa.privateKey, 'CKA_MODULUS_BITS', 'CKA_MODULUS', 'CKA_PUBLIC_EXPONENT')
  expect([bits, (modulus as Buffer).length, exponent]).toEqual([1024n, 128, Buffer.from('010001', 'hex')])
  expect(await told(rsa.publicKey, 'CKA_MODULUS')).toEqual([modulus])
  const ec = await unit.ec('P-256')
  const spki = ec.publicKey.subarray(0, -116)
  expect(await told(ec.publicKey, 'CKA_EC_PARAMS', 'CKA_EC_POINT', 'CKA_PUBLIC_KEY_INFO', 'CKA_CLASS')).toEqual([
    Buffer.from('06082a8648ce3d030107', 'hex'),
    Buffer.concat([Buffer.from('0441', 'hex'), spki.subarray(-65)]),
    spki,
    2n,
  ])
  expect(await told(ec.publicKey, 'CKA_IBM_MACED_PUBLIC_KEY_INFO')).toEqual([ec.publicKey])
  expect(await told(ec.privateKey, 'CKA_EC_PARAMS', 'CKA_PRIVATE')).toEqual([
    Buffer.from('06082a8648ce3d030107', 'hex'),
    true,
  ])
})

test('what is secret of a key is not told, and what it does not have is not known', async () => {
  const rsa = await unit.rsa()
  const aes = await unit.aes()
  const secrets = ['CKA_PRIVATE_EXPONENT', 'CKA_PRIME_1', 'CKA_PRIME_2', 'CKA_EXPONENT_1', 'CKA_COEFFICIENT'] as const
  for (const name of secrets) expect(await refusedToTell(rsa.privateKey, name)).toBe('CKR_ATTRIBUTE_SENSITIVE')
  expect(await refusedToTell(aes, 'CKA_VALUE')).toBe('CKR_ATTRIBUTE_SENSITIVE')
  expect(await refusedToTell(aes, 'CKA_LABEL')).toBe('CKR_ATTRIBUTE_TYPE_INVALID')
  expect(await refusedToTell(aes, 'CKA_MODULUS')).toBe('CKR_ATTRIBUTE_TYPE_INVALID')
  expect(await refusedToTell(rsa.publicKey, 'CKA_PRIVATE_EXPONENT')).toBe('CKR_ATTRIBUTE_TYPE_INVALID')
  expect(await refusedToTell(none, 'CKA_CLASS')).toBe('CKR_OBJECT_HANDLE_INVALID')
  const many = Array.from({ length: 65 }, () => 0)
  expect(await unit.refusal('GetAttributeValue', { object: aes, attributes: many })).toBe('CKR_ARGUMENTS_BAD')
  expect(await unit.refusal('GetAttributeValue', { object: aes, attributes: [0x8fff_ffff] })).toBe(
    'CKR_ATTRIBUTE_TYPE_INVALID',
  )
})

test('a change gives another blob of the same key, and the one before stays as it was', async () => {
  const key = await unit.aes({ CKA_ENCRYPT: true, CKA_DECRYPT: true })
  const outcome = await unit.outcome('SetAttributeValue', {
    object: key,
    attributes: template({ CKA_ENCRYPT: false, CKA_WRAP: Buffer.from([1]) }),
  })
  expect(outcome.facts.request.attributeNames).toEqual(['CKA_ENCRYPT:false', 'CKA_WRAP:true'])
  expect(Object.keys(outcome.facts.response)).toEqual(['newKeyFingerprint'])
  const object = 'answer' in outcome ? outcome.answer.object : none
  const encrypting = { mechanism: use('CKM_AES_ECB'), plain: Buffer.alloc(16) }
  expect(await unit.refusal('EncryptSingle', { ...encrypting, key: object })).toBe('CKR_KEY_FUNCTION_NOT_PERMITTED')
  const { ciphered } = await unit.call('EncryptSingle', { ...encrypting, key })
  const { plain } = await unit.call('DecryptSingle', { mechanism: encrypting.mechanism, key: object, ciphered })
  expect(plain).toEqual(encrypting.plain)
  const { publicKey } = await unit.rsa()
  const verifying = await changed(publicKey, { CKA_VERIFY: false })
  expect(verifying.object.length).toBe(publicKey.length)
  expect(await told(verifying.object, 'CKA_VERIFY', 'CKA_ENCRYPT')).toEqual([false, true])
})

test('a key may be kept from leaving, never allowed to leave again; what is fixed stays so', async () => {
  const key = await unit.aes({ CKA_EXTRACTABLE: true })
  const kept = (await changed(key, { CKA_EXTRACTABLE: false })).object
  expect(await refusedToChange(kept, { CKA_EXTRACTABLE: true })).toBe('CKR_ATTRIBUTE_READ_ONLY')
  const fixed = (await changed(key, { CKA_MODIFIABLE: false })).object
  expect(await refusedToChange(fixed, { CKA_MODIFIABLE: true })).toBe('CKR_ATTRIBUTE_READ_ONLY')
  expect(await refusedToChange(fixed, { CKA_ENCRYPT: false })).toBe('CKR_ATTRIBUTE_READ_ONLY')
  const never = (await changed(key, { CKA_IBM_NEVER_MODIFIABLE: true })).object
  expect(never.readUInt32BE(52) & attributeBits.MODIFIABLE).toBe(0)
  const restrictable = await unit.aes({ CKA_MODIFIABLE: false, CKA_IBM_RESTRICTABLE: true })
  const restricted = (await changed(restrictable, { CKA_SIGN: false })).object
  expect(await refusedToChange(restricted, { CKA_SIGN: true })).toBe('CKR_ATTRIBUTE_READ_ONLY')
})

test.each([
  [{ CKA_LABEL: Buffer.from('a') }, 'CKR_ATTRIBUTE_READ_ONLY'],
  [{ CKA_KEY_TYPE: 0x10n }, 'CKR_ATTRIBUTE_READ_ONLY'],
  [{ CKA_LOCAL: false }, 'CKR_ATTRIBUTE_READ_ONLY'],
  [{ CKA_TRUSTED: true }, 'CKR_ATTRIBUTE_READ_ONLY'],
  [{ CKA_IBM_ATTRBOUND: true }, 'CKR_ATTRIBUTE_READ_ONLY'],
  [{ CKA_NEVER_EXTRACTABLE: false }, 'CKR_ATTRIBUTE_READ_ONLY'],
  [{ CKA_SIGN: Buffer.from([2]) }, 'CKR_ATTRIBUTE_VALUE_INVALID'],
  [{ CKA_SIGN: undefined }, 'CKR_ATTRIBUTE_VALUE_INVALID'],
  [{ CKA_SIGN: true, CKA_LOCAL: true }, 'CKR_OK'],
] as const)('a change of %o is %s', async (attributes, expected) => {
  expect(await refusedToChange(await unit.aes(), attributes)).toBe(expected)
})

test('an attribute that nobody knows is not changed', async () => {
  const object = await unit.aes()
  const attributes = new Map([[0x8fff_ffff, true]])
  expect(await unit.refusal('SetAttributeValue', { object, attributes })).toBe('CKR_ATTRIBUTE_TYPE_INVALID')
})

test('a keystore is told what an object says of itself, whatever session it is bound to', async () => {
  const { pinBlob } = await unit.call('Login', { storeId: Buffer.from('store'), pin: Buffer.from('123456') })
  unit.session = pinBlob
  const key = await unit.aes({ CKA_WRAP: true })
  unit.session = undefined
  const { attributes } = await unit.call('DescribeObject', { object: key })
  const { CKA_CLASS, CKA_KEY_TYPE, CKA_WRAP, CKA_GREP11_WKID, CKA_MODIFIABLE } = attributeTypes
  expect([CKA_CLASS, CKA_KEY_TYPE, CKA_WRAP, CKA_MODIFIABLE].map((type) => attributes.get(type))).toEqual([
    4n,
    0x1fn,
    true,
    true,
  ])
  expect(attributes.get(CKA_GREP11_WKID)).toEqual(key.subarray(32, 48))
  const { publicKey } = await unit.rsa()
  expect((await unit.call('DescribeObject', { object: publicKey })).attributes.get(CKA_CLASS)).toBe(2n)
  expect(await unit.refusal('DescribeObject', { object: publicKey.subarray(0, -116) })).toBe('CKR_IBM_BLOB_ERROR')
})
