/** Packages of keys that OpenSSL would compute with at length: they are not taken, whole and authentic as they are. */
import { createPrivateKey, generateKeyPairSync, randomBytes, type KeyObject } from 'node:crypto'
import { expect, test } from 'vitest'
import { FrameBatch } from '../frames.ts'
import { longDhKey, longDsaKey } from '../testing/long-keys.ts'
import { attributeBits, keyTypes } from './attributes.ts'
import { packKey, unpackKey } from './bound-package.ts'
import { noSession, type OpenedKey, type PrivateBlobKey, type SecretBlobKey } from './opened-key.ts'
import { refusalOf } from '../testing/refusals.ts'

const { CKK_DSA, CKK_DH, CKK_GENERIC_SECRET } = keyTypes

const bits = attributeBits.ATTRBOUND | attributeBits.EXTRACTABLE
const facts = { size: 0, curve: '', bits, generatedBy: undefined, createdAt: 0, binding: undefined }
const object = { session: noSession, wkid: undefined }

function secret(): OpenedKey<SecretBlobKey> {
  return { class: 'secret', keyType: CKK_GENERIC_SECRET, ...facts, ...object, value: randomBytes(32) }
}

function privately(keyType: number, key: KeyObject): OpenedKey<PrivateBlobKey> {
  return { class: 'private', keyType, ...facts, ...object, key }
}

const [kek, macKey] = [secret(), secret()]
const packed = (keyType: number, key: KeyObject): Buffer =>
  packKey(privately(keyType, key), kek, macKey, new FrameBatch())

test.each([
  ['a DSA key with an X longer than Q', CKK_DSA, longDsaKey({ x: 500 })],
  ['a DH key with an X longer than P', CKK_DH, longDhKey({ x: 500 })],
])('%s, which OpenSSL would compute with at length, does not come out of a package', (_, keyType, info) => {
  const package_ = packed(keyType, createPrivateKey({ key: info, format: 'der', type: 'pkcs8' }))
  expect(refusalOf(() => unpackKey(package_, kek, macKey))).toBe('CKR_WRAPPED_KEY_INVALID')
})

test('a DSA key comes out of a package as it went in', () => {
  const { privateKey } = generateKeyPairSync('dsa', { modulusLength: 1024, divisorLength: 160 })
  const came = unpackKey(packed(CKK_DSA, privateKey), kek, macKey)
  expect(came).toMatchObject({ class: 'private', keyType: CKK_DSA, size: 1024 })
  expect(came.class === 'private' && came.key.equals(privateKey)).toBe(true)
})
