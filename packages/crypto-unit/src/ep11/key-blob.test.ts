/** Blobs and public key objects: what they show, and that nothing but the unit that made them takes them for keys. */
import * as fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import { identities } from '../testing/in-process-unit.ts'
import { element, sequence, tags } from '../tke/der.ts'
import { attributeBits } from './attributes.ts'
import type { CallRequest } from './calls.ts'
import { Ep11Unit, none, use } from './testing/ep11-unit.ts'

const OTHER = '3b2c7d6e-0a51-4c7e-9a52-6b1f0d6a1f8a'
const unit = new Ep11Unit()
const ivs = use('CKM_AES_CBC_PAD', Buffer.alloc(16))
let aes = none
let rsa = { privateKey: none, publicKey: none }

beforeAll(async () => {
  aes = await unit.aes({ CKA_EXTRACTABLE: true, CKA_ENCRYPT: true, CKA_DECRYPT: true })
  rsa = await unit.rsa()
  unit.addInstance(OTHER)
})

function encryption(key: Buffer): CallRequest<'EncryptSingle'> {
  return { mechanism: ivs, key, plain: Buffer.from('plain') }
}

function rsaEncryption(key: Buffer): CallRequest<'EncryptSingle'> {
  return { mechanism: use('CKM_RSA_PKCS'), key, plain: Buffer.from('plain') }
}

function flipped(bytes: Buffer, bit: number): Buffer {
  const changed = Buffer.from(bytes)
  changed.writeUInt8(changed.readUInt8(bit >> 3) ^ (0x80 >> (bit & 7)), bit >> 3)
  return changed
}

test('a blob shows no session, its master key, its attributes and its version, and is no longer than it must be', () => {
  const pattern = unit.unit.report(identities[0] as (typeof identities)[0]).currentRegister.pattern ?? ''
  expect(aes.subarray(0, 32)).toEqual(Buffer.alloc(32))
  expect(aes.toString('hex', 32, 48)).toBe(pattern.slice(0, 32))
  // Bits of a blob of the device for the same template (reference grep11, section 4.3).
  expect(aes.readBigUInt64BE(48)).toBe(0x8d25n)
  expect(aes.readUInt16BE(64)).toBe(0x1234)
  expect(aes.length).toBeLessThanOrEqual(256)
})

test('the length of a blob does not tell the length of a secret key', async () => {
  const lengths = await Promise.all([16, 24, 32].map(async (bytes) => (await unit.aes({}, bytes)).length))
  expect(new Set(lengths).size).toBe(1)
})

test('no two blobs of one key are alike', async () => {
  const change = { object: aes, attributes: new Map([[0x104, true]]) }
  const [one, other] = [await unit.call('SetAttributeValue', change), await unit.call('SetAttributeValue', change)]
  expect(one.object.equals(other.object)).toBe(false)
})

test('a blob with any bit flipped is refused: for its master key where that is named, else as broken', async () => {
  for (let bit = 0; bit < aes.length * 8; bit++) {
    const isWkid = bit >= 32 * 8 && bit < 48 * 8
    const code = await unit.refusal('EncryptSingle', encryption(flipped(aes, bit)))
    expect([bit, code]).toEqual([bit, isWkid ? 'CKR_IBM_WKID_MISMATCH' : 'CKR_IBM_BLOB_ERROR'])
  }
})

test('a public key object with any bit flipped is refused in the same way', async () => {
  const { publicKey } = rsa
  const wkidAt = publicKey.length - 116 + 2
  for (let bit = 0; bit < publicKey.length * 8; bit++) {
    const isWkid = bit >= wkidAt * 8 && bit < (wkidAt + 16) * 8
    const code = await unit.refusal('EncryptSingle', rsaEncryption(flipped(publicKey, bit)))
    expect([bit, code]).toEqual([bit, isWkid ? 'CKR_IBM_WKID_MISMATCH' : 'CKR_IBM_BLOB_ERROR'])
  }
})

test('a public key object of a session with any bit behind the SPKI flipped, or cut, is refused in it too', async () => {
  const pin = { storeId: Buffer.from('store'), pin: Buffer.from('12345678') }
  unit.session = (await unit.call('Login', pin)).pinBlob
  try {
    const { publicKey } = await unit.rsa()
    const from = rsa.publicKey.length - 116
    expect(publicKey.length).toBe(from + 116 + 42)
    for (let bit = from * 8; bit < publicKey.length * 8; bit++) {
      const isWkid = bit >= (from + 2) * 8 && bit < (from + 18) * 8
      const code = await unit.refusal('EncryptSingle', rsaEncryption(flipped(publicKey, bit)))
      expect([bit, code]).toEqual([bit, isWkid ? 'CKR_IBM_WKID_MISMATCH' : 'CKR_IBM_BLOB_ERROR'])
    }
    const freed = Buffer.concat([publicKey.subarray(0, from + 82), publicKey.subarray(from + 124)])
    expect(await unit.refusal('EncryptSingle', rsaEncryption(freed))).toBe('CKR_IBM_BLOB_ERROR')
  } finally {
    unit.session = undefined
  }
})

test('a blob or a public key object that is cut or longer is refused', async () => {
  for (const object of [aes, rsa.publicKey]) {
    for (let length = 1; length < object.length; length++) {
      const code = await unit.refusal('SetAttributeValue', {
        object: object.subarray(0, length),
        attributes: new Map(),
      })
      // Cut at the right place, a public key object is an SPKI, for which nobody vouches.
      const isSpki = object === rsa.publicKey && length === object.length - 116
      expect([length, code]).toEqual([length, isSpki ? 'CKR_OBJECT_HANDLE_INVALID' : 'CKR_IBM_BLOB_ERROR'])
    }
    const longer = Buffer.concat([object, Buffer.alloc(64)])
    expect(await unit.refusal('SetAttributeValue', { object: longer, attributes: new Map() })).toBe(
      'CKR_IBM_BLOB_ERROR',
    )
  }
})

test('whatever is given as a key is refused as a key that is none, never otherwise', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 400 }), fc.boolean(), async (bytes, isDer) => {
      const object = Buffer.from(bytes)
      if (isDer) object.writeUInt8(0x30, 0)
      const code = await unit.refusal('EncryptSingle', encryption(object))
      expect(['CKR_IBM_BLOB_ERROR', 'CKR_IBM_WKID_MISMATCH', 'CKR_PUBLIC_KEY_INVALID']).toContain(code)
    }),
    { numRuns: 400 },
  )
  expect(await unit.refusal('EncryptSingle', encryption(none))).toBe('CKR_KEY_HANDLE_INVALID')
})

test('what is longer than any key is none, however well it is made', async () => {
  const exponent = Buffer.alloc(20_000, 0x7f)
  const integer = element(tags.INTEGER, exponent)
  const spki = sequence(
    sequence(Buffer.from('06092a864886f70d0101010500', 'hex')),
    element(tags.BIT_STRING, Buffer.alloc(1), sequence(element(tags.INTEGER, Buffer.alloc(128, 0x7f)), integer)),
  )
  const verifying = { mechanism: use('CKM_SHA256_RSA_PKCS'), key: spki, data: none, signature: Buffer.alloc(128) }
  expect(await unit.refusal('VerifySingle', verifying)).toBe('CKR_IBM_BLOB_ERROR')
  expect(await unit.refusal('DescribeObject', { object: spki })).toBe('CKR_IBM_BLOB_ERROR')
})

test('a blob of another instance is refused though both have the same master key', async () => {
  unit.instance = OTHER
  try {
    const codes = [
      await unit.refusal('EncryptSingle', encryption(aes)),
      await unit.refusal('EncryptSingle', rsaEncryption(rsa.publicKey)),
      await unit.refusal('SetAttributeValue', { object: rsa.privateKey, attributes: new Map() }),
    ]
    expect(codes).toEqual(['CKR_IBM_BLOB_ERROR', 'CKR_IBM_BLOB_ERROR', 'CKR_IBM_BLOB_ERROR'])
  } finally {
    unit.instance = (identities[0] as (typeof identities)[0]).instance
  }
  expect(await unit.refusal('EncryptSingle', encryption(aes))).toBe('CKR_OK')
})

test('a blob under another master key is refused as such, and without a master key nothing works', async () => {
  const third = '5d1e4c2b-7f10-4e0e-8a35-2f9e0c8b7a61'
  unit.addInstance(third, [Buffer.alloc(32, 9), Buffer.alloc(32, 4)])
  unit.instance = third
  try {
    expect(await unit.refusal('EncryptSingle', encryption(aes))).toBe('CKR_IBM_WKID_MISMATCH')
    expect(await unit.refusal('EncryptSingle', rsaEncryption(rsa.publicKey))).toBe('CKR_IBM_WKID_MISMATCH')
    unit.instance = 'no such instance'
    for (const name of ['GetMechanismList', 'Logout'] as const) {
      expect(await unit.refusal(name, {})).toBe('CKR_IBM_WK_NOT_INITIALIZED')
    }
    expect(await unit.refusal('EncryptSingle', encryption(aes))).toBe('CKR_IBM_WK_NOT_INITIALIZED')
  } finally {
    unit.instance = (identities[0] as (typeof identities)[0]).instance
  }
})

test('attributes that someone else writes over a blob are not its attributes', async () => {
  const changed = Buffer.from(aes)
  changed.writeUInt32BE(changed.readUInt32BE(52) | attributeBits.WRAP, 52)
  expect(await unit.refusal('EncryptSingle', encryption(changed))).toBe('CKR_IBM_BLOB_ERROR')
})

test('a bare SPKI verifies, and is refused wherever it would be trusted with anything', async () => {
  const spki = rsa.publicKey.subarray(0, rsa.publicKey.length - 116)
  const data = Buffer.from('data')
  const mechanism = use('CKM_SHA256_RSA_PKCS')
  const { signature } = await unit.call('SignSingle', { mechanism, key: rsa.privateKey, data })
  expect(await unit.refusal('VerifySingle', { mechanism, key: spki, data, signature })).toBe('CKR_OK')
  expect(await unit.refusal('EncryptSingle', rsaEncryption(spki))).toBe('CKR_KEY_FUNCTION_NOT_PERMITTED')
  const wrap = { mechanism: use('CKM_RSA_PKCS'), key: aes, kek: spki, macKey: none }
  expect(await unit.refusal('WrapKey', wrap)).toBe('CKR_KEY_FUNCTION_NOT_PERMITTED')
})
