/** Objects go from one master key to the next: before it takes over, while a rotation runs, and after it. */
import { beforeEach, expect, test } from 'vitest'
import { attributeTypes } from '../attributes.ts'
import { Ep11Unit, none, use } from '../testing/ep11-unit.ts'

const newParts = [Buffer.alloc(32, 0x51), Buffer.alloc(32, 0x52)]
const mechanism = use('CKM_AES_CBC_PAD', Buffer.alloc(16))
const plain = Buffer.from('plain')
let unit = new Ep11Unit()

beforeEach(() => {
  unit = new Ep11Unit()
})

function encryption(key: Buffer) {
  return unit.refusal('EncryptSingle', { mechanism, key, plain })
}

function rsaEncryption(key: Buffer) {
  return unit.refusal('EncryptSingle', { mechanism: use('CKM_RSA_PKCS'), key, plain })
}

test('without a committed new master key there is nothing to rewrap to', async () => {
  const key = await unit.aes()
  expect(await unit.refusal('RewrapKeyBlob', { key })).toBe('CKR_IBM_WK_NOT_INITIALIZED')
  const pattern = unit.commitNew(newParts)
  expect(await unit.refusal('RewrapKeyBlob', { key })).toBe('CKR_OK')
  unit.activateNew(pattern)
  unit.unit.direct(unit.instance, pattern)
  expect(await unit.refusal('RewrapKeyBlob', { key: await unit.aes() })).toBe('CKR_IBM_WK_NOT_INITIALIZED')
})

test('a rewrapped key is of use once the new master key is in force; the old one until it is given up', async () => {
  const key = await unit.aes()
  const { ciphered } = await unit.call('EncryptSingle', { mechanism, key, plain })
  const { privateKey, publicKey } = await unit.rsa()
  const pattern = unit.commitNew(newParts)
  const outcome = await unit.outcome('RewrapKeyBlob', { key })
  const rewrapped = 'answer' in outcome ? outcome.answer.key : none
  expect(outcome.facts.request.oldWkid).toBe(key.toString('hex', 32, 48))
  expect(outcome.facts.response.newWkid).toBe(pattern.slice(0, 32))
  expect(rewrapped.length).toBe(key.length)
  expect(rewrapped.toString('hex', 32, 48)).toBe(pattern.slice(0, 32))
  const rewrappedPublic = (await unit.call('RewrapKeyBlob', { key: publicKey })).key
  const rewrappedPrivate = (await unit.call('RewrapKeyBlob', { key: privateKey })).key
  expect(await encryption(rewrapped)).toBe('CKR_IBM_WKID_MISMATCH')
  expect(await rsaEncryption(rewrappedPublic)).toBe('CKR_IBM_WKID_MISMATCH')
  expect(await encryption(key)).toBe('CKR_OK')
  // A rotation begins: the new key wraps, and both open.
  unit.unit.direct(unit.instance, pattern)
  expect(await encryption(rewrapped)).toBe('CKR_OK')
  expect(await encryption(key)).toBe('CKR_OK')
  expect((await unit.aes()).toString('hex', 32, 48)).toBe(pattern.slice(0, 32))
  unit.activateNew(pattern)
  expect(await encryption(key)).toBe('CKR_IBM_WKID_MISMATCH')
  expect(await rsaEncryption(publicKey)).toBe('CKR_IBM_WKID_MISMATCH')
  expect(await unit.call('DecryptSingle', { mechanism, key: rewrapped, ciphered })).toEqual({ plain })
  const sealed = await unit.call('EncryptSingle', { mechanism: use('CKM_RSA_PKCS'), key: rewrappedPublic, plain })
  const opened = { mechanism: use('CKM_RSA_PKCS'), key: rewrappedPrivate, ciphered: sealed.ciphered }
  expect(await unit.call('DecryptSingle', opened)).toEqual({ plain })
})

test('what was open under a master key is not used any more once it is given up', async () => {
  const key = await unit.aes()
  const { state } = await unit.call('EncryptInit', { mechanism, key })
  const { pinBlob } = await unit.call('Login', { storeId: Buffer.from('store'), pin: Buffer.from('123456') })
  expect(await encryption(key)).toBe('CKR_OK')
  const pattern = unit.commitNew(newParts)
  unit.unit.direct(unit.instance, pattern)
  unit.activateNew(pattern)
  expect(await encryption(key)).toBe('CKR_IBM_WKID_MISMATCH')
  expect(await unit.refusal('Encrypt', { state, plain })).toBe('CKR_IBM_WKID_MISMATCH')
  unit.session = pinBlob
  expect(await unit.refusal('GetMechanismList', {})).toBe('CKR_IBM_WKID_MISMATCH')
})

const login = async (): Promise<Buffer> =>
  (await unit.call('Login', { storeId: Buffer.from('store'), pin: Buffer.from('123456') })).pinBlob

/** Makes a key in a session, takes it through a rotation by both ways, and looks at both that come of it. */
async function throughRotation(
  make: () => Promise<Buffer>,
  asked: (object: Buffer) => Promise<unknown>,
  look: (object: Buffer, key: Buffer, session: Buffer) => void,
): Promise<void> {
  unit.session = await login()
  const key = await make()
  unit.session = undefined
  const pattern = unit.commitNew(newParts)
  expect(await unit.refusal('RewrapKeyBlob', { key })).toBe('CKR_SESSION_CLOSED')
  unit.session = await login()
  const rewrapped = (await unit.call('RewrapKeyBlob', { key })).key
  unit.session = undefined
  unit.unit.direct(unit.instance, pattern)
  const kept = (await unit.call('ReencryptObject', { object: key })).object
  unit.activateNew(pattern)
  for (const object of [rewrapped, kept]) {
    expect(await asked(object)).toBe('CKR_SESSION_CLOSED')
    unit.session = await login()
    look(object, key, unit.session.subarray(0, 32))
    expect(await asked(object)).toBe('CKR_OK')
    unit.session = undefined
  }
}

test('a key of a session stays a key of it under the next master key', async () => {
  await throughRotation(
    () => unit.aes(),
    encryption,
    (object, _key, session) => expect(object.subarray(0, 32)).toEqual(session),
  )
})

test('a public key of a session stays one of it under the next master key', async () => {
  await throughRotation(
    async () => (await unit.rsa()).publicKey,
    rsaEncryption,
    (object, key, session) => {
      expect(object.length).toBe(key.length)
      expect(object.includes(session)).toBe(true)
    },
  )
})

test('a keystore is given what works during a rotation as it is under the master key in force', async () => {
  const key = await unit.aes()
  const { publicKey } = await unit.rsa()
  expect((await unit.call('DescribeObject', { object: key })).object).toEqual(none)
  const pattern = unit.commitNew(newParts)
  const early = (await unit.call('RewrapKeyBlob', { key })).key
  expect(await unit.refusal('DescribeObject', { object: early })).toBe('CKR_IBM_WKID_MISMATCH')
  unit.unit.direct(unit.instance, pattern)
  for (const object of [key, publicKey]) {
    const { object: inForce, attributes } = await unit.call('DescribeObject', { object })
    expect(attributes.get(attributeTypes.CKA_GREP11_WKID)).toEqual(Buffer.from(pattern.slice(0, 32), 'hex'))
    const again = await unit.call('DescribeObject', { object: inForce })
    expect(again).toEqual({ attributes, object: none })
  }
  unit.activateNew(pattern)
  expect(await unit.refusal('DescribeObject', { object: key })).toBe('CKR_IBM_WKID_MISMATCH')
})

test('objects of a keystore go to the master key in force, from whichever they are under', async () => {
  const key = await unit.aes()
  const { publicKey } = await unit.rsa()
  const pattern = unit.commitNew(newParts)
  unit.unit.direct(unit.instance, pattern)
  for (const object of [key, publicKey]) {
    const again = (await unit.call('ReencryptObject', { object })).object
    expect(await unit.refusal('DescribeObject', { object: again })).toBe('CKR_OK')
    expect(await unit.refusal('ReencryptObject', { object: again })).toBe('CKR_OK')
  }
  for (const name of ['ReencryptObject', 'DescribeObject'] as const) {
    expect(await unit.refusal(name, { object: Buffer.alloc(200) })).toBe('CKR_IBM_BLOB_ERROR')
    expect(await unit.refusal(name, { object: publicKey.subarray(0, -116) })).toBe('CKR_IBM_BLOB_ERROR')
    expect(await unit.refusal(name, { object: none })).toBe('CKR_KEY_HANDLE_INVALID')
  }
})

test('a pair that is found after the master key changed is wrapped under the one that is in force then', async () => {
  const pattern = unit.commitNew(newParts)
  const pair = unit.rsa({}, {}, 2048)
  unit.unit.direct(unit.instance, pattern)
  unit.activateNew(pattern)
  const { privateKey, publicKey } = await pair
  expect(privateKey.toString('hex', 32, 48)).toBe(pattern.slice(0, 32))
  expect(await rsaEncryption(publicKey)).toBe('CKR_OK')
})
